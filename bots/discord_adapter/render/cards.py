"""Messages of a request: its status, and its result."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import discord

from bots.core.common.services import Services
from bots.core.effects import controls
from bots.core.effects.controls import Control
from bots.core.i18n.texts import Texts
from bots.core.requests.clips import SUFFIXES, has_films
from bots.core.requests.values import Version
from bots.core.styles import catalogue, recipes
from bots.discord_adapter.render.component_ids import button, control_id
from bots.discord_adapter.render.effect_params import buttons as adjusting_buttons
from bots.discord_adapter.render.effect_params import menus as adjusting_menus
from bots.discord_adapter.render.effect_params import rows as button_rows
from bots.discord_adapter.render.layouts import Layout, box, gallery, row, text
from bots.discord_adapter.transport.reply_target import ReplyTarget
from storage.values.jobs import Job
from storage.values.json import Json
from storage.values.recipes import Recipe
from storage.values.styles import Style

_OPTIONS_MAX: Final = 25
# Up to two options are needed to turn pages.
_STYLES_ON_A_PAGE: Final = 23
_LABEL_MAX: Final = 100
PAGE: Final = "page "
_Listed = TypeVar("_Listed")
# Discord hides a file with this prefix even outside a gallery.
SPOILER: Final = "SPOILER_"


@dataclass(frozen=True, slots=True)
class Made:
    """The parts of a result that a card shows.

    Attributes:
        job_id: The job.
        owner: Discord's id of the owner.
        title: Title of its styles.
        recipe: Its recipe.
        private: Whether only the owner sees it.
        files: Names of its files.
        spoiler: Whether they are hidden at first.
        as_file: Whether they are for download rather than for display.
        notes: Further sentences.
        absent: Analyses that find nothing in it; what needs them is not offered.
    """

    job_id: int
    owner: int
    title: str
    recipe: Recipe
    private: bool
    files: tuple[str, ...]
    spoiler: bool = False
    as_file: bool = False
    notes: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    @classmethod
    def of_version(cls, version: Version, private: bool) -> "Made":  # noqa: FBT001
        """A result made earlier."""
        result = version.result
        return cls(
            job_id=version.job_id,
            owner=int(version.user.id),
            title=version.title,
            recipe=version.recipe,
            private=private,
            files=tuple(result.get("files", ())),
            spoiler=is_spoiler(version.photos, version.reply_target, version.result),
            as_file=bool(result.get("as_file")),
            absent=version.absent,
        )

    @classmethod
    def of_job(cls, job: Job, title: str, reply_target: ReplyTarget) -> "Made":
        """A result about to be delivered."""
        wanted = job.wanted
        return cls(
            job_id=job.id,
            owner=int(wanted.user.id),
            title=title,
            recipe=wanted.recipe,
            private=reply_target.private,
            files=(),
            spoiler=is_spoiler(wanted.photos, wanted.reply_target),
            as_file=wanted.output == "file",
        )

    @property
    def moves(self) -> bool:
        """Whether there is a clip among them, which has no larger file and is not compared."""
        return any(name.rpartition(".")[2] in SUFFIXES.values() for name in self.files)

    def with_files(self, files: Sequence[str], notes: Sequence[str]) -> "Made":
        """The same with its files, and sentences about them."""
        return replace(self, files=tuple(files), notes=tuple(notes))


def is_spoiler(
    photos: Sequence[Json], reply_target: Json | None = None, result: Json | None = None
) -> bool:
    """Whether a result is hidden at first: one of its photos was, or the server requires it.

    Args:
        photos: The photos.
        reply_target: The request's; includes the content check's finding.
        result: The stored delivery, which outlives the request.
    """
    files = (result or {}).get("files", ())
    return (
        any(photo.get("spoiler") for photo in photos)
        or bool((reply_target or {}).get("spoiler"))
        or any(name.startswith(SPOILER) for name in files)
    )


def card(
    services: Services,
    language: str,
    made: Made,
    styles: Sequence[Style],
    page: int = 0,
    *,
    adjusting: bool = False,
) -> Layout:
    """The card of a result, with all its controls.

    Args:
        services: The core's services.
        language: Language tag.
        made: The result.
        styles: Other styles to choose from, and edits.
        page: Page of these.
        adjusting: Whether the menus of parameters replace that of the styles.
    """
    key, texts = (made.job_id, made.owner), services.texts
    edits = catalogue.edits_among(services, styles)
    drawn = controls.of_recipe(services.effects, made.recipe, language, made.absent)
    parts: list[discord.ui.Item[Any]] = [text(headline(services, language, made))]
    parts += _pictures(texts, language, made)
    parts += [text(f"-# {note}") for note in made.notes]
    view = [box(*parts)]
    menus = adjusting_menus(drawn, "set", key)
    last = _last_buttons(texts, language, made)
    if menus:
        last.insert(
            0,
            button(
                texts.say("discord-adjust", language),
                "controls",
                *key,
                int(not adjusting),
                on=adjusting,
            ),
        )
    buttons = [
        *_buttons(texts, language, made, drawn, films=has_films(services)),
        *_edit_buttons(language, made, edits, styles),
    ]
    styles = [style for style in styles if style not in edits]
    rows = [*button_rows(buttons), row(*last)]
    if adjusting:
        rows = [*map(row, menus), *rows]
    elif styles:
        placeholder = texts.say("discord-another-style", language)
        menu = style_menu("style", key, styles, language, placeholder, page=page)
        rows.insert(0, row(menu))
    return Layout(*view, *rows)


def waiting(
    texts: Texts,
    language: str,
    job: Job,
    sentence: str,
    reply_target: ReplyTarget,
    preview: str | None = None,
) -> Layout:
    """The status of a request, with a cancel button; in place, above the previous content.

    Args:
        texts: The texts.
        language: Language tag.
        job: The request.
        sentence: The status text.
        reply_target: Its message.
        preview: Name of the preview's file.
    """
    parts: list[discord.ui.Item[Any]] = [text(sentence)]
    if reply_target.shown:
        alt = texts.say("discord-alt-before", language)
        spoiler = is_spoiler(job.wanted.photos)
        parts.append(gallery([(name, alt) for name in reply_target.shown], spoiler=spoiler))
    if preview:
        spoiler = is_spoiler(job.wanted.photos, job.wanted.reply_target)
        parts.append(gallery([(preview, sentence)], spoiler=spoiler))
    label = texts.say("discord-cancel", language)
    stop = button(label, "cancel", job.id, int(job.wanted.user.id))
    return Layout(box(*parts), row(stop))


def preview_name(job: Job, number: int) -> str:
    """File name of a preview; no result has such a name."""
    spoiler = is_spoiler(job.wanted.photos, job.wanted.reply_target)
    return f"{SPOILER if spoiler else ''}preview-{number}.jpg"


def headline(services: Services, language: str, made: Made) -> str:
    """A result in one line."""
    how = catalogue.said(services, made.recipe, language)
    line = " · ".join([f"**{discord.utils.escape_markdown(made.title)}**", *how])
    return line if made.private else f"{line}\n-# <@{made.owner}>"


def style_menu(  # noqa: PLR0913 - all of it differs
    name: str,
    numbers: Sequence[int],
    styles: Sequence[Style],
    language: str,
    placeholder: str,
    *,
    page: int = 0,
    chosen: Sequence[int] = (),
) -> discord.ui.Select[Any]:
    """A menu of styles, with options to turn pages.

    Args:
        name: Operation of the menu.
        numbers: Its arguments; the page is appended.
        styles: All styles.
        language: Language of the titles.
        placeholder: Text shown before one is chosen.
        page: The page shown.
        chosen: Ids of the selected ones.
    """
    shown, last = paged(styles, page, _STYLES_ON_A_PAGE, _OPTIONS_MAX)
    options = [
        discord.SelectOption(
            label=style.title(language)[:_LABEL_MAX],
            value=str(style.id),
            default=style.id in chosen,
        )
        for style in shown
    ]
    if page > 0:
        options.insert(0, discord.SelectOption(label="◀", value=f"{PAGE}{page - 1}"))
    if page < last:
        options.append(discord.SelectOption(label="▶", value=f"{PAGE}{page + 1}"))
    return discord.ui.Select(
        custom_id=control_id(name, *numbers, page), options=options, placeholder=placeholder
    )


def paged(
    listed: Sequence[_Listed], page: int, size: int, whole: int | None = None
) -> tuple[Sequence[_Listed], int]:
    """A page of a list, and the number of the last page; all of it if `whole` fits."""
    if whole is not None and len(listed) <= whole:
        return listed, 0
    last = max(0, (len(listed) - 1) // size)
    page = min(page, last)
    return listed[page * size : (page + 1) * size], last


def _pictures(texts: Texts, language: str, made: Made) -> list[discord.ui.Item[Any]]:
    if made.as_file:
        return [
            discord.ui.File(f"attachment://{name}", spoiler=made.spoiler) for name in made.files
        ]
    if not made.files:
        return []
    alt = texts.say("discord-alt", language, title=made.title)
    return [gallery([(name, alt) for name in made.files], spoiler=made.spoiler)]


def _buttons(
    texts: Texts, language: str, made: Made, drawn: Sequence[Control], *, films: bool
) -> list[discord.ui.Button[Any]]:
    key = (made.job_id, made.owner)
    say = texts.say
    return [
        *(
            button(value.title, "set", *key, words=(control.id, value.word))
            for control in drawn
            for value in control.slower
        ),
        *adjusting_buttons(drawn, "set", key),
        button(say("discord-hd", language), "hd", *key, disabled=made.as_file or made.moves),
        button(say("discord-compare", language), "compare", *key, disabled=made.moves),
        button(
            say("discord-film", language),
            "film",
            *key,
            disabled=made.moves or len(made.files) != 1 or not films,
        ),
    ]


def _edit_buttons(
    language: str, made: Made, edits: Sequence[Style], styles: Sequence[Style]
) -> list[discord.ui.Button[Any]]:
    """The edits that a result can have beside its style, switched on where it has them."""
    shown = {choice.style_id for choice in recipes.choices_in(made.recipe, styles)}
    return [
        button(edit.title(language), "edit", made.job_id, made.owner, edit.id, on=edit.id in shown)
        for edit in edits
        # Of a result that is nothing else, it cannot be taken away.
        if {edit.id} != shown and not made.moves
    ]


def _last_buttons(texts: Texts, language: str, made: Made) -> list[discord.ui.Button[Any]]:
    key = (made.job_id, made.owner)
    delete = button(texts.say("discord-delete", language), "delete", *key, danger=True)
    if made.private:
        return [button(texts.say("discord-share", language), "share", *key), delete]
    return [delete]
