"""Pictures that show what a style does."""

from bots.core.common.services import Services
from bots.core.styles import recipes
from bots.core.styles.seeding import refresh_stale
from engine.api.contract import RenderRequest
from engine.api.errors import StaleStyleError, UnknownStyleError
from storage.values.people import UserKey
from storage.values.recipes import Choice
from storage.values.styles import Style


async def preview(services: Services, style: Style) -> bytes | None:
    """A picture of a style, JPEG; of a person's own one its reference as it was sent.

    Raises:
        EngineError: the engine does not answer.
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
    """A photo in a style, JPEG, for anyone who wants to see what the style does.

    Args:
        services: The bot's services.
        style: Which.
        photo: The file.
        user: Who wants to see it; None for everyone.

    Raises:
        EngineError: the engine does not answer, or cannot paint it.
    """
    whose = services.pseudonym(user)[:16] if user else "samples"
    recipe = recipes.of_choices(services.effects, (Choice(style.id),), (style,), {})

    async def paint() -> bytes:
        steps, inputs = await recipes.steps_for_engine(services, recipe)
        request = RenderRequest(photo, steps, inputs, user=whose)
        return (await services.engine.render(request)).image

    try:
        return await paint()
    except StaleStyleError:
        await refresh_stale(services, recipe)
        return await paint()


async def normalised(services: Services, picture: bytes) -> bytes:
    """A picture as the engine reads it: upright, and bare of metadata.

    Strangers' files are opened in the engine's workers and nowhere else.

    Raises:
        EngineError: the file is none that can be read, or the engine is away.
    """
    return await services.engine.normalise(picture)
