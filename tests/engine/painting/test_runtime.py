import platform

import pytest
import torch

from engine.painting import runtime


def test_auto_takes_the_gpu_where_there_is_one():
    expected = "cuda" if torch.cuda.is_available() else "cpu"
    assert runtime.pick_device("auto").type == expected
    assert runtime.pick_device("cpu").type == "cpu"


@pytest.mark.parametrize("native", [True, False])
def test_a_cpu_computes_in_bf16_only_where_it_is_native(
    monkeypatch: pytest.MonkeyPatch, *, native: bool
):
    monkeypatch.setattr(
        torch.cpu, "get_capabilities", lambda: {"avx512_bf16": native}, raising=False
    )
    expected = torch.bfloat16 if native else torch.float32
    assert runtime.pick_dtype(torch.device("cpu")) is expected


def test_the_heap_is_kept_with_glibc_only(monkeypatch: pytest.MonkeyPatch):
    assert runtime.keep_heap() == (platform.libc_ver()[0] == "glibc")
    monkeypatch.setattr(platform, "libc_ver", lambda: ("musl", "1.2"))
    assert not runtime.keep_heap()
