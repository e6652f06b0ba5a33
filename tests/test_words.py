"""Names are the field's terms; see the glossary in docs/CONTRIBUTING.md."""

import io
import re
import tokenize
from pathlib import Path

import pytest
from fluent.syntax import FluentParser, ast
from fluent.syntax.serializer import FluentSerializer

ROOT = Path(__file__).parent.parent
CODE = ("bots", "engine", "storage", "migrations")
# What each of these stands for has a name of its own in the glossary.
REFUSED = frozenset(
    (
        "anchor", "asked", "bared", "beat", "beating", "desk", "door", "doors", "entrance",
        "furnish", "gate", "gates", "guards", "heal", "heir", "heirs", "hold", "insist",
        "intake", "knock", "lane", "lanes", "resting", "room", "rooms", "rounds", "site",
        "station", "traces", "usual", "wish", "wishes", "workshop",
    )
)  # fmt: skip
# Names that are not ours to choose, and where: a library's, a table's, what sent messages say.
ALLOWED = {
    "TCPSite": (
        "engine/serving/host.py",
        "bots/process/metrics.py",
        "bots/telegram_adapter/transport/updates.py",
        "bots/web_adapter/app.py",
    ),
    "UnixSite": ("engine/serving/asgi.py",),
    "anchor": (
        "bots/images/sheets.py",
        "engine/media/contact_sheet.py",
        "storage/models.py",
        "storage/repositories/jobs.py",
    ),
    "asked": ("bots/telegram_adapter/handlers/pickers.py",),
    # A benchmark's, and those of deficit round robin.
    "_rounds": ("engine/serving/batcher.py",),
    "rounds": (
        "engine/benchmarks/bench.py",
        "engine/benchmarks/load.py",
        "engine/command/bench_cli.py",
    ),
}
MANNERED = re.compile(r"\b(whoever|likewise|ever again|all the same)\b", re.IGNORECASE)
# What people read says these in plain words: disabled, default, name, cancelled, blocked ...
REFUSED_TEXTS = {
    "en": re.compile(
        r"\b(resting|rests?|usual(ly)?|in work|giv(e|en|ing) up|gave up|shut out|let in|all I know"
        r"|begin a draft|what to call it|made from|note anything)\b",
        re.IGNORECASE,
    ),
    "zh": re.compile("休息|常用风格|叫什么|丢弃|放弃|化名|附加信息|自己的风格|作画|关门|看看"),
}
PROSE = (".css", ".ftl", ".html", ".js", ".md", ".py")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def modules(folder: str) -> list[Path]:
    return [
        path for path in (ROOT / folder).rglob("*.py")
        if "versions" not in path.parts
    ]  # fmt: skip


def words_of(name: str) -> set[str]:
    """The words of a name, in whichever case they are put together."""
    return {word.lower() for word in _WORD.findall(name)}


@pytest.mark.parametrize("folder", CODE)
def test_names_are_the_terms_of_the_glossary(folder: str):
    wrong = []
    for path in modules(folder):
        where = path.relative_to(ROOT).as_posix()
        source = path.read_text(encoding="utf-8")
        names = {
            token.string
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type == tokenize.NAME
        }
        names |= set(path.relative_to(ROOT).with_suffix("").parts)
        wrong += [
            f"{where}: {name}" for name in sorted(names)
            if words_of(name) & REFUSED and where not in ALLOWED.get(name, ())
        ]  # fmt: skip
    assert not wrong, wrong


def test_no_exception_outlives_its_reason():
    for name, places in ALLOWED.items():
        for where in places:
            assert re.search(rf"\b{name}\b", (ROOT / where).read_text(encoding="utf-8")), where


@pytest.mark.parametrize("folder", [*CODE, "docs", "README.md"])
def test_prose_is_plain(folder: str):
    start = ROOT / folder
    paths = [start] if start.is_file() else [p for p in start.rglob("*") if p.suffix in PROSE]
    assert paths
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = MANNERED.search(line)
            assert not found, f"{path.relative_to(ROOT)}:{number}: {line.strip()}"


@pytest.mark.parametrize("language", REFUSED_TEXTS)
def test_texts_that_people_read_are_plain(language: str):
    paths = sorted((ROOT / "bots/core/i18n/locales" / language).glob("*.ftl"))
    assert paths
    for path in paths:
        for entry in FluentParser().parse(path.read_text(encoding="utf-8")).body:
            if isinstance(entry, ast.Message):
                said = FluentSerializer().serialize_entry(entry).partition(" =")[2]
                found = REFUSED_TEXTS[language].search(said)
                assert not found, f"{path.name}: {entry.id.name}: {found}"


def test_the_glossary_has_each_term_once():
    text = (ROOT / "docs" / "CONTRIBUTING.md").read_text(encoding="utf-8")
    glossary = text.partition("## Glossary")[2].partition("\n## ")[0]
    terms = re.findall(r"(?m)^\| (.+?) \| ", glossary)[2:]
    assert len(terms) == len(set(terms)) > 20
    assert not {word for term in terms for word in words_of(term)} & REFUSED
