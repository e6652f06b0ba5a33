"""Converts a file's colours to sRGB.

littlecms applies profiles. For files with code points instead (PNG, HEIC and AVIF, ITU-T H.273)
a profile is made here. HDR is tone-mapped here, because no profile describes that.
"""

import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

Values = NDArray[np.float64]
Light = NDArray[np.float32]

# x and y of white, red, green and blue (ITU-T H.273, table 2).
_D65: Final = (0.3127, 0.3290)
SRGB_PRIMARIES: Final = (*_D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: Final[dict[int, tuple[float, ...]]] = {
    1: SRGB_PRIMARIES,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
_UNSPECIFIED: Final = 2
_PQ, _HLG = 16, 18
# Transfer curves of television and sRGB; with sRGB's primaries viewers treat them alike.
_TELEVISION: Final = frozenset({1, 6, 14, 15})
_AS_SRGB: Final = frozenset({_UNSPECIFIED, 13, *_TELEVISION})

# ITU-R BT.2408: the light of white on paper, in candelas a square metre, where a screen for HDR
# shows it beside a common picture.
_WHITE_NITS: Final = 203.0
_PQ_PEAK_NITS: Final = 10_000.0
_HLG_PEAK_NITS: Final = 1_000.0
# Up to this share of white, light is unchanged; brighter light is rolled off towards white.
_ROLL_OFF_FROM: Final = 0.8
_STRIP_ROWS: Final = 256

# Bradford's matrix and the white of profiles (ICC.1, annex E).
_BRADFORD: Final = np.array(
    [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
)
_D50: Final = np.array([0.9642, 1.0, 0.8249])

# A profile only fits pixels of its own colour space; these are the names ICC.1 gives them.
_PROFILE_SPACES: Final = {"L": "GRAY", "RGB": "RGB ", "CMYK": "CMYK"}


@dataclass(frozen=True, slots=True)
class HighDynamicRange:
    """Colours of HDR: primaries, and the transfer function (PQ or HLG)."""

    primaries: tuple[float, ...]
    transfer: int


Meaning = bytes | HighDynamicRange | None


def from_numbers(primaries: int, transfer: int) -> Meaning:
    """Colours of ITU-T H.273's code points; None for sRGB, or what viewers treat as sRGB."""
    corners = _PRIMARIES.get(primaries, SRGB_PRIMARIES)
    if transfer in {_PQ, _HLG}:
        return HighDynamicRange(corners, transfer)
    if corners == SRGB_PRIMARIES and transfer in _AS_SRGB:
        return None
    curves: dict[int, Callable[[Values], Values]] = {
        **dict.fromkeys(_TELEVISION, _television_light),
        4: lambda values: values**2.2,
        5: lambda values: values**2.8,
        8: lambda values: values,
    }
    return write_profile(corners, curves.get(transfer, _srgb_light))


def from_gamma(gamma: float | None, primaries: tuple[float, ...] | None) -> Meaning:
    """Colours of PNG's gAMA and cHRM; None if they are sRGB's or invalid."""
    wide = primaries is not None and not np.allclose(primaries, SRGB_PRIMARIES, atol=0.005)
    corners = primaries if wide and primaries else SRGB_PRIMARIES
    if gamma is None or not 0.1 <= gamma <= 5:
        return write_profile(corners, _srgb_light) if wide else None
    if not wide and abs(gamma - 1 / 2.2) < 0.01:
        return None
    return write_profile(corners, lambda values: values ** (1 / gamma))


def write_profile(primaries: tuple[float, ...], light: Callable[[Values], Values]) -> bytes | None:
    """Make an ICC v2 profile (ICC.1:2001-04) of three primaries, their white and one curve.

    Args:
        primaries: x and y of white, red, green and blue.
        light: From stored values in [0, 1] to light.
    """
    with suppress(np.linalg.LinAlgError, FloatingPointError), np.errstate(all="raise"):
        columns = _to_xyz(primaries)
        white = columns.sum(1)
        scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ white))
        adapted = np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD @ columns
        return _profile(adapted, light(np.linspace(0, 1, 256)))
    return None


def _to_xyz(primaries: tuple[float, ...]) -> Values:
    """The matrix from linear RGB to XYZ."""
    xy = np.array(primaries).reshape(4, 2)
    if (xy[:, 1] <= 0).any():
        raise np.linalg.LinAlgError
    xyz = np.stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])
    matrix: Values = xyz[:, 1:] * np.linalg.solve(xyz[:, 1:], xyz[:, 0])
    return matrix


