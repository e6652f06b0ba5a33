"""What the machine offers: which device, which number format, and a heap that keeps its pages."""

import ctypes
import platform
from typing import Final, Literal

import torch

Device = Literal["auto", "cpu", "cuda"]
_M_MMAP_MAX: Final = -4
_M_TRIM_THRESHOLD: Final = -1


def pick_device(device: Device = "auto") -> torch.device:
    """The device to compute on: the GPU where there is one, unless told otherwise."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def name_of(device: torch.device) -> str:
    """What a GPU calls itself; empty for a CPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else ""


def pick_dtype(device: torch.device) -> torch.dtype:
    """bf16 where the hardware multiplies it, float32 elsewhere.

    A CPU without bf16 instructions emulates them and is slower than in float32.
    """
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if cpu_has_bf16() else torch.float32


def cpu_has_bf16() -> bool:
    """Whether the CPU multiplies bf16 natively (avx512_bf16 or amx_bf16)."""
    # Older torch cannot tell; float32 is always right.
    capabilities: dict[str, object] = getattr(torch.cpu, "get_capabilities", dict)()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def keep_heap() -> bool:
    """Ask glibc to keep freed memory instead of giving every activation back to the kernel.

    A picture's activations are tens of megabytes each. By default glibc maps and unmaps each of
    them, and the page faults take about half of the time at 1024 px. The price is that the peak
    of memory stays with the process. Other C libraries are left as they are.

    Returns:
        Whether the setting took effect.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    kept = libc.mallopt(_M_MMAP_MAX, 0) and libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    return bool(kept)
