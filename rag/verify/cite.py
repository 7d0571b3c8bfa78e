"""The citations of an answer, checked by us: a model is only asked for them.

An answer is split into claims. Words that stand in a retrieved passage are their
own proof; any other claim is aligned with the sentence that supports it best, in
whatever language, and is verified only if `rag.verify.support` lets that sentence (or
two in a row) stand behind it. Markers that a model wrote only say which passage
to look in first; the numbers in the final text are ours, one for each distinct
quote, so a marker without a passage cannot occur.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np

from rag.protocols import Index
from rag.text.characters import clean_text, is_unspaced, tokens
from rag.text.languages import detect
from rag.text.paragraphs import is_list_item
from rag.text.sentences import sentences
from rag.types import UNDETERMINED, Claim, Doubt, Hit, Matrix, Vector
from rag.values import find_values
from rag.values.agreement import says
from rag.values.calendar import dated
from rag.values.numberwords import spells
from rag.verify.citations import Citations, Cited, Quote
from rag.verify.listed import enumerated, sums_up
from rag.verify.markers import segments
from rag.verify.nearness import Scorer, Statement
from rag.verify.polarity import clauses
from rag.verify.support import Context, Verdict, judge

__all__ = ["cite"]

_FENCE = re.compile(r"^\s*(?:```|~~~)\w*\s*$")
_LETTERS = re.compile(r"[^\W_]")
# What precedes a claim in a list and is no part of it.
_BULLET = re.compile(r"^\s*(?:[-*•·‣]\s+|#{1,6}\s+|>\s*)*")
_NONE: Doubt = ""
# How many of the nearest sentences are tried before a claim counts as unverified.
_TRIES = 4
# The nearest sentence says otherwise or less: another that seems to agree is about something else.
_CONTRADICTIONS = frozenset({"negation", "opposite", "parts", "scope", "certainty", "addition"})
# A sentence so much further away than another shares a number by chance.
_BEHIND = 0.15
# What a sentence may leave to the one before it ("She said so that day"). What else a
# claim takes from two sentences, it must say in two clauses.
_SAID_BEFORE = frozenset({"name", "date", "weekday", "quarter"})
# A claim is further from a sentence in another language; and once a near sentence denies
# it, only what is about as near may still support it.
_ACROSS = 0.12
_ASIDE = 0.05
_MARGIN_WEIGHT = 0.25
_VALUE_WEIGHT = 0.2
_WORDS_WEIGHT = 0.2
_HINT_WEIGHT = 0.05
# That a sentence enumerates the items of a list makes it nearer than its words do.
_LISTED = 0.1


def _status(found: "Quote | None", *, unread: bool) -> Literal["verified", "unverified", "unchecked"]:
    if found:
        return "verified"
    return "unchecked" if unread else "unverified"


def cite(reply: str, hits: Sequence[Hit], index: Index, scorer: Scorer, *, strict: bool = False) -> Cited:
    """Split *reply* into claims and cite the sentences of the passages that support them.

    Args:
        reply: As a backend wrote it, whole: markers may have been split across pieces.
        hits: Best first; marker ``[n]`` of the reply means ``hits[n - 1]``.
        scorer: Asked only about claims that no passage holds word for word.
        strict: Leave out what could not be verified.
    """
    citations = Citations(index)
    passages = _Passages(hits, index, scorer)
    claims: list[Claim] = []
    lines: list[str] = []
    for line in clean_text(reply).splitlines():
        if _FENCE.match(line):
            continue
        written: list[str] = []
        for text, markers in segments(line):
            for piece in _pieces(text, hits):
                verbatim = _quote(piece, hits, markers)
                found, why = (verbatim, _NONE) if verbatim else passages.support(piece, markers)
                if strict and not found:
                    continue
                numbers = (citations.cite(found).marker,) if found else ()
                unread = not found and passages.unread(piece, why)
                claims.append(Claim(piece, _status(found, unread=unread), numbers, why))
                written.append(piece + "".join(f" [{number}]" for number in numbers))
        if written:
            lines.append(" ".join(written))
    return Cited("\n".join(lines), tuple(claims), citations.all())


# --- reading the reply ------------------------------------------------------------


def _pieces(text: str, hits: Sequence[Hit]) -> list[str]:
    """Return *text* as one claim if a passage holds it whole, else its sentences."""
    if not text:
        return []
    if _quote(text, hits, ()):
        return [text]
    return [text[start:end] for start, end in sentences(text) if _LETTERS.search(text[start:end])]


# --- word for word ----------------------------------------------------------------


def _quote(claim: str, hits: Sequence[Hit], hints: Sequence[int]) -> Quote | None:
    order = sorted(range(len(hits)), key=lambda place: (place + 1 not in hints, place))
    for place in order:
        if span := _find(claim, hits[place].chunk.text):
            return hits[place].chunk, *span
    return None


def _find(claim: str, passage: str) -> tuple[int, int] | None:
    """Find *claim* in *passage*, white space and case aside; whole words only."""
    needle, _ = _squeezed(claim)
    haystack, offsets = _squeezed(passage)
    at = haystack.find(needle) if needle else -1
    while at >= 0:
        start, end = offsets[at], offsets[at + len(needle) - 1] + 1
        if _is_edge(passage, start) and _is_edge(passage, end):
            return start, end
        at = haystack.find(needle, at + 1)
    return None


@lru_cache(maxsize=256)
def _squeezed(text: str) -> tuple[str, list[int]]:
    """Return *text* folded and without white space, and each character's origin."""
    folded: list[str] = []
    offsets: list[int] = []
    for offset, char in enumerate(text):
        for piece in unicodedata.normalize("NFKC", char).casefold():
            if not piece.isspace():
                folded.append(piece)
                offsets.append(offset)
    return "".join(folded), offsets


