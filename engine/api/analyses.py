"""What analyses find in a picture: plain numbers, sent as JSON.

Coordinates are pixels of the upright picture, from its top left corner.
"""

import base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar, Final

# Names of a face's keypoints; left and right are the person's own.
KEYPOINTS: Final = ("right_eye", "left_eye", "nose_tip", "mouth", "right_ear", "left_ear")
# Points of a mesh. Their order is MediaPipe's "canonical face model".
MESH_POINTS: Final = 468
# Long side of a mask at most.
MASK_SIDE_PX: Final = 1024

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Face:
    """One face.

    Attributes:
        box: Left, top, width and height of the mesh.
        score: How certain the detector is, 0 to 1.
        keypoints: Name to (x, y), for each of `KEYPOINTS`.
        mesh: (x, y, z) of `MESH_POINTS` points; z is 0 at the face's middle and grows away from
            the camera.
    """

    box: tuple[float, float, float, float]
    score: float
    keypoints: dict[str, tuple[float, float]]
    mesh: tuple[tuple[float, float, float], ...]

    @classmethod
    def from_json(cls, record: Record) -> "Face":
        """Parse a face of `Faces.as_json`."""
        points = {name: (float(x), float(y)) for name, (x, y) in record["keypoints"].items()}
        mesh = tuple((float(x), float(y), float(z)) for x, y, z in record["mesh"])
        return cls(_box(record["box"]), float(record["score"]), points, mesh)


@dataclass(frozen=True, slots=True)
class Faces:
    """All faces of a picture.

    Attributes:
        width: The picture's width.
        height: Its height.
        faces: The faces, largest first.
    """

    what: ClassVar[str] = "faces"

    width: int
    height: int
    faces: tuple[Face, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The result as JSON."""
        return {"what": self.what} | asdict(self)

    @classmethod
    def from_json(cls, record: Record) -> "Faces":
        """Parse the output of `as_json`; fields of a newer engine are ignored."""
        faces = tuple(map(Face.from_json, record["faces"]))
        return cls(int(record["width"]), int(record["height"]), faces)


@dataclass(frozen=True, slots=True)
class Person:
    """Where people are.

    Attributes:
        width: The picture's width.
        height: Its height.
        present: Whether there is a person.
        share: Share of the picture that people cover, 0 to 1.
        mask: A grey PNG of the picture's shape, 255 where there is a person, its long side at
            most `MASK_SIDE_PX`; all 0 if there is none.
    """

    what: ClassVar[str] = "person"

    width: int
    height: int
    present: bool
    share: float
    mask: bytes

    def as_json(self) -> dict[str, Any]:
        """The result as JSON, the mask in base64."""
        return {"what": self.what} | asdict(self) | {"mask": base64.b64encode(self.mask).decode()}

    @classmethod
    def from_json(cls, record: Record) -> "Person":
        """Parse the output of `as_json`; fields of a newer engine are ignored."""
        mask = base64.b64decode(record["mask"], validate=True)
        size = int(record["width"]), int(record["height"])
        return cls(*size, bool(record["present"]), float(record["share"]), mask)


@dataclass(frozen=True, slots=True)
class BarePart:
    """A bare part of a body.

    Attributes:
        name: NudeNet's name of it, in lower case.
        score: How certain the detector is, 0 to 1.
        box: Left, top, width and height.
    """

    name: str
    score: float
    box: tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Decency:
    """Whether a picture shows nudity.

    Attributes:
        width: The picture's width.
        height: Its height.
        parts: What makes it unsuitable; empty if it is suitable.
    """

    what: ClassVar[str] = "decency"

    width: int
    height: int
    parts: tuple[BarePart, ...] = ()

    @property
    def unsuitable(self) -> bool:
        """Whether some chats should not see it without a warning."""
        return bool(self.parts)

    def as_json(self) -> dict[str, Any]:
        """The result as JSON."""
        return {"what": self.what} | asdict(self)

    @classmethod
    def from_json(cls, record: Record) -> "Decency":
        """Parse the output of `as_json`; fields of a newer engine are ignored."""
        parts = tuple(
            BarePart(str(part["name"]), float(part["score"]), _box(part["box"]))
            for part in record["parts"]
        )
        return cls(int(record["width"]), int(record["height"]), parts)


def _box(edges: Any) -> tuple[float, float, float, float]:  # noqa: ANN401 - JSON
    left, top, width, height = map(float, edges)
    return left, top, width, height


Analysis = Faces | Person | Decency
# By name, for an effect.
Analyses = Mapping[str, Analysis]
NO_ANALYSES: Final[Analyses] = {}
_KINDS: Final[Mapping[str, type[Faces] | type[Person] | type[Decency]]] = {
    kind.what: kind for kind in (Faces, Person, Decency)
}


def from_json(record: Record) -> Analysis:
    """Parse the output of any result's `as_json`.

    Raises:
        ValueError: the record is no result (also KeyError, TypeError).
    """
    return _KINDS[record["what"]].from_json(record)
