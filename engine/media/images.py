"""Decodes and encodes pictures, safely for untrusted files.

Checks run cheapest first: the number of bytes, the format by the first bytes, a JPEG's scans, the
size in the header; only then are pixels decoded. The result is upright sRGB without metadata.
All exceptions of decoders are raised as a leaf of `engine.api.errors.ImageError`.
"""

import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageChops
from PIL.AvifImagePlugin import AvifImageFile
from PIL.BmpImagePlugin import BmpImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.TiffImagePlugin import TiffImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile
from typing_extensions import override

from engine.api.analyses import Analyses
from engine.api.errors import (
    BrokenImageError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    InvalidOptionError,
    MaskMismatchError,
)
from engine.media import colour, heif, jpeg, png
from engine.media.colour import Meaning
from engine.media.formats import recognise
from engine.media.sampling import resample
from engine.media.transparency import fill_hidden

# The plugins are called by name, not through Image.open: that one refuses by a process-wide
# MAX_IMAGE_PIXELS and forgets the size it saw, and needs HEIC registered for the whole process.
# JpegImageFile is also what reads an MPO (two JPEGs in one file, as phones write them): it stops
# after the first.
_OPENERS: Final[Mapping[str, Callable[[BytesIO], ImageFile]]] = {
    "JPEG": JpegImageFile,
    "PNG": PngImageFile,
    "WebP": WebPImageFile,
    "GIF": GifImageFile,
    "AVIF": AvifImageFile,
    "HEIC": HeifImageFile,
    "TIFF": TiffImageFile,
    "BMP": BmpImageFile,
}

# Pillow reads JPEG segments, PNG chunks and GIF blocks one by one in Python. A 20 MB PNG of 8 KB
# chunks takes about 10 000 reads; 20 MB of empty chunks would take 6 s.
_MAX_READS: Final = 200_000

# Pillow's own guards, for the two formats that allocate while their header is read (WebP its
# canvas, GIF a frame larger than its screen); the warning only arrives where warnings are errors.
_TOO_MUCH_MEMORY: Final = (
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
    MemoryError,
)

