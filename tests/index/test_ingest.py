"""What the index holds depends on the folder, not on the history of the runs."""

import gc
import shutil
import subprocess
import sys
import unicodedata
from pathlib import Path
from typing import Literal

import pytest
from doubles import HashEmbedder

from rag.assistant import read_question
from rag.errors import ConfigError, LoadError
from rag.index.chunk import FINGERPRINT
from rag.index.dense import Transform
from rag.index.ingest import Report, ingest
from rag.index.snapshot import open_snapshot
from rag.index.store import Identity, open_writer
from rag.search.debias import means_for
from rag.search.retrieve import Retriever
from rag.types import Document, Where

EMBEDDER = HashEmbedder()
IDENTITY = Identity(EMBEDDER.fingerprint, FINGERPRINT, EMBEDDER.dim)
MEANS = means_for(EMBEDDER.fingerprint)
TRANSFORM = Transform(MEANS.name, MEANS.passages)

FILES = {
    "ko/도서관.txt": "도서관은 오후 여섯 시에 문을 닫는다. 회원은 책을 다섯 권까지 빌릴 수 있다.",
    "en/library.md": "# Library\n\nThe library closes at six. Members may borrow five books.",
    "ja/図書館.txt": "図書館は午後六時に閉まります。会員は五冊まで借りられます。",
    "ar/مكتبة.txt": "تغلق المكتبة في الساعة السادسة. يمكن للأعضاء استعارة خمسة كتب.",
    "th/ห้องสมุด.txt": "ห้องสมุดปิดเวลาหกโมงเย็น สมาชิกยืมได้ห้าเล่ม",
    "emoji/🎈.txt": "👩‍👩‍👧 Family day is on Sunday 🎈. Bring cake.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "docs"
    for name, text in FILES.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def run(index: Path, *folders: Path) -> Report:
    with open_writer(index, IDENTITY, TRANSFORM) as writer:
        return ingest(folders, writer, EMBEDDER)


def content(index: Path) -> dict[str, tuple[object, ...]]:
    """Return everything that a reader can see, by document."""
    with open_snapshot(index, IDENTITY, TRANSFORM) as snapshot:
        found = snapshot.dense(EMBEDDER.embed_query("library"), 1000, Where())
        chunks = snapshot.chunks([chunk_id for chunk_id, _ in found])
        documents = {chunk.doc_id: snapshot.document(chunk.doc_id) for chunk in chunks}
        return {
            doc_id: (
                document,
                sorted((chunk.start, chunk.text, chunk.lang) for chunk in chunks if chunk.doc_id == doc_id),
            )
            for doc_id, document in documents.items()
        }


def test_every_kind_of_change_is_reported(folder: Path, tmp_path: Path) -> None:
    """Added, changed, moved, removed and unchanged files are told apart by their bytes."""
    index = tmp_path / "index"
    first = run(index, folder)
    (folder / "en/library.md").write_text("# Library\n\nThe library closes at nine.", encoding="utf-8")
    (folder / "ko/도서관.txt").rename(folder / "ko/시립도서관.txt")
    (folder / "ar/مكتبة.txt").unlink()
    (folder / "new.txt").write_text("Ein neues Dokument über Öffnungszeiten.", encoding="utf-8")

    second = run(index, folder)

    assert sorted(FILES) == sorted(first.added)
    assert ["new.txt"] == second.added
    assert ["en/library.md"] == second.changed
    assert [("ko/도서관.txt", "ko/시립도서관.txt")] == second.moved
    assert ["ar/مكتبة.txt"] == second.removed
    assert ["emoji/🎈.txt", "ja/図書館.txt", "th/ห้องสมุด.txt"] == sorted(second.unchanged)


def test_an_unchanged_folder_embeds_nothing(folder: Path, tmp_path: Path) -> None:
    """The second run neither embeds nor publishes."""
    first = run(tmp_path / "index", folder)

    second = run(tmp_path / "index", folder)

    assert (0, first.generation) == (second.embedded, second.generation)
    assert sorted(FILES) == sorted(second.unchanged)


def test_any_history_gives_the_same_index(folder: Path, tmp_path: Path) -> None:
    """Adding, changing, moving and removing ends where indexing from scratch ends."""
    footer = "\n\nAll our branches are listed at the counter.\n"
    for number in range(8):
        (folder / f"page{number}.txt").write_text(
            f"Shelf {number} holds maps of river {number}.{footer}", encoding="utf-8"
        )
        if number % 3 == 0:
            run(tmp_path / "grown", folder)
    (folder / "page1.txt").rename(folder / "moved.txt")
    (folder / "page2.txt").unlink()
    run(tmp_path / "grown", folder)

    run(tmp_path / "fresh", folder)

    assert content(tmp_path / "fresh") == content(tmp_path / "grown")


def test_a_bad_file_is_named_and_the_rest_is_indexed(folder: Path, tmp_path: Path) -> None:
    """A broken PDF stops nothing, and what it held before stays."""
    (folder / "broken.pdf").write_bytes(b"%PDF-1.7 nothing of the kind")

    report = run(tmp_path / "index", folder)

    assert ["broken.pdf"] == [problem.doc_id for problem in report.problems if problem.fatal]
    assert sorted(FILES) == sorted(report.added)


def test_a_second_folder_keeps_its_ids_apart(folder: Path, tmp_path: Path) -> None:
    """Two folders may hold the same names; neither run removes the other's documents."""
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    (other / "en/library.md").write_text("# Archive\n\nThe archive is closed.", encoding="utf-8")

    run(tmp_path / "index", folder)
    report = run(tmp_path / "index", other)
    everything = run(tmp_path / "index")

    assert sorted(f"other/{name}" for name in FILES) == sorted(report.added)
    assert 2 * len(FILES) == len(everything.unchanged)


@pytest.mark.parametrize("name", ["absent", "file.xyz", "empty.txt.lnk"])
def test_a_folder_that_is_none_changes_nothing(name: str, folder: Path, tmp_path: Path) -> None:
    """A wrong path is refused before anything is removed."""
    run(tmp_path / "index", folder)
    (tmp_path / "file.xyz").write_text("x", encoding="utf-8")

    with pytest.raises(LoadError, match=name):
        run(tmp_path / "index", folder, tmp_path / name)

    assert sorted(FILES) == sorted(run(tmp_path / "index").unchanged)


def test_no_folder_at_all_is_an_error_with_the_remedy(tmp_path: Path) -> None:
    """`rag index` alone repeats what it knows; a new index knows nothing."""
    with pytest.raises(ConfigError, match="rag index DIR"):
        run(tmp_path / "index")


WORDS = [
    f"{a}{b}{c}"
    for a in "가나다라마바사아자차"
    for b in "국민학술의전원각달밤"
    for c in "장실문관강산들길터집"
]


@pytest.fixture(scope="module")
def korean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("korean")
    docs = root / "docs"
    docs.mkdir()
    for start in range(0, len(WORDS), 50):
        form: Literal["NFC", "NFD"] = "NFD" if start // 50 % 2 else "NFC"
        text = ". ".join(f"{word}은 여기에 있다" for word in WORDS[start : start + 50])
        (docs / f"{start}.txt").write_text(unicodedata.normalize(form, text), encoding="utf-8")
    run(root / "index", docs)
    return root / "index"


def test_a_thousand_korean_words_are_found_in_every_form(korean: Path) -> None:
    """NFC, NFD and mixed spellings of a word find the same passages, each passage its words."""
    with open_snapshot(korean, IDENTITY, TRANSFORM) as snapshot:
        retriever = Retriever(snapshot, EMBEDDER, MEANS)
        for word in WORDS:
            mixed = unicodedata.normalize("NFD", word[0]) + word[1:]
            forms = [word, unicodedata.normalize("NFD", word), mixed]
            found = [retriever.retrieve(read_question(form), 10).hits for form in forms]

            assert found[0] == found[1] == found[2]
            assert any(word in hit.chunk.text for hit in found[0])


def test_memory_does_not_grow_with_the_collection(tmp_path: Path) -> None:
    """Eight times the files take less memory on top than a third of their text, as Python holds it."""
    child = Path(__file__).parents[1] / "support" / "stream_child.py"

    done = subprocess.run(
        [sys.executable, child, tmp_path], capture_output=True, text=True, timeout=280, check=True
    )

    few, many = map(int, done.stdout.split())
    text_kib = 2 * sum(len(path.read_text("utf-8")) for path in (tmp_path / "docs").iterdir()) // 1024
    assert many - few < text_kib // 3


def test_few_documents_are_held_at_a_time(folder: Path, tmp_path: Path) -> None:
    """Those of a batch and those read ahead, however many there are."""
    for number in range(300):
        (folder / f"{number}.txt").write_text(f"Boat {number} left the harbour.", encoding="utf-8")
    most = 0

    def count(_stage: str, done: int, _total: int) -> None:
        nonlocal most
        # To look at every object there is takes a second where large libraries are loaded.
        if done % 10 == 0:
            most = max(most, sum(type(each) is Document for each in gc.get_objects()))

    with open_writer(tmp_path / "index", IDENTITY, TRANSFORM) as writer:
        ingest([folder], writer, EMBEDDER, progress=count)

    assert 0 < most < 100


def test_a_run_that_was_killed_is_settled_by_the_next(folder: Path, tmp_path: Path) -> None:
    """What had been cleaned too early is cleaned again, though no file has changed."""
    footer = "\n\nMuster GmbH\nIntranet\nStartbereich\n"
    for number in range(120):
        text = f"Die Mühle {number} mahlt im Winter, wenn der Bach genug Wasser führt.{footer}"
        (folder / f"{number}.txt").write_text(text, encoding="utf-8")

    def kill(stage: str, _done: int, _total: int) -> None:
        if stage == "embedding":
            raise KeyboardInterrupt

    with open_writer(tmp_path / "killed", IDENTITY, TRANSFORM) as writer, pytest.raises(KeyboardInterrupt):
        ingest([folder], writer, EMBEDDER, progress=kill)
    run(tmp_path / "killed", folder)
    run(tmp_path / "fresh", folder)

    assert content(tmp_path / "fresh") == content(tmp_path / "killed")
