"""Small real implementations of the protocols, for tests that need no model and no disk."""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from rag.protocols import Prompt
from rag.text.characters import tokens
from rag.text.languages import detect
from rag.types import Chunk, Document, Hit, Matrix, Vector, Where


@dataclass(frozen=True)
class HashEmbedder:
    """Words hashed into a few dimensions: texts that share words are near."""

    dim: int = 32
    max_tokens: int = 64
    fingerprint: str = "hash-32"

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text) // 3 + 2 for text in texts]

    def embed_query(self, text: str) -> Vector:
        vector = np.full(self.dim, 1e-3, np.float32)
        for token in tokens(text):
            digest = hashlib.blake2b(token.encode(), digest_size=4).digest()
            vector[digest[0] % self.dim] += 1 if digest[1] % 2 else -1
        return (vector / np.linalg.norm(vector)).astype(np.float32)

    def embed_passages(self, texts: Sequence[str]) -> Matrix:
        rows = [self.embed_query(text) for text in texts]
        return np.array(rows, np.float32).reshape(len(texts), self.dim)

    def read_passages(self, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
        return self.embed_passages(texts), [b""] * len(langs)

    def read_query(self, text: str, lang: str) -> tuple[Vector, Matrix]:
        return self.embed_query(text), np.zeros((0, self.dim), np.float32)


@dataclass(frozen=True)
class EqualEmbedder(HashEmbedder):
    """Every text is as near as any other, whatever its language."""

    def embed_query(self, text: str) -> Vector:
        vector: Vector = np.eye(1, self.dim, dtype=np.float32)[0]
        return vector


@dataclass(frozen=True)
class MemoryIndex:
    """The Index protocol by full scan: the oracle of every faster one."""

    entries: Mapping[str, tuple[Document, Chunk, Vector]]
    generation: int = 1

    def _allowed(self, where: Where) -> dict[str, tuple[Document, Chunk, Vector]]:
        return {key: entry for key, entry in self.entries.items() if satisfies(where, entry[0], entry[1])}

    def dense(self, vector: Vector, k: int, where: Where) -> list[tuple[str, float]]:
        scores = [(key, float(entry[2] @ vector)) for key, entry in self._allowed(where).items()]
        return sorted(scores, key=lambda each: (-each[1], each[0]))[:k]

    def lexical(self, tokens: Sequence[str], k: int, where: Where) -> list[tuple[str, float]]:
        idf = self.idf(tokens)
        held = self.matches(tokens, list(self._allowed(where)))
        scores = [(key, sum(idf[token] for token in found)) for key, found in held.items() if found]
        return sorted(scores, key=lambda each: (-each[1], each[0]))[:k]

    def idf(self, tokens: Sequence[str]) -> dict[str, float]:
        held = self.matches(tokens, list(self.entries))
        df = {token: sum(token in found for found in held.values()) for token in tokens}
        return {token: math.log((len(held) + 1) / (count + 0.5)) for token, count in df.items()}

    def matches(self, words: Sequence[str], chunk_ids: Sequence[str]) -> dict[str, frozenset[str]]:
        return {key: frozenset(words).intersection(tokens(self.entries[key][1].text)) for key in chunk_ids}

    def signs(self, chunk_ids: Sequence[str]) -> list[bytes]:
        return [b""] * len(chunk_ids)

    def title(self, doc_id: str) -> str:
        return self.document(doc_id).title

    def langs(self, chunk_ids: Sequence[str]) -> list[str]:
        return [self.entries[key][1].lang for key in chunk_ids]

    def chunks(self, chunk_ids: Sequence[str]) -> list[Chunk]:
        return [self.entries[key][1] for key in chunk_ids]

    def document(self, doc_id: str) -> Document:
        return next(document for document, _, _ in self.entries.values() if document.doc_id == doc_id)


def satisfies(where: Where, document: Document, chunk: Chunk) -> bool:
    """Tell whether a passage may be searched under *where*."""
    folders = tuple(folder.rstrip("/") + "/" for folder in where.folders)
    return (
        (not where.docs or document.doc_id in where.docs)
        and (not where.folders or document.doc_id.startswith(folders))
        and (not where.langs or chunk.lang in where.langs)
        and (where.since is None or (document.date is not None and document.date >= where.since))
        and (where.until is None or (document.date is not None and document.date <= where.until))
    )


def memory_index(texts: Mapping[str, str], embedder: HashEmbedder | None = None) -> MemoryIndex:
    """Return an index with one passage per text, keyed by document id."""
    embedder = embedder or HashEmbedder()
    entries = {}
    for doc_id, text in texts.items():
        document = Document(doc_id, doc_id, text, detect(text), None, "")
        chunk = Chunk(f"{doc_id}#0-{len(text)}", doc_id, 0, len(text), text, document.lang)
        entries[chunk.chunk_id] = (document, chunk, embedder.embed_query(text))
    return MemoryIndex(entries)


def hits(index: MemoryIndex) -> tuple[Hit, ...]:
    """Return every passage of *index* as a hit, in order."""
    return tuple(Hit(entry[1], 1.0, rank) for rank, entry in enumerate(index.entries.values(), start=1))


@dataclass
class ScriptedLLM:
    """Replies from a list; remembers what it was given."""

    replies: list[str]
    asked: list[Prompt] = field(default_factory=list)
    model_id: str = "scripted"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        self.asked.append(prompt)
        reply = self.replies.pop(0)
        yield from (reply[start : start + 5] for start in range(0, len(reply), 5))