# EXIF 2.32, 4.6.4: the transposition that makes the stored picture upright.
_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_PLAIN_MODES: Final = frozenset({"L", "RGB", "CMYK"})
_DEEP_WHITE: Final = 65_535
# A deep grey picture of fewer levels is one plain tone and some noise.
_FEWEST_LEVELS: Final = 16
# Frames searched for the first one that is not fully transparent.
_FRAMES_LOOKED_AT: Final = 24
# Share of the rows that may be missing at the end of a truncated file; viewers accept more, but
# nobody wants half a picture painted.
_MOST_LOST: Final = 0.25
# How much a mask may be stretched: a small one's sides are rounded to pixels, at 32 px by 1.6 %.
_MASK_STRETCH: Final = 0.02
# libjpeg's JPEG_MAX_DIMENSION; 14 bits in WebP (RFC 9649, 2.4), 31 in PNG (ISO/IEC 15948, 7.1).
_LONGEST_SIDES_PX: Final[Mapping[str, int]] = {"jpeg": 65_500, "webp": 16_383, "png": 2**31 - 1}


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits of a picture, checked before its pixels are decoded.

    Attributes:
        max_image_bytes: File size; 20 MB is what a Telegram bot may download at most.
        max_pixels: Width times height.
        min_side_px: Minimum of the shorter side; the generator needs as much.
        max_aspect: Longer side over shorter side.
        max_jpeg_scans: Scans of a progressive JPEG, each a pass over the whole picture: a phone
            writes 3, a typical encoder 10, and 1 000 of them in 261 KB take 18 s on one core.
    """

    max_image_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 64_000_000
    min_side_px: int = 32
    max_aspect: float = 20.0
    max_jpeg_scans: int = 64


DEFAULT_LIMITS: Final = ImageLimits()


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture without metadata; compared by its arrays.

    Attributes:
        rgb: sRGB values 0..255, shape (height, width, 3).
        alpha: Opacity 0..255, shape (height, width), or None if opaque. Colours are not
            premultiplied; fully transparent pixels have the colours of visible ones nearby.
        analyses: What was found in it, of a picture that a param names with its needs.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None
    analyses: Analyses = field(default_factory=dict)

    def __post_init__(self) -> None:
        alpha_fits = self.alpha is None or (
            self.alpha.dtype == np.uint8 and self.alpha.shape == self.rgb.shape[:2]
        )
        if self.rgb.dtype != np.uint8 or self.rgb.shape[2:] != (3,) or not alpha_fits:
            msg = "A picture is uint8: rgb of shape (H, W, 3), alpha of shape (H, W) or None."
            raise ValueError(msg)

    @classmethod
    def of_frame(cls, frame: NDArray[np.uint8]) -> "Picture":
        """A picture of (height, width, 3 or 4) values; the fourth is opacity."""
        alpha = np.ascontiguousarray(frame[..., 3]) if frame.shape[2] == 4 else None
        return cls(np.ascontiguousarray(frame[..., :3]), alpha)

    def as_frame(self, *, with_alpha: bool) -> NDArray[np.uint8]:
        """The picture as (height, width, 4) values, or without its opacity."""
        if not with_alpha:
            return self.rgb
        opaque = np.full(self.rgb.shape[:2], 255, np.uint8)
        return np.dstack([self.rgb, opaque if self.alpha is None else self.alpha])

    @property
    def width(self) -> int:
        """Width in pixels."""
        return int(self.rgb.shape[1])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return int(self.rgb.shape[0])


def decode(
    body: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, max_side_px: int | None = None
) -> Picture:
    """Turn the bytes of a picture file into upright sRGB pixels.

    Uses an animation's first frame that is not fully transparent, a document's first page.

    Args:
        body: A whole file of one of `engine.media.formats.ACCEPTED_FORMATS`.
        limits: The limits.
        max_side_px: Longest side of the result; a larger picture is shrunk, a smaller one is not
            enlarged. None keeps the stored size.

    Returns:
        The picture, its shorter side at least `limits.min_side_px`.

    Raises:
        ImageTooLargeError: Too many bytes, pixels or JPEG scans.
        ImageTooSmallError: A side too short, or the picture too narrow, as stored or once shrunk.
        UnsupportedImageError: The first bytes are of no accepted format.
        BrokenImageError: The header is a picture's, but it cannot be decoded.
    """
    image, alpha = decode_image(body, limits=limits, max_side_px=max_side_px)
    # np.array, not asarray: Pillow's buffer is read-only, and torch.from_numpy warns about that.
    return Picture(np.array(image), None if alpha is None else np.array(alpha))


def decode_image(
    body: bytes, *, limits: ImageLimits = DEFAULT_LIMITS, max_side_px: int | None = None
) -> tuple[Image.Image, Image.Image | None]:
    """As `decode`, but returns Pillow images: an RGB one, and an L one of its opacity."""
    if len(body) > limits.max_image_bytes:
        raise ImageTooLargeError(
            f"The picture is {_megabytes(len(body))} MB; "
            f"at most {_megabytes(limits.max_image_bytes)} MB are accepted."
        )
    kind = recognise(body)
    try:
        return _read(_examine(kind, body, limits), limits, max_side_px)
    except ImageError:
        raise
    except _TOO_MUCH_MEMORY as error:
        raise ImageTooLargeError(
            "The picture takes more memory than a decoder may use; "
            f"at most {_megapixels(limits)} megapixels are accepted."
        ) from error
    except Exception as error:
        # On 9 171 malformed files Pillow raised OSError, SyntaxError, ValueError and its own; a
        # list of exceptions could be incomplete after any codec's next release.
        raise _broken(kind) from error


def decode_mask(
    body: bytes, size: tuple[int, int], *, limits: ImageLimits = DEFAULT_LIMITS
) -> NDArray[np.uint8]:
    """Turn the bytes of a picture file into a mask for a photo.

    Where a file has opacity, that is the mask; otherwise its brightness is.

    Args:
        body: As for `decode`.
        size: (width, height) of the upright photo; the mask is resized to it.
        limits: The limits.

    Returns:
        Values 0..255, shape (height, width).

    Raises:
        MaskMismatchError: The mask's proportions are not the photo's.
        ImageError: As for `decode`.
    """
    image, alpha = decode_image(body, limits=limits)
    stretched = (image.width * size[1]) / (image.height * size[0])
    if not 1 / (1 + _MASK_STRETCH) <= stretched <= 1 + _MASK_STRETCH:
        raise MaskMismatchError(
            f"The mask is {image.width} x {image.height} pixels and the photo "
            f"{size[0]} x {size[1]}; they must have the same proportions."
        )
    mask = alpha or image.convert("L")
    if mask.size != size:
        # Unlike Lanczos's, this filter adds no fringe around an edge.
        mask = mask.resize(size, Image.Resampling.BILINEAR)
    return np.array(mask)


def encode(
    picture: Picture,
    *,
    format: Literal["jpeg", "png", "webp"],  # noqa: A002 - the word Pillow and the wire use
    quality: int = 92,
) -> bytes:
    """Encode a picture without metadata: no EXIF, profile or comment.

    Args:
        picture: The picture; PNG and WebP keep its alpha, JPEG blends it with white.
        format: The file format.
        quality: 1..100 for JPEG and WebP; PNG is lossless and ignores it.

    Returns:
        The bytes of the file.

    Raises:
        ImageTooLargeError: A side is longer than the format allows.
        InvalidOptionError: The quality is out of range.
    """
    if not 1 <= quality <= 100:
        raise InvalidOptionError(f"The quality is {quality}; it must be between 1 and 100.")
    longest = max(picture.width, picture.height)
    if longest > _LONGEST_SIDES_PX[format]:
        raise ImageTooLargeError(
            f"The picture is {longest} pixels long; {format} files hold at most "
            f"{_LONGEST_SIDES_PX[format]}."
        )
    image = Image.fromarray(picture.rgb)
    options: dict[str, Any] = {}  # optimize=True stays off: 2.3 times the time for 1.7 % of bytes
    if picture.alpha is not None:
        image = _with_alpha(image, Image.fromarray(picture.alpha), flat=format == "jpeg")
    if format != "png":
        options["quality"] = quality
    if format == "jpeg":
        # As in libvips: from quality 90 colour has full resolution (4:4:4), because 4:2:0 blurs
        # the saturated edges of paintings; below, 4:2:0 saves a quarter of the bytes.
        options["subsampling"] = "4:4:4" if quality >= 90 else "4:2:0"
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


class _MeteredBytes(BytesIO):
    """A file in memory that limits the number of reads."""

    reads_left = _MAX_READS

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        self.reads_left -= 1
        if self.reads_left < 0:
            raise ImageTooLargeError(
                f"The file is cut into more pieces than the {_MAX_READS} that are accepted."
            )
        return super().read(size)


def _megabytes(size_bytes: int) -> str:
    """Megabytes, rounded up to a tenth so that one byte too many is not shown as the limit."""
    return f"{math.ceil(size_bytes / 2**20 * 10) / 10:g}"


def _megapixels(limits: ImageLimits) -> str:
    return f"{limits.max_pixels / 1e6:g}"


@dataclass(frozen=True, slots=True)
class _File:
    """A file on its way to a decoder.

    Attributes:
        kind: Its format.
        body: Its bytes; a truncated file has an end marker added.
        less: The same without the last scan of a truncated JPEG, if it has several.
        cut: Whether it was truncated, so that the loss must be measured.
        meaning: The file's colours, as far as its decoder does not report them.
        grey_scale: Levels of the decoder's output per grey level of the file.
    """

    kind: str
    body: bytes
    less: bytes = b""
    cut: bool = False
    meaning: Meaning = None
    grey_scale: int = 1


def _examine(kind: str, body: bytes, limits: ImageLimits) -> _File:
    """Parse the file's structure, and complete a truncated file."""
    if kind == "JPEG":
        return _examine_jpeg(body, limits)
    if kind == "PNG":
        chunks = png.read(body, max_pixels=limits.max_pixels, most_lost=_MOST_LOST)
        meaning: Meaning = chunks.icc
        if chunks.cicp:
            meaning = colour.from_numbers(*chunks.cicp)
        elif meaning is None and not chunks.is_srgb:
            meaning = colour.from_gamma(chunks.gamma, chunks.primaries)
        grey_scale = 255 // (2**chunks.bits - 1) if chunks.bits in {2, 4} else 1
        return _File(kind, chunks.body, meaning=meaning, grey_scale=grey_scale)
    if kind in {"AVIF", "HEIC"}:
        numbers = heif.colours(body)
        return _File(kind, body, meaning=colour.from_numbers(*numbers) if numbers else None)
    return _File(kind, body)


