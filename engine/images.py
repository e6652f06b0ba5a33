"""Bytes to pixels and back, for pictures that strangers send.

Every picture passes the same gates, cheapest first: its bytes are counted, its first bytes name
its format, a JPEG's scans are counted, its header tells its size, and only then is a pixel
decoded. What comes out is plain sRGB, the right way up, with nothing of the file but its pixels.
Whatever a decoder throws on the way leaves here as one leaf of `engine.errors.ImageError`.
"""

import math
import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageCms
from PIL.AvifImagePlugin import AvifImageFile
from PIL.GifImagePlugin import GifImageFile
from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile
from pillow_heif import HeifImageFile
from typing_extensions import override

from engine.errors import (
    BrokenImageError,
    ImageError,
    ImageTooLargeError,
    ImageTooSmallError,
    InvalidOptionError,
    UnsupportedImageError,
)

ACCEPTED_FORMATS: Final = "JPEG, PNG, WebP, GIF, AVIF and HEIC"

# The first bytes decide, never a file name or a Content-Type, and the order matters: AVIF and
# HEIC may share the major brands mif1 and msf1 (ISO/IEC 23008-12, 10.2), so a compatible brand
# has to say which of the two it is.
_SIGNATURES: Final[Mapping[str, re.Pattern[bytes]]] = {
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "WebP": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "GIF": re.compile(rb"GIF8[79]a"),
    "AVIF": re.compile(rb".{4}ftyp(?:avi[fs]|(?:mif1|msf1).{4}(?:.{4}){0,15}?avi[fs])", re.DOTALL),
    "HEIC": re.compile(rb".{4}ftyp(?:hei[cxms]|hev[cxms]|mif1|msf1)", re.DOTALL),
}

# Named so that the sender learns what went wrong; none of them ever meets a decoder.
_STRANGERS: Final[Mapping[str, re.Pattern[bytes]]] = {
    "an empty file": re.compile(rb"\Z"),
    "a PDF document": re.compile(rb"%PDF-"),
    "an SVG drawing": re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:svg|[?!].{0,2000}<svg)\b", re.DOTALL),
    "a TIFF picture": re.compile(rb"II\*\0|MM\0\*"),
    "a BMP picture": re.compile(rb"BM.{4}\0{4}", re.DOTALL),
    "a video": re.compile(rb".{4}ftyp|\x1a\x45\xdf\xa3", re.DOTALL),
}

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
}

# A marker that is followed by a length, or the end of the image (ITU-T T.81, table B.1). Stuffed
# zeros, fill bytes and restart markers are not, which leaves libjpeg's own view of a file.
_JPEG_MARKER: Final = re.compile(rb"\xff([\xc0-\xcf\xd9-\xfe])")
_JPEG_END: Final = 0xD9
_JPEG_SCAN: Final = 0xDA

# 64 scans with all their tables plus 20 MB of 64 KB segments stay under 1 000; an attacker's
# 5 million empty segments must not be walked to the end.
_MAX_JPEG_SEGMENTS: Final = 10_000

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

# EXIF 2.32, 4.6.4: how to turn the stored picture so that it stands upright.
_UPRIGHT: Final[Mapping[int, Image.Transpose]] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# A profile only fits pixels of its own colour space; these are the names ICC.1 gives them.
_PROFILE_SPACES: Final[Mapping[str, str]] = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}

# libjpeg's JPEG_MAX_DIMENSION; 14 bits in WebP (RFC 9649, 2.4), 31 in PNG (ISO/IEC 15948, 7.1).
_LONGEST_SIDES_PX: Final[Mapping[str, int]] = {"jpeg": 65_500, "webp": 16_383, "png": 2**31 - 1}


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """What a picture may be; anything beyond is refused before its pixels are decoded.

    Attributes:
        max_image_bytes: File size; 20 MB is what a Telegram bot may download at most.
        max_pixels: Width times height; 30 megapixels take about 470 MB while a WebP is decoded.
        min_side_px: Shorter side; the generator paints on nothing smaller.
        max_aspect: Longer side over shorter side.
        max_jpeg_scans: Scans of a progressive JPEG, each a pass over the whole picture: a phone
            writes 3, a usual encoder 10, and 1 000 of them in 261 KB cost 18 s of a core.
    """

    max_image_bytes: int = 20 * 1024 * 1024
    max_pixels: int = 30_000_000
    min_side_px: int = 32
    max_aspect: float = 20.0
    max_jpeg_scans: int = 64


