"""What import-linter cannot see: that importing the light half of the engine stays light."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    "module", ["engine", "engine.api.errors", "engine.api.contract", "engine.painting.manifest"]
)
def test_the_light_modules_bring_neither_torch_nor_pillow(module: str):
    program = (
        f"import sys, {module}\n"
        "heavy = {'torch', 'PIL', 'numpy'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True)  # noqa: S603
