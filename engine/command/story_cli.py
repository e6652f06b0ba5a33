"""`stylebot story`: a film of photos that turn into their paintings."""

from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import fields
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, get_args

import click

from engine.api.contract import (
    SCENES_MAX,
    STORY_SECONDS_MAX,
    STORY_SECONDS_MIN,
    Reveal,
    Scene,
    StoryCodec,
    StoryOptions,
    StoryRequest,
    StoryShape,
)
from engine.api.errors import InvalidOptionError
from engine.command.opening import (
    engine_option,
    open_painter,
    paint_options,
    style_options,
    tell_unused,
)
from engine.command.param_options import FILE, given_params, param_options
from engine.effects.registry import EFFECTS

_DEFAULTS: Final = StoryOptions()


@click.command()
@click.argument("photos", nargs=-1, required=True, type=FILE, metavar="IN...")
@click.option(
    "-o", "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="An .mp4."
)
@style_options(
    click.option(
        "--style",
        "blends",
        multiple=True,
        metavar="STYLE[:WEIGHT]+...",
        help="A style, or a blend of some; given several times, one for each photo.",
    )
)
@click.option(
    "--shape",
    type=click.Choice(get_args(StoryShape)),
    default=_DEFAULTS.shape,
    show_default=True,
    help="Width to height.",
)
@click.option(
    "--seconds",
    type=click.FloatRange(STORY_SECONDS_MIN, STORY_SECONDS_MAX),
    help="Length; 2 s and 3.6 s a photo when absent.",
)
@click.option(
    "--reveal",
    type=click.Choice(get_args(Reveal)),
    default=_DEFAULTS.reveal,
    show_default=True,
    help="How paintings appear.",
)
@click.option("--caption", default="", help="Text at the bottom, up to 120 letters.")
@click.option(
    "--codec",
    type=click.Choice(get_args(StoryCodec)),
    default=_DEFAULTS.codec,
    show_default=True,
    help="h265 is what Telegram's own stories use.",
)
@param_options(effect.spec for effect in EFFECTS if not effect.spec.command)
@engine_option
def story(
    photos: Sequence[Path],
    out: Path,
    blends: Sequence[str],
    references: Sequence[Path],
    code_file: Path | None,
    engine_url: str | None,
    **options: Any,  # noqa: ANN401 - of the story, and params of effects
) -> None:
    """Make a film of up to ten photos: each turns into its painting, then comes the next."""
    if out.suffix.lower() != ".mp4":
        raise InvalidOptionError(f"{out}: a story is written as .mp4.")
    if len(photos) > SCENES_MAX:
        raise InvalidOptionError(f"A story has 1 to {SCENES_MAX} photos, not {len(photos)}.")
    if len(blends) not in (0, 1, len(photos)):
        raise InvalidOptionError(
            f"Give one style, or one for each of the {len(photos)} photos, not {len(blends)}."
        )
    given = given_params(options)
    shown = StoryOptions(
        **{each.name: given.pop(each.name) for each in fields(StoryOptions) if each.name in given}
    )
    if engine_url is None:
        from engine.command.painters import check_story

        check_story(shown)
    with ExitStack() as stack:
        painters = [
            stack.enter_context(closing(open_painter(each, engine_url)))
            for each in (
                paint_options(given, blend, references, code_file, engine_url)
                for blend in blends or (None,)
            )
        ]
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="stylebot-story-")))
        scenes = []
        for number, photo in enumerate(photos):
            painting = folder / f"{number}.jpg"
            painter = painters[number % len(painters)]
            painter.paint(photo, painting)
            if number < len(painters):
                tell_unused(painter, blends[number] if blends else None)
            scenes.append(Scene(photo.read_bytes(), painting.read_bytes()))
        film = painters[0].make_story(StoryRequest(tuple(scenes), shown), folder)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(film)
    click.echo(out)
