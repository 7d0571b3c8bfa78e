"""The pytest plugin, as pytest finds it in an installed Citewise: one test for each pair."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from action import Action, installed

RIGHT = {
    "id": "ko-number-001", "question": "어른 입장료는 얼마야?", "lang": "ko", "type": "number",
    "facts": [["7천 원"]], "docs": [["요금"]],
}  # fmt: skip
WRONG = {**RIGHT, "id": "ko-number-002", "facts": [["9천 원"]]}
GONE = {**RIGHT, "id": "ar-number-001", "question": "كم ثمن التذكرة؟", "docs": [["غائب.txt"]]}


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Action:
    return installed(tmp_path_factory.mktemp("action"))


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "요금.txt").write_text("어른 입장료는 7,000원이다.", encoding="utf-8")
    lines = [json.dumps(RIGHT), json.dumps(WRONG), "", json.dumps(GONE), "{"]
    (tmp_path / "qa.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    return tmp_path


def ran(action: Action, team: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Plugins of others that take seconds to load, and have nothing to do with it.
    without = [f"-pno:{name}" for name in ("cacheprovider", "schemathesis", "langsmith_plugin", "playwright")]
    command = [sys.executable, "-m", "pytest", *without, "-W", "error", "-rA", *arguments]
    return subprocess.run(command, cwd=team, env=action.environ, capture_output=True, text=True)


def test_each_pair_is_a_test_beside_those_there_are(action: Action, team: Path) -> None:
    """A wrong answer, a document that is not there and a bad line fail alone, with what a person can mend."""
    done = ran(action, team, "--citewise", "qa.jsonl", "--junitxml", "out.xml")

    assert done.returncode == 1, done.stdout + done.stderr
    for line in (
        "PASSED test_own.py::test_own",
        "PASSED qa.jsonl::ko-number-001",
        "FAILED qa.jsonl::ko-number-002",
        "FAILED qa.jsonl::ar-number-001",
        "FAILED qa.jsonl::line 5",
        "3 failed, 2 passed",
    ):
        assert line in done.stdout, done.stdout
    assert "missing fact: 9천 원" in done.stdout
    assert "answer: 어른 입장료는 7,000원이다." in done.stdout
    assert "there is no document 'غائب.txt'" in done.stdout
    assert "not JSON" in done.stdout
    assert "Traceback" not in done.stdout
    properties = ElementTree.parse(team / "out.xml").findall(".//property[@name='correct']")
    assert [each.get("value") for each in properties] == ["1.0", "0.0"]


def test_one_pair_can_be_run_alone(action: Action, team: Path) -> None:
    """By its id, by a word of it, and from a folder of files."""
    by_id = ran(action, team, "--citewise", "qa.jsonl", "qa.jsonl::ko-number-001")
    (team / "pairs").mkdir()
    (team / "pairs" / "ko.jsonl").write_text(json.dumps(RIGHT), encoding="utf-8")
    by_word = ran(action, team, "--citewise", "pairs", "--citewise-docs", "docs", "-k", "number and not own")

    assert "1 passed" in by_id.stdout, by_id.stdout
    assert "1 passed, 1 deselected" in by_word.stdout, by_word.stdout


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("--citewise", "empty.jsonl"), 2, "is empty"),
        (("--citewise", "docs"), 4, "holds no .jsonl file"),
        (("--citewise", "none.jsonl"), 4, "none.jsonl"),
        (("--citewise", "qa.jsonl", "--citewise-docs", "none", "-k", "ko-number-001"), 1, "is not a folder"),
        (("test_own.py",), 0, "1 passed"),
    ],
)
def test_what_cannot_be_tested_is_said(
    action: Action, team: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    """Without a traceback of ours; and who does not ask for pairs gets none."""
    (team / "empty.jsonl").write_text("\n", encoding="utf-8")

    done = ran(action, team, *arguments)

    assert (done.returncode, says in done.stdout + done.stderr) == (code, True), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


def test_collecting_loads_no_model(action: Action, team: Path) -> None:
    """The plugin is loaded by every run of pytest beside it, so it must cost nothing."""
    code = (
        "import sys, rag.ui.pytest_plugin\n"
        "print([each for each in ('numpy', 'pydantic', 'onnxruntime', 'faiss') if each in sys.modules])"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], env=action.environ, capture_output=True, text=True, check=True
    )
    listed = ran(action, team, "--citewise", "qa.jsonl", "--citewise-docs", "none", "--collect-only", "-q")

    assert loaded.stdout.strip() == "[]"
    assert listed.returncode == 0, listed.stdout
    assert "qa.jsonl::line 5" in listed.stdout
