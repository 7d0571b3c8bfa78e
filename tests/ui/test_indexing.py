"""`rag index --watch` as people run it: a process that goes on, whatever happens to the folder."""

import signal
import subprocess
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from served import RAG, SETTINGS, listening, service

from rag import wiring
from rag.index.integrity import check
from rag.protocols import Embedder


@dataclass
class Watching:
    """The command, what it writes, and the folder it watches."""

    process: subprocess.Popen[bytes]
    log: Path
    docs: Path
    index: Path

    def says(self, words: str) -> None:
        """Wait until it has written *words*."""
        eventually(lambda: words in self.log.read_text(encoding="utf-8") or self.process.poll() is not None)
        assert words in self.log.read_text(encoding="utf-8")

    def end(self, number: int) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=60)


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until *holds*; a slow machine is not a wrong program."""
    until = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.05)


@contextmanager
def watching(root: Path) -> Iterator[Watching]:
    docs, index, log = root / "docs", root / "index", root / "log"
    docs.mkdir(exist_ok=True)
    (docs / "ferry.txt").write_text("The ferry leaves at seven in the morning.", encoding="utf-8")
    with log.open("wb") as stream:
        command = [RAG, "index", str(docs), "--watch", "--index", str(index)]
        process = subprocess.Popen(command, stdout=stream, stderr=stream)
    try:
        yield Watching(process, log, docs, index)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def library(url: str) -> dict[str, Any]:
    found: dict[str, Any] = httpx.get(f"{url}/documents", timeout=60).json()
    return found


def test_a_watched_folder_stays_indexed_and_the_service_tells(tmp_path: Path, embedder: Embedder) -> None:
    """Files come, change and cannot be read; another process writes; the folder is unmounted; SIGTERM."""
    with watching(tmp_path) as watch:
        watch.says("watching 1 files")
        with listening(service(watch.index, embedder)) as url:
            before = library(url)
            name = unicodedata.normalize("NFD", "도서관.txt")
            (watch.docs / name).write_text("은솔 도서관은 여섯 시에 문을 닫는다.", encoding="utf-8")
            (watch.docs / "torn.pdf").write_bytes(b"%PDF-1.7 and nothing else")
            eventually(lambda: library(url)["library"]["problems_total"] == 1)
            after = library(url)
            eventually(lambda: library(url)["library"]["activity"] is not None)
            waiting = library(url)["library"]["activity"]

        settings = SETTINGS.model_copy(update={"index": watch.index})
        with wiring.writer(settings, embedder):
            (watch.docs / "ferry.txt").write_text("The ferry leaves at eight.", encoding="utf-8")
            watch.says("Another process is writing the index")
        watch.says("1 changed")
        for path in watch.docs.iterdir():
            path.unlink()
        watch.says("holds no document any more")
        with wiring.open_stored(settings) as snapshot:
            kept = [each.doc_id for each in snapshot.documents()]

        assert watch.end(signal.SIGTERM) == 0

    assert (before["total"], before["library"]["problems"]) == (1, [])
    assert before["library"]["languages"] == {"en": 1}
    assert [each["doc_id"] for each in after["documents"]] == ["ferry.txt", "도서관.txt"]
    assert after["library"]["languages"] == {"en": 1, "ko": 1}
    assert [each["doc_id"] for each in after["library"]["problems"]] == ["torn.pdf"]
    assert "" < before["library"]["updated"] <= after["library"]["updated"]
    assert waiting == {"stage": "waiting", "done": 0, "total": 0, "failed": ""}
    assert kept == ["ferry.txt", "도서관.txt"]
    assert not (watch.index / "activity.json").exists()
    assert watch.log.read_text(encoding="utf-8").endswith("stopped watching\n")


def test_ctrl_c_in_the_middle_of_a_run_leaves_a_sound_index(tmp_path: Path, embedder: Embedder) -> None:
    """What was committed stays, and the exit code is that of a command that did what it was told."""
    (tmp_path / "docs").mkdir()
    for number in range(300):
        text = " ".join(f"Station {number} measured {number * word} litres." for word in range(20))
        (tmp_path / "docs" / f"{number}.md").write_text(text, encoding="utf-8")
    with watching(tmp_path) as watch:
        eventually(lambda: "embedding" in _activity(watch.index))

        assert watch.end(signal.SIGINT) == 0

    assert check(watch.index, wiring.transform(embedder)) == []
    assert not (watch.index / "activity.json").exists()


def _activity(index: Path) -> str:
    try:
        return (index / "activity.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""


@pytest.mark.parametrize("arguments", [["absent"], []])
def test_a_mistake_in_the_command_ends_it(arguments: list[str], tmp_path: Path) -> None:
    """A folder that never was, and none given or known, will not come right by waiting."""
    done = subprocess.run(
        [RAG, "index", *arguments, "--watch"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("rag: ")
    assert "Traceback" not in done.stderr
