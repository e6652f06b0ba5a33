"""The example of `.env`: every setting, none that is none, and each default as it is."""

import re
from pathlib import Path

import pytest
from pydantic import SecretStr
from pydantic_settings import BaseSettings

from bots.settings import BotSettings
from engine.api.settings import EngineSettings
from storage.settings import StorageSettings

EXAMPLE = Path(__file__).parents[2] / ".env.example"
# Of compose.yaml's own.
OTHERS = {"POSTGRES_PASSWORD", "TORCH_INDEX_URL"}
CLASSES: dict[type[BaseSettings], str] = {
    BotSettings: "",
    StorageSettings: "",
    EngineSettings: "ENGINE_",
}


def shown() -> dict[str, str]:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    found = [re.fullmatch(r"#?([A-Z][A-Z_]*)=(.*)", line) for line in lines]
    return {line[1]: line[2] for line in found if line}


def test_it_names_every_setting_and_no_other():
    names = {
        f"{prefix}{name.upper()}" for kind, prefix in CLASSES.items() for name in kind.model_fields
    }
    assert set(shown()) == names | OTHERS


@pytest.mark.parametrize("kind", CLASSES)
def test_what_it_shows_is_valid_and_the_default(
    kind: type[BaseSettings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    for name in shown():
        monkeypatch.delenv(name, raising=False)
    plain = kind()
    Path(".env").write_text("".join(f"{name}={value}\n" for name, value in shown().items()))
    assert kind() == plain


def test_it_is_no_place_for_secrets():
    for kind, prefix in CLASSES.items():
        for name, field in kind.model_fields.items():
            if field.annotation is SecretStr:
                assert shown()[f"{prefix}{name.upper()}"] == ""