DEFAULT_LIMITS: Final = ImageLimits()


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An upright picture without a past; two of them are compared by their arrays.

    Attributes:
        rgb: sRGB values 0..255, shape (height, width, 3).
        alpha: Opacity 0..255, shape (height, width), or None where all is opaque. Colours are not
            multiplied by it, and those under zero opacity are the stored ones.
    """

    rgb: NDArray[np.uint8]
    alpha: NDArray[np.uint8] | None = None

    def __post_init__(self) -> None:
        alpha_fits = self.alpha is None or (
            self.alpha.dtype == np.uint8 and self.alpha.shape == self.rgb.shape[:2]
        )
        if self.rgb.dtype != np.uint8 or self.rgb.shape[2:] != (3,) or not alpha_fits:
            msg = "A picture is uint8: rgb of shape (H, W, 3), alpha of shape (H, W) or None."
            raise ValueError(msg)

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
    """Turn the bytes of a picture file into upright sRGB pixels; of an animation, the first frame.

    Args:
        body: A whole JPEG, PNG, WebP, GIF, AVIF or HEIC file.
        limits: What is refused.
        max_side_px: Longest side of the result; a larger picture is shrunk, a smaller one is not
            enlarged. None keeps the stored size.

    Returns:
        The picture, its shorter side at least `limits.min_side_px`.

    Raises:
        ImageTooLargeError: Too many bytes, pixels or JPEG scans.
        ImageTooSmallError: A side too short, or the picture too narrow, as stored or once shrunk.
        UnsupportedImageError: The first bytes are of no accepted format.
        BrokenImageError: The bytes begin like a picture and cannot be decoded.
    """
    if len(body) > limits.max_image_bytes:
        raise ImageTooLargeError(
            f"The picture is {_megabytes(len(body))} MB; "
            f"at most {_megabytes(limits.max_image_bytes)} MB are accepted."
        )
    kind = _recognise(body)
    if kind == "JPEG":
        _check_jpeg_scans(body, limits)
    try:
        with _OPENERS[kind](_MeteredBytes(body)) as image:
            return _read(image, limits, max_side_px)
    except ImageError:
        raise
    except _TOO_MUCH_MEMORY as error:
        raise ImageTooLargeError(
            "The picture takes more memory than a decoder may use; "
            f"at most {_megapixels(limits)} megapixels are accepted."
        ) from error
    except Exception as error:
        # On 9 171 malformed files Pillow raised OSError, SyntaxError, ValueError and its own; a
        # list of names would have to be kept up with every codec's next release.
        raise BrokenImageError(
            f"The picture is incomplete or damaged and cannot be read as {kind}."
        ) from error


def encode(
    picture: Picture,
    *,
    format: Literal["jpeg", "png", "webp"],  # noqa: A002 - the word Pillow and the wire use
    quality: int = 92,
) -> bytes:
    """Write a picture as a file that holds pixels and nothing else: no EXIF, profile or comment.

    Args:
        picture: The picture; PNG and WebP keep its alpha, JPEG lays it on white.
        format: The file format.
        quality: 1..100 for JPEG and WebP; PNG is lossless and ignores it.

    Returns:
        The bytes of the file.

    Raises:
        ImageTooLargeError: A side is longer than the format can express.
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
        # As libvips does: who asks for 90 or more gets full colour resolution (4:4:4), because
        # 4:2:0 smears the saturated edges a painting is made of; below, 4:2:0 saves a quarter.
        options["subsampling"] = "4:4:4" if quality >= 90 else "4:2:0"
    file = BytesIO()
    image.save(file, format, **options)
    return file.getvalue()


class _MeteredBytes(BytesIO):
    """A file in memory that refuses to be read in too many pieces."""

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
    """Rounded up to a tenth, so that one byte too many does not read as the limit itself."""
    return f"{math.ceil(size_bytes / 2**20 * 10) / 10:g}"


def _megapixels(limits: ImageLimits) -> str:
    return f"{limits.max_pixels / 1e6:g}"


def _recognise(body: bytes) -> str:
    """The name of the accepted format that the first bytes announce."""
    for kind, signature in _SIGNATURES.items():
        if signature.match(body):
            return kind
    for stranger, signature in _STRANGERS.items():
        if signature.match(body):
            raise UnsupportedImageError(f"This is {stranger}; {ACCEPTED_FORMATS} are accepted.")
    raise UnsupportedImageError(
        f"This is no picture of a known format; {ACCEPTED_FORMATS} are accepted."
    )


def _check_jpeg_scans(body: bytes, limits: ImageLimits) -> None:
    """Refuse a JPEG that makes libjpeg pass over the picture again and again.

    The segments are walked, not the bytes FF DA counted, because phones append videos to their
    photos in which that pair turns up by chance, and EXIF holds a thumbnail with scans of its own.
    """
    position = scans = 0
    for _ in range(_MAX_JPEG_SEGMENTS):
        found = _JPEG_MARKER.search(body, position)
        if found is None or found[1][0] == _JPEG_END:
            return
        scans += found[1][0] == _JPEG_SCAN
        if scans > limits.max_jpeg_scans:
            raise ImageTooLargeError(
                f"The JPEG has more than the {limits.max_jpeg_scans} scans that are accepted."
            )
        length = int.from_bytes(body[found.end() : found.end() + 2], "big")
        position = found.end() + max(length, 2)
    raise ImageTooLargeError(
        f"The JPEG has more than the {_MAX_JPEG_SEGMENTS} segments that are accepted."
    )


