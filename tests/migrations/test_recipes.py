"""From styles, strength and colours to one recipe, and back, on both databases."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import alembic.util
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from migrations import runner
from storage.database import Database, open_engine
from storage.values.people import UserKey
from storage.values.recipes import Choice, Recipe, Step

pytestmark = pytest.mark.anyio

Row = dict[str, Any]
# Ids of styles there are; 5 is a filter, 99 was deleted.
STYLES = {1: ("kiss", "painted"), 2: ("own-1", "custom"), 5: ("sepia", "filter")}
WHEN = datetime(2026, 11, 25, 12, tzinfo=UTC)
OLD = ("strength", "keep_colours")


def choices(ids: Sequence[int], weights: Sequence[float]) -> list[Row]:
    # What stands alone has no weight to speak of.
    weights = weights if len(ids) > 1 else [1.0]
    return [{"style_id": i, "weight": w} for i, w in zip(ids, weights, strict=False)]


STRENGTHS, FLAGS = st.integers(0, 100), st.booleans()
REQUESTS = st.fixed_dictionaries(
    {
        "styles": st.builds(
            choices,
            st.sampled_from([[], [1], [2], [5], [99], [1, 2], [2, 1, 99], [5, 1]]),
            st.lists(st.sampled_from([0.5, 1.0, 2.25]), min_size=3, max_size=3),
        ),
        "strength": STRENGTHS,
        "keep_colours": FLAGS,
    }
)
LIKED = st.fixed_dictionaries(
    {
        "style_id": st.sampled_from([None, 1, 2, 5]),
        "strength": STRENGTHS,
        "keep_colours": FLAGS,
    }
)


class Tables:
    """A database's tables as they are just now."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def fill(self, wanted: Sequence[Row], liked: Sequence[Row]) -> None:
        """What there was at revision 0007."""
        names: Row = {"titles": {}, "admin_titles": {}, "artists": {}}
        await self._add(
            "styles",
            [
                names | {
                    "id": style_id, "slug": slug, "kind": kind, "artist": "", "tags": [],
                    "state": "on", "orphaned": False, "place": 0, "version": 1, "aliases": [],
                    "replaces": [],
                }
                for style_id, (slug, kind) in STYLES.items()
            ],
        )  # fmt: skip
        common = {"platform": "t", "user_id": "1", "chat_id": "2", "photos": [], "created_at": WHEN}
        job = {
            "output": "photo", "private": False, "language": "en", "anchor": {}, "turn": 0,
            "state": "delivered", "cost": 1, "tries": 0, "progress": 0, "run_after": WHEN,
        }  # fmt: skip
        await self._add(
            "jobs",
            [
                common | job | row | {"id": n, "dedupe": f"job {n}"}
                for n, row in enumerate(wanted, 1)
            ],
        )
        entry = {"title": "x", "result": {}}
        await self._add(
            "history",
            [common | entry | row | {"id": n, "job_id": n} for n, row in enumerate(wanted, 1)],
        )
        person = {
            "platform": "t", "output": "file", "private": True, "history": True,
            "repaintable": False,
        }  # fmt: skip
        await self._add(
            "preferences", [person | row | {"user_id": f"{n:05}"} for n, row in enumerate(liked)]
        )

    async def rows(self, name: str, key: str, columns: Sequence[str]) -> list[Row]:
        """All rows of a table, as far as these columns go."""
        table = await self._table(name)
        query = sa.select(*(table.c[column] for column in columns)).order_by(table.c[key])
        return [dict(row) for row in (await self._connection.execute(query)).mappings()]

    async def put(self, name: str, **values: Any) -> None:
        """Let all rows of a table have these values."""
        await self._connection.execute((await self._table(name)).update().values(**values))

    async def _add(self, name: str, rows: Sequence[Row]) -> None:
        if rows:
            await self._connection.execute((await self._table(name)).insert(), rows)

    async def _table(self, name: str) -> sa.Table:
        def reflected(connection: sa.Connection) -> sa.Table:
            return sa.Table(name, sa.MetaData(), autoload_with=connection)

        table: sa.Table = await self._connection.run_sync(reflected)
        return table


@asynccontextmanager
async def tables(url: str) -> Any:
    engine = open_engine(url)
    async with engine.begin() as connection:
        yield Tables(connection)
    await engine.dispose()


