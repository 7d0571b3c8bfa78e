"""An index knows folders and files that come, move and vanish, and loses nothing by mistake."""

import shutil
import unicodedata
from pathlib import Path

import pytest
from doubles import HashEmbedder

from rag.errors import ConfigError, LoadError
from rag.index.chunk import FINGERPRINT
from rag.index.dense import Transform
from rag.index.ingest import Report, Wishes, forget, ingest, remove
from rag.index.snapshot import open_snapshot
from rag.index.store import Identity, open_writer

EMBEDDER = HashEmbedder()
IDENTITY = Identity(EMBEDDER.fingerprint, FINGERPRINT, EMBEDDER.dim)
TRANSFORM = Transform("as stored", lambda vectors, _: vectors)
FILES = {
    "도서관.txt": "도서관은 오후 여섯 시에 문을 닫는다.",
    "港/切符.md": "# 切符\n\n切符は窓口で買えます。",
    "ห้องสมุด.txt": "ห้องสมุดปิดเวลาหกโมงเย็น",
}


def written(root: Path, files: dict[str, str] = FILES) -> Path:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(index: Path, *paths: Path, wishes: Wishes | None = None) -> Report:
    with open_writer(index, IDENTITY, TRANSFORM) as writer:
        return ingest(paths, writer, EMBEDDER, wishes=wishes)


def held(index: Path) -> dict[str, str]:
    """Return the indexed documents with their roots."""
    with open_snapshot(index, IDENTITY, TRANSFORM) as snapshot:
        return {each.doc_id: each.root for each in snapshot.documents()}


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    return written(tmp_path / "docs")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


def test_files_are_indexed_under_their_names(docs: Path, index: Path, tmp_path: Path) -> None:
    """Those of one name keep apart; each is known again, and one that is gone keeps its document."""
    other = written(tmp_path / "other", {"도서관.txt": "다른 도서관이다."})
    name = unicodedata.normalize("NFD", "é.txt")
    (tmp_path / name).write_text("Déjà vu.", encoding="utf-8")

    first = run(index, docs / "도서관.txt", docs / "港/切符.md", other / "도서관.txt", tmp_path / name)
    (docs / "도서관.txt").write_text("도서관은 일곱 시에 문을 닫는다.", encoding="utf-8")
    (docs / "港/切符.md").unlink()
    second = run(index)

    assert first.added == ["도서관.txt", "切符.md", "other/도서관.txt", "é.txt"]
    assert (second.changed, second.removed) == (["도서관.txt"], [])
    assert [each.doc_id for each in second.withheld] == [str(docs / "港/切符.md")]
    assert sorted(held(index)) == sorted(first.added)


def test_a_file_of_an_indexed_folder_is_not_indexed_twice(docs: Path, index: Path) -> None:
    """It is that folder which is looked at again."""
    run(index, docs)

    report = run(index, docs / "도서관.txt")

    assert (report.added, sorted(report.unchanged)) == ([], sorted(FILES))


def test_a_file_of_no_kind_that_is_read_is_refused(docs: Path, index: Path) -> None:
    """Somebody asked for it: it is not just counted."""
    (docs / "a.xyz").write_text("x", encoding="utf-8")

    with pytest.raises(LoadError, match=r"a\.xyz"):
        run(index, docs / "a.xyz")


def test_a_folder_that_moved_is_asked_about(docs: Path, index: Path, tmp_path: Path) -> None:
    """Both answers are in the question; said to be the same, it keeps its ids and embeds nothing."""
    run(index, docs)
    moved = docs.rename(tmp_path / "archive")

    with pytest.raises(LoadError) as told:
        run(index, moved)
    assert held(index) == dict.fromkeys(FILES, str(docs))
    report = run(index, moved, wishes=Wishes(moved_from=docs))

    assert f"--moved-from {str(docs)!r} {str(moved)!r}" in str(told.value)
    assert f"--as-new {str(moved)!r}" in str(told.value)
    assert (report.embedded, report.withheld, sorted(report.unchanged)) == (0, [], sorted(FILES))
    assert held(index) == dict.fromkeys(FILES, str(moved))


