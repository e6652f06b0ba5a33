import pytest

from engine.api.errors import InvalidOptionError
from engine.api.settings import EngineSettings, read_settings


def test_the_defaults_listen_to_this_machine_alone():
    settings = read_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 8750)


def test_variables_are_read_and_the_command_line_wins(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ENGINE_PORT", "9000")
    monkeypatch.setenv("ENGINE_QUEUE_ITEMS", "5")
    monkeypatch.setenv("ENGINE_CHECKPOINT", "")
    settings = read_settings(port=9001, host=None)
    assert (settings.port, settings.queue_items, settings.checkpoint) == (9001, 5, None)


def test_a_token_opens_the_network_and_is_never_shown(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ENGINE_TOKEN", "hush")
    settings = read_settings(host="192.0.2.1")
    assert settings.token.get_secret_value() == "hush"
    assert "hush" not in repr(settings)


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("ENGINE_PORT", "many", "ENGINE_PORT"),
        ("ENGINE_PORT", "70000", "ENGINE_PORT"),
        ("ENGINE_DEVICE", "abacus", "ENGINE_DEVICE"),
        ("ENGINE_QUEUE_ITEMS", "0", "ENGINE_QUEUE_ITEMS"),
        ("ENGINE_BODY_TIMEOUT_S", "0", "ENGINE_BODY_TIMEOUT_S"),
        ("ENGINE_HOST", "192.0.2.1", "ENGINE_TOKEN"),
    ],
)
def test_a_wrong_variable_is_named(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, said: str
):
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidOptionError, match=said):
        read_settings()


def test_settings_are_frozen():
    with pytest.raises(ValueError, match="frozen"):
        EngineSettings().port = 1  # type: ignore[misc] # the point of the test
