"""Turns what was typed or pressed into the recipe of a request."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bots.core.common.services import Services
from bots.core.effects.specs import Effects
from bots.core.errors import BadNumberError, NeedsInputError, NoReferenceError, StyleGoneError
from bots.core.requests.checks import RequestContext
from bots.core.requests.values import RequestInput
from bots.core.styles import catalogue, recipes
from bots.core.styles.request_parser import ParsedRequest, resolve, retired, without_numbers
from storage.transaction import Transaction
from storage.values.jobs import NewJob
from storage.values.recipes import Choice, Recipe


async def chosen(
    services: Services,
    transaction: Transaction,
    request_input: RequestInput,
    context: RequestContext,
) -> NewJob:
    """The recipe and styles of a request; styles that are gone are replaced by their successors.

    Raises:
        NeedsInputError: an effect needs a picture or mask that the request does not have.
        BotError: a style cannot be used here.
    """
    if all("painting" in photo for photo in request_input.photos):
        # There is nothing to paint.
        return wanted_job(request_input, context, request_input.recipe)
    effects = services.effects
    parsed = catalogue.read(services, request_input.words, context.styles)
    new = request_input.choices or _named(parsed, context)
    before = recipes.choices_in(request_input.recipe, context.styles)
    choices = new or before or _default(context)
    gone = {style.id: style for style in context.styles if style.orphaned}
    successors = {
        style.id: next_style
        for style in gone.values()
        if (next_style := catalogue.successor(style, context.styles))
    }
    instead = next((gone[c.style_id] for c in choices if c.style_id in successors), None)
    choices = tuple(
        replace(choice, style_id=successors[choice.style_id].id)
        if choice.style_id in successors
        else choice
        for choice in choices
    )
    catalogue.check_usable(choices, context.styles, context.settings, context.language)
    liked = context.preference
    default = recipes.default_in(liked.recipe, context.styles)
    if default and default.id in successors:
        # It also becomes the person's default style, so the notice appears once.
        recipe = recipes.preferred(effects, liked.recipe, successors[default.id], {})
        await transaction.people.prefer(request_input.user, replace(liked, recipe=recipe))
    recipe = _recipe_of(effects, request_input, choices, context)
    recipe = _as_typed(effects, recipe, parsed)
    if not request_input.choices:
        recipe = _with_others(effects, recipe, parsed, context)
    recipe = recipes.changed(effects, recipe, request_input.params)
    _check_inputs(effects, recipe, context)
    title = instead.title(context.language) if instead else None
    if title is None and not request_input.choices:
        title = retired(parsed, [style for style in context.styles if style.offered])
    return _instead_of(wanted_job(request_input, context, recipe), title)


def _recipe_of(
    effects: Effects,
    request_input: RequestInput,
    choices: tuple[Choice, ...],
    context: RequestContext,
) -> Recipe:
    """The recipe of chosen styles; a button under a result keeps what it does not replace.

    Raises:
        BotError: what is kept cannot be used here any more.
    """
    old, styles = request_input.recipe, context.styles
    if choices == recipes.choices_in(old, styles):
        return old
    painted = Recipe(tuple(step for step in old.steps if not effects.is_edit(step.effect)))
    values = dict(_values(context.preference.recipe)) | dict(_values(painted))
    recipe = recipes.of_choices(effects, choices, styles, values)
    if request_input.words:
        return recipe
    recipe = recipes.after_edits(effects, old, recipe)
    kept = recipes.choices_in(recipe, styles)
    catalogue.check_usable(kept, styles, context.settings, context.language)
    return recipe


def _instead_of(wanted: NewJob, title: str | None) -> NewJob:
    """The request with the title of a style that another one replaces, for a notice."""
    if title is None:
        return wanted
    return replace(wanted, reply_target=wanted.reply_target | {catalogue.INSTEAD_OF: title})


def _with_others(
    effects: Effects, recipe: Recipe, parsed: ParsedRequest, context: RequestContext
) -> Recipe:
    """The recipe with a step for every other part of the photo that was named.

    Raises:
        BotError: a style cannot be used here.
    """
    values, steps = _values(context.preference.recipe), list(recipe.steps)
    for other in parsed.others:
        choices = _named(other, context)
        catalogue.check_usable(choices, context.styles, context.settings, context.language)
        part = recipes.of_choices(effects, choices, context.styles, values)
        steps += _as_typed(effects, part, other).steps
    return Recipe(tuple(steps))


def _as_typed(effects: Effects, recipe: Recipe, parsed: ParsedRequest) -> Recipe:
    """The recipe with the values that were typed."""
    for step in recipe.steps:
        if spec := effects.get(step.effect):
            recipe = recipes.changed(effects, recipe, parsed.params(spec))
    return recipe


def _check_inputs(effects: Effects, recipe: Recipe, context: RequestContext) -> None:
    if lacking := recipes.lacking(effects, recipe):
        title = recipes.titled(recipe, context.styles, context.language)
        raise NeedsInputError(title=title, what=lacking.kind)


def said(services: Services, request_input: RequestInput, context: RequestContext) -> Recipe:
    """A recipe without a style, of the values that were typed."""
    try:
        parsed = catalogue.read(services, request_input.words, context.styles)
    except BadNumberError:
        words = without_numbers(request_input.words)
        parsed = catalogue.read(services, words, context.styles)
    said = parsed.params(services.effects.painting)
    return recipes.preferred(services.effects, Recipe(), None, said)


def _values(recipe: Recipe) -> Mapping[str, Any]:
    """A recipe's parameter values, for use with another effect."""
    return recipe.steps[0].params if recipe.steps else {}


def _named(parsed: ParsedRequest, context: RequestContext) -> tuple[Choice, ...]:
    if parsed.this:
        this = catalogue.this_of(context.styles)
        if this is None:
            raise NoReferenceError
        return (Choice(this.id),)
    return resolve(parsed, context.styles, context.language)


def _default(context: RequestContext) -> tuple[Choice, ...]:
    """The style if none was named: the person's default, the chat's, or the first one."""
    usable = [s.id for s in context.styles if catalogue.usable(s, context.settings)]
    known = [*usable, *(s.id for s in context.styles if catalogue.successor(s, context.styles))]
    own = recipes.default_in(context.preference.recipe, context.styles)
    default = (own.id if own else None, context.settings.style_id, context.control.style_id)
    for style_id in (*default, *usable[:1]):
        if style_id is not None and style_id in known:
            return (Choice(style_id),)
    raise StyleGoneError


def wanted_job(request_input: RequestInput, context: RequestContext, recipe: Recipe) -> NewJob:
    """A request in the form the queue stores."""
    preference = context.preference
    return NewJob(
        dedupe=request_input.dedupe,
        user=request_input.user,
        chat=request_input.chat,
        photos=request_input.photos,
        recipe=recipe,
        output=request_input.output or preference.output,
        private=preference.private,
        language=context.language,
        reply_target=request_input.reply_target,
        story=request_input.story,
    )
