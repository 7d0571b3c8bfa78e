"""Whether a text states a fact: the same words, or the same values however they are written.

Numbers, ranks, money, times and dates are compared by value (`rag.values`), so
that 4배 is "quadrupled" and 18시 is "6:00 PM"; the words around them after NFKC
and casefold. Nothing may be cut: 25 is not in 2025, nor 12 in "12 September".
Nothing may be denied: "not second" does not state "second".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rag.answer.phrases import without_lead
from rag.text.characters import clean_text, fold, is_unspaced
from rag.text.languages import detect
from rag.types import UNDETERMINED, Answer
from rag.values import Value, find_values
from rag.values.agreement import says
from rag.values.numerals import folded

__all__ = ["holds", "shown", "without_markers"]

_MARKER = re.compile(r"\s?\[\d+\]")
# Stands for a value in a line of text; private use, so no text holds it.
_SLOT = "\ue000"
_SLOT_SPACE = re.compile(f" ?{_SLOT} ?")

# A fact that stands right behind or before one of these is denied. Only words that
# touch it: "not only in Seoul but second in the world" still states "second".
_DENIED_BEFORE = re.compile(
    r"(?:\b(?:not|never|isn't|wasn't|aren't|nicht|kein\w*|niet|geen|pas|non|nunca|jamais|не|нет|δεν|όχι|नहीं"
    r"|(?:no|não) (?:es|son|era|fue|está|é|foi)|ليس|ليست|لم|لا|לא|אינו|אינה|איננו)"
    r"(?: (?:the|a|an|el|la|los|las|le|les|der|die|das|den|dem|in|at|on|en|um|am|à))?"
    r"|不是|并非|並非|没有|沒有|ไม่ใช่|ไม่) ?$"
)
_DENIED_AFTER = re.compile(
    r" ?(?:이|가|은|는|도)? ?(?:아니|아닌|아님|아닙)"
    r"|(?:では|じゃ|でも|は)(?:な[いくか]|ありません|無い)| nicht\b| नहीं"
)
_REACH = 24

# Words that the value beside them speaks for already, by its kind: before it and
# behind it. 第二 is "second", 오후 6시 is 18:00, 상위 5개국 is "the top five".
_SPOKEN_FOR = {
    "ordinal": (re.compile(r"[제第] ?$"), re.compile("")),
    "top": (
        re.compile(
            r"(?:상위|톱|上位|トップ|前|\b(?:top|die|ersten|premiers|premières|primeros|primeras)) ?$", re.I
        ),
        re.compile(r" ?(?:개국|위|[かカヶ]国|[个個]国家?|位)?"),
    ),
    "time": (
        re.compile(
            r"(?:오전|오후|새벽|아침|저녁|밤|午前|午後|朝|夕方|夜|上午|下午|早上|晚上|凌晨|清晨|傍晚"
            r"|\b(?:am|um|at|à|a las|à las)) ?$",
            re.I,
        ),
        re.compile(
            r" ?(?:[ap]\.? ?m\.?(?!\w)|uhr(?!\w)|o'clock|in the (?:morning|afternoon|evening)|abends|morgens"
            r"|nachmittags|vormittags|du (?:matin|soir)|de l'après-midi|de la (?:mañana|tarde|noche)"
            r"|утра|вечера|صباح\w*|مساء\w*|בבוקר|בערב)?",
            re.I,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line with its values; in `slots` each value is one `_SLOT`."""

    text: str
    lang: str
    values: tuple[Value, ...]
    slots: str


def shown(answer: Answer) -> str:
    """Return what a person is shown of *answer*: its text and the sides of its conflicts."""
    sides = (f"{side.value}\n{side.statement}" for each in answer.conflicts for side in each.sides)
    return "\n".join([without_markers(without_lead(answer.text, answer.lang)), *sides])


def without_markers(text: str) -> str:
    """Return *text* without ``[n]``, which is ours and no word of the answer."""
    return _MARKER.sub("", text)


