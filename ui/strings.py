"""What the chat says of itself, in the languages of its interface; the texts stand in ``strings.json``.

Decides which of them a person gets. What an answer says is not here: it follows the
language of the question (`rag.answer.phrases`), the interface that of the browser.
"""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from types import MappingProxyType

__all__ = ["LANGUAGES", "preferred", "strings"]

LANGUAGES = ("ko", "en", "ja", "zh", "de", "es", "fr")
"""BCP 47, in the order in which they are offered."""

# "ko-KR;q=0.8"; a weight that is no number counts as none.
_RANGE = re.compile(r"\s*([a-zA-Z*]{1,8})(?:-[\w-]+)?\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")


def strings(lang: str) -> Mapping[str, str]:
    """Return the texts in *lang* by key, those in English for a language that has none.

    Fields in braces are for `str.format`.
    """
    primary = lang.partition("-")[0].lower()
    return _tables()[primary if primary in LANGUAGES else "en"]


def preferred(accept_language: str) -> str:
    """Return the one of `LANGUAGES` that an ``Accept-Language`` header asks for first, else English."""
    found = [match for each in accept_language.split(",") if (match := _RANGE.fullmatch(each))]
    wanted = [(float(match[2] or 1), match[1].lower()) for match in found]
    ranked = sorted(wanted, key=lambda each: -each[0])
    return next((lang for weight, lang in ranked if weight and lang in LANGUAGES), "en")


@cache
def _tables() -> Mapping[str, Mapping[str, str]]:
    texts = json.loads(files("rag.ui").joinpath("strings.json").read_text(encoding="utf-8"))
    return {lang: MappingProxyType({key: each[lang] for key, each in texts.items()}) for lang in LANGUAGES}
