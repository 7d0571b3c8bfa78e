"""What holds of an index on a server besides the rules of `test_store.py` and `test_snapshot.py`."""

import random
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from engines import SQLITE, Engine, Milvus, Server
from hypothesis import given, settings
from hypothesis import strategies as st
from stores import (
    AS_STORED,
    IDENTITY,
    NAMES,
    QUESTIONS,
    SOURCES,
    TRANSFORM,
    answers,
    asked,
    entry,
    query,
    reopened,
    whole,
    written,
)

from rag.errors import EngineRefused, EngineUnreachable, IndexBusy, IndexMismatch, IndexMissing
from rag.index.dense import Transform
from rag.index.engines import Writer
from rag.index.engines.migration import migrate
from rag.index.engines.milvus import open_milvus
from rag.text.characters import tokens
from rag.types import Matrix, Where


@pytest.fixture
def milvus(milvus_server: Server) -> Milvus:
    return Milvus(milvus_server.url)


def test_both_engines_give_the_same_answers(milvus: Milvus, tmp_path: Path) -> None:
    """Every answer is that of SQLite, to the last bit, scores and order included."""
    thorough = replace(milvus, step=1)
    assert asked(written(tmp_path, thorough), thorough) == asked(written(tmp_path))


def test_no_index_is_said_to_be_missing(milvus: Milvus, tmp_path: Path) -> None:
    """A server without the collection, and one where nothing was ever committed, have no index."""
    for _ in range(2):
        with pytest.raises(IndexMissing, match="rag index DIR"):
            reopened(tmp_path, milvus)
        assert "rag index DIR" in milvus.faults(tmp_path, TRANSFORM)[0]
        address = milvus.address(tmp_path)
        open_milvus(address, tmp_path, IDENTITY, TRANSFORM, staged=True).close()


def test_another_transform_is_refused(milvus: Milvus, tmp_path: Path) -> None:
    """The server keeps vectors as they are searched: another way to search them asks for a move."""
    written(tmp_path, milvus)
    for opening in (milvus.writer, milvus.view):
        with pytest.raises(IndexMismatch, match="rag migrate"):
            opening(tmp_path, IDENTITY, AS_STORED)
    assert "rag migrate" in milvus.faults(tmp_path, AS_STORED)[0]


def test_another_machine_writes_not_at_the_same_time(milvus: Milvus, tmp_path: Path) -> None:
    """Two folders stand for two machines: the lease is on the server, and free again after closing."""
    address = milvus.address(tmp_path)
    one, two = tmp_path / "one", tmp_path / "two"
    with (
        open_milvus(address, one, IDENTITY, TRANSFORM),
        pytest.raises(IndexBusy, match="Another process"),
    ):
        open_milvus(address, two, IDENTITY, TRANSFORM)
    open_milvus(address, two, IDENTITY, TRANSFORM).close()


def test_of_many_machines_one_writes(milvus: Milvus, tmp_path: Path) -> None:
    """Of four that come at once at most one writes; it keeps the others out."""
    milvus.writer(tmp_path, IDENTITY, TRANSFORM).close()
    won: list[Writer] = []
    lost: list[IndexBusy] = []
    begin = threading.Barrier(4)

    def come(place: int) -> None:
        begin.wait()
        try:
            won.append(open_milvus(milvus.address(tmp_path), tmp_path / str(place), IDENTITY, TRANSFORM))
        except IndexBusy as exc:
            lost.append(exc)

    comers = [threading.Thread(target=come, args=[place]) for place in range(4)]
    for each in comers:
        each.start()
    for each in comers:
        each.join()
    for writer in won:
        writer.close()

    assert len(won) <= 1
    assert len(won) + len(lost) == 4


names = st.text(min_size=1, max_size=30).map(lambda text: text.strip("/") or "/x").filter("#".__ne__)
"""Of documents: any characters, lone surrogates, quotes, backslashes and line ends among them."""

AWKWARD = [
    '"',
    "'",
    "\\",
    '\\"',
    "a\nb",
    "a\r\n",
    "\x00",
    "%",
    "_",
    '"] or number > 0 or doc in ["',
    "caf\udce9",
    "a/b",
    "a",
    "a0",
    "A",
    "a/",
    "한글/가",
    "한글/가",
    "ไทย/ราคา",
    "עברית/\u200fא",
    "👩‍🚀/🇰🇷",
    "{x}",
    "x" * 3000,
]


@settings(max_examples=3)
@given(st.lists(names, unique=True, min_size=1, max_size=8))
def test_no_value_is_more_than_a_value(
    milvus_server: Server, tmp_path_factory: pytest.TempPathFactory, drawn: list[str]
) -> None:
    """Whatever a document or a folder is called, a filter admits what bears that name and nothing else."""
    engine, path = Milvus(milvus_server.url), tmp_path_factory.mktemp("names")
    ids = list(dict.fromkeys([*drawn, *random.Random(len(drawn)).sample(AWKWARD, 5)]))
    with engine.writer(path, IDENTITY, TRANSFORM) as writer:
        writer.put([whole(doc_id, "same words here") for doc_id in ids])
    with reopened(path, engine) as view:
        for doc_id in ids:
            folder = doc_id.rpartition("/")[0]
            below = (
                {each for each in ids if each.startswith(f"{folder.rstrip('/')}/")}
                if folder.strip("/")
                else {*ids}
            )
            for where, wanted in ((Where(docs=(doc_id,)), {doc_id}), (Where(folders=(folder,)), below)):
                found = view.lexical(["same"], 100, where)
                assert {name.rpartition("#")[0] for name, _ in found} == wanted, (doc_id, where)
            assert view.document(doc_id).doc_id == view.chunks([f"{doc_id}#0-15"])[0].doc_id == doc_id
        assert view.dense(query(0), 9, Where(langs=('"', "\\", "\n", "x-\udce9"))) == []