def _examine_jpeg(body: bytes, limits: ImageLimits) -> _File:
    segments = jpeg.walk(body, limits.max_jpeg_scans)
    if segments.ended or not segments.complete:
        return _File("JPEG", body)
    several = len(segments.scans) > 1
    less = jpeg.closed(body, segments, scans_less=1) if several else b""
    return _File("JPEG", jpeg.closed(body, segments), less, cut=True)


def _read(
    file: _File, limits: ImageLimits, max_side_px: int | None
) -> tuple[Image.Image, Image.Image | None]:
    """Check the header, then decode."""
    with _opened(file.kind, file.body) as image:
        _check_size(image.size, limits)
        target = _fitted(image.size, limits, max_side_px)
        if isinstance(image, JpegImageFile) and target != image.size:
            # libjpeg leaves out the finest frequencies and so halves the picture as often as it can
            # without falling below the target: 84 ms instead of 242 ms for 12 megapixels.
            image.draft(None, target)
        outside = _surroundings(image)
        _forget_xmp(image)  # a TIFF is turned while it is loaded
        image.load()
        _check_size(image.size, limits)  # a HEIC's size is only certain once it is decoded
        if file.cut:
            _check_loss(image, file)
        meaning = image.info.get("icc_profile") if file.kind != "PNG" else None
        pixels = _shown(image, file, outside)
        if pixels is image and file.kind == "TIFF":
            pixels = image.copy()  # of some it reads on whenever it is looked at, also once closed
        if max_side_px is not None:
            pixels = _resized(pixels, target)
        turn = _UPRIGHT.get(_orientation(image))
        if turn is not None:
            pixels = pixels.transpose(turn)
        return _apart(pixels, meaning or file.meaning)


