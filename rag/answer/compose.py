"""The answer without a model: what of a passage holds the words the reader marked, then what adds to it.

The default, the fallback of every other backend, and what runs in CI. The first line
answers; further lines are there only if they carry an answer of their own: the rest
of a list, a second part of the question, what another document says.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.answer.excerpt import Excerpt
from rag.answer.named import held, telling
from rag.answer.parts import parts_of
from rag.answer.prompt import UNANSWERED
from rag.answer.restriction import Restriction
from rag.protocols import Prompt
from rag.text.characters import fold, tokens
from rag.text.paragraphs import code_blocks, is_heading
from rag.types import Hit, Reading, Span
from rag.verify.listed import rest

__all__ = ["Quoting", "strength"]

MAX_SENTENCES = 3
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
_WORD = re.compile(r"\w")
_DIGIT = re.compile(r"\d")
_ASKS = re.compile(r"[?？؟;]\W*$")


@dataclass(frozen=True, slots=True)
class _Choice:
    """What is quoted of a passage for the words of a span; offsets are those of the passage.

    Attributes:
        held: Which words of the question it holds.
        more: Items of the list that are not quoted, because it is a long one.
    """

    hit: Hit
    marker: int
    span: Span
    start: int
    end: int
    score: float
    held: frozenset[str]
    is_heading: bool
    more: int

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
        for choice in _chosen(_choices(prompt), prompt):
            for line in _lines(choice):
                if _WORD.search(line):
                    yield f"{line} [{choice.marker}]\n"
            if choice.more:
                yield f"{rest(choice.more)}\n"


def strength(reading: Reading, hit: Hit, lang: str) -> float:
    """Return how well a passage answers, in log odds: what was read, where it was found, its language."""
    span = reading.spans[0].score if reading.spans else -_MARGIN
    return reading.answers + span / 2 + _RETRIEVED * hit.score + _OWN_LANGUAGE * (hit.chunk.lang == lang)


def _lines(choice: _Choice) -> Iterator[str]:
    """Yield the lines of a choice without fences and the marks of headings."""
    text = choice.hit.chunk.text
    code = list(code_blocks(text))
    offset = choice.start
    for line in choice.text.splitlines(keepends=True):
        inside = next((each for each in code if each.start <= offset < each.end), None)
        if not inside:
            yield line.strip("# \t\n") if is_heading(line) else line.strip()
        elif inside.first <= offset < inside.last:
            yield line.strip()
        offset += len(line)


def _choices(prompt: Prompt) -> list[_Choice]:
    """Return what may be quoted of all passages, best first."""
    found: list[_Choice] = []
    restriction = Restriction.of(prompt.standalone or prompt.question, prompt.hits)
    for marker, (hit, reading) in enumerate(zip(prompt.hits, prompt.readings, strict=False), start=1):
        if reading.spans:
            admitted = _of_passage(prompt, marker, hit, reading)
            found += [each for each in admitted if restriction.admits_sentence(hit, each.start, each.end)]
    return sorted(found, key=lambda choice: -choice.score)


def _of_passage(prompt: Prompt, marker: int, hit: Hit, reading: Reading) -> Iterator[_Choice]:
    asked = frozenset(tokens(prompt.question))
    text, parts = hit.chunk.text, parts_of(hit.chunk.text, hit.chunk.lang)
    above = "\n".join(
        [
            hit.title,
            hit.chunk.heading,
            *(text[each.start : each.end] for each in parts if each.kind == "heading"),
        ]
    )
    words = telling(prompt.question, prompt.rarity, f"{above}\n{text}")
    excerpt = Excerpt(text, parts, prompt.question, above, words, words - held(words, above), reading.spans)
    headings = {(each.start, each.end) for each in parts if each.kind == "heading"}
    best = strength(reading, hit, prompt.lang) - reading.spans[0].score
    for span in reading.spans:
        for start, end in excerpt.quotes(span):
            quote = text[start:end]
            if _ASKS.search(quote) or not _WORD.search(quote):
                continue
            repeated = _REPEATED * len(asked.intersection(tokens(quote))) / max(1, len(asked))
            yield _Choice(
                hit,
                marker,
                span,
                start,
                end,
                best + span.score + repeated,
                held(asked, quote),
                (start, end) in headings,
                excerpt.more(start, end),
            )


def _chosen(choices: Sequence[_Choice], prompt: Prompt) -> list[_Choice]:
    """Return the best, and those behind it that answer by themselves and say something else."""
    chosen: list[_Choice] = []
    said: set[str] = set()
    for choice in choices:
        # What is quoted for the same words is one answer: two rows that the question names.
        others = {(each.marker, each.span) for each in chosen} - {(choice.marker, choice.span)}
        if len(others) == MAX_SENTENCES or (choice.is_heading and not _tells(choice, prompt)):
            continue
        words = fold(choice.text)
        if any(words in each or each in words for each in said):
            continue
        if chosen and not _adds(choice, chosen, prompt.lang):
            continue
        chosen.append(choice)
        said.add(words)
    return chosen


def _tells(choice: _Choice, prompt: Prompt) -> bool:
    """Tell whether a heading answers by itself ("## Closed on Mondays"), not only names what was asked."""
    if choice.span.score >= _SURE:
        return True
    words = choice.hit.chunk.text[choice.span.start : choice.span.end]
    fresh = set(tokens(words)) - set(tokens(prompt.question))
    return any(choice.hit.chunk.lang == prompt.lang or _DIGIT.search(word) for word in fresh)


def _adds(choice: _Choice, chosen: Sequence[_Choice], lang: str) -> bool:
    best = chosen[0]
    sure = best.span.score >= _SURE
    least, margin = (0.0, _BESIDE_SURE) if sure else (_LEAST, _MARGIN)
    if choice.is_heading:
        least = _SURE
    if choice.score < best.score - margin or choice.span.score < least:
        return False
    if any(_says_less(choice, each) for each in chosen):
        return False
    # The same told in another language is no second answer.
    return choice.hit.chunk.lang == best.hit.chunk.lang or best.hit.chunk.lang != lang


def _says_less(choice: _Choice, other: _Choice) -> bool:
    """Tell whether *choice* is about a neighbour of what *other* is about, by the words of the question."""
    if choice.is_heading and other.is_heading and choice.hit.chunk.doc_id == other.hit.chunk.doc_id:
        return choice.held <= other.held
    is_beside = choice.marker == other.marker and choice.span != other.span
    return is_beside and bool(choice.held) and choice.held < other.held
