"""Public retrieval sets as folders: BEIR's layout, and the same with extras.

``corpus.jsonl`` and ``queries.jsonl`` hold one object a line (``_id`` or ``id``,
``title``, ``text``; queries may have ``answerable``); judgements stand in
``qrels/test.tsv`` (BEIR, with a header) or ``qrels.tsv`` (TREC, four columns);
``contexts.jsonl``, where present, fixes the passages of each question.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import EvalDataError
from rag.text.characters import clean_text

__all__ = ["Query", "TestSet", "read_set"]

Qrels = Mapping[str, Mapping[str, int]]
"""Relevance by query id and document id; a document that is not named is 0."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One document of a set, which is one passage."""

    doc_id: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Query:
    """One question; `contexts` names its fixed passages, where a set has them."""

    query_id: str
    text: str
    lang: str
    answerable: bool
    contexts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TestSet:
    """A collection, its questions and the judgements."""

    name: str
    passages: tuple[Passage, ...]
    queries: tuple[Query, ...]
    qrels: Qrels


def read_set(folder: Path) -> TestSet:
    """Read the set in *folder*.

    Raises:
        EvalDataError: A file is missing or a line is not what it should be.
    """
    contexts = {
        each["qid"]: tuple(doc["id"] for doc in each["docs"]) for each in _optional(folder / "contexts.jsonl")
    }
    queries = tuple(_query(each, contexts) for each in _objects(folder / "queries.jsonl"))
    passages = tuple(_passage(each) for each in _objects(folder / "corpus.jsonl"))
    if not passages or not queries:
        raise EvalDataError(f"{str(folder)!r} holds no passages or no queries. Give a folder in BEIR's form.")
    return TestSet(folder.name, passages, queries, _qrels(folder))


def _passage(fields: Mapping[str, Any]) -> Passage:
    return Passage(_id(fields), clean_text(fields.get("title") or ""), clean_text(fields["text"]))


def _query(fields: Mapping[str, Any], contexts: Mapping[str, tuple[str, ...]]) -> Query:
    key = _id(fields)
    answerable = bool(fields.get("answerable", True))
    return Query(
        key, clean_text(fields["text"]), str(fields.get("lang", "und")), answerable, contexts.get(key, ())
    )


def _id(fields: Mapping[str, Any]) -> str:
    return str(fields["_id"] if "_id" in fields else fields["id"])


def _optional(path: Path) -> Iterator[dict[str, Any]]:
    return _objects(path) if path.is_file() else iter(())


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    for number, line in _lines(path):
        try:
            fields = json.loads(line)
            missing = {"text"} - fields.keys() if "qid" not in fields else {"docs"} - fields.keys()
        except (json.JSONDecodeError, AttributeError, TypeError) as exc:
            raise EvalDataError(f"{path}:{number}: not a JSON object: {exc}.") from exc
        if missing or not {"_id", "id", "qid"} & fields.keys():
            raise EvalDataError(f"{path}:{number}: needs an id and {missing or 'text'}.")
        yield fields


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    try:
        with path.open(encoding="utf-8") as lines:
            yield from ((number, line) for number, line in enumerate(lines, start=1) if line.strip())
    except (OSError, UnicodeDecodeError) as exc:
        raise EvalDataError(f"{str(path)!r} cannot be read: {exc}.") from exc


def _qrels(folder: Path) -> Qrels:
    beir = folder / "qrels" / "test.tsv"
    path = beir if beir.is_file() else folder / "qrels.tsv"
    qrels: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        columns = line.split()
        if path == beir and number == 1:
            continue
        try:
            query_id, doc_id, relevance = columns[0], columns[-2], int(columns[-1])
        except (IndexError, ValueError) as exc:
            raise EvalDataError(f"{path}:{number}: {line.strip()!r} is not a judgement.") from exc
        qrels.setdefault(query_id, {})[doc_id] = relevance
    return qrels
