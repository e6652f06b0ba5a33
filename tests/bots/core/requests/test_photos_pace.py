"""Photos that are kept for a while: how fast they may come."""

import pytest

from bots.core.errors import TooFastError
from bots.core.requests import pictures
from tests.bots.core.conftest import ANN, BEN, Stage

pytestmark = pytest.mark.anyio


async def test_photos_come_no_faster_than_they_may(stage: Stage):
    stage.limited(per_minute=2)
    for photo in (b"one", b"two"):
        await pictures.take(stage.services, ANN, photo)
    asked = len(stage.engine.asked)
    with pytest.raises(TooFastError):
        await pictures.take(stage.services, ANN, b"three")
    assert len(stage.engine.asked) == asked, "refused before any work"
    await pictures.take(stage.services, BEN, b"his own pace")
    stage.clock.pass_(seconds=61)
    await pictures.take(stage.services, ANN, b"three")
    assert len(await pictures.photos(stage.services, ANN)) == 3
