"""Pictures that show a style's effect."""

from typing import Final

from bots.core.common.services import Services
from bots.core.styles import recipes
from bots.core.styles.seeding import refresh_stale
from engine.api.contract import ClipFormat, RenderRequest
from engine.api.errors import StaleStyleError, UnknownStyleError
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style

# Nobody waits longer for an upload; reading and writing fifteen seconds takes some ten.
_CLIP_TIMEOUT_S: Final = 100.0


async def preview(services: Services, style: Style) -> bytes | None:
    """A picture of a style, JPEG; for a custom style its reference picture.

    Raises:
        EngineError: the engine is unavailable.
    """
    if style.kind != "custom":
        try:
            return await services.engine.preview(style.slug)
        except UnknownStyleError:
            if style.kind != "filter" or not services.samples:
                raise
            return await sample(services, style, services.samples[0])
    if style.owner is None and services.samples:
        return await sample(services, style, services.samples[0])
    async with services.database.reading() as transaction:
        sealed = await transaction.styles.reference(style.id)
    return services.sealer.unseal(sealed) if sealed else None


async def sample(
    services: Services, style: Style, photo: bytes, user: UserKey | None = None
) -> bytes:
    """A photo painted in a style, JPEG, as a sample.

    The photo itself for an effect that needs a picture or mask beside it.

    Args:
        services: The bot's services.
        style: The style.
        photo: The file.
        user: The person who will see it; None for everyone.

    Raises:
        EngineError: the engine is unavailable, or cannot paint it.
    """
    whose = services.pseudonym(user)[:16] if user else "samples"
    recipe = recipes.of_choices(services.effects, (Choice(style.id),), (style,), {})

    async def paint() -> bytes:
        steps, inputs = await recipes.steps_for_engine(services, recipe)
        if recipes.lacking(services.effects, recipe):
            steps = ()
        request = RenderRequest(photo, steps, inputs, user=whose)
        return (await services.engine.render(request)).image

    try:
        return await paint()
    except StaleStyleError:
        await refresh_stale(services, recipe)
        return await paint()


async def normalised(services: Services, picture: bytes) -> bytes:
    """A picture as the engine reads it: upright and without metadata.

    Untrusted files are decoded only in the engine's codec workers.

    Raises:
        EngineError: the file cannot be read, or the engine is unavailable.
    """
    return await services.engine.normalise(picture)


async def normalised_clip(services: Services, clip: bytes, form: ClipFormat) -> bytes:
    """A clip as the engine reads it: reduced to its limits, without metadata.

    Raises:
        EngineError: the file cannot be read, or is too long, or the engine is unavailable.
    """
    request = RenderRequest(clip, clip=form, timeout_s=_CLIP_TIMEOUT_S)
    return (await services.engine.render(request)).image
