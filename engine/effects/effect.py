"""Base classes of effects: on pixels in a codec worker, or on the device between two such parts.

Effects are pickled to reach the workers, which do not load torch: import it only within `run` or
`work`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import override

from engine.api.analyses import NO_ANALYSES, Analyses
from engine.api.contract import StyleCode
from engine.api.effect_spec import EffectSpec

if TYPE_CHECKING:
    from PIL import Image

    from engine.media.full_size import Pixels
    from engine.media.images import Picture
    from engine.painting.masterwork_painter import MasterworkPainter
    from engine.painting.stylizer import Stylizer

Params = Mapping[str, Any]
# "codec": no device. "device": in a batch with others. "worker": up to minutes, in the low-priority
# slow worker.
Place = Literal["codec", "device", "worker"]


@dataclass(frozen=True, slots=True)
class Sides:
    """Long sides that pictures are worked on at, px.

    Attributes:
        fast: Side the generator was trained for.
        slow: Side masterworks are painted at.
    """

    fast: int = 512
    slow: int = 512


@dataclass(frozen=True, slots=True)
class Blend:
    """Styles that a gallery's value was resolved to.

    Attributes:
        code: The code of their mixture.
        named: Slug to weight of those that are named styles.
        references: (h, w, 3) uint8 reference pictures of the others, and their weights; empty if
            the effect is not slow.
    """

    code: StyleCode
    named: Mapping[str, float]
    references: Sequence[tuple["Pixels", float]] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """The device's input, and data kept for `finish`.

    Attributes:
        pixels: (h, w, 3) uint8.
        kept: Data of the picture that `finish` needs.
        kept_bytes: Size of `kept`.
        full_px: Number of pixels of the finished picture.
    """

    pixels: "Pixels"
    kept: Any
    kept_bytes: int
    full_px: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One picture on the device.

    Attributes:
        pixels: (h, w, 3) uint8.
        opened: The result of `DeviceEffect.open`.
        params: The step's.
        analyses: As `DeviceEffect.prepare` gets them.
    """

    pixels: "Pixels"
    opened: Any
    params: Params
    analyses: Analyses = field(default_factory=dict)


class Effect(ABC):
    """An effect; has no state."""

    spec: EffectSpec

    def identity(self, params: Params) -> bool:
        """Whether these params leave every picture unchanged."""
        return False

    def place(self, params: Params) -> Place:
        """Where it is done."""
        return "codec"

    def unsteady(self, params: Params) -> bool:
        """Whether frames of a clip come out so differently that they must be held still."""
        return False


class PixelEffect(Effect):
    """An effect that needs no device."""

    @abstractmethod
    def apply(
        self,
        picture: "Picture",
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> "Picture":
        """Apply the effect; the size does not change.

        Args:
            picture: The picture.
            params: The step's; a picture is a `Picture`, a mask an (h, w) uint8 array of the
                photo's size, which this one may be smaller than, too.
            sides: Working sides.
            analyses: Of the photo, each that `spec.needs` names. Their coordinates are of a picture
                of their width and height; this one may be smaller.
        """


class DeviceEffect(Effect):
    """An effect that needs the device."""

    @override
    def place(self, params: Params) -> Place:
        """Where `run` or `work` is done."""
        return "device"

    @abstractmethod
    def prepare(
        self,
        image: "Image.Image",
        alpha: "Image.Image | None",
        params: Params,
        sides: Sides,
        analyses: Analyses = NO_ANALYSES,
    ) -> Prepared:
        """Make the device's input from the picture.

        Args:
            image: The picture.
            alpha: Its opacity, if it is not opaque.
            params: The step's, as `PixelEffect.apply` gets them; also in `run` and `finish`.
            sides: Working sides.
            analyses: As `PixelEffect.apply` gets them; what `finish` needs of them is kept.
        """

    @abstractmethod
    def finish(self, prepared: Prepared, result: "Pixels", params: Params) -> "Picture":
        """Make the picture from the device's `result`, which has the shape of `prepared.pixels`."""

    @abstractmethod
    def open(self, stylizer: "Stylizer", params: Params, blend: Blend | None) -> Any:  # noqa: ANN401
        """Turn the params into the input of `run` or `work`; invalid ones raise an EngineError.

        Args:
            stylizer: The networks.
            params: The step's; pictures and masks are names, as they are not decoded yet.
            blend: The resolved gallery; None for an effect without one.
        """

    @abstractmethod
    def run(
        self, stylizer: "Stylizer", samples: Sequence[Sample], size: tuple[int, int]
    ) -> "list[Pixels]":
        """Run a batch of pictures of at most `size` (height, width); results are in order."""

    def work(
        self, painter: "MasterworkPainter", sample: Sample
    ) -> "Iterator[tuple[float, Pixels | None]]":
        """Run slowly, yielding the share done (0 to 1) and the picture if there is a new one.

        The last picture is the result. It may be smaller than the prepared one if cut short.
        """
        raise NotImplementedError
