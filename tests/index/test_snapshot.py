"""Both legs find exactly what a full scan finds, in one generation."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import numpy as np
import pytest
from engines import Engine
from stores import (
    AS_STORED,
    IDENTITY,
    NAMES,
    QUESTIONS,
    SENTENCES,
    SOURCES,
    TRANSFORM,
    answers,
    asked,
    entries,
    entry,
    passages,
    query,
    reopened,
    unit_rows,
    whole,
    written,
)

from rag.errors import LoadError
from rag.index.snapshot import open_snapshot
from rag.index.store import Entry
from rag.text.characters import tokens
from rag.types import Where

FILTERS: list[tuple[Where, Callable[[Entry, int], bool]]] = [
    (Where(), lambda each, place: True),
    (
        Where(docs=("a.md", "기록/회의.txt")),
        lambda each, place: each.document.doc_id in ("a.md", "기록/회의.txt"),
    ),
    (Where(docs=("none.md",)), lambda each, place: False),
    (Where(folders=("기록",)), lambda each, place: each.document.doc_id.startswith("기록/")),
    (
        Where(folders=("기록/기타/", "記録/")),
        lambda each, place: each.document.doc_id in (NAMES[2], NAMES[3]),
    ),
    (Where(folders=("Größe",)), lambda each, place: each.document.doc_id == "Größe/été.md"),
    (Where(folders=("/",)), lambda each, place: True),
    (Where(langs=("ko", "th")), lambda each, place: each.chunks[place].lang in ("ko", "th")),
    (Where(langs=("ZH",)), lambda each, place: each.chunks[place].lang in ("zh", "zh-Hant")),
    (Where(langs=("zh-hant",)), lambda each, place: each.chunks[place].lang == "zh-Hant"),
    (Where(since=date(2021, 6, 1)), lambda each, place: (each.document.date or date.min) >= date(2021, 6, 1)),
    (
        Where(since=date(2020, 6, 1), until=date(2023, 1, 1), folders=("기록", "문서", "文档")),
        lambda each, place: (
            each.document.doc_id.startswith(("기록/", "文档/"))
            and date(2020, 6, 1) <= (each.document.date or date.min) <= date(2023, 1, 1)
        ),
    ),
]


@pytest.mark.parametrize("k", [1, 5, 100])
def test_both_legs_filter_exactly(engine: Engine, tmp_path: Path, k: int) -> None:
    """Under any filter the k best that satisfy it are found, and only they."""
    made = entries(SOURCES)
    vectors = {name: each.vectors[place] for name, (each, place) in passages(made).items()}
    langs = [each.chunks[place].lang for each, place in passages(made).values()]
    shown = dict(zip(vectors, TRANSFORM.apply(np.array(list(vectors.values())), langs), strict=True))
    with reopened(written(tmp_path, engine), engine) as snapshot:
        unfiltered = {
            question: snapshot.lexical(tokens(question), 1000) for question in QUESTIONS[:: engine.step]
        }
        for where, allowed in FILTERS:
            admitted = {name for name, (each, place) in passages(made).items() if allowed(each, place)}
            scores = {name: float(shown[name] @ query(1)) for name in admitted}
            dense = snapshot.dense(query(1), k, where)
            best = sorted(scores.values(), reverse=True)[:k]
            assert [scores[name] for name, _ in dense] == pytest.approx(best, abs=1e-6), where
            for question, everything in unfiltered.items():
                found = snapshot.lexical(tokens(question), k, where)
                assert found == [pair for pair in everything if pair[0] in admitted][:k], where


def test_idf_and_matches_are_those_of_a_full_scan(engine: Engine, tmp_path: Path) -> None:
    """A passage holds the tokens of its title, heading and text."""
    made = entries(SOURCES)
    held = {
        name: set(tokens(f"{each.document.title}\n{each.chunks[place].heading}\n{each.chunks[place].text}"))
        for name, (each, place) in passages(made).items()
    }
    wanted = [token for question in QUESTIONS for token in tokens(question)]
    with reopened(written(tmp_path, engine), engine) as snapshot:
        names = list(held)[::2] * 2
        assert snapshot.matches(wanted, names) == {name: held[name] & set(wanted) for name in names}
        df = {token: sum(token in found for found in held.values()) for token in wanted}
        assert snapshot.idf(wanted) == pytest.approx(
            {token: np.log((len(held) + 1) / (count + 0.5)) for token, count in df.items()}
        )


def test_common_tokens_still_find_enough(engine: Engine, tmp_path: Path) -> None:
    """A question with more tokens than are searched for gives k passages while k hold any of them."""
    common = "".join(SENTENCES.values())
    rare = " ".join(f"rare{number}" for number in range(70))
    texts = [rare, *[common] * 4]
    with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        writer.put([whole(f"{number}.md", text) for number, text in enumerate(texts)])
    with reopened(tmp_path, engine) as snapshot:
        assert len(snapshot.lexical(tokens(rare + common), 5)) == 5


def test_equal_passages_come_in_reading_order(engine: Engine, tmp_path: Path) -> None:
    """Ties fall by document id, whatever was indexed first, in both legs."""
    with engine.writer(tmp_path, IDENTITY, AS_STORED) as writer:
        for name in reversed(NAMES):
            writer.put([whole(name, "같은 글이다. The same text.")])
        writer.publish()
    with engine.view(tmp_path, IDENTITY, AS_STORED) as snapshot:
        for found in (snapshot.dense(query(0), 4), snapshot.lexical(["same"], 4)):
            assert [name.rpartition("#")[0] for name, _ in found] == sorted(NAMES)[:4]


def test_a_snapshot_stays_what_it_was(engine: Engine, tmp_path: Path) -> None:
    """A reader sees one generation from opening to closing, whatever a writer does meanwhile."""
    with reopened(written(tmp_path, engine), engine) as old:
        with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
            writer.remove(NAMES[:6])
            writer.put([entry("new.md", "7")])
            writer.publish()
        with reopened(tmp_path, engine) as new:
            assert answers(old, engine.step) == asked(written(tmp_path / "fresh", engine), engine)
            assert new.generation > old.generation
            assert len(new.documents()) == len(old.documents()) - 5


def test_threads_share_a_snapshot_while_generations_are_published(engine: Engine, tmp_path: Path) -> None:
    """Concurrent questions get the answers of their own generation."""
    with reopened(written(tmp_path, engine), engine) as snapshot, ThreadPoolExecutor(4) as threads:
        asking = [threads.submit(answers, snapshot, engine.step) for _ in range(4)]
        with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
            for number in range(10):
                writer.put([entry("a.md", f"again {number}")])
                writer.publish()
        found = [each.result() for each in asking]

    assert found == [asked(written(tmp_path / "fresh", engine), engine)] * 4


@pytest.mark.parametrize("name", ["none.md", "none.md#0-3", "a.md#1-2", "a.md", "#", ""])
def test_unknown_ids_are_named(engine: Engine, tmp_path: Path, name: str) -> None:
    """An id that is not in this generation is an error, never another passage."""
    with reopened(written(tmp_path, engine), engine) as snapshot:
        with pytest.raises(LoadError) as caught:
            snapshot.chunks([name])
        assert repr(name.partition("#")[0])[:-1] in str(caught.value)
        with pytest.raises(LoadError):
            snapshot.matches(["v0"], [name])
        with pytest.raises(LoadError):
            snapshot.document(f"{name}?")


def test_vectors_are_stored_raw(tmp_path: Path) -> None:
    """A changed transform needs no new embedding: the vectors are what the embedder gave."""
    raw = [entry(name, source) for name, source in SOURCES.items()]
    with open_snapshot(written(tmp_path), IDENTITY, AS_STORED) as snapshot:
        for each in raw:
            for chunk, vector in zip(each.chunks, each.vectors, strict=True):
                found = dict(snapshot.dense(vector, len(snapshot)))
                assert found[chunk.chunk_id] == pytest.approx(
                    float(unit_rows(vector[None])[0] @ vector), abs=1e-6
                )
