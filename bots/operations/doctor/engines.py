"""Checks of the engine: one at an address, or what one on this machine needs."""

import asyncio
import io
from collections.abc import Sequence
from importlib.util import find_spec
from typing import Final

from yarl import URL

from bots.operations.doctor.findings import Finding, not_installed
from bots.settings import BotSettings
from engine.api.analyses import Decency
from engine.api.client import EngineClient
from engine.api.contract import Capabilities
from engine.api.errors import CheckpointError, EngineError, InvalidOptionError, UnauthorizedError

_LIBRARIES: Final = ("torch", "safetensors", "PIL", "pillow_heif", "pebble", "aiohttp")
_LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")


async def look_at_engine(settings: BotSettings) -> Sequence[Finding]:
    """Check the engine at ENGINE_URL, or the one `stylebot bots` would start here."""
    if settings.engine_url:
        return await _elsewhere(settings)
    if missing := next((name for name in _LIBRARIES if find_spec(name) is None), None):
        finding = not_installed("engine", missing, "engine")
        repair = f"{finding.repair} Or set ENGINE_URL to an engine on another machine."
        return [Finding("engine", "failed", f"{finding.said}, and ENGINE_URL is not set", repair)]
    return await asyncio.to_thread(_here)


async def _elsewhere(settings: BotSettings) -> list[Finding]:
    url, token = settings.engine_url, settings.engine_token.get_secret_value()
    client = EngineClient(url, token, tries=1)
    where = URL(url).host or url
    try:
        can, styles = await client.capabilities(), await client.styles()
        queue = await client.queue()
    except UnauthorizedError:
        return [
            Finding(
                "engine", "failed", f"the engine at {where} does not take ENGINE_TOKEN",
                "Set it to the ENGINE_TOKEN of the engine's machine.",
            )
        ]  # fmt: skip
    except EngineError as error:
        return [
            Finding(
                "engine", "failed", f"no engine at {where}: {str(error).split(';', 1)[0]}",
                "Start one there with `stylebot engine`, or empty ENGINE_URL to paint here.",
            )
        ]  # fmt: skip
    finally:
        await client.close()
    said = (
        f"{where}: {can.checkpoint} on {_device(can)}, {len(styles)} styles, "
        f"{queue.waiting} waiting, {queue.running} running"
    )
    found = [Finding("engine", "ok", said)]
    if token and url.startswith("http:") and where not in _LOOPBACK:
        found.append(
            Finding(
                "engine transport", "note", "ENGINE_TOKEN and pictures travel unencrypted",
                "Put TLS in front of the engine, or a VPN between the machines.",
            )
        )  # fmt: skip
    return found


async def look_at_content_check(settings: BotSettings) -> list[Finding]:
    """Check whether the content check is installed where the engine runs."""
    if settings.content_check == "off":
        return []
    if settings.engine_url:
        client = EngineClient(
            settings.engine_url, settings.engine_token.get_secret_value(), tries=1
        )
        try:
            analyses = (await client.capabilities()).analyses
        except EngineError:
            return [Finding("content check", "note", "the engine could not be asked")]
        finally:
            await client.close()
    else:
        from engine.analyzers.registry import ANALYZERS

        analyses = ANALYZERS.available()
    if Decency.what in analyses:
        return [Finding("content check", "ok", settings.content_check)]
    return [
        Finding(
            "content check", "failed", "it is not installed where the engine runs",
            'There: pip install "stylebot[safety]". Or set CONTENT_CHECK to off.',
        )
    ]  # fmt: skip


def _device(can: Capabilities) -> str:
    return can.device_name or can.device


def _here() -> list[Finding]:
    """Check whether an engine can start on this machine; importing torch takes seconds."""
    import torch

    from engine.api.settings import read_settings
    from engine.painting.checkpoint import load_checkpoint
    from engine.painting.manifest import SHIPPED_CHECKPOINT
    from engine.painting.runtime import name_of, pick_device

    try:
        own = read_settings()
        checkpoint = load_checkpoint(own.checkpoint or SHIPPED_CHECKPOINT)
    except InvalidOptionError as error:
        return [Finding("engine", "failed", str(error), "Correct it in the environment or .env.")]
    except CheckpointError as error:
        return [
            Finding(
                "engine", "failed", str(error),
                "Install stylebot anew, or set ENGINE_CHECKPOINT to a whole checkpoint.",
            )
        ]  # fmt: skip
    device = pick_device(own.device)
    if device.type == "cuda" and not torch.cuda.is_available():
        return [
            Finding(
                "engine", "failed", "ENGINE_DEVICE is cuda, and torch finds no GPU",
                "Install a torch with CUDA and the GPU's driver, or set ENGINE_DEVICE to auto.",
            )
        ]  # fmt: skip
    name = name_of(device) or f"cpu, {own.threads or torch.get_num_threads()} threads"
    styles = len(checkpoint.manifest.styles)
    said = (
        f"on this machine: {checkpoint.manifest.checkpoint_id} on {name}, {styles} painted styles"
    )
    return [Finding("engine", "ok", said)]


async def look_at_codecs(settings: BotSettings) -> Sequence[Finding]:
    """Check whether AVIF and HEIC pictures can be read; only if the engine is on this machine."""
    if settings.engine_url or any(find_spec(name) is None for name in ("PIL", "pillow_heif")):
        return []
    return await asyncio.to_thread(lambda: [_codec("HEIC"), _codec("AVIF")])


def _codec(kind: str) -> Finding:
    """Write a picture in a format, and read it as the engine does."""
    from PIL import Image
    from pillow_heif import from_pillow

    from engine.media.images import decode

    file = io.BytesIO()
    try:
        picture = Image.new("RGB", (64, 64), "navy")
        if kind == "HEIC":
            from_pillow(picture).save(file)
        else:
            picture.save(file, kind)
        decode(file.getvalue())
    except (EngineError, OSError, ValueError, KeyError, RuntimeError) as error:
        return Finding(
            kind.lower(), "failed", f"{kind} cannot be read: {error}",
            'pip install --force-reinstall "stylebot[engine]".',
        )  # fmt: skip
    return Finding(kind.lower(), "ok", f"{kind} is read")
