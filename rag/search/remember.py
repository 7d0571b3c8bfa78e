"""Vectors of texts that were embedded lately, kept in memory.

An answer compares the sentences of its passages with the question, and so does the
next answer from the same passages; each stage embeds the question again. The same
text always has the same vector, so nothing changes but the time.
"""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np

from rag.protocols import Embedder
from rag.types import Matrix, Vector

__all__ = ["RememberingEmbedder"]

# Of 384 dimensions: about 33 MB.
_AT_MOST = 20_000


class RememberingEmbedder:
    """An embedder that does not embed the same text twice. Threads may share it."""

    def __init__(self, embedder: Embedder, at_most: int = _AT_MOST) -> None:
        self._embedder = embedder
        self._at_most = at_most
        self._lock = threading.Lock()
        self._vectors: OrderedDict[bytes, Vector] = OrderedDict()

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return self._embedder.dim

    @property
    def fingerprint(self) -> str:
        """That of the embedder: the vectors are its own."""
        return self._embedder.fingerprint

    @property
    def max_tokens(self) -> int:
        """How many tokens of a passage text are read."""
        return self._embedder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of `max_tokens` each passage text takes."""
        return self._embedder.count_tokens(texts)

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        key = _key("query", text)
        if key not in (found := self._known([key])):
            found = {key: self._embedder.embed_query(text)}
            self._remember(found)
        return found[key]

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        """Return what the embedder does, and remember the vector for `embed_query`."""
        vector, tokens = self._embedder.read_query(text, lang)
        self._remember({_key("query", text): vector})
        return vector, tokens

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        """Return what the embedder does: a passage is indexed once."""
        return self._embedder.read_passages(texts, langs)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        keys = [_key("passage", text) for text in texts]
        found = self._known(keys)
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            rows = self._embedder.embed_passages(list(missing.values()))
            # Copies: a row that is a view would keep its whole matrix alive.
            fresh = {key: row.copy() for key, row in zip(missing, rows, strict=True)}
            self._remember(fresh)
            found |= fresh
        return np.array([found[key] for key in keys], np.float32).reshape(len(keys), self.dim)

    def _known(self, keys: Sequence[bytes]) -> dict[bytes, Vector]:
        with self._lock:
            found = {key: self._vectors[key] for key in keys if key in self._vectors}
            for key in found:
                self._vectors.move_to_end(key)
        return found

    def _remember(self, fresh: dict[bytes, Vector]) -> None:
        with self._lock:
            self._vectors.update(fresh)
            while len(self._vectors) > self._at_most:
                self._vectors.popitem(last=False)


def _key(kind: str, text: str) -> bytes:
    return hashlib.blake2b(f"{kind}: {text}".encode("utf-8", "surrogatepass"), digest_size=16).digest()
