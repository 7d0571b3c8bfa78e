"""One passage as a row of Milvus: what is searched, what is filtered by, and all that is shown of it."""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rag.index import lexical
from rag.index.dense import Transform
from rag.index.engines import sparse
from rag.index.engines.expressions import FOREVER, day, key, lang_key, name
from rag.index.engines.tables import packed, unpacked
from rag.index.entry import Entry
from rag.index.schema import chunk_id, decoded, encoded
from rag.text.characters import tokens
from rag.text.pages import page_at
from rag.types import Chunk, Vector

__all__ = ["KEPT", "NAMED", "SHOWN", "Shown", "named", "raw", "rows", "shown", "terms"]

NAMED = ("number", "doc", "start", "stop")
"""Fields that tell which passage a row is."""

SHOWN = (*NAMED, "body", "signs")
"""Fields of `shown`."""

KEPT = (*SHOWN, "raw")
"""Fields of `raw`, and those of `shown`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a question asks of a passage that was found; `terms` are `lexical.pack` of its tokens."""

    chunk: Chunk
    title: str
    terms: bytes
    signs: bytes


def terms(entry: Entry) -> list[bytes]:
    """Return the packed tokens of each passage: of title, heading and text."""
    title = entry.document.title
    return [lexical.pack(tokens(f"{title}\n{chunk.heading}\n{chunk.text}")) for chunk in entry.chunks]


def rows(
    entry: Entry, held: Sequence[bytes], first: int, generation: int, mean: float, transform: Transform
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one document.

    Args:
        held: `terms` of *entry*.
        first: Number of the first row.
        mean: Mean number of tokens of the passages of the index.
    """
    document = entry.document
    searched = transform.apply(entry.vectors, [chunk.lang for chunk in entry.chunks])
    for place, chunk in enumerate(entry.chunks):
        page = page_at(document.pages, chunk.start)
        body = [chunk.lang, chunk.heading, document.title, page.number, page.label, chunk.text]
        yield {
            "number": first + place,
            "born": generation,
            "died": FOREVER,
            "doc": key(document.doc_id),
            "start": chunk.start,
            "stop": chunk.end,
            "lang": lang_key(chunk.lang),
            "day": day(document.date),
            "body": packed(encoded([*body, held[place].decode()])),
            "signs": base64.b64encode(entry.signs[place]).decode("ascii"),
            "raw": base64.b64encode(np.ascontiguousarray(entry.vectors[place], "<f4").tobytes()).decode(
                "ascii"
            ),
            "sparse": sparse.document(held[place].decode().split(), mean),
            "dense": np.ascontiguousarray(searched[place], np.float32),
        }


def named(row: Mapping[str, Any]) -> tuple[str, int, int]:
    """Return document, start and end of a row with the fields `NAMED`; their order is reading order."""
    return name(str(row["doc"])), int(row["start"]), int(row["stop"])


def shown(row: Mapping[str, Any]) -> Shown:
    """Return what a row with the fields `SHOWN` holds. Raises `ValueError` if it is not what was written."""
    doc_id, start, end = named(row)
    lang, heading, title, number, label, text, held = decoded(unpacked(str(row["body"])))
    chunk = Chunk(chunk_id(doc_id, start, end), doc_id, start, end, text, lang, heading, number, label)
    return Shown(chunk, title, held.encode(), base64.b64decode(str(row.get("signs", ""))))


def raw(row: Mapping[str, Any]) -> Vector:
    """Return the vector of a row with the fields `KEPT`, as the embedder gave it."""
    vector: Vector = np.frombuffer(base64.b64decode(str(row["raw"])), "<f4")
    return vector
