"""Every sentence in every language, and none for which there is no use."""
# ruff: noqa: RUF001 - Chinese has its own full stops

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.visitor import Visitor

from bots.core import errors as bot_errors
from bots.core.errors import UnknownStyleNameError
from bots.core.i18n.texts import FOLDER, Texts
from engine.api import errors as engine_errors
from engine.api.errors import BrokenImageError
from storage.errors import StorageUnavailableError

TEXTS = Texts()
# An operator meets these, never a person in a chat.
OPERATORS = {"bad_checkpoint", "no_perceptual_weights", "unauthorized"}


class Variables(Visitor):
    def __init__(self) -> None:
        self.found: set[str] = set()

    def visit_VariableReference(self, node: ast.VariableReference) -> None:  # noqa: N802
        self.found.add(node.id.name)


def entries(language: str) -> Iterator[tuple[str, ast.Message]]:
    """Every message of a language, with its surface."""
    for path in sorted((FOLDER / language).glob("*.ftl")):
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            assert not isinstance(entry, ast.Junk), entry.content
            if isinstance(entry, ast.Message):
                yield path.stem, entry


def messages(language: str) -> dict[str, tuple[str, set[str]]]:
    """Ids with their surface and the variables they use."""
    found: dict[str, tuple[str, set[str]]] = {}
    for surface, entry in entries(language):
        variables = Variables()
        variables.visit(entry)
        assert entry.id.name not in found, entry.id.name
        found[entry.id.name] = (surface, variables.found)
    return found


def test_there_are_english_and_chinese():
    assert TEXTS.languages == ("en", "zh")


@pytest.mark.parametrize("language", TEXTS.languages)
def test_every_language_has_every_message_on_its_surface_with_the_same_variables(language: str):
    assert messages(language) == messages("en")


def test_every_error_has_a_sentence_and_every_sentence_an_error():
    codes = {leaf.code for leaf in bot_errors.leaves()}
    codes |= {leaf.code for leaf in engine_errors.leaves()} - OPERATORS
    # Of the store's errors, people hear of the one that may pass.
    codes |= {StorageUnavailableError.code}
    said = {name.removeprefix("error-") for name in messages("en") if name.startswith("error-")}
    assert said == codes | {"internal"}


def test_sentences_tell_what_their_errors_know():
    """The tree in the module's docstring is the contract."""
    promised = {
        code: set(filter(None, (fact.strip() for fact in facts.split(","))))
        for code, facts in re.findall(
            r"─ \w+Error +(\w+)(?: {2,}([\w, ]+))?$", bot_errors.__doc__ or "", re.MULTILINE
        )
    }
    assert set(promised) == {leaf.code for leaf in bot_errors.leaves()}
    for code, facts in promised.items():
        assert messages("en")[f"error-{code}"][1] <= facts, code


@pytest.mark.parametrize(
    ("surface", "folder"),
    [
        ("telegram", "bots/telegram_adapter"),
        ("discord", "bots/discord_adapter"),
        ("studio", "bots/web_adapter"),
    ],
)
def test_messages_of_one_surface_are_said_on_no_other(surface: str, folder: str):
    own = [name for name, (where, _) in messages("en").items() if where == surface]
    others = [path for path in Path("bots").glob("*_adapter") if path != Path(folder)]
    files = [path for other in others for path in other.rglob("*.[ph][yt]*")]
    source = "".join(path.read_text(encoding="utf-8") for path in files if path.suffix != ".pyc")
    assert own
    for name in own:
        assert f'"{name}"' not in source, name


def test_every_message_is_used():
    files = [path for kind in ("*.py", "*.html") for path in Path("bots").rglob(kind)]
    source = "".join(path.read_text(encoding="utf-8") for path in files)
    # Errors, commands, states ... are found by their codes and names.
    composed = tuple(re.findall(r'say\(\s*f"((?:[a-z]+-)+)\{', source))
    assert {"error-", "command-"} < set(composed)
    for name in messages("en"):
        by_name = name.startswith(composed)
        assert by_name or f'"{name}"' in source, name


def test_numbers_and_names_are_said():
    error = UnknownStyleNameError(name="wav", close="The Great Wave")
    assert TEXTS.of_error(error, "en") == "There is no style “wav”. Did you mean The Great Wave?"
    assert "The Great Wave" in TEXTS.of_error(error, "zh")
    none = UnknownStyleNameError(name="wav", close="none")
    assert "/styles" in TEXTS.of_error(none, "zh")
    place = [TEXTS.say("queue-place", "en", title="Wave", ahead=n) for n in (1, 2)]
    assert place == ["Wave · 1 photo before yours", "Wave · 2 photos before yours"]
    assert "damaged" in TEXTS.of_error(BrokenImageError("x"), "en")


def test_no_one_is_left_without_a_word():
    assert TEXTS.of_code("never heard of", "zh") == TEXTS.say("error-internal", "zh")
    with pytest.raises(KeyError):
        TEXTS.say("no such message", "en")


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ((None, None, "zh-hans"), "zh"),
        ((None, "zh", "en"), "zh"),
        (("en", "zh"), "en"),
        (("fr", "zh_TW"), "zh"),
        (("fr", None, ""), "en"),
        ((), "en"),
    ],
)
def test_the_first_language_that_is_spoken_is_chosen(wanted: tuple[str | None, ...], language: str):
    assert TEXTS.choose(*wanted) == language


class Variants(Visitor):
    """Everything a message may say, with "x" for what it is told."""

    def __init__(self) -> None:
        self.found: list[str] = []

    def visit_Pattern(self, node: ast.Pattern) -> None:  # noqa: N802
        parts = [each.value if isinstance(each, ast.TextElement) else "x" for each in node.elements]
        self.found.append("".join(parts))
        self.generic_visit(node)


def sentences(language: str) -> Iterator[tuple[str, str]]:
    """Every sentence of a language, with the message it is in."""
    for _, entry in entries(language):
        variants = Variants()
        variants.visit(entry)
        for said in variants.found:
            for sentence in re.split(r"(?<=[.!?…])\s+|[。！？]|\n|\s·\s", said):
                yield entry.id.name, sentence.strip()


# Twenty words of English, and as much in a script without spaces between them.
_WORDS_MAX, _LETTERS_MAX = 20, 34
_CJK = re.compile("[\u4e00-\u9fff]")


@pytest.mark.parametrize("language", TEXTS.languages)
def test_no_sentence_is_too_long_to_be_read_aloud(language: str):
    for name, sentence in sentences(language):
        words = [word for word in sentence.split() if re.search(r"\w", word)]
        assert len(words) <= _WORDS_MAX, f"{name}: {len(words)} words: {sentence}"
        letters = _CJK.findall(sentence)
        assert len(letters) <= _LETTERS_MAX, f"{name}: {len(letters)} letters: {sentence}"


def test_plural_forms_are_those_a_language_has():
    """Chinese has one form: "one" is never chosen there, and a number is meant by itself."""
    for path in (FOLDER / "zh").glob("*.ftl"):
        assert "[one]" not in path.read_text(encoding="utf-8")
    one = TEXTS.say("choose-style", "zh", count=1)
    assert "这" not in one.partition("？")[0]
    assert "2 张" in TEXTS.say("choose-style", "zh", count=2)
