"""Reads what the benchmarks of retrieval measure on: passages of one file, questions of test sets."""

import json
from collections.abc import Sequence
from pathlib import Path

from rag.eval.beir import Passage, Query, TestSet, read_set
from rag.index.chunk import embedded_text
from rag.text.characters import clean_text
from rag.types import UNDETERMINED, Chunk

__all__ = ["collection", "embedded"]


def collection(folders: Sequence[Path], more: Path | None = None) -> TestSet:
    """Return the sets in *folders* as one, with the passages of the file *more*, each passage once.

    Args:
        folders: In BEIR's form.
        more: One JSON object with ``id``, ``text`` and perhaps ``title`` a line.
    """
    sets = [read_set(folder) for folder in folders]
    passages = {each.text: each for set_ in sets for each in set_.passages}
    if more:
        for line in more.read_text(encoding="utf-8").splitlines():
            fields = json.loads(line)
            text = clean_text(fields["text"])
            passages[text] = Passage(str(fields["id"]), clean_text(fields.get("title") or ""), text)
    queries: dict[str, Query] = {query.text: query for set_ in sets for query in set_.queries}
    return TestSet("collection", tuple(passages.values()), tuple(queries.values()), {})


def embedded(passages: Sequence[Passage]) -> list[str]:
    """Return what is embedded of each passage, as `rag eval retrieval` does: its vector is remembered."""
    chunks = [Chunk("", "", 0, len(each.text), each.text, UNDETERMINED) for each in passages]
    return [embedded_text(each.title, chunk) for each, chunk in zip(passages, chunks, strict=True)]
