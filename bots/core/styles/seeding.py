"""Synchronises everyone's styles with the engine's checkpoint, and renews stale codes."""

import logging
from collections.abc import Collection
from dataclasses import asdict
from datetime import timedelta
from typing import Final

from bots.core.common.periodic import repeat
from bots.core.common.services import Services
from bots.core.effects.specs import is_a_style
from bots.core.policy import control
from bots.core.styles.catalogue import successor
from engine.api.contract import StyleCode, StyleInfo
from engine.api.effect_spec import EffectSpec
from engine.api.errors import EngineError, StaleStyleError
from storage.values.recipes import Recipe
from storage.values.styles import BuiltIn, Code

logger = logging.getLogger(__name__)
# The key in the store for the engine's effects.
_EFFECTS: Final = "effects"
# The key for which clips it accepts.
_CLIPS: Final = "clips"
_SEEDED_EVERY: Final = timedelta(minutes=5)


async def seed(services: Services) -> int:
    """Synchronise everyone's styles with the engine's checkpoint; returns the number changed.

    Raises:
        EngineError: the engine does not answer.
    """
    specs, infos = await services.engine.effects(), await services.engine.styles()
    services.effects.know(specs)
    services.clips.know(await services.engine.capabilities())
    own = {spec.id: spec for spec in specs if is_a_style(spec)}
    styles = [_built_in(info, own) for info in infos]
    known = {style.slug for style in styles}
    styles += [_effect_as_style(spec) for slug, spec in own.items() if slug not in known]
    async with services.database.writing() as transaction:
        await transaction.key_value.put(_EFFECTS, {"specs": [spec.as_json() for spec in specs]})
        await transaction.key_value.put(_CLIPS, asdict(services.clips))
        changed = await transaction.styles.seed(styles, services.now())
        if changed:
            everyones = await transaction.styles.all()
            successors = {
                s.id: next_style.id for s in everyones if (next_style := successor(s, everyones))
            }
            await transaction.people.replace_styles(successors)
            await control.touch(transaction)
    return changed


async def recall(services: Services) -> None:
    """Load what was stored of the engine last time, for use while it is away."""
    async with services.database.reading() as transaction:
        kept = await transaction.key_value.get(_EFFECTS)
        clips = await transaction.key_value.get(_CLIPS)
    if clips:
        services.clips.recall(clips)
    if kept:
        services.effects.know([EffectSpec.from_json(spec) for spec in kept["specs"]])


async def keep_in_step(services: Services, every: timedelta = _SEEDED_EVERY) -> None:
    """Synchronise periodically until cancelled; nothing changes while the engine is away."""

    async def follow() -> None:
        try:
            await seed(services)
        except EngineError as error:
            logger.info("styles were not synchronised: %s", error)

    await repeat(follow, every, "styles could not be synchronised")


async def refresh_stale(services: Services, recipe: Recipe) -> None:
    """Renew the codes of stale styles, from the checkpoint or from stored pictures.

    Raises:
        StaleStyleError: there is nothing to renew one from.
        EngineError: the engine does not answer.
    """
    checkpoint = (await services.engine.capabilities()).checkpoint
    async with services.database.reading() as transaction:
        styles = await transaction.styles.of(recipe)
        sealed = {s.id: await transaction.styles.reference(s.id) for s in styles}
    if any(style.kind != "custom" for style in styles):
        await seed(services)
    for style in styles:
        if style.kind != "custom" or style.code.checkpoint == checkpoint:
            continue
        picture = sealed[style.id]
        if picture is None:
            raise StaleStyleError("The style's picture was not kept.")
        code = await services.engine.extract_style([services.sealer.unseal(picture)])
        async with services.database.writing() as transaction:
            await transaction.styles.put_code(style.id, code_of(code), services.now())


def _built_in(info: StyleInfo, effects: Collection[str]) -> BuiltIn:
    return BuiltIn(
        slug=info.slug,
        # Styles that are effects have no code.
        kind="filter" if info.slug in effects else "painted",
        titles=info.titles,
        artist=info.artist,
        year=info.year,
        tags=info.tags,
        code=code_of(info.code),
        artists=info.artists,
        aliases=info.aliases,
        replaces=info.replaces,
    )


def _effect_as_style(spec: EffectSpec) -> BuiltIn:
    """An effect as a style; its id is enough, so it has no code."""
    return BuiltIn(
        slug=spec.id, kind="filter", titles=spec.titles, artist="", year=None, tags=spec.tags,
        code=Code("", b""),
    )  # fmt: skip


def code_of(code: StyleCode) -> Code:
    """A code as the store keeps it."""
    return Code(code.checkpoint, code.data)


def carried(code: Code) -> StyleCode:
    """A code as the engine takes it."""
    return StyleCode(code.checkpoint, code.data)