def test_a_lost_server_is_said_to_be_away(own_server: Server, tmp_path: Path) -> None:
    """Reader and writer say so once the time is up, and go on when it comes back before that."""
    engine = Milvus(own_server.url)
    expected = asked(written(tmp_path, engine), engine)
    hasty = Milvus(own_server.url, timeout_s=0.3)
    with reopened(tmp_path, engine) as view, hasty.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        own_server.kill()
        with pytest.raises(EngineUnreachable, match="CITEWISE_ENGINE_URL"):
            writer.put([entry("new.md", "7")])
        with pytest.raises(EngineUnreachable):
            reopened(tmp_path, hasty)
        assert "CITEWISE_ENGINE_URL" in hasty.faults(tmp_path, TRANSFORM)[0]
        back = threading.Timer(0.2, own_server.start)
        back.start()
        assert view.dense(query(0), 3) == expected_dense(engine, tmp_path)
        back.join()
        with pytest.raises(IndexBusy, match="Run the command again"):
            writer.put([entry("new.md", "7")])
    assert asked(tmp_path, engine) == expected


def expected_dense(engine: Engine, path: Path) -> list[tuple[str, float]]:
    with reopened(path, engine) as view:
        return view.dense(query(0), 3)


def test_what_the_server_refuses_is_told_without_the_token(milvus: Milvus, tmp_path: Path) -> None:
    """An error of the server names the address, never the key."""
    written(tmp_path, milvus)
    with reopened(tmp_path, milvus) as view, pytest.raises(EngineRefused, match=r"127\.0\.0\.1"):
        view.dense(query(0), 10**9 * -1)


def test_rows_of_a_commit_that_never_came_are_removed(milvus: Milvus, tmp_path: Path) -> None:
    """Where a writer died before the one row that counts, nobody sees anything of what it wrote."""
    expected = asked(written(tmp_path, milvus), milvus)
    many = [whole(f"{number}.md", "도서관 図書館 library") for number in range(250)]
    left = iter(range(220))

    def dying(vectors: Matrix, langs: Sequence[str]) -> Matrix:
        if next(left, None) is None:
            raise KeyboardInterrupt
        return TRANSFORM.apply(vectors, langs)

    doomed = Transform(TRANSFORM.name, dying)
    with pytest.raises(KeyboardInterrupt), milvus.writer(tmp_path, IDENTITY, doomed) as writer:
        writer.put([entry(NAMES[0], "99"), *many])
    assert asked(tmp_path, milvus) == expected
    with milvus.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        assert {doc_id: known.sha256 for doc_id, known in writer.known().items()} == SOURCES
        writer.put([entry("new.md", "98")])
        writer.remove(["new.md"])
        writer.publish()
    assert asked(tmp_path, milvus) == expected
    assert milvus.faults(tmp_path, TRANSFORM) == []


@pytest.mark.parametrize("to", ["milvus", "sqlite"])
def test_an_index_moves_whole(milvus: Milvus, tmp_path: Path, to: str) -> None:
    """Texts, vectors, signs, folders and their problems arrive; answers are the same; nothing is embedded."""
    source, target = (SQLITE, milvus) if to == "milvus" else (milvus, SQLITE)
    written(tmp_path / "a", source)
    with source.writer(tmp_path / "a", IDENTITY, TRANSFORM) as writer:
        writer.add_root("/documents", "")
        writer.publish()
    told: list[tuple[str, int, int]] = []
    with reopened(tmp_path / "a", source) as view, staged(target, tmp_path / "b") as writer:
        migrate(view, writer, lambda *step: told.append(step))
        vectors, langs = view.vectors()
    with reopened(tmp_path / "b", target) as moved, reopened(tmp_path / "a", source) as view:
        assert answers(moved, 5) == answers(view, 5)
        assert np.array_equal(moved.vectors()[0], vectors)
        assert moved.vectors()[1] == langs
        assert moved.updated
    assert told[-1] == ("moving", len(NAMES), len(NAMES))
    assert target.faults(tmp_path / "b", TRANSFORM) == []


def staged(engine: Engine, path: Path) -> Writer:
    if isinstance(engine, Milvus):
        return open_milvus(engine.address(path), path, IDENTITY, TRANSFORM, staged=True)
    return engine.writer(path, IDENTITY, TRANSFORM)


def test_a_move_that_was_killed_leaves_what_was_there(milvus: Milvus, tmp_path: Path) -> None:
    """An index made anew counts from the moment when all of it is there."""
    expected = asked(written(tmp_path, milvus), milvus)
    with open_milvus(milvus.address(tmp_path), tmp_path, IDENTITY, TRANSFORM, staged=True) as writer:
        writer.put([entry("other.md", "1")])
    assert asked(tmp_path, milvus) == expected
    with milvus.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        assert writer.known().keys() == SOURCES.keys()
    assert asked(tmp_path, milvus) == expected
    assert milvus.faults(tmp_path, TRANSFORM) == []


def test_statistics_stay_exact_over_many_commits(milvus: Milvus, tmp_path: Path) -> None:
    """More commits than there may be blocks of statistics, and idf and BM25 are still those of SQLite."""
    for engine in (milvus, SQLITE):
        with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
            for number in range(20):
                writer.put([entry(NAMES[number % 5], str(number))])
    with reopened(tmp_path, milvus) as ours, reopened(tmp_path) as theirs:
        for question in QUESTIONS[::3]:
            words = tokens(question)
            assert ours.idf(words) == theirs.idf(words)
            assert ours.lexical(words, 9) == theirs.lexical(words, 9)