def test_a_folder_that_holds_the_same_may_be_another(docs: Path, index: Path, tmp_path: Path) -> None:
    """A copy of a folder that is there is one, and so is what is said to be new."""
    run(index, docs)
    copy = Path(shutil.copytree(docs, tmp_path / "copy"))
    run(index, copy)
    shutil.rmtree(docs)
    third = Path(shutil.copytree(copy, tmp_path / "third"))

    report = run(index, third, wishes=Wishes(as_new=True))

    assert sorted(report.added) == sorted(f"third/{name}" for name in FILES)
    assert len(held(index)) == 3 * len(FILES)


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_root_that_is_empty_or_gone_loses_nothing(
    is_gone: bool, docs: Path, index: Path, tmp_path: Path
) -> None:
    """The others are indexed all the same; only a wish removes its documents."""
    other = written(tmp_path / "other", {"a.txt": "One."})
    run(index, docs, other)
    shutil.rmtree(docs)
    if not is_gone:
        docs.mkdir()
    (other / "b.txt").write_text("Two.", encoding="utf-8")

    report = run(index)
    kept = held(index)
    wished = run(index, docs, wishes=Wishes(allow_empty=True))

    assert report.added == ["other/b.txt"]
    assert [each.doc_id for each in report.withheld] == [str(docs)]
    assert "--allow-empty" in report.withheld[0].reason and "rag forget" in report.withheld[0].reason
    assert set(kept) == {*FILES, "other/a.txt", "other/b.txt"}
    assert sorted(wished.removed) == sorted(FILES)


@pytest.mark.parametrize("is_gone", [True, False])
def test_a_folder_inside_the_index_may_be_emptied_by_hand(is_gone: bool, docs: Path, index: Path) -> None:
    """The index is there, so its disk is: files that were uploaded and taken back are no vanished folder."""
    uploads = written(index / "uploads", {"청람역.txt": "청람역은 2019년에 개통했다."})
    run(index, docs, uploads)
    shutil.rmtree(uploads)
    if not is_gone:
        uploads.mkdir()

    report = run(index)

    assert (report.removed, report.withheld) == (["uploads/청람역.txt"], [])
    assert sorted(held(index)) == sorted(FILES)


def test_an_empty_folder_is_no_fault_by_itself(index: Path, tmp_path: Path) -> None:
    """A folder that never held anything has nothing to lose."""
    (tmp_path / "new").mkdir()

    assert run(index, tmp_path / "new").withheld == run(index).withheld == []


def test_a_folder_is_forgotten(docs: Path, index: Path, tmp_path: Path) -> None:
    """There or not; what it made boilerplate elsewhere is content again, as if it had never been."""
    footer = "\n\nMuster GmbH\nIntranet\nStartbereich\n"
    mill = written(
        tmp_path / "mill",
        {f"{n}.txt": f"Die Mühle {n} mahlt im Winter, wenn der Bach Wasser führt.{footer}" for n in range(2)},
    )
    lock = written(
        tmp_path / "lock", {"x.txt": f"Die Schleuse ist im Juli und im August geschlossen.{footer}"}
    )
    run(index, docs, mill, lock)
    shutil.rmtree(mill)

    with open_writer(index, IDENTITY, TRANSFORM) as writer:
        report = forget(mill, writer, EMBEDDER)
    with pytest.raises(LoadError, match="mill"), open_writer(index, IDENTITY, TRANSFORM) as writer:
        forget(mill, writer, EMBEDDER)
    again = run(index)

    assert sorted(report.removed) == ["mill/0.txt", "mill/1.txt"]
    assert report.recleaned == ["lock/x.txt"]
    assert (again.withheld, again.embedded) == ([], 0)
    with open_snapshot(index, IDENTITY, TRANSFORM) as snapshot:
        assert [root.path for root in snapshot.roots] == [str(docs), str(lock)]
        assert snapshot.document("lock/x.txt").boilerplate == ()


def test_documents_are_removed_and_no_others(docs: Path, index: Path) -> None:
    """No file is looked at; what they made boilerplate elsewhere is content again, as with a folder."""
    footer = "\n\nMuster GmbH\nIntranet\nStartbereich\n"
    mills = {f"Μύλος {n}.txt": f"Die Mühle {n} mahlt nur im Winter.{footer}" for n in range(3)}
    run(index, written(docs, mills))
    shutil.rmtree(docs)

    with open_writer(index, IDENTITY, TRANSFORM) as writer:
        report = remove(["Μύλος 0.txt", "Μύλος 1.txt", "absent.txt"], writer, EMBEDDER)

    assert (report.removed, report.recleaned) == (["Μύλος 0.txt", "Μύλος 1.txt"], ["Μύλος 2.txt"])
    assert held(index) == dict.fromkeys([*FILES, "Μύλος 2.txt"], str(docs))


def test_a_move_must_name_one_old_and_one_new_folder(docs: Path, index: Path, tmp_path: Path) -> None:
    """A wish that does not fit is refused, and nothing is changed."""
    run(index, docs)
    new = written(tmp_path / "new")

    with pytest.raises(LoadError, match="absent"):
        run(index, new, wishes=Wishes(moved_from=tmp_path / "absent"))
    with pytest.raises(ConfigError, match="--moved-from"):
        run(index, wishes=Wishes(moved_from=docs))
    assert held(index) == dict.fromkeys(FILES, str(docs))
