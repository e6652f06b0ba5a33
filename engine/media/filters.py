"""Photographic filters: arithmetic on colours and neighbouring pixels, without a network.

`engine.effects.filters` has their titles. Colour filters are a table per channel or a
matrix over channels, exact for every pixel; the three that look at neighbours (`oil-painting`,
`pencil-sketch`, `comic`) work at the painting side like the generator, so that their strokes have
the same size on a small photo and on a large one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from engine.media.full_size import Pixels, Plane, luma, strips, to_pixels

Curve = Callable[[NDArray[np.float64]], NDArray[np.float64]]
Matrix = tuple[tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True, slots=True)
class Filter:
    """One filter.

    Attributes:
        apply: (H, W, 3) uint8 sRGB to the same shape.
        pointwise: Whether each pixel's result depends on that pixel alone, so any size works.
    """

    apply: Callable[[Pixels], Pixels]
    pointwise: bool = True


def by_tables(pixels: Pixels, curves: tuple[Curve, Curve, Curve]) -> Pixels:
    """Map every channel through its own curve on [0, 1], tabulated for the 256 values."""
    values = np.arange(256) / 255
    table = np.concatenate([to_pixels(255 * curve(values)) for curve in curves])
    return np.array(Image.fromarray(pixels).point(table.tolist()))


def by_matrix(pixels: Pixels, matrix: Matrix) -> Pixels:
    """Mix the channels: each row gives the weights of R, G and B in one channel of the result."""
    (r, g, b) = matrix
    return np.array(Image.fromarray(pixels).convert("RGB", (*r, 0.0, *g, 0.0, *b, 0.0)))


def saturated(amount: float) -> Matrix:
    """Matrix that scales saturation and keeps BT.601 luma: 0 is grey, 1 changes nothing."""
    rest = 1 - amount
    r, g, b = 0.299 * rest, 0.587 * rest, 0.114 * rest
    return ((r + amount, g, b), (r, g + amount, b), (r, g, b + amount))


def _s_curve(amount: float) -> Curve:
    """More contrast in the middle, less at the ends, with 0, 1/2 and 1 left where they are."""
    return lambda v: (1 - amount) * v + amount * (3 * v**2 - 2 * v**3)


def _between(black: float, white: float) -> Curve:
    """Lift the shadows and lower the highlights, like a faded print."""
    return lambda v: black + (white - black) * v


def _in_linear_light(gain: float) -> Curve:
    """Multiply linear light, through sRGB's transfer function (IEC 61966-2-1) and back."""

    def curve(v: NDArray[np.float64]) -> NDArray[np.float64]:
        light = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
        light = np.minimum(1.0, gain * light)
        return np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)

    return curve


def _lit_by(gains: tuple[float, float, float]) -> Callable[[Pixels], Pixels]:
    red, green, blue = (_in_linear_light(gain) for gain in gains)
    return lambda pixels: by_tables(pixels, (red, green, blue))


# An illuminant's white in linear sRGB, luminance 1: what a white wall looks like in that light to
# an eye set to D65. From the chromaticities of CIE 15 (D50: x .3457, y .3585; D93: .2831, .2971).
_D50: Final = (1.176, 0.976, 0.722)
_D93: Final = (0.846, 1.011, 1.343)

# Filter Effects Module Level 1 (W3C), `sepia(1)`.
_SEPIA: Final[Matrix] = ((0.393, 0.769, 0.189), (0.349, 0.686, 0.168), (0.272, 0.534, 0.131))


def _black_and_white(pixels: Pixels) -> Pixels:
    """Panchromatic film behind a yellow filter: skies darker, skin lighter, soft shoulders."""
    film = (0.36, 0.54, 0.10)
    return by_tables(by_matrix(pixels, (film, film, film)), (_s_curve(0.5),) * 3)


def _high_contrast(pixels: Pixels) -> Pixels:
    return by_tables(pixels, (_s_curve(1.0),) * 3)


def _faded(pixels: Pixels) -> Pixels:
    return by_tables(by_matrix(pixels, saturated(0.7)), (_between(0.14, 0.93),) * 3)


def _vintage(pixels: Pixels) -> Pixels:
    """Cross-processed slide film, yellow in the lights and blue in the darks, in a dim lens."""

    def red(v: NDArray[np.float64]) -> NDArray[np.float64]:
        return _between(0.05, 1.0)(_s_curve(0.6)(v))

    def green(v: NDArray[np.float64]) -> NDArray[np.float64]:
        return _between(0.04, 0.97)(_s_curve(0.4)(v))

    toned = by_tables(by_matrix(pixels, saturated(0.8)), (red, green, _between(0.18, 0.76)))
    height, width = pixels.shape[:2]
    # Distance from the centre, 1 in the corners; light falls off with its fourth power.
    across = np.linspace(-1, 1, width, dtype=np.float32) ** 2 / 2
    for rows in strips(height):
        down = np.linspace(-1, 1, height, dtype=np.float32)[rows, None] ** 2 / 2
        toned[rows] = to_pixels(toned[rows] * (1 - 0.35 * (across + down)[..., None] ** 2))
    return toned


