"""The interface says the same in seven languages."""

import json
import re
import string
import unicodedata
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ui.strings import LANGUAGES, preferred, strings

TEXTS: dict[str, dict[str, str]] = json.loads(
    files("rag.ui").joinpath("strings.json").read_text(encoding="utf-8")
)
SCRIPTS = {
    "ko": "HANGUL",
    "ja": "HIRAGANA|KATAKANA|CJK",
    "zh": "CJK",
    "en": "LATIN",
    "de": "LATIN",
    "es": "LATIN",
    "fr": "LATIN",
}
# Names of keys, commands and formats stay as they are in every script.
AS_IT_IS = (
    r"\{\w+\}|Enter|Shift|YYYY-MM-DD|JSON|Markdown|llm_max_tokens|rag status"
    r"|PDF|Word|Excel|PowerPoint|OpenDocument|HWP|EPUB|RTF"
)


def fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@pytest.mark.parametrize("key", TEXTS)
def test_every_text_is_there_in_every_language_with_the_same_fields(key: str) -> None:
    """No language lacks a text, has one too many, is empty, or fills in something else."""
    texts = TEXTS[key]

    assert set(texts) == set(LANGUAGES)
    assert all(fields(text) == fields(texts["en"]) for text in texts.values())
    assert all(re.fullmatch("[a-z_]+", name) for name in fields(texts["en"]))
    assert all(text == unicodedata.normalize("NFC", text.strip()) != "" for text in texts.values())


@pytest.mark.parametrize("lang", LANGUAGES)
def test_each_language_is_written_in_its_script(lang: str) -> None:
    """A text that was pasted into the wrong column has letters of another script."""
    wrong = {
        key: text
        for key, text in strings(lang).items()
        for char in re.sub(AS_IT_IS, "", text)
        if char.isalpha() and not re.match(SCRIPTS[lang] + "|FEMININE|MASCULINE", unicodedata.name(char))
    }

    assert wrong == {}


@pytest.mark.parametrize("lang", sorted(set(LANGUAGES) - {"en"}))
def test_few_texts_are_those_of_english(lang: str) -> None:
    """A text that nobody translated is the English one: only words that both share may be."""
    same = [key for key, text in strings(lang).items() if text == strings("en")[key]]

    assert len(same) <= 12
    assert all(" " not in strings("en")[key] for key in same)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_languages_are_told_apart(lang: str) -> None:
    """Two buttons of one view never read the same."""
    texts = strings(lang)
    pairs = [("send", "stop"), ("good_answer", "bad_answer"), ("previous_source", "next_source")]
    pairs += [("newer", "older"), ("verified", "unverified"), ("theme_light", "theme_dark")]

    assert all(texts[one] != texts[other] for one, other in pairs)


@pytest.mark.parametrize(
    ("lang", "own_name"),
    [("ko-KR", "한국어"), ("zh-Hant-TW", "中文"), ("EN", "English"), ("he", "English"), ("", "English")],
)
def test_a_region_is_its_language_and_an_unknown_one_is_english(lang: str, own_name: str) -> None:
    """There is always a whole table."""
    assert strings(lang)["own_name"] == own_name


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
        ("pt-BR,pt;q=0.9,es;q=0.5,en;q=0.7", "en"),
        ("en;q=0.1, ja", "ja"),
        ("fr;q=0, de;q=0.001", "de"),
        ("th, *;q=0.5", "en"),
        ("", "en"),
        ("ja;q=seven, zh", "zh"),
    ],
)
def test_the_language_that_the_browser_likes_best_is_taken(header: str, lang: str) -> None:
    """Weights decide, not the order; what is refused (q=0) or malformed does not count."""
    assert preferred(header) == lang


@given(st.text())
def test_any_header_gives_a_language(header: str) -> None:
    """A browser may send anything."""
    assert preferred(header) in LANGUAGES


def test_every_text_is_used() -> None:
    """A text that nothing shows is nobody's to keep up; some keys are put together there."""
    written = [each for each in files("rag.ui").iterdir() if each.name.endswith((".js", ".py"))]
    chat = "".join(each.read_text(encoding="utf-8") for each in written).replace("'", '"')
    parts = {f"{stem}_" for stem in re.findall(r"`(\w+)_\$\{", chat)} | {"embedding", "reading", "own_name"}

    unused = [key for key in TEXTS if f'"{key}"' not in chat and not key.startswith(tuple(parts))]
    assert unused == []
