"""The backend without a model: the best sentences of the passages themselves.

The default, the fallback of every other backend, and what runs in CI. A sentence
is read with the title and heading it stands under, because alone it rarely names
its subject. What its score is made of, and what each part is worth, is measured in
docs/decisions/0014-extractive-answers.md.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from rag.asked import Asked, asked
from rag.debias import LanguageMeans
from rag.fusion import coverage
from rag.names import find_names, mentions
from rag.protocols import Embedder, Prompt
from rag.sentences import sentences
from rag.text import fold, tokens
from rag.types import Hit
from rag.values import find_values

__all__ = ["Extractive"]

MAX_SENTENCES = 3
# Sentences are read from this many passages.
_PASSAGES = 8
# Parts of the score beside the similarity: the share of the question's words, the
# score of the passage, and a value of the kind that is asked for (or a name). Where the best
# passage is in another language, words say nothing about it, and its lead is smaller.
_COVERED = 0.05
_PASSAGE_SCORE = 0.068
_PASSAGE_SCORE_ACROSS = 0.027
_VALUE = 0.06
# Sentences in the language of the question are nearer to it than others that say as
# much: each one that is taken leaves the rest of them this much further behind.
_OWN_LANGUAGE = 0.02
# A further sentence must come this close to the best one.
_MARGIN = 0.18
_HEADING = re.compile(r"#{1,6}\s|\|?[-:| ]+\|?$|(\*\*|__)[^*_]+\1:?$")
_ASKS = re.compile(r"[?？؟;]\W*$")
_WORD = re.compile(r"\w")
_QUOTED = re.compile(r"[\"“”„«»‘’「『《〈][^\"“”„«»‘’「」『』《》〈〉]{2,40}[\"“”»‘’」』》〉]")


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    marker: int
    hit: Hit
    start: int
    asks: bool
    after_question: bool

    @property
    def lang(self) -> str:
        """BCP 47, that of its passage."""
        return self.hit.chunk.lang

    @property
    def context(self) -> str:
        """The sentence under its title and heading."""
        above = [part for part in (self.hit.title, self.hit.chunk.heading) if part]
        return "\n".join([*dict.fromkeys(above), self.text])


@dataclass(frozen=True, slots=True)
class Extractive:
    """Answer with up to three sentences, in reading order, each with its marker."""

    embedder: Embedder
    means: LanguageMeans
    model_id: str = "extractive"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield each chosen sentence as one line, followed by its marker."""
        candidates = _candidates(prompt)
        chosen = _choose(candidates, self._scores(prompt, candidates), prompt.lang)
        for candidate in _in_reading_order(chosen):
            yield f"{candidate.text} [{candidate.marker}]\n"

    def _scores(self, prompt: Prompt, candidates: Sequence[_Candidate]) -> list[float]:
        # A follow-up is read both ways: alone it may be about anything, and with the
        # questions before it, sentences that answer those are as near.
        questions = list(dict.fromkeys([prompt.question, prompt.standalone or prompt.question]))
        wanted = asked(prompt.question)
        near = self._similarities(questions, prompt.lang, candidates)
        across = bool(candidates) and candidates[0].lang != prompt.lang
        passage_score = _PASSAGE_SCORE_ACROSS if across else _PASSAGE_SCORE
        texts = [candidate.text for candidate in candidates]
        covered = np.mean([_coverages(question, texts) for question in questions], axis=0).tolist()
        scores = [
            similarity
            + _COVERED * share
            + passage_score * candidate.hit.score
            + _VALUE * _may_answer(candidate, wanted, prompt.question)
            for candidate, similarity, share in zip(candidates, near, covered, strict=True)
        ]
        # "When does it close? At six." : the reply to a question that was found is
        # as good as the question, though it shares no word with it.
        return [
            max(score, scores[place - 1]) if candidate.after_question else score
            for place, (candidate, score) in enumerate(zip(candidates, scores, strict=True))
        ]

    def _similarities(
        self, questions: Sequence[str], lang: str, candidates: Sequence[_Candidate]
    ) -> list[float]:
        each = [self.means.question(self.embedder.embed_query(question), lang) for question in questions]
        vector = np.mean(each, axis=0)
        langs = [candidate.lang for candidate in candidates]
        vectors = self.embedder.embed_passages([candidate.context for candidate in candidates])
        near: list[float] = (self.means.passages(vectors, langs) @ vector).tolist()
        return near


def _candidates(prompt: Prompt) -> list[_Candidate]:
    found: list[_Candidate] = []
    for marker, hit in enumerate(prompt.hits[:_PASSAGES], start=1):
        asked_before = False
        above = {fold(line) for line in (hit.title, *hit.chunk.heading.splitlines())}
        for start, end in sentences(hit.chunk.text, hit.chunk.lang):
            text = hit.chunk.text[start:end]
            if _HEADING.match(text) or not _WORD.search(text) or fold(text) in above:
                continue
            asks = _ASKS.search(text) is not None
            found.append(_Candidate(text, marker, hit, start, asks, asked_before and not asks))
            asked_before = asks
    return found


def _may_answer(candidate: _Candidate, wanted: Asked, question: str) -> bool:
    """Tell whether a sentence holds what is asked for: a value of its kind, a name, a title in quotes."""
    if wanted.called:
        return _QUOTED.search(candidate.text) is not None
    if wanted.person:
        names = (name.text for name in find_names(candidate.text, candidate.lang) if name.sure)
        return any(not mentions(question, name) for name in names)
    return any(
        value.kind in wanted.kinds
        and (value.kind != "number" or not wanted.units or value.unit in wanted.units)
        for value in (find_values(candidate.text, candidate.lang) if wanted.kinds else ())
    )


def _coverages(question: str, texts: Sequence[str]) -> list[float]:
    """Return the idf share of the question's tokens in each text, df counted over *texts*.

    Words that all passages share (the topic) tell sentences apart as little as
    stop words do, and weigh as little.
    """
    words = set(tokens(question))
    held = [words.intersection(tokens(text)) for text in texts]
    df = Counter(word for words_held in held for word in words_held)
    idf = {word: math.log((len(texts) + 1) / (df[word] + 0.5)) for word in words}
    return [coverage(idf, words_held) for words_held in held]


def _choose(candidates: Sequence[_Candidate], scores: Sequence[float], lang: str) -> list[_Candidate]:
    """Return the best sentences, best first; none is a question, none says the same words as another."""
    distinct: dict[str, tuple[float, _Candidate]] = {}
    for score, candidate in sorted(zip(scores, candidates, strict=True), key=lambda pair: -pair[0]):
        if not candidate.asks:
            distinct.setdefault(fold(candidate.text), (score, candidate))
    least = max((score for score, _ in distinct.values()), default=0.0) - _MARGIN
    left = [pair for pair in distinct.values() if pair[0] >= least]
    chosen: list[_Candidate] = []
    while left and len(chosen) < MAX_SENTENCES:
        behind = _OWN_LANGUAGE * sum(each.lang == lang for each in chosen)
        best = max(left, key=lambda pair: pair[0] - behind * (pair[1].lang == lang))
        left.remove(best)
        chosen.append(best[1])
    return chosen


def _in_reading_order(chosen: Sequence[_Candidate]) -> list[_Candidate]:
    """Sort by document (the one with the best passage first), then by position."""
    first: dict[str, int] = {}
    for candidate in sorted(chosen, key=lambda each: each.marker):
        first.setdefault(candidate.hit.chunk.doc_id, candidate.marker)
    return sorted(chosen, key=lambda each: (first[each.hit.chunk.doc_id], each.hit.chunk.start + each.start))
