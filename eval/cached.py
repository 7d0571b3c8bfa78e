"""An embedder that remembers: a test set is embedded once, every further run takes seconds."""

import hashlib
import sqlite3
from collections.abc import Callable, Sequence
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
        return self._through("passage", texts, self.embedder.embed_passages)

    def embed_query(self, text: str) -> Vector:
        """Return a unit vector, float32, shape ``(dim,)``."""
        vector: Vector = self._through(
            "query", [text], lambda _: self.embedder.embed_query(text)[np.newaxis]
        )[0]
        return vector

    def _through(self, side: str, texts: Sequence[str], embed: Callable[[Sequence[str]], Matrix]) -> Matrix:
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
                rows = embed([texts[place] for place in part])
                fresh = {keys[place]: row for place, row in zip(part, rows, strict=True)}
                with database:
                    database.executemany(
                        "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                        [(key, row.astype("<f4").tobytes()) for key, row in fresh.items()],
                    )
                found.update(fresh)
        finally:
            database.close()
        return np.stack([found[key] for key in keys]) if keys else np.empty((0, self.dim), np.float32)


def _known(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, Vector]:
    found: dict[bytes, Vector] = {}
    for key in dict.fromkeys(keys):
        if row := database.execute("SELECT vector FROM vectors WHERE key = ?", (key,)).fetchone():
            found[key] = np.frombuffer(row[0], "<f4").astype(np.float32)
    return found