def _broken(kind: str) -> BrokenImageError:
    return BrokenImageError(f"The picture is incomplete or damaged and cannot be read as {kind}.")


def _opened(kind: str, body: bytes) -> ImageFile:
    return _OPENERS[kind](_MeteredBytes(body))


def _check_loss(image: ImageFile, file: _File) -> None:
    """Refuse a JPEG of which too much is missing at the end."""
    less = None
    if file.less:
        with _opened(file.kind, file.less) as earlier:
            earlier.load()
            less = np.asarray(earlier)
    if jpeg.lost_rows(np.asarray(image), less) > _MOST_LOST:
        raise _broken(file.kind)


def _surroundings(image: ImageFile) -> tuple[int, int, int, int] | None:
    """The part of a GIF's screen that its first frame covers; None if it covers all."""
    if isinstance(image, GifImageFile) and image.tile:
        extents = image.tile[0].extents
        if extents and extents != (0, 0, *image.size):
            return extents
    return None


def _shown(image: ImageFile, file: _File, covered: tuple[int, int, int, int] | None) -> Image.Image:
    """The first frame that is not fully transparent, with hidden colours filled."""
    pixels = _plain(image, file.grey_scale)
    if covered:
        window = Image.new("L", image.size)
        window.paste(255, covered)
        pixels = pixels.convert("RGBA")
        pixels.putalpha(ImageChops.darker(pixels.getchannel("A"), window))
    for number in range(1, min(_FRAMES_LOOKED_AT, getattr(image, "n_frames", 1))):
        if _opacities(pixels)[1]:
            break
        image.seek(number)
        pixels = _plain(image, file.grey_scale)
    if _opacities(pixels)[0]:
        return pixels
    values = np.array(pixels.convert("RGBA"))
    alpha = values[..., 3]
    rgb = values[..., :3]
    fill_hidden(rgb, alpha)
    return Image.fromarray(values)


def _opacities(pixels: Image.Image) -> tuple[int, int]:
    """The least and the greatest opacity."""
    if not pixels.mode.endswith("A"):
        return 255, 255
    opacities = pixels.getchannel("A").getextrema()
    return int(opacities[0]), int(opacities[1])  # type: ignore[arg-type] # one channel, two numbers


def _check_size(size: tuple[int, int], limits: ImageLimits) -> None:
    """Refuse a (width, height) in pixels outside the limits."""
    shown = f"The picture is {size[0]} x {size[1]} pixels"
    short, long = sorted(size)
    if short < limits.min_side_px:
        raise ImageTooSmallError(f"{shown}; each side needs at least {limits.min_side_px}.")
    if short * long > limits.max_pixels:
        raise ImageTooLargeError(f"{shown}; at most {_megapixels(limits)} megapixels are accepted.")
    if long > short * limits.max_aspect:
        raise ImageTooSmallError(
            f"{shown}; one side may be at most {limits.max_aspect:g} times as long as the other."
        )


def _fitted(size: tuple[int, int], limits: ImageLimits, max_side_px: int | None) -> tuple[int, int]:
    """The (width, height) after shrinking, in the same proportion."""
    longest = max(size)
    if max_side_px is None or longest <= max_side_px:
        return size
    width, height = (max(1, round(side * max_side_px / longest)) for side in size)
    if min(width, height) < limits.min_side_px:
        raise ImageTooSmallError(
            f"The picture is {size[0]} x {size[1]} pixels and would be shrunk to {width} x "
            f"{height}; each side needs at least {limits.min_side_px}."
        )
    return width, height


