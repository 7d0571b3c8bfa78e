"""Question and passage go in together; the words that answer, and how sure it is, come out."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from threading import Thread
from typing import TypeVar

import numpy as np

from rag.model.session import Session, cores, open_session
from rag.model.unigram import Piece, tokenizer
from rag.model.weights import expand
from rag.read.network import MARKS, Trained, network
from rag.text.characters import is_unspaced
from rag.types import Judgement, Matrix, Passage, Reading, Span, Vector

__all__ = ["BundledReader"]

# As in training (train/examples.py): of longer questions the end is read, of titles the beginning.
_QUESTION_TOKENS = 64
_TITLE_TOKENS = 24
_CLAIM_TOKENS = 128
# A longer passage is read in windows that overlap by half.
_WINDOW = 320
# No answer is longer, in tokens; lists are for whoever composes the answer.
_LONGEST = 40
_SPANS = 4

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class _Read:
    """What the network said of the tokens of one window.

    Attributes:
        spans: Logits of begin and end of each token of the passage, shape ``(n, 2)``.
        none: The same of the begin mark, which stands for "no answer", shape ``(2,)``.
        verdict: Logits of answering and of relevance, shape ``(2,)``.
        claim: Logits of supported, contradicted, neither, shape ``(3,)``.
    """

    spans: Matrix
    none: Vector
    verdict: Vector
    claim: Vector


class BundledReader:
    """The reader on ONNX Runtime. Every passage takes one core; several passages take them all.

    The same question and passage give the same result, whatever is read beside them.

    Args:
        weights: From `rag.read.network.read_trained`.
    """

    def __init__(self, weights: Trained) -> None:
        self._weights = weights
        self._tokenizer = tokenizer(weights.base)
        self._words = weights.rows("emb.word", weights.hidden)
        places = weights.vector("emb.pos").reshape(-1, weights.hidden)
        self._places = places + weights.vector("emb.type")[: weights.hidden]

    def prepare(self) -> None:
        """Build the network now, beside whatever else there is to do, instead of at the first question."""
        Thread(target=lambda: self._session).start()

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return for each passage which of its words answer *question*, and whether it answers at all."""
        asked = self._tokenizer.ids(question)[-_QUESTION_TOKENS:]
        return self._each(lambda passage: self._reading(asked, passage), passages)

    def check(self, claim: str, passages: Sequence[Passage]) -> list[Judgement]:
        """Return for each passage whether it supports the sentence *claim*."""
        said = self._tokenizer.ids(claim)[:_CLAIM_TOKENS]
        return self._each(lambda passage: self._judgement(said, passage), passages)

    def _each(self, work: Callable[[Passage], _T], passages: Sequence[Passage]) -> list[_T]:
        assert self._session  # made once (a cached_property has a lock), before the threads ask for it
        with ThreadPoolExecutor(cores()) as pool:
            return list(pool.map(work, passages))

    def _reading(self, asked: Sequence[int], passage: Passage) -> Reading:
        spans: list[Span] = []
        verdicts: list[Vector] = []
        for window in _windows(self._tokenizer.pieces(passage.text)):
            found = self._run(asked, passage.title, [piece.id for piece in window])
            spans += (_whole_words(span, passage.text) for span in _best_spans(found, window))
            verdicts.append(found.verdict)
        answers, relevance = np.max(verdicts, axis=0).tolist()
        return Reading(_apart(spans), answers, relevance)

    def _judgement(self, said: Sequence[int], passage: Passage) -> Judgement:
        windows = _windows(self._tokenizer.pieces(passage.text))
        each = [
            _softmax(self._run(said, passage.title, [piece.id for piece in window]).claim)
            for window in windows
        ]
        return Judgement(*max(each, key=lambda odds: odds[0]).tolist())

    def _run(self, asked: Sequence[int], title: str, passage: Sequence[int]) -> _Read:
        """Run the network over ``<s> asked </s></s> title passage </s>``, its marks moved to the front."""
        above = self._tokenizer.ids(title)[:_TITLE_TOKENS]
        body = [*asked, *above, *passage]
        split, last = 1 + len(asked), 3 + len(body)
        ids = [self._weights.bos, *[self._weights.eos] * (MARKS - 1), *body]
        places = [0, split, split + 1, last, *range(1, split), *range(split + 2, last)]
        vectors = expand(self._words[ids]) + self._places[places]
        spans, verdict, claim = (
            each[0]
            for each in self._session.run(["spans", "verdict", "claim"], {"vectors": vectors[np.newaxis]})
        )
        return _Read(spans[len(ids) - len(passage) :], spans[0], verdict, claim)

    @cached_property
    def _session(self) -> Session:
        return open_session(network(self._weights), threads=1)


def _windows(pieces: Sequence[Piece]) -> list[Sequence[Piece]]:
    """Return *pieces* whole, or in windows that overlap by half."""
    starts = range(0, max(1, len(pieces) - _WINDOW // 2), _WINDOW // 2)
    if len(pieces) <= _WINDOW:
        return [pieces]
    return [pieces[start : start + _WINDOW] for start in starts]


def _best_spans(found: _Read, window: Sequence[Piece]) -> list[Span]:
    """Return the best spans of one window, best first; they may overlap."""
    size = len(window)
    if not size:
        return []
    both = found.spans[:, :1] + found.spans[:, 1] - found.none.sum()
    both[~(np.tri(size, k=_LONGEST - 1, dtype=bool) & np.tri(size, dtype=bool).T)] = -np.inf
    flat = both.ravel()
    best = np.argsort(-flat)[: 16 * _SPANS]
    return [
        Span(window[start].start, window[end].end, float(flat[place]))
        for place in best
        for start, end in [divmod(int(place), size)]
        # The space before a word can be a token of its own, and stands for no character.
        if np.isfinite(flat[place]) and window[start].start < window[end].end
    ]


def _whole_words(span: Span, text: str) -> Span:
    """Widen *span* to whole words where words are spaced: tokens end inside of them ("degree|s")."""
    start, end = span.start, span.end
    while start > 0 and _in_word(text[start - 1]) and _in_word(text[start]):
        start -= 1
    while end < len(text) and _in_word(text[end]) and _in_word(text[end - 1]):
        end += 1
    return Span(start, end, span.score)


def _in_word(char: str) -> bool:
    return char.isalnum() and not is_unspaced(char)


def _apart(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return the best of *spans* that do not overlap, best first."""
    chosen: list[Span] = []
    for span in sorted(spans, key=lambda each: -each.score):
        if all(span.end <= other.start or span.start >= other.end for other in chosen):
            chosen.append(span)
    return tuple(chosen[:_SPANS])


def _softmax(logits: Vector) -> Vector:
    powers = np.exp(logits - logits.max())
    odds: Vector = powers / powers.sum()
    return odds
