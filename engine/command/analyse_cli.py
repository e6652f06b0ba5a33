"""`stylebot analyse`: what is in a photo, in words, as JSON or as a picture."""

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click

from engine.analyzers.registry import ANALYZERS
from engine.api.analyses import Analysis, Decency, Face, Person
from engine.command.batches import plan_targets

_FILE: Final = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("photo", type=_FILE)
@click.option(
    "--what",
    required=True,
    type=click.Choice([each.what for each in ANALYZERS]),
    help="What to look for.",
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    help="Also write a picture: the photo with what was found marked; for people, a mask.",
)
def analyse(photo: Path, what: str, out: Path | None, *, as_json: bool) -> None:
    """Say what is in PHOTO: faces, people, or bare bodies."""
    # Refused before anything is read.
    ANALYZERS.find(what)
    import numpy as np
    from PIL import Image

    from engine.media.files import read_picture, write_picture
    from engine.media.images import Picture

    target = plan_targets([photo], out)[0] if out else None
    image = Image.fromarray(read_picture(photo).rgb)
    found = ANALYZERS.run([what], image)[what]
    if as_json:
        click.echo(json.dumps(found.as_json()))
    else:
        click.echo("\n".join(in_words(found)))
    if target:
        from engine.analyzers.drawing import draw

        written = write_picture(Picture(np.array(draw(image, found))), target)
        click.echo(written, err=as_json)


def in_words(found: Analysis) -> Iterator[str]:
    """What was found, a sentence a line."""
    if isinstance(found, Person):
        if found.present:
            yield f"There are people: they cover {found.share:.0%} of the picture."
        else:
            yield "There is no person whose face can be seen."
        return
    if isinstance(found, Decency):
        if not found.unsuitable:
            yield "No bare body was found."
        for part in found.parts:
            yield f"{part.name.replace('_', ' ')}: certain to {part.score:.0%}."
        return
    count = len(found.faces)
    named = "face" if count == 1 else "faces"
    yield f"{count or 'No'} {named} in a picture of {found.width} x {found.height} pixels."
    for number, face in enumerate(found.faces, 1):
        yield f"{number}: {_described(face)}"


def _described(face: Face) -> str:
    left, top, width, height = face.box
    right_eye, left_eye = face.keypoints["right_eye"], face.keypoints["left_eye"]
    angle = math.degrees(math.atan2(left_eye[1] - right_eye[1], left_eye[0] - right_eye[0]))
    return (
        f"{width:.0f} x {height:.0f} pixels, from {left:.0f}, {top:.0f}; "
        f"turned by {angle:.0f} degrees; certain to {face.score:.0%}."
    )
