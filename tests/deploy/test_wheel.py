"""The package as it is installed: all that it needs is in the wheel."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from PIL import Image

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's files, outside of the checkout."""
    pytest.importorskip("setuptools", "77")
    source, built = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("built")
    ignored = shutil.ignore_patterns("__pycache__")
    for name in ("bots", "engine", "migrations", "storage"):
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, source)
    shutil.copytree(ROOT / "docs", source / "docs", ignore=shutil.ignore_patterns("*.jpg"))
    make = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        str(source),
        "--no-deps",
        "--wheel-dir",
        str(built),
    ]
    subprocess.run([*make, "--no-build-isolation", "--quiet"], check=True)  # noqa: S603 - ours
    (wheel,) = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(built / "files")
    return built / "files"


def test_it_has_every_file_that_is_no_code(installed: Path):
    for folder in ("bots", "engine", "migrations", "storage"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert (installed / path.relative_to(ROOT)).exists(), path


def test_it_paints(installed: Path, tmp_path: Path):
    photo = installed / "engine" / "samples" / "chelsea.jpg"
    program = (
        "import bots, sys\nfrom bots.cli import main\n"
        f"assert bots.__file__.startswith({str(installed)!r})\nmain(sys.argv[1:])"
    )
    command = ["stylize", str(photo), "-o", "cat.jpg", "--style", "kiss:2+scream"]
    subprocess.run(  # noqa: S603 - ours
        [sys.executable, "-c", program, *command],
        cwd=tmp_path, env={"PYTHONPATH": str(installed)}, check=True,
    )  # fmt: skip
    with Image.open(tmp_path / "cat.jpg") as painted, Image.open(photo) as original:
        assert painted.size == original.size