def _is_edge(text: str, offset: int) -> bool:
    """Tell whether no word runs across *offset*: "12" is not a quote from "2012"."""
    if not 0 < offset < len(text):
        return True
    before, after = text[offset - 1], text[offset]
    return not (before.isalnum() and after.isalnum()) or is_unspaced(before) or is_unspaced(after)


# --- in other words ---------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Sentence:
    place: int
    start: int
    end: int
    text: str


class _Passages:
    """The sentences of the hits, embedded once, when the first claim is not word for word."""

    def __init__(self, hits: Sequence[Hit], index: Index, scorer: Scorer) -> None:
        self._hits = hits
        self._index = index
        self._scorer = scorer
        self._sentences: list[_Sentence] = []
        self._vectors: Matrix | None = None

    def support(self, claim: str, hints: Sequence[int]) -> tuple[Quote | None, Doubt]:
        """Return the sentence, or two in a row, that supports *claim* best, else what the nearest denies."""
        text = _BULLET.sub("", claim)
        vectors = self._embedded()
        why = _NONE
        if not self._sentences or not _LETTERS.search(text):
            return None, "meaning"
        statement = Statement(text, self._language(text))
        vector = self._scorer.vectors([text], [statement.lang])[0]
        near = vectors @ vector
        words = self._coverage(statement)
        scores = near + words + self._bonus(statement, hints)
        level = near + _ACROSS * np.array([each != statement.lang for each in self._langs()], np.float32)
        least, nearest = level.max() - _BEHIND, near.max() - _BEHIND
        # The nearest of all is heard first: it may deny what another seems to say.
        for place in dict.fromkeys(
            [int(level.argmax()), *np.argsort(-scores, kind="stable")[:_TRIES].tolist()]
        ):
            if level[place] < least and near[place] < nearest:
                continue
            besides = float(words[place]) + _MARGIN_WEIGHT * self._margin(near, place)
            found, verdict = self._supporting(statement, vector, place, besides)
            if found:
                return found, _NONE
            why = why or verdict.doubt
            if verdict.contradicts:
                aside = 0.0 if verdict.against in _CONTRADICTIONS else _ASIDE
                least, nearest = max(least, level[place] - aside), max(nearest, near[place] - aside)
        if summed := self._summed(statement, vector):
            return summed, _NONE
        return None, why or "meaning"

    def unread(self, claim: str, why: Doubt) -> bool:
        """Tell whether *why* is of numbers or dates that are not read in a language of claim or passages.

        "Altı kitap" is no other number than "6 kitap" to who cannot read it, and not the same either.
        """
        langs = {self._language(claim), *(hit.chunk.lang for hit in self._hits)}
        reads = {"number": spells, "date": dated}.get(why)
        return reads is not None and not all(reads(lang.partition("-")[0]) for lang in langs)

    def _summed(self, claim: Statement, vector: Vector) -> Quote | None:
        """Return the list, with what introduces it, that *claim* sums up."""
        parts = enumerated(claim.text)
        for first, last in self._lists() if len(parts) > 1 else ():
            if sums_up(parts, [each.text for each in self._sentences[first + 1 : last + 1]]):
                verdict = self._judged(claim, vector, first, last, _LISTED)
                if verdict.supported:
                    return self._quoted(first, last)
        return None

    def _lists(self) -> Iterator[tuple[int, int]]:
        """Yield the first and the last sentence of each list, what introduces it among them."""
        at = 0
        while at < len(self._sentences):
            last = at
            while self._in_a_row(at, last + 1) and is_list_item(self._sentences[last + 1].text):
                last += 1
            if last > at:
                yield at, last
            at = last + 1

    def _margin(self, near: Matrix, place: int) -> float:
        """Return how far the sentence stands out of its passage: one on the same topic does not."""
        own = self._sentences[place].place
        others = [
            score
            for other, score in enumerate(near)
            if self._sentences[other].place == own and other != place
        ]
        return max(0.0, float(near[place]) - max(others)) if others else 0.0

    def _language(self, text: str) -> str:
        """Return the language of *text*; a short claim is in that of the passages if it looks like it."""
        lang = detect(text)
        return self._hits[0].chunk.lang if lang == UNDETERMINED else lang

    def _embedded(self) -> Matrix:
        if self._vectors is None:
            for place, hit in enumerate(self._hits):
                for start, end in sentences(hit.chunk.text, hit.chunk.lang):
                    if _LETTERS.search(hit.chunk.text[start:end]):
                        self._sentences.append(_Sentence(place, start, end, hit.chunk.text[start:end]))
            self._vectors = self._scorer.vectors([each.text for each in self._sentences], self._langs())
        return self._vectors

    def _coverage(self, claim: Statement) -> Matrix:
        """Return the weighted share of the claim's words that each sentence in its language holds."""
        words = set(tokens(claim.text))
        # What the title says is the topic of every sentence, and proves none.
        topics = [
            words.intersection(tokens(self._index.document(hit.chunk.doc_id).title)) for hit in self._hits
        ]
        held = [
            len((words - topics[each.place]).intersection(tokens(each.text))) if lang == claim.lang else 0
            for each, lang in zip(self._sentences, self._langs(), strict=True)
        ]
        return np.array(held, np.float32) * (_WORDS_WEIGHT / max(len(words), 1))

    def _langs(self) -> list[str]:
        return [self._hits[each.place].chunk.lang for each in self._sentences]

    def _bonus(self, claim: Statement, hints: Sequence[int]) -> Matrix:
        """Return what else makes a sentence worth a try: shared values, the model's marker."""
        values = find_values(claim.text, claim.lang)
        bonus = np.zeros(len(self._sentences), np.float32)
        for place, sentence in enumerate(self._sentences):
            lang = self._hits[sentence.place].chunk.lang
            theirs = find_values(sentence.text, lang)
            if values:
                held = sum(any(says(each, value) for each in theirs) for value in values)
                bonus[place] += _VALUE_WEIGHT * held / len(values)
            if sentence.place + 1 in hints:
                bonus[place] += _HINT_WEIGHT
        return bonus

    def _supporting(
        self, claim: Statement, vector: Matrix, place: int, besides: float
    ) -> tuple[Quote | None, Verdict]:
        """Judge the sentence at *place*, then together with its neighbours; tell what stands against it."""
        assert self._vectors is not None
        stands = Verdict("meaning")
        for first, last in ((place, place), (place - 1, place), (place, place + 1)):
            if not self._in_a_row(first, last):
                continue
            leans = last == place and stands.against in _SAID_BEFORE
            joins = len(clauses(claim.text)) > 1 or self._joins(claim, first, last)
            if first != last and not leans and not joins:
                continue
            verdict = self._judged(claim, vector, first, last, besides)
            if verdict.supported:
                return self._quoted(first, last), verdict
            if first == last:
                stands = verdict
            if stands.against == "meaning" or stands.against in _CONTRADICTIONS:
                break
        return None, stands

    def _quoted(self, first: int, last: int) -> Quote:
        start, end = self._sentences[first], self._sentences[last]
        return self._hits[start.place].chunk, start.start, end.end

    def _judged(self, claim: Statement, vector: Vector, first: int, last: int, besides: float) -> Verdict:
        """Judge the sentences from *first* to *last*, of one passage, as one quote."""
        assert self._vectors is not None
        chunk, start, end = self._quoted(first, last)
        joined = self._vectors[first : last + 1].sum(axis=0)
        similarity = float(joined @ vector / max(float(np.linalg.norm(joined)), 1e-6))
        # Several in a row are no further away than the nearest one of them.
        similarity = max(similarity, float((self._vectors[first : last + 1] @ vector).max()))
        document = self._index.document(chunk.doc_id)
        before = self._sentences[first - 1].text if self._in_a_row(first - 1, first) else ""
        context = Context(f"{document.title}\n{chunk.heading}", before)
        quote = Statement(chunk.text[start:end], chunk.lang)
        return judge(claim, quote, similarity + besides, context, self._scorer)

    def _joins(self, claim: Statement, first: int, last: int) -> bool:
        """Tell whether each of two sentences says a value of the claim that the other does not."""
        values = find_values(claim.text, claim.lang)
        lang = self._hits[self._sentences[first].place].chunk.lang
        said = [
            {
                v.start
                for v in values
                if any(says(each, v) for each in find_values(self._sentences[at].text, lang))
            }
            for at in (first, last)
        ]
        return bool(said[0] - said[1]) and bool(said[1] - said[0])

    def _in_a_row(self, first: int, last: int) -> bool:
        return (
            first >= 0
            and last < len(self._sentences)
            and self._sentences[first].place == self._sentences[last].place
        )
