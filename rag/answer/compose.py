"""The answer without a model: the sentence that holds the words the reader marked, then what adds to it.

The default, the fallback of every other backend, and what runs in CI. The first line
answers; further lines are there only if they carry an answer of their own: the rest
of a list, a second part of the question, what another document says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.restriction import Restriction
from rag.paragraphs import is_heading, is_list_item, is_table_row
from rag.prompt import UNANSWERED
from rag.protocols import Prompt
from rag.sentences import sentences
from rag.text import fold, tokens
from rag.types import Hit, Reading, Span

__all__ = ["Quoting", "strength"]

MAX_SENTENCES = 3
# Items of a list that are quoted; more are counted.
MAX_ITEMS = 8
# How much the order of the retriever and the language of the question weigh against
# the reader's log odds. Measured by bench/reader.py; docs/decisions/0053-reader.md.
_RETRIEVED = 4.0
_OWN_LANGUAGE = 1.0
# The share of the question's words that the sentence repeats: "Is it closed on Mondays?" marks no words.
_REPEATED = 6.0
# Words so sure need no others beside them: a further sentence must be as sure, and nearly as good.
_SURE = 6.0
_BESIDE_SURE = 1.0
# Where the best words are less sure, what comes after them may be what was asked for.
_LEAST = -4.0
_MARGIN = 8.0
# Two items of one list within this of each other: the list is the answer.
_ALIKE = 2.0
_WORD = re.compile(r"\w")
_ASKS = re.compile(r"[?？؟;]\W*$")


@dataclass(frozen=True, slots=True)
class _Choice:
    """A span of a passage with the sentence it stands in; offsets are those of the passage."""

    hit: Hit
    marker: int
    span: Span
    start: int
    end: int
    score: float

    @property
    def text(self) -> str:
        return self.hit.chunk.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Quoting:
    """Answer with whole sentences of the passages, each on its line with its marker."""

    model_id: str = "extractive"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the lines of the answer, the one that answers first; that there is none if so."""
        if not prompt.stated:
            yield UNANSWERED
            return
        for choice in _chosen(_choices(prompt), prompt.lang):
            for line in choice.text.splitlines():
                if _WORD.search(line):
                    words = line.strip("# \t") if is_heading(line) else line.strip()
                    yield f"{words} [{choice.marker}]\n"


def strength(reading: Reading, hit: Hit, lang: str) -> float:
    """Return how well a passage answers, in log odds: what was read, where it was found, its language."""
    span = reading.spans[0].score if reading.spans else -_MARGIN
    return reading.answers + span / 2 + _RETRIEVED * hit.score + _OWN_LANGUAGE * (hit.chunk.lang == lang)


def _choices(prompt: Prompt) -> list[_Choice]:
    """Return the spans of all passages with their sentences, best first."""
    found: list[_Choice] = []
    asked = set(tokens(prompt.question))
    restriction = Restriction.of(prompt.standalone or prompt.question, prompt.hits)
    for marker, (hit, reading) in enumerate(zip(prompt.hits, prompt.readings, strict=False), start=1):
        cut = list(sentences(hit.chunk.text, hit.chunk.lang))
        if not reading.spans:
            continue
        best = reading.spans[0].score
        for span in reading.spans:
            start, end = _around(span, cut)
            text = hit.chunk.text[start:end]
            if _ASKS.search(text) or not _WORD.search(text):
                continue
            if not restriction.admits_sentence(hit, start, end):
                continue
            score = strength(reading, hit, prompt.lang) + span.score - best
            score += _REPEATED * len(asked.intersection(tokens(text))) / max(1, len(asked))
            start, end = _whole(hit.chunk.text, cut, start, end, reading.spans)
            found.append(_Choice(hit, marker, span, start, end, score))
    return sorted(found, key=lambda choice: -choice.score)


def _around(span: Span, cut: Sequence[tuple[int, int]]) -> tuple[int, int]:
    """Return the sentence, or the sentences, that hold *span*."""
    held = [(start, end) for start, end in cut if start < span.end and span.start < end]
    return (held[0][0], held[-1][1]) if held else (span.start, span.end)


def _whole(
    text: str, cut: Sequence[tuple[int, int]], start: int, end: int, spans: Sequence[Span]
) -> tuple[int, int]:
    """Widen a sentence to the list it announces, or that the answer is spread over."""
    place = next((i for i, (a, _) in enumerate(cut) if a == start), None)
    if place is None:
        return start, end
    last = next(i for i in range(place, len(cut)) if cut[i][1] >= end)
    if text[start:end].rstrip().endswith((":", "：")):
        return start, cut[_last_item(text, cut, last + 1)][1] if last + 1 < len(cut) else end
    if not is_list_item(text[start:end]):
        return start, end
    first, final = place, _last_item(text, cut, place)
    while first > 0 and is_list_item(text[slice(*cut[first - 1])]):
        first -= 1
    items = cut[first : final + 1]
    spread = [
        span
        for span in spans
        if span.score > spans[0].score - _ALIKE and any(a <= span.start < b for a, b in items)
    ]
    if len({next(i for i, (a, b) in enumerate(items) if a <= span.start < b) for span in spread}) < 2:
        return start, end
    if first > 0 and text[slice(*cut[first - 1])].rstrip().endswith((":", "：")):
        first -= 1
    return cut[first][0], cut[final][1]


def _last_item(text: str, cut: Sequence[tuple[int, int]], place: int) -> int:
    """Return the last of the list items that follow one another from *place* on."""
    last = place
    for i in range(place, min(len(cut), place + MAX_ITEMS)):
        if not (is_list_item(text[slice(*cut[i])]) or is_table_row(text[slice(*cut[i])])):
            break
        last = i
    return last


def _chosen(choices: Sequence[_Choice], lang: str) -> list[_Choice]:
    """Return the best, and those behind it that answer by themselves and say something else."""
    chosen: list[_Choice] = []
    said: set[str] = set()
    for choice in choices:
        # A heading answers only where it says it itself: "## Closed on Mondays".
        if is_heading(choice.text) and "\n" not in choice.text.strip() and choice.span.score < _SURE:
            continue
        words = fold(choice.text)
        if any(words in each or each in words for each in said):
            continue
        if chosen and not _adds(choice, chosen, lang):
            continue
        chosen.append(choice)
        said.add(words)
        if len(chosen) == MAX_SENTENCES:
            break
    return chosen


def _adds(choice: _Choice, chosen: Sequence[_Choice], lang: str) -> bool:
    best = chosen[0]
    sure = best.span.score >= _SURE
    least, margin = (0.0, _BESIDE_SURE) if sure else (_LEAST, _MARGIN)
    if choice.score < best.score - margin or choice.span.score < least:
        return False
    # The same told in another language is no second answer.
    return choice.hit.chunk.lang == best.hit.chunk.lang or best.hit.chunk.lang != lang
