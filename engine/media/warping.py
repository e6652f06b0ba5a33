"""Moves parts of a picture smoothly, given where some of its points go.

Runs in codec workers and does not import torch.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.media.full_size import Pixels

Points = NDArray[np.float64]
# How far, in squared spreads of the points, the field may miss a point: two that meet from
# different places cannot both be hit.
_SLACK: Final = 2e-4
# Nodes are evaluated this many at a time.
_AT_ONCE: Final = 8192


def thin_plate(points: Points, values: Points, nodes: Points) -> Points:
    """Interpolate smoothly (Bookstein 1989, thin-plate splines), at (M, 2) nodes.

    Args:
        points: (N, 2) places.
        values: (N, K) values there.
        nodes: Where to evaluate.
    """
    middle, spread = points.mean(axis=0), float(np.sqrt(points.var(axis=0).sum()))
    own = (points - middle) / spread
    count = len(own)
    system = np.zeros((count + 3, count + 3))
    system[:count, :count] = _kernel(own, own) + _SLACK * np.eye(count)
    system[:count, count:] = np.hstack([np.ones((count, 1)), own])
    system[count:, :count] = system[:count, count:].T
    weights = np.linalg.solve(system, np.vstack([values, np.zeros((3, values.shape[1]))]))
    found = np.empty((len(nodes), values.shape[1]))
    for start in range(0, len(nodes), _AT_ONCE):
        at = (nodes[start : start + _AT_ONCE] - middle) / spread
        basis = np.hstack([_kernel(at, own), np.ones((len(at), 1)), at])
        found[start : start + _AT_ONCE] = basis @ weights
    return found


def _kernel(one: Points, other: Points) -> Points:
    squares = ((one**2).sum(axis=1)[:, None] + (other**2).sum(axis=1)) - 2 * (one @ other.T)
    np.maximum(squares, 1e-12, out=squares)
    kernel: Points = squares * np.log(squares)
    return kernel


def inside_by(polygon: Points, places: Points) -> Points:
    """How far (M, 2) places are inside of an (N, 2) polygon; negative outside of it."""
    ends = np.roll(polygon, -1, axis=0)
    edges = ends - polygon
    to = places[:, None] - polygon
    along = np.clip((to * edges).sum(axis=-1) / np.maximum((edges**2).sum(axis=-1), 1e-9), 0, 1)
    distances = np.sqrt(((to - along[..., None] * edges) ** 2).sum(axis=-1)).min(axis=1)
    # A ray to the right crosses the border an odd number of times.
    above, below = polygon[:, 1] > places[:, 1:], ends[:, 1] > places[:, 1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        crossing = polygon[:, 0] + edges[:, 0] * (places[:, 1:] - polygon[:, 1]) / edges[:, 1]
    crossings = ((above != below) & (places[:, :1] < crossing)).sum(axis=1)
    signed: Points = np.where(crossings % 2 == 1, distances, -distances)
    return signed


def moved(pixels: Pixels, sources: Points, cell_px: int) -> Pixels:
    """A picture whose every place comes from somewhere near it; where nothing moves, it is kept.

    Args:
        pixels: (H, W, 3) uint8.
        sources: (rows + 1, columns + 1, 2) shifts from the nodes of a grid to where they come from,
            in pixels, x first.
        cell_px: Side of the grid's cells; the last ones may reach beyond the picture.
    """
    height, width = pixels.shape[:2]
    quads = []
    for row in range(sources.shape[0] - 1):
        for column in range(sources.shape[1] - 1):
            corners = sources[row : row + 2, column : column + 2]
            if not corners.any():
                continue
            left, top = column * cell_px, row * cell_px
            right, bottom = min(left + cell_px, width), min(top + cell_px, height)
            at = np.array([[left, top], [left, bottom], [right, bottom], [right, top]], np.float64)
            at += corners[[0, 1, 1, 0], [0, 0, 1, 1]]
            quads.append(((left, top, right, bottom), tuple(at.ravel())))
    if not quads:
        return pixels
    image = Image.fromarray(pixels)
    result = image.transform(image.size, Image.Transform.MESH, quads, Image.Resampling.BICUBIC)
    touched = np.zeros((height, width), bool)
    for (left, top, right, bottom), _ in quads:
        touched[top:bottom, left:right] = True
    return np.where(touched[..., None], np.asarray(result), pixels)
