"""An embedder that remembers: a test set is embedded once, every further run takes seconds."""

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.protocols import Embedder
from rag.types import Matrix, Vector

__all__ = ["CachedEmbedder"]

_BATCH = 64


@dataclass(frozen=True, slots=True)
class CachedEmbedder:
    """Fits `rag.protocols.Embedder`; vectors are kept in *path* by model and text."""

    embedder: Embedder
    path: Path

    @property
    def dim(self) -> int:
        """Length of every vector."""
        return self.embedder.dim

    @property
    def fingerprint(self) -> str:
        """That of the embedder."""
        return self.embedder.fingerprint

    @property
    def max_tokens(self) -> int:
        """That of the embedder."""
        return self.embedder.max_tokens

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Return how many of `max_tokens` each passage takes."""
        return self.embedder.count_tokens(texts)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        found = self._through("passage", texts, lambda part: map(_bytes, self.embedder.embed_passages(part)))
        return self._rows(b"".join(found))

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        (found,) = self._through("query", [text], lambda _: [_bytes(self.embedder.embed_query(text))])
        vector: Vector = self._rows(found)[0]
        return vector

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        """Return what `embed_passages` does, and what is kept of each text's tokens."""
        by_text = dict(zip(texts, langs, strict=True))

        def read(part: Sequence[str]) -> Iterator[bytes]:
            vectors, signs = self.embedder.read_passages(part, [by_text[text] for text in part])
            return (_bytes(vector) + each for vector, each in zip(vectors, signs, strict=True))

        found = self._through("passage and tokens", texts, read)
        width = 4 * self.dim
        return self._rows(b"".join(each[:width] for each in found)), [each[width:] for each in found]

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        """Return what `embed_query` does, and its tokens: unit rows, shape ``(n, dim)``."""

        def read(_: Sequence[str]) -> list[bytes]:
            return [b"".join(map(_bytes, self.embedder.read_query(text, lang)))]

        rows = self._rows(*self._through("query and tokens", [text], read))
        return rows[0], rows[1:]

    def _rows(self, content: bytes) -> Matrix:
        return np.frombuffer(content, "<f4").astype(np.float32).reshape(-1, self.dim)

    def _through(
        self, side: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Iterable[bytes]]
    ) -> list[bytes]:
        keys = [hashlib.sha256(f"{self.fingerprint}\n{side}\n{text}".encode()).digest() for text in texts]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(self.path)
        try:
            database.execute(
                "CREATE TABLE IF NOT EXISTS vectors (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
            )
            found = _known(database, keys)
            missing = [place for place, key in enumerate(keys) if key not in found]
            for start in range(0, len(missing), _BATCH):
                part = missing[start : start + _BATCH]
                bodies = embed([texts[place] for place in part])
                fresh = {keys[place]: body for place, body in zip(part, bodies, strict=True)}
                with database:
                    database.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?)", fresh.items())
                found.update(fresh)
        finally:
            database.close()
        return [found[key] for key in keys]


def _known(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for key in dict.fromkeys(keys):
        if row := database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone():
            found[key] = row[0]
    return found


def _bytes(rows: Matrix) -> bytes:
    return rows.astype("<f4").tobytes()
