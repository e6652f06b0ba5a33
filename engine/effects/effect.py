"""What an effect does: on pixels in a codec worker, or on the device between two such parts.

An effect is pickled to reach the workers, and the workers load no torch: what needs it imports it
within `run` or `work`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from typing_extensions import override

from engine.api.contract import StyleCode
from engine.api.effect_spec import EffectSpec

if TYPE_CHECKING:
    from PIL import Image

    from engine.media.full_size import Pixels
    from engine.media.images import Picture
    from engine.painting.masterwork_painter import MasterworkPainter
    from engine.painting.stylizer import Stylizer

Params = Mapping[str, Any]
# "codec": no device. "device": in a batch with others. "worker": minutes, in a process that gives
# way to everything else.
Place = Literal["codec", "device", "worker"]


@dataclass(frozen=True, slots=True)
class Sides:
    """Long sides that pictures are worked on at, px.

    Attributes:
        fast: Where strokes look as the network was trained.
        slow: Where masterworks are painted.
    """

    fast: int = 512
    slow: int = 512


@dataclass(frozen=True, slots=True)
class Blend:
    """Styles that a gallery's value was resolved to.

    Attributes:
        code: The code of their mixture.
        named: Slug to weight of those that are named styles.
        references: (h, w, 3) uint8 pictures that others were read from, and their weights; empty
            where the effect is not slow.
    """

    code: StyleCode
    named: Mapping[str, float]
    references: Sequence[tuple["Pixels", float]] = ()


@dataclass(frozen=True, slots=True)
class Prepared:
    """What goes to the device, and what stays for `finish`.

    Attributes:
        pixels: (h, w, 3) uint8.
        kept: What `finish` needs of the picture.
        kept_bytes: Memory that `kept` takes.
        full_px: Pixels of the finished picture.
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
        opened: What `DeviceEffect.open` made of the params.
        params: The step's.
    """

    pixels: "Pixels"
    opened: Any
    params: Params


class Effect(ABC):
    """One effect. It has no state; all it needs comes with the call."""

    spec: EffectSpec

    def identity(self, params: Params) -> bool:
        """Whether these params leave every picture as it is."""
        return False

    def place(self, params: Params) -> Place:
        """Where it is done."""
        return "codec"


class PixelEffect(Effect):
    """An effect that needs no device."""

    @abstractmethod
    def apply(self, picture: "Picture", params: Params, sides: Sides) -> "Picture":
        """The picture under the effect, of the same size."""


class DeviceEffect(Effect):
    """An effect that needs the device."""

    @override
    def place(self, params: Params) -> Place:
        """Where `run` or `work` is done."""
        return "device"

    @abstractmethod
    def prepare(
        self, image: "Image.Image", alpha: "Image.Image | None", params: Params, sides: Sides
    ) -> Prepared:
        """The part before the device."""

    @abstractmethod
    def finish(self, prepared: Prepared, result: "Pixels", params: Params) -> "Picture":
        """The part after it; `result` has the shape of `prepared.pixels`."""

    @abstractmethod
    def open(self, stylizer: "Stylizer", params: Params, blend: Blend | None) -> Any:  # noqa: ANN401
        """What `run` or `work` needs of the params; errors in them are raised here.

        Args:
            stylizer: The networks.
            params: The step's.
            blend: What the gallery's styles were resolved to; None for an effect without one.
        """

    @abstractmethod
    def run(
        self, stylizer: "Stylizer", samples: Sequence[Sample], size: tuple[int, int]
    ) -> "list[Pixels]":
        """Results in order, for pictures that are at most `size`, (height, width)."""

    def work(
        self, painter: "MasterworkPainter", sample: Sample
    ) -> "Iterator[tuple[float, Pixels | None]]":
        """Do it slowly: share of the work done, and the picture where there is a better one.

        The last picture is the result. It may be smaller than what was prepared before that.
        """
        raise NotImplementedError
