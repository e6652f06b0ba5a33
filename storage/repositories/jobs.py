"""The durable queue: requests as rows, claimed by workers with leases.

Jobs are ordered by virtual time (start-time fair queuing, Goyal 1996, doi:10.1145/248157.248171):
a person's next photo comes one turn after their last waiting one, or at the turn served now,
whichever is later. So a hundred photos of one person delay mainly that person, in all processes.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any, Final, Literal

from sqlalchemy import and_, case, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.errors import LostLeaseError
from storage.models import JobRow
from storage.repositories.used import styles_by_effect, used_in
from storage.values.jobs import ENDED, Job, JobState, NewJob, Place, Story, Tally, cost_of
from storage.values.json import Json
from storage.values.people import ChatKey, UserKey
from storage.values.recipes import Recipe

# Of these the queue tells how long a photo takes.
_RECENT_JOBS: Final = 50
_WAITING: Final = ("queued", "running", "done")


class Jobs:
    """Requests, from the moment they are acknowledged to their end."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def add(
        self, wanted: NewJob, now: datetime, state: Literal["draft", "queued"] = "queued"
    ) -> tuple[Job, bool]:
        """Queue a request; the same one a second time gives the first, and False.

        Call `lock` first where limits are counted in the same transaction. A draft stays outside
        the queue until `submit`.
        """
        if known := await self.find(wanted.dedupe):
            return known, False
        turn = await self._next_turn(wanted.user)
        done = await self._connection.execute(
            insert(JobRow)
            .values(
                dedupe=wanted.dedupe,
                platform=wanted.user.platform,
                user_id=wanted.user.id,
                chat_id=wanted.chat.id,
                photos=list(wanted.photos),
                recipe=wanted.recipe.as_json(),
                output=wanted.output,
                private=wanted.private,
                language=wanted.language,
                anchor=wanted.reply_target,
                state=state,
                turn=turn,
                cost=cost_of(wanted.photos, wanted.story),
                tries=0,
                progress=0,
                run_after=now,
                created_at=now,
                story=wanted.story.as_json() if wanted.story else None,
            )
            .returning(JobRow.id)
        )
        (job,) = await self._where(JobRow.id == int(done.scalar_one()))
        return job, True

    async def submit(self, job_id: int, wanted: NewJob, now: datetime) -> Job:
        """Queue a draft with its final request; it is placed like a new one."""
        state: JobState = "queued"
        await self._connection.execute(
            update(JobRow)
            .where(JobRow.id == job_id, JobRow.state == "draft")
            .values(
                photos=list(wanted.photos),
                cost=cost_of(wanted.photos, wanted.story),
                recipe=wanted.recipe.as_json(),
                anchor=wanted.reply_target,
                state=state,
                turn=await self._next_turn(wanted.user),
                run_after=now,
                created_at=now,
            )
        )
        (job,) = await self._where(JobRow.id == job_id)
        return job

    async def grow(self, job: Job, photos: Sequence[Json]) -> Job:
        """Replace the photos of a job that no worker has claimed; returns the job."""
        await self._connection.execute(
            update(JobRow)
            .where(JobRow.id == job.id, JobRow.state.in_(["draft", "queued"]))
            .values(photos=list(photos), cost=cost_of(photos, job.wanted.story))
        )
        (grown,) = await self._where(JobRow.id == job.id)
        return grown

    async def put_reply_target(self, job_id: int, reply_target: Json) -> None:
        """Add to the platform's data for answering in the right place."""
        await self._connection.execute(
            update(JobRow).where(JobRow.id == job_id).values(anchor=reply_target)
        )

    async def move_chat(self, old: ChatKey, new: ChatKey) -> None:
        """Move a chat's jobs to its new id."""
        await self._connection.execute(
            update(JobRow).where(*_by(None, old)).values(platform=new.platform, chat_id=new.id)
        )

    async def lock(self, user: UserKey) -> None:
        """Lock a person's jobs against adding and counting until the transaction ends."""
        # SQLite has only one writer at a time.
        if self._connection.dialect.name == "postgresql":
            await self._connection.execute(
                text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"),
                {"name": f"jobs of {user}"},
            )

    async def claim(  # noqa: PLR0913 - all of it differs
        self,
        worker: str,
        now: datetime,
        lease: timedelta,
        running_per_user: int,
        platforms: Sequence[str] | None = None,
        *,
        paused: bool = False,
        but: Collection[int] = (),
        running_per_chat: int | None = None,
    ) -> Job | None:
        """Claim the next job.

        What comes back "running" is to be painted. What comes back "done" or "failed" was left by a
        worker that died between telling the store and telling the platform.

        Args:
            worker: Name of the worker that gets the lease.
            now: The time.
            lease: Duration of the lease.
            running_per_user: Limit of running jobs per person.
            platforms: Platforms the worker can deliver to; None for all.
            paused: Whether to skip jobs that have to be painted.
            but: Ids of jobs to skip.
            running_per_chat: Limit of running jobs per chat; None for no limit.

        Returns:
            The claimed job; None if there is nothing to do.
        """
        busy = (
            select(JobRow.platform + ":" + JobRow.user_id)
            .where(JobRow.state.in_(["running", "done"]), JobRow.lease_until >= now)
            .group_by(JobRow.platform, JobRow.user_id)
            .having(func.count() >= running_per_user)
        )
        full = (
            select(JobRow.platform + ":" + JobRow.chat_id)
            .where(JobRow.state.in_(["running", "done"]), JobRow.lease_until >= now)
            .group_by(JobRow.platform, JobRow.chat_id)
            .having(func.count() >= (running_per_chat or 0))
        )
        ready = and_(
            JobRow.state == "queued",
            JobRow.run_after <= now,
            (JobRow.platform + ":" + JobRow.user_id).not_in(busy),
            *(
                [(JobRow.platform + ":" + JobRow.chat_id).not_in(full)]
                if running_per_chat is not None
                else []
            ),
        )
        left = JobRow.lease_until < now
        which = and_(left, JobRow.state.in_(["done", "failed"])) if paused else or_(ready, left)
        reachable = [] if platforms is None else [JobRow.platform.in_(platforms)]
        next_one = (
            select(JobRow.id)
            .where(which, *reachable, JobRow.id.not_in(but))
            .order_by(JobRow.turn, JobRow.id)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        job_id = (await self._connection.execute(next_one)).scalar_one_or_none()
        if job_id is None:
            return None
        painting = JobRow.state.in_(["queued", "running"])
        await self._connection.execute(
            update(JobRow)
            .where(JobRow.id == job_id)
            .values(
                state=case((painting, "running"), else_=JobRow.state),
                tries=JobRow.tries + 1,
                started_at=case((painting, now), else_=JobRow.started_at),
                worker=worker,
                lease_until=now + lease,
            )
        )
        (job,) = await self._where(JobRow.id == job_id)
        return job

    async def renew_lease(
        self, job_id: int, worker: str, until: datetime, progress: int | None = None
    ) -> None:
        """Extend the lease, and store the progress.

        Raises:
            LostLeaseError: the job is another's, or was cancelled.
        """
        values: dict[str, Any] = {"lease_until": until}
        await self._update(
            job_id, worker, values if progress is None else values | {"progress": progress}
        )

    async def painted(self, job_id: int, worker: str, now: datetime) -> None:
        """Mark a job "done": painted, to be delivered next.

        Raises:
            LostLeaseError: the job is another's, or was cancelled.
        """
        await self._update(job_id, worker, {"state": "done", "ended_at": now})

    async def delivered(self, job_id: int, worker: str, result: Json) -> None:
        """Mark a job "delivered".

        Raises:
            LostLeaseError: the job is another's.
        """
        values = {"state": "delivered", "lease_until": None, "result": result}
        await self._update(job_id, worker, values)

    async def again(self, job_id: int, worker: str, run_after: datetime, *, innocent: bool) -> None:
        """Put a job back into the queue at its place.

        Args:
            job_id: Which.
            worker: The worker that had it.
            run_after: Earliest time of the next attempt.
            innocent: Whether the attempt does not count, because the job did not cause the failure.

        Raises:
            LostLeaseError: the job is another's, or was cancelled.
        """
        tries = JobRow.tries - (1 if innocent else 0)
        values = {
            "state": "queued", "lease_until": None, "worker": None, "run_after": run_after,
            "tries": tries, "progress": 0,
        }  # fmt: skip
        await self._update(job_id, worker, values)

    async def failed(self, job_id: int, worker: str, error: str, now: datetime) -> None:
        """Mark a job "failed"; the person is told next.

        Raises:
            LostLeaseError: the job is another's, or was cancelled.
        """
        await self._update(job_id, worker, {"state": "failed", "error": error, "ended_at": now})

    async def told(self, job_id: int, worker: str) -> None:
        """Record that the person was told about the failure.

        Raises:
            LostLeaseError: the job is another's.
        """
        await self._update(job_id, worker, {"lease_until": None})

    async def cancel(self, job_id: int, now: datetime, user: UserKey | None = None) -> bool:
        """Cancel a job, unless it is being delivered or has ended.

        Args:
            job_id: Which.
            now: The time.
            user: The person who cancels an own job; None for an admin.
        """
        return await self._cancel(now, JobRow.id == job_id, *_by(user, None)) > 0

    async def cancel_all(self, user: UserKey, now: datetime) -> int:
        """Cancel all of a person's jobs; returns the number."""
        return await self._cancel(now, _of_user(user))

    async def refuse(
        self,
        error: str,
        now: datetime,
        *,
        job_id: int | None = None,
        user: UserKey | None = None,
        chat: ChatKey | None = None,
    ) -> int:
        """Fail jobs, whose people are told next; returns the number.

        Args:
            error: Error code to tell them.
            now: The time.
            job_id: Only this one.
            user: Only this person's.
            chat: Only this chat's.
        """
        which = [*([JobRow.id == job_id] if job_id is not None else []), *_by(user, chat)]
        # The same state as if a worker had died before telling the person.
        values = {
            "state": "failed", "error": error, "worker": None, "ended_at": now,
            "lease_until": now - timedelta(microseconds=1),
        }  # fmt: skip
        done = await self._connection.execute(
            update(JobRow).where(JobRow.state.in_(["queued", "running"]), *which).values(**values)
        )
        return done.rowcount

    async def waiting(self, limit: int) -> list[Job]:
        """Jobs that are not over, in the order of their turns."""
        rows = await self._connection.execute(
            select(JobRow.__table__)
            .where(JobRow.state.in_(_WAITING))
            .order_by(JobRow.state == "queued", JobRow.turn, JobRow.id)
            .limit(limit)
        )
        return [_job(row) for row in rows.mappings()]

    async def tally(self, since: datetime) -> Tally:
        """Statistics of the requests since then, without drafts."""
        lately = and_(JobRow.created_at >= since, JobRow.state != "draft")
        rows = await self._connection.execute(
            select(
                JobRow.state, JobRow.platform, JobRow.user_id, JobRow.chat_id, JobRow.photos,
                JobRow.recipe, JobRow.created_at, JobRow.started_at, JobRow.ended_at,
            ).where(lately)
        )  # fmt: skip
        filters = await styles_by_effect(self._connection)
        return _tally(list(rows.mappings()), filters)

    async def get(self, job_id: int) -> Job | None:
        """A job by its id."""
        found = await self._where(JobRow.id == job_id)
        return found[0] if found else None

    async def find(self, dedupe: str) -> Job | None:
        """A job by what makes its request the same as another."""
        found = await self._where(JobRow.dedupe == dedupe)
        return found[0] if found else None

    async def draft_of(self, user: UserKey, chat: ChatKey, since: datetime) -> Job | None:
        """The newest request of a person's in a chat that has no style yet."""
        drafts = and_(*_by(user, chat), JobRow.state == "draft", JobRow.created_at >= since)
        newest = select(func.max(JobRow.id)).where(drafts).scalar_subquery()
        found = await self._where(JobRow.id == newest)
        return found[0] if found else None

    async def waiting_of(self, user: UserKey) -> list[Job]:
        """A person's jobs that are not over."""
        return await self._where(and_(_of_user(user), JobRow.state.in_(_WAITING)))

    async def all_of(self, user: UserKey) -> list[Job]:
        """All that is kept of a person's jobs."""
        return await self._where(_of_user(user))

    async def place(self, job: Job) -> Place:
        """How many photos are before a job's, and when it should be done."""
        before = or_(
            JobRow.state == "running",
            and_(
                JobRow.state == "queued",
                or_(JobRow.turn < job.turn, and_(JobRow.turn == job.turn, JobRow.id < job.id)),
            ),
        )
        others = JobRow.id != job.id
        ahead = await self._photos(before, others)
        work = await self._number(
            select(func.coalesce(func.sum(JobRow.cost), 0)).where(before, others)
        )
        recent = await self._connection.execute(
            select(JobRow.started_at, JobRow.ended_at, JobRow.cost)
            .where(JobRow.state == "delivered", JobRow.started_at.is_not(None))
            .order_by(JobRow.ended_at.desc())
            .limit(_RECENT_JOBS)
        )
        spans = [
            (ended - started).total_seconds() / cost
            for started, ended, cost in recent
            if started and ended
        ]
        if not spans:
            return Place(ahead, None)
        running = await self._number(
            select(func.count()).select_from(JobRow).where(JobRow.state == "running")
        )
        each_s = sum(spans) / len(spans)
        own = cost_of(job.wanted.photos, job.wanted.story)
        return Place(ahead, each_s * (work / max(1, running) + own))

    async def count_waiting(self, user: UserKey | None = None, chat: ChatKey | None = None) -> int:
        """Number of waiting and running photos, optionally of a person or in a chat."""
        return await self._photos(JobRow.state.in_(_WAITING), *_by(user, chat))

    async def count_since(self, since: datetime, user: UserKey, chat: ChatKey | None = None) -> int:
        """Photos a person has sent since then."""
        sent = and_(JobRow.created_at > since, JobRow.state != "draft")
        return await self._photos(sent, *_by(user, chat))

    async def count_by_state(self) -> dict[JobState, int]:
        """Number of requests by state, including finished ones that are still stored."""
        found = await self._connection.execute(
            select(JobRow.state, func.count().label("requests")).group_by(JobRow.state)
        )
        return {row.state: int(row.requests) for row in found}

    async def oldest_waiting(self) -> datetime | None:
        """When the request that has been in the queue longest was made; None for an empty queue."""
        found = await self._connection.execute(
            select(func.min(JobRow.created_at)).where(JobRow.state == "queued")
        )
        return found.scalar_one()

    async def forget(self, user: UserKey) -> int:
        """Delete all of a person's jobs; returns how many. Cancel them first."""
        return (await self._connection.execute(delete(JobRow).where(_of_user(user)))).rowcount

    async def sweep(self, before: datetime) -> int:
        """Delete jobs that are over, or were never begun, and older; returns how many."""
        done = await self._connection.execute(
            delete(JobRow).where(
                JobRow.state.in_(["draft", *ENDED]),
                JobRow.lease_until.is_(None),
                JobRow.created_at < before,
            )
        )
        return done.rowcount

    async def _next_turn(self, user: UserKey) -> int:
        queued = JobRow.state == "queued"
        now_served = await self._number(
            select(func.coalesce(func.min(JobRow.turn), 0)).where(queued)
        )
        latest = await self._connection.execute(
            select(JobRow.turn + JobRow.cost)
            .where(queued, _of_user(user))
            .order_by(JobRow.turn.desc())
            .limit(1)
        )
        return max(now_served, latest.scalar_one_or_none() or 0)

    async def _update(self, job_id: int, worker: str, values: Mapping[str, Any]) -> None:
        """Change a job that is a worker's."""
        done = await self._connection.execute(
            update(JobRow)
            .where(
                JobRow.id == job_id,
                JobRow.worker == worker,
                JobRow.state.in_([*_WAITING, "failed"]),
            )
            .values(**values)
        )
        if not done.rowcount:
            raise LostLeaseError(f"Job {job_id} is not {worker}'s any more.")

    async def _cancel(self, now: datetime, *which: Any) -> int:  # noqa: ANN401 - conditions
        """Give up those of these jobs that are neither on their way out nor over."""
        state: JobState = "cancelled"
        done = await self._connection.execute(
            update(JobRow)
            .where(JobRow.state.in_(["queued", "running"]), *which)
            .values(state=state, lease_until=None, worker=None, ended_at=now)
        )
        return done.rowcount

    async def _photos(self, *which: Any) -> int:  # noqa: ANN401 - conditions
        """Photos in the jobs that all of these are true of."""
        # A clip costs as much as many photos, and is one.
        postgresql = self._connection.dialect.name == "postgresql"
        length = func.jsonb_array_length if postgresql else func.json_array_length
        count = func.coalesce(func.sum(length(JobRow.photos)), 0)
        return await self._number(select(count).where(*which))

    async def _number(self, query: Any) -> int:  # noqa: ANN401 - of one number
        return int((await self._connection.execute(query)).scalar_one())

    async def _where(self, which: Any) -> list[Job]:  # noqa: ANN401 - a condition
        rows = await self._connection.execute(
            select(JobRow.__table__).where(which).order_by(JobRow.turn, JobRow.id)
        )
        return [_job(row) for row in rows.mappings()]


def _of_user(user: UserKey) -> Any:  # noqa: ANN401 - a condition
    return and_(JobRow.platform == user.platform, JobRow.user_id == user.id)


def _by(user: UserKey | None, chat: ChatKey | None) -> list[Any]:
    return [
        *([_of_user(user)] if user else []),
        *([JobRow.platform == chat.platform, JobRow.chat_id == chat.id] if chat else []),
    ]


def _job(row: Any) -> Job:  # noqa: ANN401 - a row of the table
    wanted = NewJob(
        dedupe=row["dedupe"],
        user=UserKey(row["platform"], row["user_id"]),
        chat=ChatKey(row["platform"], row["chat_id"]),
        photos=tuple(row["photos"]),
        recipe=Recipe.from_json(row["recipe"]),
        output=row["output"],
        private=row["private"],
        language=row["language"],
        reply_target=row["anchor"],
        story=Story.from_json(row["story"]),
    )
    names = (
        "id", "state", "turn", "tries", "created_at", "started_at", "lease_until", "error",
        "result",
    )  # fmt: skip
    return Job(wanted=wanted, progress=row["progress"], **{name: row[name] for name in names})


def _tally(rows: Sequence[Any], filters: Mapping[str, int]) -> Tally:
    delivered = [row for row in rows if row["state"] == "delivered" and row["started_at"]]
    return Tally(
        states=Counter(row["state"] for row in rows),
        people=len({(row["platform"], row["user_id"]) for row in rows}),
        chats=len({(row["platform"], row["chat_id"]) for row in rows}),
        photos=sum(len(row["photos"]) for row in delivered),
        wait_s=_median_s(delivered, "created_at", "started_at"),
        work_s=_median_s(delivered, "started_at", "ended_at"),
        styles=Counter(i for row in delivered for i in used_in(row["recipe"], filters)),
    )


def _median_s(rows: Sequence[Any], start: str, end: str) -> float | None:
    spans = [(row[end] - row[start]).total_seconds() for row in rows if row[end]]
    return median(spans) if spans else None
