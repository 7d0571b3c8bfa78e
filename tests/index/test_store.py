"""What was put is what is read; who may write, and what may be put."""

import os
import stat
import threading
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from engines import Engine
from stores import (
    DIM,
    IDENTITY,
    NAMES,
    SOURCES,
    TRANSFORM,
    answers,
    asked,
    entries,
    entry,
    passages,
    query,
    reopened,
    written,
)

from rag.errors import IndexBusy, IndexMismatch, IndexMissing, StoreFull
from rag.index.database import Database
from rag.index.folder import Problem
from rag.index.integrity import check
from rag.index.store import Entry, open_writer


def test_documents_and_passages_come_back(engine: Engine, tmp_path: Path) -> None:
    """Text, title, language, date, masks, headings and offsets are what was put, in every script."""
    made = entries(SOURCES)
    with reopened(written(tmp_path, engine), engine) as snapshot:
        assert [snapshot.document(each.document.doc_id) for each in made] == [each.document for each in made]
        assert snapshot.chunks(list(passages(made))) == [chunk for each in made for chunk in each.chunks]
        assert [each.doc_id for each in snapshot.documents()] == sorted(SOURCES)
        assert sum(each.passages for each in snapshot.documents()) == len(snapshot) == len(passages(made))


def test_the_writer_knows_what_is_indexed(engine: Engine, tmp_path: Path) -> None:
    """An unchanged folder is recognised without reading a document; documents stream in order of id."""
    with engine.writer(written(tmp_path, engine), IDENTITY, TRANSFORM) as writer:
        assert {doc_id: known.sha256 for doc_id, known in writer.known().items()} == SOURCES
        assert {known.root for known in writer.known().values()} == {"/documents"}
        assert list(writer.documents()) == [entry(name, SOURCES[name]).document for name in sorted(SOURCES)]


def test_a_commit_is_visible_before_publishing(engine: Engine, tmp_path: Path) -> None:
    """Acknowledged means on the disk: a snapshot shows it, with or without a FAISS file."""
    with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        writer.put(entries(SOURCES))
        before = asked(tmp_path, engine)
        writer.publish()

    assert before == asked(tmp_path, engine)


def test_answers_do_not_depend_on_history(engine: Engine, tmp_path: Path) -> None:
    """Changed, moved and removed documents leave an index that answers like a fresh one."""
    with engine.writer(tmp_path / "old", IDENTITY, TRANSFORM) as writer:
        writer.put(entries(dict.fromkeys(NAMES, "99")))
        writer.put([entry("moving.md", SOURCES[NAMES[3]]), entry("gone.md", "5")])
        writer.remove([NAMES[3], "gone.md", "never.md"])
        writer.publish()
    with engine.writer(tmp_path / "old", IDENTITY, TRANSFORM) as writer:
        writer.move("moving.md", NAMES[3])
        for name in reversed(NAMES[:3] + NAMES[4:]):
            writer.put([entry(name, SOURCES[name])])
        writer.publish()

    assert asked(tmp_path / "old", engine) == asked(written(tmp_path / "fresh", engine), engine)
    assert engine.faults(tmp_path / "old", TRANSFORM) == []


def test_a_generation_is_a_content(engine: Engine, tmp_path: Path) -> None:
    """Every change of what can be found counts, and nothing else does."""
    with engine.writer(written(tmp_path, engine), IDENTITY, TRANSFORM) as writer:
        seen = [writer.publish()]
        writer.put([entry("new.md", "1")])
        seen.append(writer.publish())
        writer.move("new.md", "newer.md")
        seen.append(writer.publish())
        writer.remove(["newer.md"])
        seen.append(writer.publish())
        writer.put([])
        writer.remove(["newer.md"])
        writer.add_root("/documents", "")
        writer.set_problems("/documents", [Problem("x.pdf", "is encrypted", fatal=True)])

        assert seen == list(range(seen[0], seen[0] + 4))
        assert writer.publish() == seen[-1]