def holds(text: str, fact: str) -> bool:
    """Tell whether *text* states *fact*."""
    return any(_states(line, fact) for line in _lines(text))


@lru_cache(maxsize=256)
def _lines(text: str) -> tuple[_Line, ...]:
    # A language for each line: an answer may quote documents in several.
    return tuple(_line(line, detect(line)) for line in clean_text(text).split("\n") if line.strip())


def _readings(fact: str, lang: str) -> list[_Line]:
    """Return *fact* read in the language of the text, in its own, and in English.

    "1.250" is another number in German, and two words are too few to tell a language by.
    """
    fact = " ".join(clean_text(fact).split())
    readings = [_line(fact, each) for each in dict.fromkeys((lang, UNDETERMINED, "en"))]
    return [each for place, each in enumerate(readings) if each.values not in _values(readings[:place])]


def _values(lines: Sequence[_Line]) -> list[tuple[Value, ...]]:
    return [line.values for line in lines]


@lru_cache(maxsize=4096)
def _line(text: str, lang: str) -> _Line:
    values = find_values(text, lang)
    edges = [0, *(offset for value in values for offset in _extent(text, value)), len(text)]
    pieces = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    slots = _SLOT_SPACE.sub(_SLOT, fold(f" {_SLOT} ".join(pieces)))
    return _Line(text, lang, values, slots)


def _extent(text: str, value: Value) -> tuple[int, int]:
    """Return the offsets of *value* with the words that it speaks for too."""
    if value.kind not in _SPOKEN_FOR:
        return value.start, value.end
    before, after = _SPOKEN_FOR[value.kind]
    left = before.search(text, max(0, value.start - _REACH), value.start)
    right = after.match(text, value.end)
    return left.start() if left else value.start, right.end() if right else value.end


def _states(line: _Line, fact: str) -> bool:
    readings = _readings(fact, line.lang)
    # "euros" may be taken from "7 euros", but not "twenty" from "twenty-five".
    whole = any(each.values for each in readings)
    return any(any(_by_value(line, each)) for each in readings) or any(_by_letter(line, fact, whole=whole))


def _by_value(line: _Line, fact: _Line) -> Iterator[bool]:
    for start, end in _occurrences(line.slots, fact.slots):
        first = line.slots.count(_SLOT, 0, start)
        given = line.values[first : first + len(fact.values)]
        if all(says(each, asked) for each, asked in zip(given, fact.values, strict=True)):
            yield not _is_denied(line.slots, start, end)


def _by_letter(line: _Line, fact: str, *, whole: bool) -> Iterator[bool]:
    """Look for the fact as it is written: a value may be seen in only one of the two."""
    text = folded(line.text)
    for start, end in _occurrences(text, folded(clean_text(fact))):
        if not (whole and _cuts(line.values, start, end)):
            yield not _is_denied(text, start, end)


def _cuts(values: Sequence[Value], start: int, end: int) -> bool:
    return any(
        each.start < end and start < each.end and not (start <= each.start and each.end <= end)
        for each in values
    )


def _occurrences(text: str, words: str) -> Iterator[tuple[int, int]]:
    at = text.find(words) if words else -1
    while at >= 0:
        if _is_edge(text, at) and _is_edge(text, at + len(words)):
            yield at, at + len(words)
        at = text.find(words, at + 1)


def _is_edge(text: str, offset: int) -> bool:
    """Tell whether no word or number runs across *offset*."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    # Numbers that are no value, such as versions: 3.4 is not in 3.4.1, nor 5 in 3.5.
    if before in ".,:" and after.isdigit():
        return not text[: offset - 1][-1:].isdigit()
    if before.isdigit() and after in ".,:":
        return not text[offset + 1 :][:1].isdigit()
    if before.isdigit() and after.isdigit():
        return False
    return not (before.isalnum() and after.isalnum()) or is_unspaced(before) or is_unspaced(after)


def _is_denied(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - _REACH) : start]
    return bool(_DENIED_BEFORE.search(before) or _DENIED_AFTER.match(text, end))
