"""The nouns of the project, as frozen values. Nothing here computes or reads.

Offsets are code points of the document's NFC text, half-open, so that
``document.text[start:end]`` is always exactly the quoted words.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "UNDETERMINED",
    "Abstention",
    "Answer",
    "Chunk",
    "Citation",
    "Claim",
    "Conflict",
    "Document",
    "Fault",
    "FaultCode",
    "Hit",
    "Judgement",
    "Mask",
    "Matrix",
    "Page",
    "Passage",
    "Reading",
    "Side",
    "Span",
    "Turn",
    "Vector",
    "Where",
]

Vector = npt.NDArray[np.float32]
"""One embedding, shape ``(dim,)``."""

Matrix = npt.NDArray[np.float32]
"""Embeddings, shape ``(n, dim)``, one a row."""

UNDETERMINED = "und"
"""BCP 47 for a language that could not be told."""


@dataclass(frozen=True, slots=True)
class Mask:
    """A span of a document that is kept in the text but never chunked."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Page:
    """Where a page, slide or sheet begins: it runs to the start of the next one.

    Attributes:
        start: Offset in the document's text.
        number: Counted from 1 in the order of the file.
        label: What a reader calls it: "p. 12", "slide 3", "Sheet1".
    """

    start: int
    number: int
    label: str


@dataclass(frozen=True, slots=True)
class Document:
    """A file as text.

    Attributes:
        doc_id: Path relative to the indexed folder, with ``/``.
        title: From the file's own title, its first heading, or its name.
        text: NFC, without controls (see `rag.text.characters.clean_text`).
        lang: BCP 47, ``und`` if unknown.
        date: Publication date if the text, metadata or name tells it.
        sha256: Of the file's bytes, hexadecimal.
        boilerplate: Spans that are not content, in order, not overlapping.
        author: As the file declares it; empty if it does not.
        pages: In order; empty for formats without pages.
        left_out: What of the file is not in `text`, each with its place and reason: "page 3: blank".
    """

    doc_id: str
    title: str
    text: str
    lang: str
    date: date | None
    sha256: str
    boilerplate: tuple[Mask, ...] = ()
    author: str = ""
    pages: tuple[Page, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage: ``document.text[start:end] == text``.

    Attributes:
        page, place: Number and label of the page on which it begins; 0 and empty
            for formats without pages.
    """

    chunk_id: str
    doc_id: str
    start: int
    end: int
    text: str
    lang: str
    heading: str = ""
    page: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Where:
    """Which documents may be searched. Empty fields do not restrict.

    Attributes:
        docs: Document ids.
        folders: Document id prefixes, ending in ``/`` or not.
        langs: BCP 47 languages of the passage.
        since, until: Publication date, both inclusive; undated documents are
            left out as soon as one of the two is given.
    """

    docs: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    langs: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A retrieved passage: `score` higher is better, `rank` from 1, `title` of its document.

    Attributes:
        published: The date of its document; None where it has none, or `rag.answer.sourced` has not looked.
    """

    chunk: Chunk
    score: float
    rank: int
    ranks: Mapping[str, int] = field(default_factory=dict)
    title: str = ""
    published: date | None = None


class Passage(NamedTuple):
    """What a reader is given: a text, and the title and heading it stands under."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Span:
    """Words of a passage that may be the answer: ``text[start:end]``.

    Attributes:
        score: Log odds against "this passage does not say"; higher is better.
    """

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of a question and one passage.

    Attributes:
        spans: Possible answers, best first, none inside another; empty if the passage holds no word.
        answers: Log odds that the passage answers the question.
        relevance: Higher is better; tells passages of one question apart.
    """

    spans: tuple[Span, ...]
    answers: float
    relevance: float


@dataclass(frozen=True, slots=True)
class Judgement:
    """Probabilities that a passage supports a sentence, contradicts it, or does neither; their sum is 1."""

    supported: float
    contradicted: float
    neither: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The words of a document that stand behind ``[marker]``.

    Attributes:
        page, place: Number and label of the page on which the quote begins; 0 and
            empty for formats without pages.
        answer: Start and end of the words in the quote that answer, in the document's
            text as `start` and `end` are; None if the reader marked none of it.
    """

    marker: int
    doc_id: str
    chunk_id: str
    start: int
    end: int
    quote: str
    title: str
    date: date | None
    lang: str
    page: int = 0
    place: str = ""
    answer: tuple[int, int] | None = None


Doubt = Literal["", "meaning", "number", "date", "name", "negation", "parts", "addition"]
"""What the nearest sentence says otherwise; ``meaning`` if it is about something else."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One sentence of the answer, whether a quote supports it, and if none does, why.

    Attributes:
        status: "unchecked" if what `why` names could not be read in the language of the
            claim or of its source, so that nothing is known for or against it.
    """

    text: str
    status: Literal["verified", "unverified", "unchecked"]
    markers: tuple[int, ...]
    why: Doubt = ""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values that sources give for the same thing."""

    value: str
    statement: str
    marker: int
    date: date | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """Two or more sources that disagree, newest first."""

    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Turn:
    """A question and its answer, earlier in the same conversation."""

    question: str
    answer: str


Abstention = Literal["", "no_passages", "low_evidence", "not_stated", "no_answer", "unverified"]
"""Why there is no answer: nothing to search in, nothing near, the passages are about it but do not
say, the model finds none, or none it can prove."""

FaultCode = Literal[
    "unreachable",
    "timeout",
    "refused",
    "too_long",
    "malformed",
    "empty",
    "declined",
    "incomplete",
    "length",
    "tool_call",
    "json",
    "thought",
    "wrong_language",
    "paused",
    "unverified",
    "failed",
]
"""What befell a backend: the kind of its `BackendError`, or that nothing it wrote could be verified.

``thought`` is of `rag.assistant.Discarded` alone: what had been passed on was reasoning.
"""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why the reply of a backend was not taken, or not all of it; `message` is a sentence in English."""

    model: str
    code: FaultCode
    message: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a question.

    Attributes:
        answered: False is a result, not an error: the documents do not say.
        reason: `abstention` and `faults` as a sentence in English; empty without both.
        abstention: Why it is not answered; empty if it is.
        faults: Of the backends that were asked before `model`, and of its own.
        evidence: Probability in [0, 1] that the passages answer the question.
        degraded: The chosen backend failed and a simpler one stood in.
        generation: Of the index that was asked.
    """

    question: str
    lang: str
    text: str
    answered: bool
    reason: str
    abstention: Abstention
    faults: tuple[Fault, ...]
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]
    conflicts: tuple[Conflict, ...]
    hits: tuple[Hit, ...]
    evidence: float
    model: str
    degraded: bool
    timings_ms: Mapping[str, float]
    generation: int