def _plain(image: Image.Image, grey_scale: int = 1) -> Image.Image:
    """Convert an image to mode L, LA, RGB, RGBA or CMYK.

    Args:
        image: Of any mode.
        grey_scale: Levels of the image per grey level of the file.
    """
    if image.mode.startswith(("I", "F")):
        return _from_deep(image)
    if image.mode == "CMYK" and isinstance(image, JpegImageFile) and "adobe" not in image.info:
        return ImageChops.invert(image)  # Pillow takes all of them for Adobe's, which are inverted
    if image.has_transparency_data:
        level = image.info.get("transparency")
        if image.mode == "L" and isinstance(level, int):
            # Pillow scales the pixels of 2 and 4 bits, but not the level that is transparent.
            image.info["transparency"] = level * grey_scale
        mode = "LA" if image.mode in {"1", "L", "LA", "La"} else "RGBA"
    elif image.mode == "1":
        mode = "L"
    else:
        mode = image.mode if image.mode in _PLAIN_MODES else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _from_deep(image: Image.Image) -> Image.Image:
    """Grey levels of more than 8 bits as 0..255; Pillow's own conversion clips all above 255.

    Instruments write 10 to 14 bits into 16, and floating point in any unit, which would be shown
    as black. A picture that uses less than a quarter of the range is stretched between its 0.5
    and 99.5 percentiles; one that uses more, or only one level, is not changed.
    """
    levels = np.nan_to_num(np.asarray(image).astype(np.float32))
    low, high = np.percentile(levels[:: max(1, levels.shape[0] // 512)], (0.5, 99.5))
    narrow = high - low < _DEEP_WHITE / 4
    if image.mode.startswith("F") or (narrow and high - low >= _FEWEST_LEVELS):
        shown = (levels - low) * (255 / max(high - low, 1e-6))
    else:
        shown = levels * (255 / _DEEP_WHITE)
    grey = Image.fromarray(np.rint(shown.clip(0, 255)).astype(np.uint8))
    transparent_level = image.info.get("transparency")
    if transparent_level is not None:
        grey.putalpha(Image.fromarray(np.where(levels == transparent_level, 0, 255).astype("u1")))
    return grey


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resample with Lanczos; colours are weighted by alpha so that nothing invisible bleeds in."""
    if image.size == size:
        return image
    small = resample(image, size)
    if not small.mode.endswith("A"):
        return small
    # Weighting leaves fully transparent areas black, and a stylizer would paint their edges; the
    # unweighted colours there are those of visible pixels nearby.
    alpha = small.getchannel("A")
    hidden = resample(image.convert(image.mode.removesuffix("A")), size)
    hidden.putalpha(alpha)
    return Image.composite(small, hidden, alpha.point([0] + [255] * 255))


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; 1 if the block is damaged.

    Pillow would also read XMP, which viewers ignore for orientation. HEIC and
    AVIF carry a rotation of their own. pillow-heif applies it and resets EXIF to 1, Pillow's AVIF
    plugin rewrites EXIF to say it, and its TIFF plugin turns the picture itself, so none of them is
    turned twice.
    """
    with suppress(Exception):
        _forget_xmp(image)
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
        # Some programs write it as BYTE, which comes as bytes.
        return int(value[0] if isinstance(value, bytes | tuple) else value)
    return 1


def _forget_xmp(image: Image.Image) -> None:
    for name in ("xmp", "XML:com.adobe.xmp"):
        image.info.pop(name, None)


def _apart(image: Image.Image, meaning: Meaning) -> tuple[Image.Image, Image.Image | None]:
    """Split an L, LA, RGB, RGBA or CMYK image into sRGB and alpha (None if opaque)."""
    alpha = None
    if image.mode.endswith("A"):
        alpha = image.getchannel("A") if _opacities(image)[0] < 255 else None
        image = image.convert(image.mode.removesuffix("A"))
    return colour.to_srgb(image, meaning), alpha


def _with_alpha(image: Image.Image, alpha: Image.Image, *, flat: bool) -> Image.Image:
    """An RGB image with an alpha channel, or `flat` on white."""
    if not flat:
        image.putalpha(alpha)
        return image
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=alpha)
    return sheet