async def there_and_back(url: str, wanted: Sequence[Row], liked: Sequence[Row]) -> None:
    await runner.upgrade(url, "0007")
    async with tables(url) as before:
        await before.fill(wanted, liked)
    await runner.upgrade(url)
    await runner.check(url)
    await look(url, wanted, liked)
    await runner.downgrade(url, "0007")
    async with tables(url) as after:
        for table in ("jobs", "history"):
            assert await after.rows(table, "id", ("styles", *OLD)) == list(wanted)
        assert await after.rows("preferences", "user_id", ("style_id", *OLD)) == list(liked)
    await runner.upgrade(url)
    await look(url, wanted, liked)
    await runner.downgrade(url)


async def look(url: str, wanted: Sequence[Row], liked: Sequence[Row]) -> None:
    """See that the store reads what was meant."""
    database = Database(url)
    async with database.reading() as transaction:
        for number, row in enumerate(wanted, 1):
            job = await transaction.jobs.get(number)
            entry = await transaction.history.of_job(number)
            assert job
            assert entry
            assert job.wanted.recipe == entry.recipe == meant(row["styles"], row)
        for number, row in enumerate(liked):
            usual = row["style_id"]
            preference = await transaction.people.preference(UserKey("t", f"{number:05}"))
            assert preference.recipe == meant([] if usual is None else choices([usual], ()), row)
            assert (preference.output, preference.repaintable) == ("file", False)
    await database.close()


def meant(styles: Sequence[Row], row: Row) -> Recipe:
    params = {"strength": row["strength"] / 100, "keep_colours": row["keep_colours"]}
    chosen = tuple(Choice(**each) for each in styles)
    if [choice.style_id for choice in chosen] == [5]:
        return Recipe((Step("sepia", params),))
    return Recipe((Step("paint", {"styles": chosen} | params),))


@pytest.fixture
def play(empty_database_url: str) -> Callable[[Sequence[Row], Sequence[Row]], None]:
    def run(wanted: Sequence[Row], liked: Sequence[Row]) -> None:
        asyncio.run(there_and_back(empty_database_url, wanted, liked))

    return run


# Each example is a database's whole life; what matters is in the rows of one.
@settings(
    max_examples=2,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    phases=[Phase.explicit, Phase.generate],
)
@given(st.lists(REQUESTS, max_size=30), st.lists(LIKED, max_size=30))
def test_nothing_is_lost_on_the_way_there_and_back(
    play: Callable[..., None], wanted: list[Row], liked: list[Row]
):
    play(wanted, liked)


def test_more_rows_than_are_read_at_once_are_all_turned(
    play: Callable[..., None], monkeypatch: pytest.MonkeyPatch
):
    load = alembic.util.load_python_file
    at_once = set()

    def loaded(*path: Any) -> Any:
        module: Any = load(*path)
        if module.__dict__.get("revision") == "0008":
            at_once.add(vars(module)["_ROWS"])
            vars(module)["_ROWS"] = 10
        return module

    monkeypatch.setattr("alembic.util.load_python_file", loaded)
    rows = [{"strength": number % 101, "keep_colours": number % 2 == 0} for number in range(45)]
    play([{"styles": choices([1], ())} | row for row in rows[:5]],
         [{"style_id": 5} | row for row in rows])  # fmt: skip
    assert at_once == {1000}


async def test_what_the_old_form_cannot_hold_becomes_what_is_nearest(empty_database_url: str):
    chosen = choices([1, 2], [2.0, 1.0])
    values = {"styles": chosen, "strength": 0.335, "brush": "bold"}
    recipe = [{"effect": "paint", "params": values}, {"effect": "sepia", "params": {}}]
    row = {"strength": 50, "keep_colours": True}

    await runner.upgrade(empty_database_url, "0007")
    async with tables(empty_database_url) as before:
        await before.fill([row | {"styles": []}], [row | {"style_id": 1}])
    await runner.upgrade(empty_database_url)
    async with tables(empty_database_url) as now:
        await now.put("jobs", recipe=recipe)
        await now.put("preferences", recipe=[])
    await runner.downgrade(empty_database_url, "0007")
    async with tables(empty_database_url) as after:
        (job,) = await after.rows("jobs", "id", ("styles", *OLD))
        assert job == {"styles": chosen, "strength": 34, "keep_colours": False}
        (liked,) = await after.rows("preferences", "user_id", ("style_id", *OLD))
        assert liked == {"style_id": None, "strength": 100, "keep_colours": False}
