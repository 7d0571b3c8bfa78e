"""`rag eval` from the command line: exit codes, files, and the commands that keep pairs in order."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rag.eval.pairs import read_pairs

DOCS = {
    "hours.txt": "The harbour museum opens at 9 a.m. on weekdays. On Sundays it opens at 11 a.m.",
    "요금.txt": "어른 입장료는 7,000원이고 어린이는 무료이다. 단체는 20명부터 할인된다.",
}
PAIRS = [
    {
        "id": "en-date-001", "question": "When does the harbour museum open on weekdays?", "lang": "en",
        "type": "date", "facts": [["9:00", "9시"]], "docs": [["hours.txt"]],
    },
    {
        "id": "ko-number-001", "question": "어른 입장료는 얼마야?", "lang": "ko",
        "type": "number", "facts": [["7천 원"]], "docs": [["요금"]],
    },
]  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("team")
    (folder / "docs").mkdir()
    for name, text in DOCS.items():
        (folder / "docs" / name).write_text(text, encoding="utf-8")
    lines = [json.dumps(each, ensure_ascii=False) for each in PAIRS]
    (folder / "qa.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "gate.toml").write_text("[all]\nquotes_exact = 1.0\nfacts = 0.1\n", encoding="utf-8")
    (folder / "high.toml").write_text('["lang:fr"]\ncorrect = 0.1\n', encoding="utf-8")
    return folder


def rag(place: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    code = "import sys; from rag.ui.cli import main; sys.argv[0] = 'rag'; main()"
    return subprocess.run(
        [sys.executable, "-c", code, "eval", *arguments],
        cwd=place,
        input=typed,
        capture_output=True,
        encoding="utf-8",
    )


def test_a_team_gates_its_own_pairs(place: Path) -> None:
    """Exit 0 with every report; the second run prints the same bytes and meets its baseline."""
    common = ("qa.jsonl", "--docs", "docs", "--gate", "gate.toml", "--baseline", "main.json")

    first = rag(place, *common, "--rebaseline", "--report", "out")
    second = rag(place, *common, "--report", "out2")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "gate passed: 2 checks" in first.stdout
    assert "gate passed: 4 checks" in second.stdout
    assert first.stdout.splitlines()[:-1] == second.stdout.splitlines()[:-1]
    assert {path.name for path in (place / "out").iterdir()} == {
        "report.json", "junit.xml", "summary.md", "index.html", "proposed.toml", "timings.json",
    }  # fmt: skip
    assert (place / "main.json").read_bytes() == (place / "out" / "report.json").read_bytes()
    assert len(ElementTree.parse(place / "out2" / "junit.xml").findall(".//testcase")) == 6


def test_a_failed_gate_is_exit_code_1(place: Path) -> None:
    """What was not measured was not passed, and no baseline is written from it."""
    done = rag(
        place, "qa.jsonl", "--docs", "docs", "--gate", "high.toml", "--baseline", "new.json", "--rebaseline"
    )

    assert done.returncode == 1
    assert "[lang:fr] correct: nothing was measured, 0.100 is asked for" in done.stdout
    assert not (place / "new.json").exists()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("qa.jsonl", "--docs", "docs", "--gate", "none.toml"), "--no-gate"),
        (("none.jsonl", "--docs", "docs", "--no-gate"), "none.jsonl"),
        (("qa.jsonl", "--docs", "nowhere", "--no-gate"), "not a folder"),
        (("qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", "gate.toml"), "--rebaseline"),
        (("qa.jsonl", "--docs", "docs", "--no-gate", "-k", "0"), "k = 0"),
        (("qa.jsonl", "--no-gate", "--rebaseline"), "--baseline"),
        (("qa.jsonl", "--nonsense"), "--nonsense"),
    ],
)
def test_what_cannot_be_judged_is_exit_code_2(place: Path, arguments: tuple[str, ...], says: str) -> None:
    """Usage and data errors are told apart from a gate that was reached and failed."""
    done = rag(place, *arguments)

    assert done.returncode == 2
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_new_pair_comes_from_what_a_person_confirms(place: Path) -> None:
    """Passages are shown, facts are checked against their documents, and the line is appended."""
    typed = "\n".join(["en", "1", "date", "11 a.m. | 11:00", "", "", ""])

    done = rag(
        place,
        "new",
        "And on Sundays, when does the museum open?",
        "--docs",
        "docs",
        "--pairs",
        "new.jsonl",
        typed=typed,
    )

    assert done.returncode == 0, done.stderr
    assert "1. hours.txt" in done.stdout
    (pair,) = read_pairs(place / "new.jsonl", DOCS)
    assert (pair.id, pair.facts, pair.docs) == ("en-date-001", (("11 a.m.", "11:00"),), (("hours.txt",),))


def test_a_new_pair_may_have_no_answer(place: Path) -> None:
    """No passage chosen: the documents do not say."""
    done = rag(
        place, "new", "Who built it?", "--docs", "docs", "--pairs", "none.jsonl", typed="en\n\nnear-miss\n"
    )

    assert done.returncode == 0, done.stderr
    (pair,) = read_pairs(place / "none.jsonl", DOCS)
    assert (pair.type, pair.answerable) == ("near-miss", False)


def test_lint_lists_findings_and_exits_1(place: Path) -> None:
    """Two pairs are too few for a mean in either language."""
    done = rag(place, "lint", "qa.jsonl", "--docs", "docs")

    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "2 findings"


def test_rated_questions_become_pairs_one_by_one(place: Path) -> None:
    """What the rating says is shown, cited documents are proposed, and what is skipped is left out."""
    rated = {"lang": "en", "answer": "At 11 [b]a.m.[/b] [1]", "answered": True, "docs": ["hours.txt"]}
    lines = [
        {**rated, "question": "And on Sundays, when does the museum open?", "rating": "up", "comment": ""},
        {**rated, "question": "Who built it?", "rating": "down", "comment": "made up [/red]", "docs": []},
        {**rated, "question": "Is there a café?", "rating": "down", "comment": ""},
    ]
    (place / "feedback.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    typed = "\n".join(["y", "en", "", "date", "11 a.m.", "", "", "y", "en", "", "near-miss", "n", ""])

    done = rag(
        place, "new", "--feedback", "feedback.jsonl", "--docs", "docs", "--pairs", "rated.jsonl", typed=typed
    )

    assert done.returncode == 0, done.stderr
    assert "3 rated questions" in done.stdout
    assert "rated down: made up [/red]" in done.stdout
    first, second = read_pairs(place / "rated.jsonl", DOCS)
    assert (first.type, first.docs) == ("date", (("hours.txt",),))
    assert (second.question, second.answerable) == ("Who built it?", False)


def test_new_takes_a_question_or_ratings(place: Path) -> None:
    """Neither, or both, is wrong usage."""
    assert rag(place, "new").returncode == 2
    assert rag(place, "new", "Who?", "--feedback", "feedback.jsonl").returncode == 2
