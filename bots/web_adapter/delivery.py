"""The workers' interface to the studio, which stores photos and results itself."""

from collections.abc import Sequence

from bots.core.requests import pictures
from bots.web_adapter.context import Runtime
from bots.web_adapter.sessions.visitors import PLATFORM
from engine.api.contract import Painted
from storage.values.jobs import Job
from storage.values.json import Json


class Delivery:
    """The studio's `Platform`."""

    name = PLATFORM

    def __init__(self, runtime: Runtime) -> None:
        """Create the interface.

        Args:
            runtime: The studio's runtime.
        """
        self.runtime = runtime

    async def fetch(self, job: Job, photo: Json) -> bytes:
        """A photo's file.

        Raises:
            SourceGoneError: it is no longer stored.
        """
        return await pictures.read(self.runtime.services, job.wanted.user, photo["picture"])

    async def started(self, job: Job) -> None:
        """Record that the engine is there; `events` tells the page."""
        self.runtime.waiting_for_engine.discard(job.id)

    async def paused(self, job: Job) -> None:
        """Record that the engine is away; `events` tells the page."""
        self.runtime.waiting_for_engine.add(job.id)

    async def deliver(self, job: Job, pictures_: Sequence[Painted], notes: Sequence[str]) -> Json:
        """Store the pictures; repeating it changes nothing.

        Raises:
            EntryGoneError: the person has deleted their data.
        """
        images = [picture.image for picture in pictures_]
        ids = await pictures.keep_results(self.runtime.services, job, images)
        return _result(ids, notes, [picture.content_type for picture in pictures_])

    async def delivered(self, job: Job) -> Json | None:
        """References to a job's pictures; None if they are not stored."""
        services = self.runtime.services
        ids = pictures.result_ids(services, job, job.wanted.results)
        types = await pictures.content_types(services, job.wanted.user, ids)
        return _result(ids, (), list(types.values())) if types.keys() == set(ids) else None

    async def tell(self, job: Job, sentence: str) -> None:
        """Do nothing: the request's page shows why it failed."""


def _result(ids: Sequence[str], notes: Sequence[str], types: Sequence[str]) -> Json:
    return {"pictures": list(ids), "notes": list(notes), "types": list(types)}