def _profile(columns: Values, curve: Values) -> bytes:
    def xyz(values: Values) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))

    levels = np.rint(curve * 65535).astype(int).tolist()
    table = b"curv\0\0\0\0" + struct.pack(f">I{len(levels)}H", len(levels), *levels)
    named = [(b"wtpt", xyz(_D50))]
    named += [(name + b"XYZ", xyz(columns[:, i])) for i, name in enumerate((b"r", b"g", b"b"))]
    named += [(name + b"TRC", table) for name in (b"r", b"g", b"b")]
    start = 128 + 4 + 12 * len(named)
    index, content = struct.pack(">I", len(named)), b""
    for name, entry in named:
        index += name + struct.pack(">II", start + len(content), len(entry))
        content += entry
    head = struct.pack(
        ">I4xI4s4s4s12x4s", start + len(content), 0x02400000, b"mntr", b"RGB ", b"XYZ ", b"acsp"
    )
    white = struct.pack(">3i", *(round(value * 65536) for value in _D50.tolist()))
    return (head.ljust(68, b"\0") + white).ljust(128, b"\0") + index + content


def to_srgb(image: Image.Image, meaning: Meaning) -> Image.Image:
    """An L, RGB or CMYK image in sRGB; a profile that is broken or does not fit is ignored."""
    if isinstance(meaning, HighDynamicRange) and image.mode != "CMYK":
        return _tone_mapped(image.convert("RGB"), meaning)
    if isinstance(meaning, bytes):
        with suppress(ImageCms.PyCMSError, OSError, ValueError):
            return _by_profile(image, ImageCms.ImageCmsProfile(BytesIO(meaning)))
    return image if image.mode == "RGB" else image.convert("RGB")


def _by_profile(image: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    space = source.profile.xcolor_space
    if image.mode == "L" and space == "RGB ":
        image = image.convert("RGB")  # grey photos are often tagged with the camera's profile
    if space != _PROFILE_SPACES[image.mode]:
        raise ValueError(space)
    srgb = ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(source, srgb, image.mode, "RGB").apply(image)


def _tone_mapped(image: Image.Image, meaning: HighDynamicRange) -> Image.Image:
    """Tone-map HDR to sRGB, in strips."""
    steps = np.linspace(0, 1, 256)
    light_of = _pq_light(steps) if meaning.transfer == _PQ else _hlg_scene_light(steps)
    light_of = light_of.astype(np.float32)
    luminance = _to_xyz(meaning.primaries)[1].astype(np.float32)
    matrix = np.linalg.solve(_to_xyz(SRGB_PRIMARIES), _to_xyz(meaning.primaries))
    matrix = matrix.astype(np.float32)
    levels = np.rint(_srgb_values(np.linspace(0, 1, 65_536)) * 255).astype(np.uint8)
    mapped = np.array(image)
    for start in range(0, len(mapped), _STRIP_ROWS):
        strip = mapped[start : start + _STRIP_ROWS]
        light = light_of[strip.reshape(-1, 3).T]  # (3, N): planes are much faster to calculate with
        if meaning.transfer == _HLG:
            light *= _hlg_gain(luminance @ light)
        light = matrix @ light
        _roll_off(light)
        steps_up = (light.clip(0, 1) * 65_535 + 0.5).astype(np.uint16)
        strip[:] = levels[steps_up].T.reshape(strip.shape)
    return Image.fromarray(mapped)


def _roll_off(light: Light) -> None:
    """Compress (3, N) light above white, in place; one factor for all channels keeps hues.

    Reinhard's curve (2002, doi:10.1145/566654.566575), above a threshold near white.
    """
    most = light.max(0)
    bright = np.flatnonzero(most > _ROLL_OFF_FROM)
    headroom = 1 - _ROLL_OFF_FROM
    beyond = (most[bright] - _ROLL_OFF_FROM) / headroom
    light[:, bright] *= (_ROLL_OFF_FROM + headroom * beyond / (1 + beyond)) / most[bright]


def _pq_light(values: Values) -> Values:
    """SMPTE ST 2084, equation 4.1; white on paper is 1."""
    m1, m2 = 2610 / 16384, 2523 / 4096 * 128
    c1, c2, c3 = 3424 / 4096, 2413 / 4096 * 32, 2392 / 4096 * 32
    root = values ** (1 / m2)
    light: Values = ((root - c1).clip(0) / (c2 - c3 * root)) ** (1 / m1)
    return light * (_PQ_PEAK_NITS / _WHITE_NITS)


def _hlg_scene_light(values: Values) -> Values:
    """ITU-R BT.2100, table 5: scene light."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(values <= 0.5, values**2 / 3, (np.exp((values - c) / a) + b) / 12)


def _hlg_gain(luminance: Light) -> Light:
    """ITU-R BT.2100, table 5: gain of a display of 1 000 cd/m2; reference white is 1."""
    return luminance**0.2 * np.float32(_HLG_PEAK_NITS / _WHITE_NITS)


def _srgb_light(values: Values) -> Values:
    """IEC 61966-2-1."""
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def _srgb_values(light: Values) -> Values:
    return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)


def _television_light(values: Values) -> Values:
    """ITU-R BT.2020, table 4, inverted; BT.709's is the same except for rounding."""
    return np.where(values < 0.081, values / 4.5, ((values + 0.0993) / 1.0993) ** (1 / 0.45))
