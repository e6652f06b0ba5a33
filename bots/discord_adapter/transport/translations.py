"""Translations of commands and options, which Discord itself shows."""

from collections.abc import Mapping
from typing import Any, Final

import discord
from discord import app_commands
from typing_extensions import override

from bots.core.i18n.texts import FALLBACK, Texts

# Discord's locales for each language; those of English are the default.
_LANGUAGES: Final = {
    discord.Locale.chinese: "zh",
    discord.Locale.taiwan_chinese: "zh",
}


class FluentTranslator(app_commands.Translator):
    """Translates commands, options and menus into the languages of both Discord and the bots."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts

    @override
    async def translate(
        self,
        string: app_commands.locale_str,
        locale: discord.Locale,
        context: app_commands.TranslationContext[Any, Any],
    ) -> str | None:
        """The translation of a string made by `text` or `titled`; None to show the default."""
        language, name = _LANGUAGES.get(locale), string.extras.get("name")
        if language is not None and "titles" in string.extras:
            return str(string.extras["titles"].get(language) or "") or None
        if language is None or name is None or language not in self._texts.languages:
            return None
        return self._texts.say(name, language)


def text(texts: Texts, name: str) -> app_commands.locale_str:
    """A text for Discord to show: in English, with its name for `FluentTranslator`."""
    return app_commands.locale_str(texts.say(name, FALLBACK), name=name)


def titled(titles: Mapping[str, str]) -> app_commands.locale_str:
    """A title from the engine for Discord to show, by language."""
    return app_commands.locale_str(titles[FALLBACK], titles=titles)
