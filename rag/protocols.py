"""The seams: what the ground floor needs from others, and no more.

An object fits by having the methods; nothing inherits from these.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, Protocol

from rag.types import Chunk, Document, Hit, Judgement, Matrix, Passage, Reading, Turn, Vector, Where

__all__ = ["LLM", "QUOTING", "Embedder", "Index", "Prompt", "Reader", "Reranker", "Task"]

QUOTING = "extractive"
"""`LLM.model_id` of the backend that only quotes, in the language of the documents."""

Task = Literal["answer", "answer again", "rewrite"]
"""What a prompt asks for; the second says that the first reply was in the wrong language."""


class Embedder(Protocol):
    """Turns text into unit vectors whose inner product is their similarity."""

    @property
    def dim(self) -> int:
        """Length of every vector."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever vectors would: weights, pooling, prefixes, limits."""
        ...

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage text are read; the rest would be ignored."""
        ...

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of `max_tokens` each passage text takes."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        ...

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        ...

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        """Return what `embed_passages` does, and `rag.search.late.pack` of each text's tokens.

        Empty bytes where the model's tokens are of no use.
        """
        ...

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        """Return what `embed_query` does, and its tokens: unit rows without language bias, ``(n, dim)``."""
        ...


class Index(Protocol):
    """A searchable snapshot: one generation, from its opening to its closing.

    This is the seam at which another engine may stand in for SQLite and FAISS.
    """

    @property
    def generation(self) -> int:
        """Counts the committed changes of the index: one generation, one content."""
        ...

    def dense(self, vector: Vector, k: int, where: Where) -> list[tuple[str, float]]:
        """Return the *k* nearest ``(chunk_id, inner product)``, best first.

        Fewer only when fewer passages satisfy *where*.
        """
        ...

    def lexical(self, tokens: Sequence[str], k: int, where: Where) -> list[tuple[str, float]]:
        """Return the *k* best ``(chunk_id, BM25)``, higher is better, best first."""
        ...

    def idf(self, tokens: Sequence[str]) -> Mapping[str, float]:
        """Return ``ln((N + 1) / (df + 0.5))`` of each distinct token."""
        ...

    def matches(self, tokens: Sequence[str], chunk_ids: Sequence[str]) -> Mapping[str, frozenset[str]]:
        """Return which of *tokens* each passage holds."""
        ...

    def signs(self, chunk_ids: Sequence[str]) -> list[bytes]:
        """Return `rag.search.late.pack` of the tokens of each passage, empty where none are kept."""
        ...

    def title(self, doc_id: str) -> str:
        """Return the title of a document. Raises `LoadError` when unknown."""
        ...

    def langs(self, chunk_ids: Sequence[str]) -> list[str]:
        """Return the language of each passage, BCP 47."""
        ...

    def chunks(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        """Return the passages in the order of *chunk_ids*."""
        ...

    def document(self, doc_id: str) -> Document:
        """Return a document with its text. Raises `LoadError` when unknown."""
        ...


class Reranker(Protocol):
    """Reads question and passage together, which is better and slower than comparing vectors."""

    def scores(self, question: str, texts: Sequence[str]) -> Sequence[float]:
        """Return how well each text answers *question*: finite, higher is better, any range."""
        ...


class Reader(Protocol):
    """Reads a question, or a sentence, together with each of some passages."""

    def read(self, question: str, passages: Sequence[Passage]) -> list[Reading]:
        """Return for each passage which of its words answer *question*, and whether it answers at all."""
        ...

    def check(self, claim: str, passages: Sequence[Passage]) -> list[Judgement]:
        """Return for each passage whether it supports the sentence *claim*."""
        ...


class Prompt(Protocol):
    """What a backend is given: the question, its language, the passages."""

    @property
    def question(self) -> str:
        """The cleaned question."""
        ...

    @property
    def lang(self) -> str:
        """Language to answer in, BCP 47."""
        ...

    @property
    def hits(self) -> tuple[Hit, ...]:
        """The passages, best first; marker ``[n]`` means ``hits[n - 1]``."""
        ...

    @property
    def readings(self) -> tuple[Reading, ...]:
        """What the reader made of the first passages, in the order of `hits`."""
        ...

    @property
    def rarity(self) -> Mapping[str, float]:
        """How rare each word of the question is in the documents, as `Index.idf` tells."""
        ...

    @property
    def stated(self) -> bool:
        """Whether the passages seem to say what is asked, and are not only about it."""
        ...

    @property
    def history(self) -> tuple[Turn, ...]:
        """Earlier turns, oldest first."""
        ...

    @property
    def standalone(self) -> str:
        """The question with what it leaves to the earlier turns; empty if that is nothing."""
        ...

    @property
    def task(self) -> Task:
        """What is wanted: an answer, or for `rewrite` the question as it would stand alone."""
        ...

    @property
    def wishes(self) -> str:
        """What whoever asks says of form and tone; empty if nothing."""
        ...


class LLM(Protocol):
    """Writes an answer from passages, piece by piece."""

    @property
    def model_id(self) -> str:
        """Names the backend and model in every answer."""
        ...

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the answer. Raises `BackendError` when there is none."""
        ...
