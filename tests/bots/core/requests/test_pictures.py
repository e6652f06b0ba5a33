"""Photos and results where no platform keeps them."""

import base64
from dataclasses import replace

import pytest

from bots.core.errors import BlockedError, SourceGoneError, TooFastError
from bots.core.requests import pictures
from bots.core.users import privacy
from bots.core.users.privacy import Forgotten
from engine.api.errors import BrokenImageError
from tests.bots.core.conftest import ANN, BEN, Stage

pytestmark = pytest.mark.anyio


async def test_a_photo_is_sealed_and_its_owners(stage: Stage):
    services = stage.services
    photo = await pictures.take(services, ANN, b"A")
    assert await pictures.take(services, ANN, b"A") == photo
    assert await pictures.take(services, BEN, b"A") != photo
    # What is kept is what the engine made of the file.
    assert await pictures.read(services, ANN, photo) == b"A bare"
    async with services.database.reading() as transaction:
        sealed = await transaction.pictures.body(ANN, photo)
    assert sealed
    assert b"A bare" not in sealed
    for user, picture_id in ((BEN, photo), (ANN, "x")):
        with pytest.raises(SourceGoneError):
            await pictures.read(services, user, picture_id)


async def test_what_is_refused_is_not_kept(stage: Stage):
    services = stage.services
    with pytest.raises(BrokenImageError):
        await pictures.take(services, ANN, b"broken")
    async with services.database.writing() as transaction:
        await transaction.blocks.add(services.pseudonym(ANN), "", services.now())
    with pytest.raises(BlockedError):
        await pictures.take(services, ANN, b"A")
    assert await pictures.photos(services, ANN) == []


async def test_pictures_go_after_their_time_and_the_oldest_before_it(stage: Stage):
    stage.services = replace(
        stage.services, limits=replace(stage.services.limits, pictures_bytes_per_user=15)
    )
    ids = []
    for body in (b"A", b"B", b"C"):
        ids.append(await pictures.take(stage.services, ANN, body))
        stage.clock.pass_(hours=1)
    assert [p.id for p in await pictures.photos(stage.services, ANN)] == ids[:0:-1]
    stage.clock.pass_(hours=22, minutes=30)
    await privacy.sweep(stage.services)
    assert await pictures.known(stage.services, ANN, ids) == {ids[2]}
    again = await pictures.take(stage.services, ANN, b"A")
    stage.clock.pass_(hours=23)
    await privacy.sweep(stage.services)
    assert await pictures.known(stage.services, ANN, [again]) == {again}


async def test_an_input_is_kept_as_long_as_its_photo(stage: Stage):
    services = stage.services
    photo, other = [await pictures.take(services, ANN, body) for body in (b"A", b"B")]
    kept = await pictures.take_input(services, ANN, photo, b"mask")
    assert await pictures.take_input(services, ANN, photo, b"mask") == kept
    assert await pictures.take_input(services, ANN, other, b"mask") != kept
    assert await pictures.read(services, ANN, kept) == b"mask bare"
    async with services.database.reading() as transaction:
        sealed = await transaction.pictures.body(ANN, kept)
    assert sealed
    assert b"mask" not in sealed
    assert [p.id for p in await pictures.photos(services, ANN)] == sorted([photo, other])
    exported = {p["id"]: p for p in (await privacy.export(services, ANN))["pictures"]}
    assert (exported[kept]["kind"], exported[kept]["photo"]) == ("input", photo)
    assert base64.b64decode(exported[kept]["picture"]) == b"mask bare"
    # Photo that is sent again: its input stays with it.
    stage.clock.pass_(hours=23)
    await pictures.take(services, ANN, b"A")
    stage.clock.pass_(hours=2)
    await privacy.sweep(services)
    assert await pictures.known(services, ANN, [photo, other, kept]) == {photo, kept}
    await pictures.remove(services, ANN, [photo])
    assert await pictures.known(services, ANN, [photo, kept]) == set()
    photo = await pictures.take(services, ANN, b"A")
    await pictures.take_input(services, ANN, photo, b"mask")
    assert await privacy.known(services, ANN) == Forgotten(0, 0, 0, pictures=2)
    assert await privacy.forget(services, ANN) == Forgotten(0, 0, 0, pictures=2)


async def test_an_input_without_its_photo_is_not_kept(stage: Stage):
    services = stage.services
    photo = await pictures.take(services, ANN, b"A")
    mask = await pictures.take_input(services, ANN, photo, b"mask")
    for user, photo_id in ((BEN, photo), (ANN, "x"), (ANN, mask)):
        with pytest.raises(SourceGoneError):
            await pictures.take_input(services, user, photo_id, b"mask")
    with pytest.raises(BrokenImageError):
        await pictures.take_input(services, ANN, photo, b"broken")
    stage.limited(per_minute=2)
    with pytest.raises(TooFastError):
        await pictures.take_input(stage.services, ANN, photo, b"other")
    assert (await privacy.known(services, ANN)).pictures == 2


async def test_pictures_are_taken_along_and_forgotten(stage: Stage):
    services = stage.services
    await pictures.take(services, ANN, b"A")
    kept = await pictures.take(services, BEN, b"B")
    (exported,) = (await privacy.export(services, ANN))["pictures"]
    assert base64.b64decode(exported["picture"]) == b"A bare"
    assert await privacy.known(services, ANN) == Forgotten(0, 0, 0, pictures=1)
    assert await privacy.forget(services, ANN) == Forgotten(0, 0, 0, pictures=1)
    assert await pictures.known(services, BEN, [kept]) == {kept}
