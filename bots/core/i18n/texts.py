"""The bots' texts in all languages, and the table from error to sentence.

A language is a folder `locales/TAG/` of files in Project Fluent's format
(https://projectfluent.org), one for each surface. English is complete; messages that another
language lacks are shown in English.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fluent.runtime import FluentLocalization, FluentResourceLoader

from bots.core.errors import BotError
from engine.api.errors import EngineError
from storage.errors import StorageError

FOLDER: Final = Path(__file__).parent / "locales"
FALLBACK: Final = "en"


class Texts:
    """All messages.

    Attributes:
        languages: Tags of the available languages, English first.
    """

    def __init__(self) -> None:
        others = sorted(path.name for path in FOLDER.iterdir() if path.name != FALLBACK)
        self.languages = (FALLBACK, *others)
        files = sorted(path.name for path in (FOLDER / FALLBACK).iterdir())
        loader = FluentResourceLoader(str(FOLDER / "{locale}"))
        self._spoken = {
            language: FluentLocalization([language, FALLBACK], files, loader, use_isolating=False)
            for language in self.languages
        }

    def say(self, name: str, language: str, /, **facts: str | int) -> str:
        """A message's text.

        Args:
            name: The message's id.
            language: A tag from `languages`.
            facts: Values of its variables.

        Raises:
            KeyError: the message or language does not exist.
        """
        said: str = self._spoken[language].format_value(name, facts)
        if said == name:
            raise KeyError(f"No text {name!r}.")
        return said

    def of_error(self, error: BotError | EngineError | StorageError, language: str) -> str:
        """The sentence for an error of any layer."""
        facts: Mapping[str, str | int] = error.facts if isinstance(error, BotError) else {}
        return self.of_code(error.code, language, **facts)

    def of_code(self, code: str, language: str, /, **facts: str | int) -> str:
        """The sentence for an error code."""
        try:
            return self.say(f"error-{code}", language, **facts)
        except KeyError:
            # Unknown codes get a general sentence.
            return self.say("error-internal", language)

    def choose(self, *wanted: str | None) -> str:
        """The first of these languages that is available; a tag's region is ignored."""
        for tag in wanted:
            base = (tag or "").replace("_", "-").split("-")[0].lower()
            if base in self._spoken:
                return base
        return FALLBACK
