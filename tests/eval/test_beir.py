"""Public sets are read in both layouts, and what is wrong in them is named."""

from pathlib import Path

import pytest
from doubles import HashEmbedder

from rag.errors import EvalDataError
from rag.eval.beir import read_set
from rag.eval.cached import CachedEmbedder

CORPUS = """\
{"_id": "d1", "title": "역", "text": "역은 여섯 시에 닫는다"}
{"_id": "d2", "text": "Il museo è chiuso"}
"""
QUERIES = (
    '{"_id": "q1", "text": "언제 닫나?", "lang": "ko"}\n{"_id": "q2", "text": "?", "answerable": false}\n'
)


def write(folder: Path, **files: str) -> Path:
    folder.mkdir()
    for name, text in {"corpus.jsonl": CORPUS, "queries.jsonl": QUERIES, **files}.items():
        path = folder / name.replace("__", "/")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    "files",
    [
        {"qrels__test.tsv": "query-id\tcorpus-id\tscore\nq1\td1\t2\n"},
        {"qrels.tsv": "q1\t0\td1\t2\n"},
    ],
    ids=["beir", "trec"],
)
def test_both_layouts_give_the_same_set(files: dict[str, str], tmp_path: Path) -> None:
    """BEIR's three columns with a header and TREC's four without say the same."""
    found = read_set(write(tmp_path / "set", **files))

    assert [("d1", "역"), ("d2", "")] == [(each.doc_id, each.title) for each in found.passages]
    assert [True, False] == [query.answerable for query in found.queries]
    assert {"q1": {"d1": 2}} == found.qrels


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({"qrels.tsv": "q1\t0\td1\tmany\n"}, ["qrels.tsv:1", "many"]),
        ({"qrels.tsv": "", "corpus.jsonl": "{broken\n"}, ["corpus.jsonl:1", "JSON"]),
        ({"qrels.tsv": "", "corpus.jsonl": '{"_id": "d1"}\n'}, ["corpus.jsonl:1", "text"]),
        ({"qrels.tsv": "", "queries.jsonl": "\n"}, ["no passages or no queries"]),
        ({}, ["qrels.tsv", "cannot be read"]),
    ],
)
def test_a_broken_set_is_named(files: dict[str, str], words: list[str], tmp_path: Path) -> None:
    """File, line and fault are in the message."""
    with pytest.raises(EvalDataError) as caught:
        read_set(write(tmp_path / "set", **files))

    assert [] == [word for word in words if word not in str(caught.value)]


def test_remembered_vectors_are_the_embedders(tmp_path: Path) -> None:
    """The cache changes no bit, and asks the embedder once for each text and side."""
    model = HashEmbedder()
    texts = ["역은 닫는다", "museo", "역은 닫는다", "図書館", "👩‍👩‍👧"]
    cached = CachedEmbedder(model, tmp_path / "vectors.sqlite3")

    first, second = cached.embed_passages(texts), cached.embed_passages(texts)

    assert (first == model.embed_passages(texts)).all()
    assert (first == second).all()
    assert (cached.embed_query("museo") == model.embed_query("museo")).all()
    assert cached.embed_passages([]).shape == (0, model.dim)
