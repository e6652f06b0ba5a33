"""Turns choices into recipes, and recipes into the engine's requests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from bots.core.common.services import Services
from bots.core.effects import controls
from bots.core.effects.specs import Effects, gallery_of
from bots.core.errors import SourceGoneError, StyleGoneError
from engine.api.contract import Step as EngineStep
from engine.api.contract import StyleCode
from engine.api.effect_spec import EffectSpec, Param
from engine.api.errors import InvalidOptionError
from storage.values.people import UserKey
from storage.values.recipes import Choice, Recipe, Step
from storage.values.styles import Style


def of_choices(
    effects: Effects, choices: Sequence[Choice], styles: Sequence[Style], liked: Mapping[str, Any]
) -> Recipe:
    """The recipe of chosen styles: painting in them, or the effect that one of them is.

    Args:
        effects: The engine's effects.
        choices: The chosen styles.
        styles: Styles that the person can see.
        liked: Preferred parameter values; those that the effect lacks are ignored.

    Raises:
        InvalidOptionError: an effect cannot be blended with others.
        EngineUnavailableError: the engine's effects are not known yet.
    """
    own = {style.id: style.slug for style in styles if style.kind == "filter"}
    if len(choices) == 1 and choices[0].style_id in own:
        effect = own[choices[0].style_id]
        spec = effects.get(effect)
        # An edit is as strong as it says, whatever a style was painted with.
        liked = {} if effects.is_edit(effect) else liked
        return Recipe((Step(effect, fitting(spec, liked) if spec else {}),))
    if any(choice.style_id in own for choice in choices):
        raise InvalidOptionError("A filter cannot be blended.")
    spec = effects.painting
    gallery = {str(gallery_of(spec)): tuple(choices)}
    return Recipe((Step(spec.id, fitting(spec, liked) | gallery),))


def after_edits(effects: Effects, before: Recipe, new: Recipe) -> Recipe:
    """A recipe for a result's photo that keeps what the new one does not replace.

    A style replaces the style, and edits stay before it. An edit comes before the style; chosen
    once more, it is taken away.

    Args:
        effects: The engine's effects.
        before: The result's.
        new: What is chosen now: a style, or an edit.
    """
    old = [step for step in before.steps if step.complete]
    edits = [step for step in old if effects.is_edit(step.effect)]
    if not any(effects.is_edit(step.effect) for step in new.steps):
        return Recipe((*edits, *new.steps))
    chosen = {step.effect for step in new.steps}
    others = tuple(step for step in old if step.effect not in chosen)
    return Recipe(others) if len(others) < len(old) and others else Recipe((*new.steps, *others))


def spec_of(effects: Effects, style: Style) -> EffectSpec | None:
    """The effect that a style is chosen for; None if this engine lacks it."""
    return effects.get(style.slug) if style.kind == "filter" else effects.painting


def blends(effects: Effects, style: Style) -> bool:
    """Whether a style can be mixed with others."""
    return style.kind != "filter" and any(gallery_of(spec) and spec.blends for spec in effects)


def fitting(spec: EffectSpec, liked: Mapping[str, Any]) -> dict[str, Any]:
    """All of an effect's parameters except galleries, from values chosen for any effect."""
    given: dict[str, Any] = {}
    for param in spec.params:
        if param.id in liked and param.kind != "gallery":
            try:
                given[param.id] = param.checked(liked[param.id])
            except InvalidOptionError:
                continue
    return spec.filled(given)


def changed(effects: Effects, recipe: Recipe, said: Mapping[str, Any]) -> Recipe:
    """A recipe with other values; parameters that none of its effects has are ignored.

    Raises:
        InvalidOptionError: a value is invalid for its parameter.
    """
    steps = []
    for step in recipe.steps:
        spec = effects.get(step.effect)
        meant = said.keys() - controls.meant_for_others(effects, recipe, step)
        own = {p.id: p.checked(said[p.id]) for p in (spec.params if spec else ()) if p.id in meant}
        steps.append(replace(step, params=dict(step.params) | own))
    return Recipe(tuple(steps))


def choices_in(recipe: Recipe, styles: Sequence[Style]) -> tuple[Choice, ...]:
    """The chosen styles: those in galleries, or the style that an effect is.

    An effect that is no longer a style has the id 0, which no style has.
    """
    own = {style.slug: style.id for style in styles if style.kind == "filter"}
    chosen: list[Choice] = []
    for step in recipe.steps:
        galleries = any(isinstance(value, tuple) for value in step.params.values())
        chosen += step.styles if galleries else (Choice(own.get(step.effect, 0)),)
    return tuple(chosen)


