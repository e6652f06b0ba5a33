"""What `stylebot stylize` paints with: a filter, a checkpoint, or an engine that runs already.

Each loads what it needs and nothing else: torch takes seconds, and a filter or a running engine
needs none.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from engine import canvas
from engine.catalogue import filter_code, open_filter
from engine.client import EngineClient
from engine.contract import (
    REQUEST_TIMEOUT_MAX_S,
    Brush,
    Quality,
    StyleCode,
    StyleInfo,
    StylizeOptions,
    StylizeRequest,
)
from engine.errors import InvalidOptionError, UnknownStyleError
from engine.files import format_of, read_picture, write_picture
from engine.filter_names import FILTER_NAMES
from engine.manifest import SHIPPED_CHECKPOINT, read_manifest

if TYPE_CHECKING:
    from engine.images import Picture
    from engine.masterwork_painter import MasterworkPainter
    from engine.stylizer import Stylizer

_NO_STYLE: Final = StyleCode("", b"")


@dataclass(frozen=True, slots=True)
class Wish:
    """What one call of the command wants for all its photos.

    Attributes:
        weights: Named styles and their weights.
        references: Pictures to take the style of.
        code: A style that was kept.
        strength: 0 to 1.
        keep_colours: Take only the light of the painting.
        brush: Size of the strokes.
        quality: Fast, or a masterwork.
    """

    weights: Mapping[str, float]
    references: Sequence[Path]
    code: StyleCode | None
    strength: float
    keep_colours: bool
    brush: Brush
    quality: Quality = "fast"

    @property
    def filter_code(self) -> StyleCode | None:
        """The code of the one filter that is wanted; None where it is something else."""
        if self.code and open_filter(self.code):
            return self.code
        slugs = list(self.weights)
        return filter_code(slugs[0]) if len(slugs) == 1 and slugs[0] in FILTER_NAMES else None


class Painter(Protocol):
    """Paints one photo after the other; may raise an ImageError of each."""

    def paint(self, photo: Path, target: Path) -> None:
        """Paint a file into another."""
        ...

    def close(self) -> None:
        """Let go of what was loaded."""
        ...


class FilterPainter:
    """Applies a filter."""

    def __init__(self, wish: Wish, code: StyleCode) -> None:
        found = open_filter(code)
        if found is None:
            raise AssertionError("the code is a filter's")
        self._filter, self._wish = found, wish
        self._side_px = read_manifest(SHIPPED_CHECKPOINT).preprocessing.work_side_px

    def paint(self, photo: Path, target: Path) -> None:
        """Read, apply, write."""
        painted = canvas.apply_filter(
            read_picture(photo),
            self._filter,
            self._side_px,
            strength=self._wish.strength,
            colours_kept=self._wish.keep_colours,
            brush=self._wish.brush,
        )
        write_picture(painted, target)

    def close(self) -> None:
        """Nothing was opened."""


class LocalPainter:
    """Paints with the shipped checkpoint, which is loaded once there is a photo to paint."""

    def __init__(self, wish: Wish) -> None:
        self._wish = wish
        self._references = [read_picture(path) for path in wish.references]
        self._code: StyleCode | None = None

    def paint(self, photo: Path, target: Path) -> None:
        """Read, paint, write; a photo that cannot be used is refused before torch is loaded."""
        picture = read_picture(photo)
        from engine.stylizer import Stylizer

        if self._code is None:
            self._stylizer = Stylizer.load()
            self._code = self._chosen(self._stylizer)
        wish = self._wish
        painted = self._stylizer.repaint(
            picture,
            self._code,
            strength=wish.strength,
            keep_colours=wish.keep_colours,
            brush=wish.brush,
        )
        write_picture(painted, target)

    def _chosen(self, stylizer: "Stylizer") -> StyleCode:
        if self._references:
            return stylizer.extract_style(self._references)
        named = [(stylizer.style_code(slug), weight) for slug, weight in self._wish.weights.items()]
        return self._wish.code or stylizer.blend(named)

    def close(self) -> None:
        """Nothing outlives the process."""


class SlowPainter:
    """Paints masterworks; an interruption keeps what the last finished scale shows."""

    def __init__(
        self, wish: Wish, interruptions: Callable[[], AbstractContextManager[Callable[[], bool]]]
    ) -> None:
        """Load nothing yet.

        Args:
            wish: What is wanted.
            interruptions: Within its block, says whether the painting was interrupted.

        Raises:
            InvalidOptionError: a kept style does not hold the picture it was read from.
        """
        if wish.code:
            raise InvalidOptionError(
                "A style file does not hold its picture: for a masterwork give --style-image."
            )
        self._wish, self._interruptions = wish, interruptions
        self._references = [(read_picture(path).rgb, 1.0) for path in wish.references]
        self._painter: MasterworkPainter | None = None

    def paint(self, photo: Path, target: Path) -> None:
        """Read, paint, write; nothing is written when it was interrupted too early."""
        picture = read_picture(photo)
        from tqdm import tqdm

        from engine.masterwork import Manner
        from engine.masterwork_painter import MasterworkPainter

        painter = self._painter = self._painter or MasterworkPainter()
        wish = self._wish
        stages = painter.repaint(
            picture,
            painter.exemplars(wish.weights, self._references),
            Manner(wish.strength, wish.brush),
            keep_colours=wish.keep_colours,
        )
        shown: Picture | None = None
        with tqdm(total=100, unit="%", disable=None) as bar, self._interruptions() as interrupted:
            for share, painted in stages:
                shown = painted or shown
                bar.update(round(100 * share) - bar.n)
                if interrupted():
                    break
        if shown is None:
            raise KeyboardInterrupt
        write_picture(shown, target)

    def close(self) -> None:
        """Nothing outlives the process."""


class RemotePainter:
    """Has an engine paint that runs already, here or elsewhere."""

    def __init__(self, wish: Wish, url: str, token: str) -> None:
        """Connect to nothing yet.

        Args:
            wish: What is wanted.
            url: Where the engine listens.
            token: Its bearer token, where it has one.
        """
        self._loop = asyncio.Runner()
        self._client = EngineClient(url, token)
        self._wish = wish
        self._options = StylizeOptions(
            _NO_STYLE, wish.strength, keep_colours=wish.keep_colours, brush=wish.brush
        )

    def paint(self, photo: Path, target: Path) -> None:
        """Send the file as it is, write what comes back."""
        self._loop.run(self._paint(photo, target))

    async def _paint(self, photo: Path, target: Path) -> None:
        if self._options.style is _NO_STYLE:
            self._options = replace(self._options, style=await self._chosen())
        options = replace(self._options, output=format_of(target))
        request = StylizeRequest(
            await asyncio.to_thread(photo.read_bytes), options, timeout_s=REQUEST_TIMEOUT_MAX_S
        )
        painted = await self._client.stylize(request)
        target.parent.mkdir(parents=True, exist_ok=True)
        await asyncio.to_thread(target.write_bytes, painted.image)

    async def _chosen(self) -> StyleCode:
        """The style's code, of the engine's own checkpoint."""
        wish = self._wish
        if wish.code:
            return wish.code
        if wish.references:
            return await self._client.extract_style([path.read_bytes() for path in wish.references])
        codes = {style.slug: style for style in await self._client.styles()}
        named = [(_found(codes, slug).code, weight) for slug, weight in wish.weights.items()]
        return named[0][0] if len(named) == 1 else await self._client.blend(named)

    def close(self) -> None:
        """Close the connections."""
        self._loop.run(self._client.close())
        self._loop.close()


def _found(styles: Mapping[str, StyleInfo], slug: str) -> StyleInfo:
    if slug not in styles:
        raise UnknownStyleError(f"That engine has no style {slug!r}.")
    return styles[slug]
