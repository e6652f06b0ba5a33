"""The list of all an admin can look at and do, and the one way to it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.core import errors
from bots.core.admin import registry
from bots.core.admin.pages.actions import Caller
from bots.core.admin.pages.pages import Page, address, read_address
from bots.core.admin.use_cases import rights
from bots.core.users import preferences
from tests.admin_world import CHAT, chosen, furnish, newest, walked
from tests.bots.core.conftest import ADMIN, ANN, Stage

pytestmark = pytest.mark.anyio

WORDS = st.text(max_size=30)


@given(st.lists(WORDS), st.dictionaries(WORDS.filter(bool), WORDS))
def test_an_address_is_read_as_it_was_written(values: list[str], named: dict[str, str]):
    where = address("style.rename", *values, **named)
    assert read_address(str(where)) == where
    assert not set(str(where)) & set(" \n#")


def test_every_action_has_a_name_a_label_and_fields_that_are_its_own():
    assert all(action.acts for action in map(read_address, registry.ACTIONS))
    assert not any(view.acts for view in map(read_address, registry.VIEWS))
    for action in registry.ACTIONS.values():
        names = [each.name for each in action.fields]
        assert len(set(names)) == len(names)
        # What an action is about comes first: an address has it by its place.
        assert [each.key for each in action.fields] == sorted(
            (each.key for each in action.fields), reverse=True
        )


def leads(page: Page) -> set[str]:
    """Where a page leads, its other parts included."""
    controls = [control for group in page.controls for control in group]
    for row in page.rows:
        controls += [*row.more, *([row.control] if row.control else [])]
    return {str(control.address) for control in controls}


async def test_pages_lead_to_every_action_and_each_is_noted_under_its_id(stage: Stage):
    services = stage.services
    world = await furnish(services, ADMIN, lambda number: b"photo %d" % number)
    caller = Caller(services, ADMIN, "en")

    async def visit(there: str) -> set[str]:
        return leads(await registry.look(caller, read_address(there)))

    found = await walked(world, visit)
    assert {read_address(there).name for there in found} >= set(registry.ACTIONS)
    for act in registry.ACTIONS:
        where = read_address(chosen(world, found, act))
        asked = {ask.field.name for ask in await registry.open_fields(caller, where)}
        answers = world.answers.get(act, {})
        assert answers.keys() <= asked
        outcome = await registry.perform(caller, where, answers)
        if outcome.refining:
            await outcome.refining.run(services, ADMIN)
        assert await newest(services, ADMIN) == (str(ADMIN), act)
        # Whatever was done, there is a page to end on.
        assert (await registry.look(caller, outcome.address)).title


async def test_everyone_but_an_admin_is_refused_everywhere_and_the_attempt_is_audited_by_name(
    stage: Stage,
):
    caller = Caller(stage.services, ANN, "en")
    for name in (*registry.ACTIONS, *registry.VIEWS, "style.melt", "", "nothing"):
        where = address(name, 1)
        for way in (registry.look, registry.open_fields, registry.perform):
            with pytest.raises(errors.BotAdminsOnlyError):
                await way(caller, where)
        known = registry.ACTIONS.get(name)
        view = registry.VIEWS.get(name)
        subject = (await rights.audit(stage.services, ADMIN, 1))[0].subject
        assert subject == (known.id if known else view.act if view else "admin")
        stage.clock.pass_(minutes=2)


async def test_what_leads_nowhere_and_what_cannot_be_is_a_sentence(stage: Stage):
    services = stage.services
    caller = Caller(services, ADMIN, "en")
    await preferences.settle(services, CHAT, ADMIN, admin=True, quiet=True)
    for there, error in (
        ("style.melt/1", errors.PageGoneError), ("", errors.PageGoneError),
        ("queue", errors.PageGoneError), ("style.enable/x", errors.StyleGoneError),
        ("style.enable", errors.StyleGoneError), ("job.cancel/x", errors.PageGoneError),
        ("limits.put/speed?value=3", errors.UnknownLimitError),
        ("limits.put/album?value=many", errors.OutOfRangeError),
        ("people.block?whom=", errors.BadWhomError),
        ("chat.settle/discord:43?quiet=1", errors.BadWhomError),
        ("chat.settle/nowhere?quiet=1", errors.BadWhomError),
        ("chat.settle/discord:42?language=xx", errors.PageGoneError),
        ("chat.settle/discord:42?per_minute=0", errors.OutOfRangeError),
        ("style.add?name=Mine", errors.NoPhotoError),
        ("style.import", errors.BadStyleFileError),
    ):  # fmt: skip
        with pytest.raises(error):
            await registry.perform(caller, read_address(there))
    assert (await preferences.chat_settings(services, CHAT)).per_minute is None
    assert (await registry.look(caller, read_address("stats/9999"))).address == address("stats", 24)
