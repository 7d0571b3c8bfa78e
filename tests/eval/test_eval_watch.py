"""`rag eval watch`: the real command judges again when documents or pairs change, and ends when told."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PAIR = {
    "id": "ko-number-001", "question": "어른 입장료는 얼마야?", "lang": "ko", "type": "number",
    "facts": [["7천 원"]], "docs": [["요금"]],
}  # fmt: skip
BASIN = {**PAIR, "id": "ja-date-001", "lang": "ja", "question": "港はいつ開く？", "facts": [["7時"]]}


class Watched:
    """The command over a folder, and what it has printed so far."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "log.txt"
        code = "import sys; from rag.ui.cli import main; sys.argv[0] = 'rag'; main()"
        command = [sys.executable, "-c", code, "eval", "watch", "qa.jsonl", "--docs", "docs"]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=subprocess.STDOUT)

    @property
    def printed(self) -> str:
        return self.log.read_text(encoding="utf-8")

    def wait(self, holds: Callable[[str], bool]) -> None:
        # The machine may be busy: what is waited for comes in seconds when it is not.
        until = time.monotonic() + 240
        while not holds(self.printed):
            assert self.process.poll() is None, self.printed
            assert time.monotonic() < until, self.printed
            time.sleep(0.2)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "요금.txt").write_text("어른 입장료는 7,000원이다.", encoding="utf-8")
    (tmp_path / "qa.jsonl").write_text("", encoding="utf-8")
    return tmp_path


@pytest.fixture
def watched(folder: Path) -> Iterator[Watched]:
    found = Watched(folder)
    yield found
    if found.process.poll() is None:
        found.process.kill()
        found.process.wait()


def test_each_change_is_judged_and_told(watched: Watched, folder: Path) -> None:
    """From an empty file on: a pair, a second one, a document that changes; each flip has a name."""
    watched.wait(lambda text: "'qa.jsonl' is empty" in text)
    (folder / "qa.jsonl").write_text(json.dumps(PAIR), encoding="utf-8")
    watched.wait(lambda text: text.count("watching docs and qa.jsonl") == 1)
    (folder / "docs" / "港.txt").write_text("港は毎朝7時に開きます。", encoding="utf-8")
    added = {**BASIN, "docs": [["港"]]}
    (folder / "qa.jsonl").write_text(f"{json.dumps(PAIR)}\n{json.dumps(added)}", encoding="utf-8")
    watched.wait(lambda text: "pairs added: ja-date-001" in text)
    (folder / "docs" / "요금.txt").write_text("어른 입장료는 9,000원이다.", encoding="utf-8")
    watched.wait(lambda text: "no longer right: ko-number-001" in text)

    watched.process.send_signal(signal.SIGTERM)

    assert watched.process.wait(60) == 0
    assert "documents changed: 요금.txt" in watched.printed
    assert watched.printed.endswith("stopped watching\n")
    assert "Traceback" not in watched.printed


def test_an_error_that_no_change_mends_ends_it(folder: Path) -> None:
    """A setting that is not allowed is a mistake in the command."""
    done = subprocess.run(
        [sys.executable, "-c", "from rag.ui.cli import main; main()", "eval", "watch", "-k", "0"],
        cwd=folder,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 1
    assert "k = 0" in done.stderr
