"""What only those who administer the bot may do: everyone else is told so, and it is noted.

The core asks once more with every act. That is asked here first keeps whoever forges a press from
getting as far as what its numbers mean.
"""

from collections.abc import Callable

from bots.core import admins
from bots.discord_adapter.answers import Answer
from bots.discord_adapter.controls import Act, Press, act
from bots.discord_adapter.forms import form_act


def admin_act(name: str, doing: str) -> Callable[[Act], Act]:
    """Let a function do what buttons and menus of this name stand for, for admins alone.

    Args:
        name: As in their ids.
        doing: What it is, as in the audit log.
    """
    return _guarding(act(name), doing)


def admin_form(name: str, doing: str) -> Callable[[Act], Act]:
    """Let a function do what forms of this name are filled in for, for admins alone.

    Args:
        name: As in their ids.
        doing: What it is, as in the audit log.
    """
    return _guarding(form_act(name), doing)


async def check(answer: Answer, doing: str) -> None:
    """See that someone administers the bot, before anything else is answered.

    Args:
        answer: The answer to what he did; nothing was said yet.
        doing: What it is, as in the audit log.

    Raises:
        BotAdminsOnlyError: he does not.
    """
    services = answer.client.services
    if not admins.is_admin(services, answer.user):
        # To note it takes longer than a moment when the store is busy.
        await answer.defer(private=True)
    await admins.check(services, answer.user, doing)


def _guarding(register: Callable[[Act], Act], doing: str) -> Callable[[Act], Act]:
    def guard(function: Act) -> Act:
        async def run(press: Press) -> None:
            await check(press.answer, doing)
            await function(press)

        register(run)
        return function

    return guard