def default_in(recipe: Recipe, styles: Sequence[Style]) -> Style | None:
    """The style in a preference's recipe; None if there is none, or it is not among these."""
    ids = [choice.style_id for choice in choices_in(recipe, styles)]
    return next((style for style in styles if ids and style.id == ids[0]), None)


def titled(recipe: Recipe, styles: Sequence[Style], language: str) -> str:
    """A recipe's title: the titles of its styles."""
    by_id = {style.id: style for style in styles}
    ids = [choice.style_id for choice in choices_in(recipe, styles)]
    return " + ".join(by_id[i].title(language) for i in ids if i in by_id) or "?"


def preferred(
    effects: Effects, liked: Recipe, style: Style | None, said: Mapping[str, Any]
) -> Recipe:
    """A preference with another default style and values; other effects' values are kept.

    Raises:
        InvalidOptionError: a value is invalid for its parameter.
        EngineUnavailableError: the engine's effects are not known yet.
    """
    old = liked.steps[0].params if liked.steps else {}
    values = {name: value for name, value in old.items() if not isinstance(value, tuple)}
    if style and style.kind == "filter":
        effect, gallery = style.slug, {}
    else:
        painting = effects.painting
        effect = painting.id
        gallery = {str(gallery_of(painting)): (Choice(style.id),) if style else ()}
    recipe = Recipe((Step(effect, values | gallery),))
    for spec in controls.default_specs(effects, recipe):
        values |= {p.id: p.checked(said[p.id]) for p in spec.params if p.id in said}
    return Recipe((Step(effect, values | gallery),))


def needs_more(effects: Effects, style: Style) -> bool:
    """Whether a style must have a picture or a mask beside the photo."""
    spec = effects.get(style.slug) if style.kind == "filter" else None
    return spec is not None and spec.lacking({}) is not None


def inputs_of(effects: Effects, recipe: Recipe) -> list[str]:
    """The ids of the stored pictures and masks that a recipe's values name."""
    specs = [(effects.get(step.effect), step.params) for step in recipe.steps]
    values = [params.get(p.id) for spec, params in specs if spec for p in spec.inputs]
    return [value for value in values if value is not None]


def lacking(effects: Effects, recipe: Recipe) -> Param | None:
    """The first picture or mask that a recipe's effects must have and it does not name."""
    specs = [(effects.get(step.effect), step.params) for step in recipe.steps]
    missing = (spec.lacking(params) for spec, params in specs if spec)
    return next((param for param in missing if param), None)


async def steps_for_engine(
    services: Services, recipe: Recipe, user: UserKey | None = None
) -> tuple[tuple[EngineStep, ...], dict[str, bytes]]:
    """The engine's steps, and the pictures they need besides the photo.

    Slow effects use the picture that a style was computed from, if it was stored.

    Args:
        services: The bot's services.
        recipe: The recipe.
        user: The owner of the pictures and masks that it names.

    Raises:
        StyleGoneError: a style was deleted in the meantime.
        SourceGoneError: a picture or mask was.
    """
    slow = controls.is_slow(services.effects, recipe)
    ids = [choice.style_id for choice in recipe.styles]
    async with services.database.reading() as transaction:
        styles = {style.id: style for style in await transaction.styles.get(ids)}
        sealed = {i: await transaction.styles.reference(i) for i in styles} if slow else {}
        files = {
            name: user and await transaction.pictures.body(user, name)
            for name in inputs_of(services.effects, recipe)
        }
    if any(style_id not in styles for style_id in ids):
        raise StyleGoneError
    if None in files.values():
        raise SourceGoneError
    inputs = {f"style-{i}": services.sealer.unseal(body) for i, body in sealed.items() if body}

    def item(choice: Choice) -> dict[str, Any]:
        name = f"style-{choice.style_id}"
        code = styles[choice.style_id].code
        text = StyleCode(code.checkpoint, code.data).to_text()
        picture = {"picture": name} if name in inputs else {}
        return {"code": text, "weight": choice.weight} | picture

    def engine_step(step: Step) -> EngineStep:
        galleries = {
            name: [item(choice) for choice in value]
            for name, value in step.params.items()
            if isinstance(value, tuple)
        }
        # The recipe may be old, from when the effect had other parameters.
        spec = services.effects.get(step.effect)
        values = fitting(spec, step.params) if spec else dict(step.params)
        return EngineStep(step.effect, values | galleries)

    pictures = {name: services.sealer.unseal(body) for name, body in files.items() if body}
    return tuple(engine_step(step) for step in recipe.steps), inputs | pictures
