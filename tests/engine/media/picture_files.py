"""Picture files with known answers, made the way programs make them."""

import struct
import zlib
from io import BytesIO
from itertools import product

import numpy as np
from PIL import Image
from pillow_heif import HeifFile

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIC", "TIFF", "BMP")


def save(image, kind, **options):
    """The bytes of a file, with the least loss the format allows."""
    file = BytesIO()
    if kind == "HEIC":
        heif = HeifFile()
        heif.add_frombytes(image.mode, image.size, image.tobytes())
        heif.save(file, quality=-1, chroma=444, **options)
    else:
        if kind in {"JPEG", "MPO"}:
            options = {"quality": 98, "subsampling": 0, **options}
        elif kind == "WEBP":
            options = {"lossless": True, "exact": True, **options}
        elif kind == "AVIF":
            options = {"quality": 95, "speed": 10, **options}
        image.save(file, kind, **options)
    return file.getvalue()


def flag(width=64, height=48):
    """Red, green over blue, yellow: tells every turn and mirroring apart."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height // 2))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def plain(colour, mode="RGB", size=(40, 40)):
    return Image.new(mode, size, colour)


def assert_is_flag(picture, tolerance=8):
    """The middle of each quarter has the flag's colour."""
    y, x = picture.height // 4, picture.width // 4
    seen = [picture.rgb[v, u] for v, u in product((y, 3 * y), (x, 3 * x))]
    np.testing.assert_allclose(seen, [RED, GREEN, BLUE, YELLOW], atol=tolerance)


def assert_colour(picture, colour, tolerance=0):
    np.testing.assert_allclose(picture.rgb.astype(int) - colour, 0, atol=tolerance)


def assert_alpha(picture, opacity, tolerance=0):
    assert picture.alpha is not None
    np.testing.assert_allclose(picture.alpha.astype(int), opacity, atol=tolerance)


def chunk(name, content):
    body = name + content
    return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))


def png_header(width, height, depth=8, colour_type=2):
    fields = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", fields)


def after_header(body, chunks):
    """A PNG with more chunks before its pixels."""
    return body[:33] + chunks + body[33:]


def numbered(image, kind, primaries, transfer, **options):
    """A file that says its colours by two numbers of ITU-T H.273."""
    if kind == "PNG":
        numbers = chunk(b"cICP", bytes((primaries, transfer, 0, 1)))
        return after_header(save(image, kind, **options), numbers)
    if kind == "HEIC":
        numbers = {"color_primaries": primaries, "transfer_characteristics": transfer}
        return save(image, kind, **options, **numbers, full_range_flag=1)
    body = save(image, kind, **options)
    at = body.index(b"colrnclx") + 8
    return body[:at] + struct.pack(">HH", primaries, transfer) + body[at + 4 :]


def photo_like(width=320, height=240):
    """Something with detail everywhere."""
    rng = np.random.default_rng(0)
    coarse = Image.fromarray(rng.integers(0, 256, (12, 16, 3), np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    grain = rng.integers(-12, 13, (height, width, 3))
    return Image.fromarray((smooth + grain).clip(0, 255).astype(np.uint8))


def interlaced(pixels):
    """An RGB PNG in the seven passes of Adam7 (ISO/IEC 15948, 8.2)."""
    starts = ((0, 0), (0, 4), (4, 0), (0, 2), (2, 0), (0, 1), (1, 0))
    steps = ((8, 8), (8, 8), (8, 4), (4, 4), (4, 2), (2, 2), (2, 1))
    rows = b""
    for (top, left), (down, right) in zip(starts, steps, strict=True):
        part = pixels[top::down, left::right]
        rows += b"".join(b"\0" + row.tobytes() for row in part)
    height, width = pixels.shape[:2]
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1))
    ended = chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + header + ended


def tiff_head(tags, order="<"):
    """The beginning of a TIFF whose first directory has these tags, each a LONG."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}IH", 8, len(tags))
    return head + b"".join(struct.pack(f"{order}HHII", tag, 4, 1, v) for tag, v in tags.items())


def orientation_exif(value):
    exif = Image.Exif()
    exif[0x0112] = value
    return exif


# What a camera held the wrong way stores: the inverse of how a viewer must turn it.
STORED = {
    1: None,
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


# ICC.1 profiles written by hand, so that their answers are known.


def s15f16(*values):
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def icc(space, profile_class, tags, connection=b"XYZ "):
    """An ICC v2 profile of the given tags."""
    table, body = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        padded = content + bytes(-len(content) % 4)
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(body), len(content))
        body += padded
    header = struct.pack(
        ">I4sI4s4s4s12s4s4sIIIQI12s",
        128 + len(table) + len(body), b"\0" * 4, 0x02400000, profile_class, space, connection,
        b"\0" * 12, b"acsp", b"\0" * 4, 0, 0, 0, 0, 0, s15f16(0.9642, 1.0, 0.8249),
    )  # fmt: skip
    return header.ljust(128, b"\0") + table + body


def xyz(*values):
    return b"XYZ \0\0\0\0" + s15f16(*values)


def curve(gamma):
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256))


def display_p3():
    """Display P3's primaries, adapted to D50, with a plain 2.2 gamma for its curve."""
    return icc(
        b"RGB ",
        b"mntr",
        {
            b"wtpt": xyz(0.9642, 1.0, 0.8249),
            b"rXYZ": xyz(0.51512, 0.24120, -0.00105),
            b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
            b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
            b"rTRC": curve(2.2),
            b"gTRC": curve(2.2),
            b"bTRC": curve(2.2),
        },
    )


def linear_grey():
    return icc(b"GRAY", b"mntr", {b"wtpt": xyz(0.9642, 1.0, 0.8249), b"kTRC": curve(1.0)})


def cmyk_where_cyan_is_mid_grey():
    """A press whose cyan ink prints L* 53.6, which is sRGB 128; any other ink prints black."""
    lightness = [0] * 16  # one entry for every combination of the four inks, cyan slowest
    lightness[0b0000], lightness[0b1000] = 255, round(53.585 * 2.55)
    lattice = b"".join(bytes((level, 128, 128)) for level in lightness)
    identity = bytes(range(256))
    lut = b"mft1\0\0\0\0" + bytes((4, 3, 2, 0)) + s15f16(1, 0, 0, 0, 1, 0, 0, 0, 1)
    lut += identity * 4 + lattice + identity * 3
    return icc(b"CMYK", b"prtr", {b"wtpt": xyz(0.9642, 1.0, 0.8249), b"A2B0": lut}, b"Lab ")