@pytest.mark.parametrize(
    "other",
    [
        replace(IDENTITY, embedder="embedder-2"),
        replace(IDENTITY, chunker="chunker-2"),
        replace(IDENTITY, dim=9),
        replace(IDENTITY, analyser="other tokens"),
    ],
)
def test_another_identity_is_refused(engine: Engine, tmp_path: Path, other: object) -> None:
    """Vectors of two embedders never meet: the message names both and the command that helps."""
    assert isinstance(other, type(IDENTITY))
    written(tmp_path, engine)
    (changed,) = (value for name, value in asdict(other).items() if value != asdict(IDENTITY)[name])
    for opening in (engine.writer, engine.view):
        with pytest.raises(IndexMismatch, match="rag index DIR --rebuild") as caught:
            opening(tmp_path, other, TRANSFORM)
        assert repr(changed) in str(caught.value)
    with engine.view(tmp_path, None, TRANSFORM) as snapshot:
        assert snapshot.identity == IDENTITY


def test_rebuilding_keeps_the_folders_and_lets_readers_finish(engine: Engine, tmp_path: Path) -> None:
    """An index of another identity is emptied, its folders are remembered, an open snapshot lives on."""
    with engine.writer(written(tmp_path, engine), IDENTITY, TRANSFORM) as writer:
        writer.add_root("/documents", "")
        writer.add_root("/문서", "문서/")
    expected = asked(tmp_path, engine)
    other = replace(IDENTITY, embedder="embedder-2")
    with reopened(tmp_path, engine) as old:
        with engine.writer(tmp_path, other, TRANSFORM, rebuild=True) as writer:
            assert (dict(writer.known()), dict(writer.roots())) == ({}, {"/documents": "", "/문서": "문서/"})
            writer.publish()
        assert answers(old, engine.step) == expected
    with engine.view(tmp_path, other, TRANSFORM) as snapshot:
        assert (len(snapshot), snapshot.documents()) == (0, [])
        assert snapshot.dense(query(0), 3) == snapshot.lexical(["v0"], 3) == []
        assert snapshot.generation > old.generation


def test_no_index_is_said_to_be_missing(tmp_path: Path) -> None:
    """No folder, an empty one, and a file that nothing was committed to are no index."""
    (tmp_path / "blank").mkdir()
    (tmp_path / "blank" / "store.sqlite3").touch()
    for path in (tmp_path / "none", tmp_path, tmp_path / "blank"):
        with pytest.raises(IndexMissing, match="rag index DIR"):
            reopened(path)
        assert "rag index DIR" in check(path, TRANSFORM)[0]


def test_a_second_writer_is_told_so(engine: Engine, tmp_path: Path) -> None:
    """The lock is taken before anything is read, and free again after closing."""
    with engine.writer(tmp_path, IDENTITY, TRANSFORM), pytest.raises(IndexBusy, match="Another process"):
        engine.writer(tmp_path, IDENTITY, TRANSFORM)
    engine.writer(tmp_path, IDENTITY, TRANSFORM).close()


def test_files_are_for_their_owner_only(tmp_path: Path) -> None:
    """Nobody else reads the documents, whatever the umask."""
    before = os.umask(0)
    try:
        with open_writer(tmp_path / "index", IDENTITY, TRANSFORM) as writer:
            writer.put(entries(SOURCES))
            writer.publish()
            made = [tmp_path / "index", *(tmp_path / "index").iterdir()]
            assert len(made) == 6
            assert [oct(stat.S_IMODE(file.stat().st_mode) & 0o077) for file in made] == ["0o0"] * len(made)
    finally:
        os.umask(before)


def test_a_lock_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    """A planted link does not make us create or lock a file elsewhere."""
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "lock").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(StoreFull):
        open_writer(tmp_path / "index", IDENTITY, TRANSFORM)
    assert not (tmp_path / "elsewhere").exists()


