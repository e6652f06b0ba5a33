"""Shows what an analysis found, as a picture."""

from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from engine.api.analyses import Analysis, Decency, Faces, Person

_BOX, _POINT, _RIGHT, _LEFT = "#30d030", "#20c0ff", "#ff4040", "#ffd020"
# A line's width by the picture's long side.
_LINE: Final = 1 / 400


def draw(image: Image.Image, found: Analysis) -> Image.Image:
    """The picture with boxes, meshes and keypoints; of people, their mask alone.

    Keypoints of the person's right are red, others yellow.
    """
    if isinstance(found, Person):
        mask = Image.open(BytesIO(found.mask))
        return mask.resize(image.size, Image.Resampling.BILINEAR).convert("RGB")
    drawn = image.copy()
    pen = ImageDraw.Draw(drawn)
    width = max(1, round(max(image.size) * _LINE))
    if isinstance(found, Decency):
        for part in found.parts:
            _outline(pen, part.box, width)
    else:
        _mark_faces(pen, found, width)
    return drawn


def _outline(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float], width: int) -> None:
    left, top, across, down = box
    pen.rectangle((left, top, left + across, top + down), outline=_BOX, width=width)


def _mark_faces(pen: ImageDraw.ImageDraw, found: Faces, width: int) -> None:
    for face in found.faces:
        _outline(pen, face.box, width)
        pen.point([(x, y) for x, y, _ in face.mesh], fill=_POINT)
        for name, (x, y) in face.keypoints.items():
            colour = _RIGHT if name.startswith("right") else _LEFT
            pen.ellipse((x - width, y - width, x + width, y + width), fill=colour)
