"""What text is, in any script: cleaned once at the border, folded to compare, cut into tokens.

`clean_text` runs on every document and every question before anything else
sees it; `fold` and `tokens` serve comparison and lexical search only.
"""

import re
import unicodedata
from functools import lru_cache

__all__ = ["clean_text", "fold", "is_unspaced", "tokens"]

# Not text: NUL and other C0/C1 controls (line feed and tab stay), lone surrogates,
# bidi embeddings, overrides and isolates (CVE-2021-42574), invisible operators, the
# byte order mark, the zero width space, non-characters, and the TAG block, which
# hides instructions in plain sight. ZWJ and ZWNJ stay: Persian, Indic scripts and
# emoji need them. TAG characters stay only after a waving black flag (the flag of
# Wales is one such sequence).
_CONTROLS = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u2069\u206a-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff\ud800-\udfff]"
    "|(?<![\U0001f3f4\U000e0020-\U000e007e])[\U000e0000-\U000e007f]+"
)
# None of these, and no radical of Chinese: most text, which needs no closer look.
_UNUSUAL = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\u2e80-\u2fd5"
    "\ud800-\udfff\ufeff\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f]"
)
# Text taken from a PDF may hold radicals where characters are meant: ⽉ for 月. Only
# compatibility normalisation knows them, which is too strong for whole documents.
_KANGXI = {code: unicodedata.normalize("NFKC", chr(code)) for code in range(0x2E80, 0x2FD6)}
_SURROGATE_PAIR = re.compile("[\ud800-\udbff][\udc00-\udfff]")
_NEWLINES = re.compile("\r\n?|[\x85\u2028\u2029]")

# Scripts written without spaces between words, and Hangul, whose particles cling
# to the noun: overlapping pairs of characters find words that splitting would miss.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_UNSPACED_RUN = re.compile(f"[{_UNSPACED}]+")
# A word: letters, marks and digits of spaced scripts, with inner joiners ("gpt-4o",
# "3.5", "o'clock", "24/7" are looked up as one token and as their parts).
_LETTER = rf"(?![{_UNSPACED}])[^\W_]"
_WORD = rf"{_LETTER}(?:{_LETTER}|[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0dff\u200c\u200d])*"
_TOKEN = re.compile(rf"(?P<run>[{_UNSPACED}]+)|(?P<word>{_WORD}(?:[-.,'’:/+&]{_WORD})*\+*#?)")
_PART = re.compile(_WORD)
# Combining marks of scripts in which they are optional or a matter of keyboard:
# Latin accents, Greek tonos, Arabic and Hebrew vowel points. Indic, Thai and kana
# marks are letters of their own and stay.
_OPTIONAL_MARK = re.compile("[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]")
_MARKABLE = re.compile("[\u00c0-\u024f\u0370-\u05ff\u0600-\u06ff\u1e00-\u1fff]")


def clean_text(text: str) -> str:
    """Return *text* as NFC without controls, lone surrogates and invisible carriers.

    Surrogate pairs that arrived as two halves become the character they stand for.
    Line ends become ``\\n``.
    """
    if not _UNUSUAL.search(text):
        return unicodedata.normalize("NFC", text)
    paired = _SURROGATE_PAIR.sub(
        lambda pair: pair[0].encode("utf-16", "surrogatepass").decode("utf-16"), text
    )
    return unicodedata.normalize("NFC", _CONTROLS.sub("", _NEWLINES.sub("\n", paired))).translate(_KANGXI)


def fold(text: str) -> str:
    """Fold *text* for comparison: NFKC, casefold, one space between words.

    NFKC makes full-width and half-width forms equal ("ＲＡＧ" is "RAG");
    casefold, unlike lower, makes "Straße" equal "STRASSE".
    """
    return " ".join(_folded(text).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())


def _without_optional_marks(text: str) -> str:
    if not _MARKABLE.search(text) and not _OPTIONAL_MARK.search(text):
        return text
    return "".join(_bare(char) for char in text)


@lru_cache(maxsize=4096)
def _bare(char: str) -> str:
    if _OPTIONAL_MARK.match(char):
        return ""
    # й is a letter of its own, not и with an optional breve.
    if not _MARKABLE.match(char) or char in "йў":
        return char
    return unicodedata.normalize("NFC", _OPTIONAL_MARK.sub("", unicodedata.normalize("NFD", char)))


def is_unspaced(char: str) -> bool:
    """Tell whether *char* belongs to a script that `tokens` cuts into bigrams."""
    return _UNSPACED_RUN.match(char) is not None


def tokens(text: str) -> list[str]:
    """Cut *text* into tokens for lexical search, in reading order, repeats included.

    Spaced scripts give words, and for compounds such as "gpt-4o" the parts too;
    Han, kana, Hangul, Thai, Lao, Khmer and Burmese give overlapping character
    bigrams (a lone character gives itself). Tokens hold no white space.
    """
    found: list[str] = []
    for match in _TOKEN.finditer(_without_optional_marks(_folded(text))):
        if run := match["run"]:
            found.extend(run[i : i + 2] for i in range(len(run) - 1) or range(1))
        else:
            word = match["word"]
            found.append(word)
            parts = _PART.findall(word)
            if len(parts) > 1:
                found.extend(parts)
    return found
