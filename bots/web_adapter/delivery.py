"""What the workers need of the studio, which keeps photos and results itself."""

from collections.abc import Sequence

from bots.core.requests import pictures
from bots.web_adapter.context import Runtime
from bots.web_adapter.sessions.visitors import PLATFORM
from engine.api.contract import Painted
from storage.values.jobs import Job
from storage.values.json import Json


class Delivery:
    """The studio as the workers see it."""

    name = PLATFORM

    def __init__(self, runtime: Runtime) -> None:
        """Need nothing yet.

        Args:
            runtime: The studio.
        """
        self.runtime = runtime

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """A photo's file.

        Raises:
            SourceGoneError: it is no longer kept.
        """
        return await pictures.read(self.runtime.services, job.wanted.user, photo["picture"])

    async def started(self, job: Job) -> None:
        """The engine is there; anyone who looks is told by `events`."""
        self.runtime.waiting_for_engine.discard(job.id)

    async def paused(self, job: Job) -> None:
        """Remember for those who look that the engine is away."""
        self.runtime.waiting_for_engine.add(job.id)

    async def deliver(self, job: Job, pictures_: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Keep the pictures for the person to look at; a second time they are the same.

        Raises:
            EntryGoneError: he had himself forgotten meanwhile.
        """
        images = [picture.image for picture in pictures_]
        ids = await pictures.keep_results(self.runtime.services, job, images)
        return _result(ids, notes)

    async def delivered(self, job: Job) -> Json | None:
        """Where the pictures of a job are; None where they are not kept."""
        services = self.runtime.services
        ids = pictures.result_ids(services, job, len(job.wanted.photos))
        known = await pictures.known(services, job.wanted.user, ids)
        return _result(ids, ()) if known == set(ids) else None

    async def tell(self, job: Job, sentence: str) -> None:
        """Nothing to do: a request's page says what became of it whenever it is looked at."""


def _result(ids: Sequence[str], notes: Sequence[str]) -> Json:
    return {"pictures": list(ids), "notes": list(notes)}
