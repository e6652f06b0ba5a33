"""Docs that break the build: what a user can type or meet must be written down."""

import ast
import re
import shutil
from dataclasses import fields
from pathlib import Path

import click
import pytest

from bots.cli import main
from bots.core import errors as bot_errors
from bots.core.i18n.texts import Texts
from bots.operations.doctor.machines import setting_names
from bots.settings import BotSettings
from bots.telegram_adapter.handlers import profile
from engine.api import contract, errors
from engine.api.settings import EngineSettings
from engine.painting.manifest import SAMPLE_PHOTO, SHIPPED_CHECKPOINT, read_manifest
from engine.serving.server import STATUS
from storage.errors import StorageError
from storage.settings import StorageSettings
from tests.deploy.test_dashboards import exported

ROOT = Path(__file__).parent.parent
# What people can type, press and set is explained on these pages.
PAGES = ("STUDIO", "TELEGRAM", "DISCORD", "ADMINISTRATION", "COMMAND", "LIBRARY")
MANUAL = "\n".join((ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8") for page in PAGES)


@pytest.mark.parametrize("command", main.commands.values(), ids=main.commands)
def test_every_command_and_option_is_in_the_manual(command: click.Command):
    assert f"stylebot {command.name}" in MANUAL
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert any(f"`{name}" in MANUAL for name in parameter.opts), parameter.opts


def test_every_error_code_is_explained():
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for tree in (errors, bot_errors):
        for leaf in tree.leaves():
            assert f"`{leaf.code}`" in text
            assert f"{leaf.__name__} " in (tree.__doc__ or "")
    for kind in StorageError.__subclasses__():
        assert f"`{kind.code}`" in text


def test_every_route_parameter_code_and_status_of_the_engine_is_in_its_api():
    text = (ROOT / "docs" / "ENGINE_API.md").read_text(encoding="utf-8")
    for name, path in vars(contract).items():
        if name.endswith("_PATH"):
            assert f" {path}`" in text, path
    kinds = (
        contract.StylizeOptions, contract.StylizeRequest,
        contract.StoryOptions, contract.StoryRequest,
    )  # fmt: skip
    for option in (option for kind in kinds for option in fields(kind)):
        if option.name not in ("image", "options", "scenes"):
            assert f"| `{option.name}` |" in text, option.name
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    for kind, status in STATUS.items():
        assert any(f"`{kind.code}`" in row and row.endswith(f"| {status} |") for row in rows), kind


def test_every_setting_of_the_engine_is_in_the_manual():
    for name in EngineSettings.model_fields:
        assert f"`ENGINE_{name.upper()}`" in MANUAL


def test_every_setting_of_the_store_is_in_the_manual():
    for name in StorageSettings.model_fields:
        assert f"`{name.upper()}`" in MANUAL


def test_every_setting_of_the_bots_is_in_the_manual():
    for name in BotSettings.model_fields:
        assert f"`{name.upper()}`" in MANUAL


def test_every_command_of_the_bots_is_in_the_manual_and_has_a_text():
    texts = Texts()
    for name in {*profile.PRIVATE, *profile.GROUP, *profile.ADMINS, *profile.BOT_ADMINS}:
        assert f"`/{name}" in MANUAL
        assert texts.say(f"command-{name}", "zh")


def test_operations_name_every_setting_figure_and_check():
    text = (ROOT / "docs" / "OPERATIONS.md").read_text(encoding="utf-8")
    for name in setting_names():
        assert f"`{name}`" in text, name
    for name in exported():
        base = re.sub(r"_(bucket|sum|count|created)$", "", name)
        if name.startswith("stylebot") and not name.endswith("_created"):
            assert f"`{base}`" in text, name
    for command in ("doctor", "migrate", "backup", "restore", "bots"):
        assert f"stylebot {command}" in text
        for parameter in main.commands[command].params:
            assert any(name in text for name in parameter.opts if name.startswith("--")) or (
                not isinstance(parameter, click.Option)
            )
    sources = [
        path.read_text(encoding="utf-8") for path in (ROOT / "bots/operations/doctor").glob("*.py")
    ]
    checks = {name for source in sources for name in re.findall(r'Finding\(\s*"([a-z ]+)"', source)}
    assert {"telegram inline", "database", "key", "disk"} <= checks
    for name in checks | {"telegram updates", "heic", "avif"}:
        assert f"`{name}`" in text, name


def test_codes_are_unique():
    codes = [leaf.code for leaf in errors.leaves()]
    codes += [leaf.code for leaf in bot_errors.leaves()]
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("top", ["bots", "engine", "storage"])
def test_every_folder_has_its_line_in_the_architecture(top: str):
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    for path in (ROOT / top).rglob("__init__.py"):
        folder = path.parent.relative_to(ROOT).as_posix()
        assert f"| `{folder}/` |" in text, folder


def test_the_model_card_names_every_style_and_every_held_back_picture():
    card = (ROOT / "docs" / "MODEL_CARD.md").read_text(encoding="utf-8")
    for style in read_manifest(SHIPPED_CHECKPOINT).styles:
        assert f"`{style.slug}`" in card
    for name in (ROOT / "docs" / "held-back.txt").read_text(encoding="utf-8").split():
        assert Path(name).stem in card


def test_links_between_the_docs_lead_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_every_step_of_a_photos_way_is_in_the_code():
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    walk = text.partition("## A photo's way")[2].partition("\n## ")[0]
    steps = re.findall(r"`([a-z_/]+\.py)`: `([\w.]+)`", walk)
    assert len(steps) > 12
    for path, name in steps:
        nodes = [ast.parse((ROOT / path).read_text(encoding="utf-8"))]
        for part in name.split("."):
            nodes = [
                found
                for node in nodes
                for found in ast.walk(node)
                if isinstance(found, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
                and found.name == part
            ]
            assert nodes, f"{path}: {name}"
    rows = re.findall(r"(?m)^\| (\d)\. ", walk)
    assert rows == [str(number) for number in range(1, len(rows) + 1)]
    assert len(rows) <= 8


def test_the_readme_leads_to_every_page():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / "docs").glob("*.md"):
        assert f"](docs/{page.name})" in readme, page.name


def test_the_librarys_example_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    for name in ("photo.jpg", "painting.jpg"):
        shutil.copy(SAMPLE_PHOTO, tmp_path / name)
    text = (ROOT / "docs" / "LIBRARY.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert blocks
    for block in blocks:
        exec(block, {})  # noqa: S102 - ours
    assert (tmp_path / "painted.jpg").stat().st_size > 1000
    assert (tmp_path / "own.jpg").stat().st_size > 1000
