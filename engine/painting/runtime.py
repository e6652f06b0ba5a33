"""What the machine supports: device, number format, and a heap that keeps its pages."""

import ctypes
import platform
from typing import Final, Literal

import torch

Device = Literal["auto", "cpu", "cuda"]
_M_MMAP_MAX: Final = -4
_M_TRIM_THRESHOLD: Final = -1


def pick_device(device: Device = "auto") -> torch.device:
    """The device to compute on; "auto" takes the GPU if there is one."""
    if device == "auto":
        device = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(device)


def name_of(device: torch.device) -> str:
    """A GPU's name; empty for a CPU."""
    return torch.cuda.get_device_name(device) if device.type == "cuda" else ""


def pick_dtype(device: torch.device) -> torch.dtype:
    """bf16 if the hardware multiplies it natively, otherwise float32.

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
    """Make glibc keep freed memory instead of returning every activation to the kernel.

    A picture's activations are tens of megabytes each. By default glibc maps and unmaps each of
    them, and the page faults take about half of the time at 1024 px. The cost is that the process
    keeps its peak of memory. Other C libraries are not changed.

    Returns:
        Whether the setting took effect.
    """
    if platform.libc_ver()[0] != "glibc":
        return False
    libc = ctypes.CDLL(None)
    kept = libc.mallopt(_M_MMAP_MAX, 0) and libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    return bool(kept)