SOUND = next(made for seed in range(50) if len((made := entry("a.md", str(seed))).chunks) > 1)


@pytest.mark.parametrize(
    "broken",
    [
        replace(SOUND, vectors=SOUND.vectors[:1]),
        replace(SOUND, vectors=np.ones((len(SOUND.chunks), DIM + 1), np.float32)),
        replace(SOUND, vectors=np.full_like(SOUND.vectors, np.nan)),
        replace(SOUND, signs=SOUND.signs[:1]),
        replace(SOUND, signs=(b"odd", *SOUND.signs[1:])),
        replace(SOUND, chunks=SOUND.chunks[::-1]),
        replace(SOUND, chunks=(SOUND.chunks[0],) * len(SOUND.chunks)),
        replace(SOUND, chunks=(replace(SOUND.chunks[0], text="other"), *SOUND.chunks[1:])),
        replace(SOUND, chunks=(replace(SOUND.chunks[0], chunk_id="a.md#1"), *SOUND.chunks[1:])),
        replace(SOUND, chunks=(replace(SOUND.chunks[0], doc_id="b.md"), *SOUND.chunks[1:])),
    ],
)
def test_what_does_not_fit_its_document_is_refused(engine: Engine, tmp_path: Path, broken: Entry) -> None:
    """One bad entry stops the batch before anything of it is written."""
    with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        with pytest.raises(ValueError, match=r"a\.md"):
            writer.put([entry("good.md", "1"), broken])
        assert dict(writer.known()) == {}


@pytest.mark.parametrize(("old", "new"), [("none.md", "new.md"), (NAMES[0], NAMES[1]), (NAMES[0], NAMES[0])])
def test_a_move_never_overwrites(engine: Engine, tmp_path: Path, old: str, new: str) -> None:
    """Moving what is not there, or onto what is, is a wrong call."""
    with engine.writer(written(tmp_path, engine), IDENTITY, TRANSFORM) as writer:
        with pytest.raises(ValueError, match="Cannot move"):
            writer.move(old, new)
        assert {doc_id: known.sha256 for doc_id, known in writer.known().items()} == SOURCES


def test_folders_and_their_problems_are_remembered(engine: Engine, tmp_path: Path) -> None:
    """A folder keeps its prefix; its problems are those of its last run, in any script."""
    problems = [
        Problem("표/예산.pdf", "is encrypted", fatal=True),
        Problem("caf\udce9.txt", "was guessed", fatal=False),
    ]
    with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        writer.add_root("/문서", "")
        writer.add_root("/記録", "記録/")
        writer.set_problems("/記録", [Problem("old.md", "is gone", fatal=True)])
        writer.set_problems("/記録", problems)
        with pytest.raises(ValueError, match="/문서"):
            writer.add_root("/문서", "other/")
    with reopened(tmp_path, engine) as snapshot:
        assert [(root.path, root.prefix, root.problems) for root in snapshot.roots] == [
            ("/문서", "", ()),
            ("/記録", "記録/", tuple(problems)),
        ]
    with engine.writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        assert dict(writer.roots()) == {"/문서": "", "/記録": "記録/"}


def test_a_step_reads_what_it_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long run reads no more rows in its last step than in its first, however much is indexed by then."""
    read = Database.rows
    counts: list[int] = []
    here = threading.get_ident()

    def counted(self: Database, sql: str, parameters: Sequence[object] = ()) -> list[object]:
        found = read(self, sql, parameters)
        # A service of other tests may look at its own index meanwhile.
        counts[-1] += len(found) * (threading.get_ident() == here)
        return found

    with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        monkeypatch.setattr(Database, "rows", counted)
        for number in range(200):
            counts.append(0)
            writer.put([entry(f"문서 {number}.md", str(number))])

    assert max(counts[1:-1]) <= counts[0] + 1