def _oil_painting(pixels: Pixels) -> Pixels:
    return by_matrix(kuwahara(kuwahara(pixels, 4), 3), saturated(1.25))


def _pencil_sketch(pixels: Pixels) -> Pixels:
    """Each place divided by its blurred surroundings: only what is darker than those is drawn."""
    grey = luma(pixels)
    shade = _blurred(grey, 6.0)
    line = np.clip((grey + 1) / (shade + 1), 0, 1)
    # Broad shadows are hatched lightly, so that a dark coat is not an empty outline.
    tone = 0.82 + 0.18 * np.clip(shade / 160, 0, 1)
    drawn = 255 * tone * line**2.2
    return np.repeat(to_pixels(drawn)[..., None], 3, axis=2)


def _comic(pixels: Pixels) -> Pixels:
    """Flat tints in steps of luminance under ink lines."""
    flat = kuwahara(pixels, 3)
    light = luma(flat)
    steps = 6
    stepped = np.floor(light * steps / 256) * 255 / (steps - 1)
    tinted = by_matrix(to_pixels(flat + (stepped - light)[..., None]), saturated(1.5))
    # Extended difference of Gaussians (Winnemoeller 2012, doi:10.1016/j.cag.2012.03.004, eq. 5).
    grey = luma(pixels)
    difference = _blurred(grey, 1.2) - 0.98 * _blurred(grey, 1.9)
    ink = np.clip(1 + np.tanh(0.35 * (difference + 2)), 0, 1)
    return to_pixels(tinted * ink[..., None])


def kuwahara(pixels: Pixels, radius_px: int) -> Pixels:
    """Give every pixel the mean colour of the squares around it that vary least.

    Smooths like a brush and keeps edges sharp (Kuwahara 1976, doi:10.1007/978-1-4684-0769-3_13).
    The four squares that meet in a pixel are averaged with weights that fall with their variance
    (Papari 2007, doi:10.1109/TIP.2007.903912, section III).

    Args:
        pixels: (H, W, 3) uint8 sRGB.
        radius_px: The squares have sides of `radius_px` + 1 pixels.
    """
    height, width = pixels.shape[:2]
    square = radius_px + 1
    padded = np.pad(pixels, ((radius_px, radius_px), (radius_px, radius_px), (0, 0)), mode="edge")
    light = luma(padded).astype(np.float64)
    planes = np.concatenate([padded, light[..., None], light[..., None] ** 2], axis=2)
    sums = np.pad(planes.cumsum(0).cumsum(1), ((1, 0), (1, 0), (0, 0)))
    top, bottom = sums[:-square], sums[square:]
    means = (
        (bottom[:, square:] - top[:, square:]) - (bottom[:, :-square] - top[:, :-square])
    ) / square**2
    calm = 1 / (1 + np.maximum(means[..., 4] - means[..., 3] ** 2, 0)) ** 4
    out, total = np.zeros((height, width, 3)), np.zeros((height, width, 1))
    for y in (0, radius_px):
        for x in (0, radius_px):
            window = (slice(y, y + height), slice(x, x + width))
            weight = calm[window][..., None]
            out += weight * means[window][..., :3]
            total += weight
    return to_pixels(out / total)


def _blurred(plane: Plane, sigma_px: float) -> Plane:
    blur = ImageFilter.GaussianBlur(sigma_px)
    # Pillow blurs 8-bit pictures only; a quarter of a level is lost.
    return np.asarray(Image.fromarray(to_pixels(plane)).filter(blur), dtype=np.float32)


_APPLIED: Final[dict[str, Callable[[Pixels], Pixels]]] = {
    "black-and-white": _black_and_white,
    "vintage": _vintage,
    "sepia": lambda pixels: by_matrix(pixels, _SEPIA),
    "oil-painting": _oil_painting,
    "pencil-sketch": _pencil_sketch,
    "comic": _comic,
    "warm": _lit_by(_D50),
    "cool": _lit_by(_D93),
    "high-contrast": _high_contrast,
    "faded": _faded,
}
_NEIGHBOURS: Final = frozenset({"oil-painting", "pencil-sketch", "comic"})
FILTERS: Final = {
    slug: Filter(apply, pointwise=slug not in _NEIGHBOURS) for slug, apply in _APPLIED.items()
}