def _read(image: ImageFile, limits: ImageLimits, max_side_px: int | None) -> Picture:
    """Check the header, then decode an opened file."""
    _check_size(image.size, limits)
    target = _fitted(image.size, limits, max_side_px)
    if isinstance(image, JpegImageFile) and target != image.size:
        # libjpeg leaves out the finest frequencies and so halves the picture as often as it can
        # without falling below the target: 84 ms instead of 242 ms for 12 megapixels.
        image.draft(None, target)
    image.load()
    _check_size(image.size, limits)  # a HEIC's size is only certain once it is decoded
    pixels = _plain(image)
    if max_side_px is not None:
        pixels = _resized(pixels, target)
    turn = _UPRIGHT.get(_orientation(image))
    if turn is not None:
        pixels = pixels.transpose(turn)
    return _picture(pixels, image.info.get("icc_profile"))


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


def _plain(image: Image.Image) -> Image.Image:
    """The same pixels in mode L, LA, RGB, RGBA or CMYK, whatever the file stored."""
    if image.mode.startswith("I"):
        return _from_16_bit(image)
    if image.has_transparency_data:
        mode = "LA" if image.mode in {"1", "L", "LA", "La"} else "RGBA"
    elif image.mode == "1":
        mode = "L"
    else:
        mode = image.mode if image.mode in _PROFILE_SPACES else "RGB"
    return image if image.mode == mode else image.convert(mode)


def _from_16_bit(image: Image.Image) -> Image.Image:
    """Grey levels 0..65535 as 0..255; Pillow's own conversion clips all above 255 to white."""
    levels = np.asarray(image).clip(0, 65_535).astype(np.uint32)
    grey = Image.fromarray(((levels + 128) // 257).astype(np.uint8))
    transparent_level = image.info.get("transparency")
    if transparent_level is not None:
        grey.putalpha(Image.fromarray(np.where(levels == transparent_level, 0, 255).astype("u1")))
    return grey


def _resized(image: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Resample with Lanczos; colours are weighted by alpha so that nothing invisible bleeds in."""
    if image.size == size:
        return image
    small = image.resize(size, Image.Resampling.LANCZOS)
    if not small.mode.endswith("A"):
        return small
    # Weighting leaves black wherever all is transparent, and a stylizer would paint that hole's
    # edge; the unweighted colours are what the file had there.
    alpha = small.getchannel("A")
    hidden = image.convert(image.mode.removesuffix("A")).resize(size, Image.Resampling.LANCZOS)
    hidden.putalpha(alpha)
    return Image.composite(small, hidden, alpha.point([0] + [255] * 255))


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1..8; a damaged block costs the turn, not the picture.

    HEIC and AVIF carry a rotation of their own. pillow-heif applies it and resets EXIF to 1,
    Pillow's AVIF plugin rewrites EXIF to say it, so neither is turned twice.
    """
    with suppress(Exception):
        return int(image.getexif().get(ExifTags.Base.Orientation, 1))
    return 1


def _picture(image: Image.Image, profile: bytes | None) -> Picture:
    """Split an L, LA, RGB, RGBA or CMYK image into sRGB and, where it says anything, alpha."""
    alpha = None
    if image.mode.endswith("A"):
        opacity = np.array(image.getchannel("A"))
        alpha = opacity if opacity.min() < 255 else None
        image = image.convert(image.mode.removesuffix("A"))
    # np.array, not asarray: Pillow's buffer is read-only, and torch.from_numpy warns about that.
    return Picture(np.array(_to_srgb(image, profile)), alpha)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Apply the embedded ICC profile; one that is broken or of another colour space is ignored."""
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        source = ImageCms.ImageCmsProfile(BytesIO(profile or b""))
        space = source.profile.xcolor_space
        if image.mode == "L" and space == "RGB ":
            image = image.convert("RGB")  # grey photos are often tagged with the camera's profile
        if space == _PROFILE_SPACES[image.mode]:
            srgb = ImageCms.createProfile("sRGB")
            return ImageCms.buildTransform(source, srgb, image.mode, "RGB").apply(image)
    return image if image.mode == "RGB" else image.convert("RGB")


def _with_alpha(image: Image.Image, alpha: Image.Image, *, flat: bool) -> Image.Image:
    """An RGB image with an alpha channel, or `flat` on white."""
    if not flat:
        image.putalpha(alpha)
        return image
    sheet = Image.new("RGB", image.size, "white")
    sheet.paste(image, mask=alpha)
    return sheet
