"""`rag eval` from the command line: exit codes, files, and the commands that keep pairs in order."""

import io
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

from rag.eval.pairs import read_pairs
from rag.ui.cli import main

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
    (folder / "empty.jsonl").write_text("\n", encoding="utf-8")
    (folder / "gate.toml").write_text("[all]\nquotes_exact = 1.0\nfacts = 0.1\n", encoding="utf-8")
    (folder / "high.toml").write_text('["lang:fr"]\ncorrect = 0.1\n', encoding="utf-8")
    return folder


def rag(place: Path, *arguments: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in this process: its libraries are loaded once for all tests."""
    streams = {"stdin": io.StringIO(typed), "stdout": io.StringIO(), "stderr": io.StringIO()}
    code = 0
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(place)
        patch.setattr(sys, "argv", ["rag", "eval", *arguments])
        for name, stream in streams.items():
            patch.setattr(sys, name, stream)
        try:
            main()
        except SystemExit as exc:
            code = int(exc.code or 0)
    out, err = streams["stdout"].getvalue(), streams["stderr"].getvalue()
    return subprocess.CompletedProcess(["rag", "eval", *arguments], code, out, err)


def test_a_team_gates_its_own_pairs(place: Path) -> None:
    """Exit 0 with every report; the second run prints the same bytes and meets its baseline."""
    common = ("qa.jsonl", "--docs", "docs", "--gate", "gate.toml", "--baseline", "main.json")

    first = rag(place, *common, "--rebaseline", "--report", "out")
    second = rag(place, *common, "--report", "out2")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "gate passed: 2 checks" in first.stdout
    assert "gate passed: 4 checks" in second.stdout
    assert first.stdout.splitlines()[:-1] == second.stdout.splitlines()[:-2]
    assert {path.name for path in (place / "out").iterdir()} == {
        "report.json", "junit.xml", "summary.md", "index.html", "proposed.toml", "timings.json",
    }  # fmt: skip
    assert (place / "main.json").read_bytes() == (place / "out" / "report.json").read_bytes()
    assert len(ElementTree.parse(place / "out2" / "junit.xml").findall(".//testcase")) == 6


def test_a_missed_threshold_is_exit_code_3(place: Path) -> None:
    """What was not measured was not passed; every report is written, and no baseline."""
    done = rag(
        place, "qa.jsonl", "--docs", "docs", "--gate", "high.toml", "--baseline", "new.json", "--rebaseline",
        "--report", "missed",
    )  # fmt: skip

    assert done.returncode == 3
    assert json.loads((place / "missed" / "report.json").read_text(encoding="utf-8"))["exit_code"] == 3
    assert "[lang:fr] correct: nothing was measured, 0.100 is asked for" in done.stdout
    assert not (place / "new.json").exists()


def changed_team(place: Path, folder: Path, lines: list[str]) -> Path:
    """Copy the documents, change one and add one; write *lines* as the pairs."""
    shutil.copytree(place / "docs", folder / "docs")
    (folder / "docs" / "hours.txt").write_text(DOCS["hours.txt"] + " Dogs may come in.", encoding="utf-8")
    (folder / "docs" / "犬.txt").write_text("犬は館内に入れます。", encoding="utf-8")
    (folder / "qa.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


def test_a_change_of_documents_and_pairs_keeps_the_baseline(place: Path, tmp_path: Path) -> None:
    """A typo mended and a pair added: the others are compared, and everything is listed."""
    rag(place, "qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", "typo.json", "--rebaseline")
    added = {**PAIRS[0], "id": "ja-fact-001", "lang": "ja", "question": "犬は入れますか？", "docs": [["犬"]]}
    lines = [json.dumps(each) for each in (PAIRS[0], {**PAIRS[1], "question": "입장료는?"}, added)]
    team = changed_team(place, tmp_path, lines)

    done = rag(team, "qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", str(place / "typo.json"))

    assert done.returncode == 0, done.stderr
    listed = done.stdout.splitlines()
    assert "documents added: 犬.txt" in listed
    assert "documents changed: hours.txt" in listed
    assert "pairs added: ja-fact-001" in listed
    assert "pairs changed: ko-number-001" in listed
    assert "compared with the baseline: 1 pairs of the same text" in listed


def test_a_fall_is_exit_code_4_with_every_report(place: Path, tmp_path: Path) -> None:
    """Twelve answers go with the document that held them; that is told from a missed threshold."""
    names = [
        "alder",
        "birch",
        "cedar",
        "elm",
        "fir",
        "hazel",
        "larch",
        "maple",
        "oak",
        "pine",
        "rowan",
        "yew",
    ]
    kept = "The rules stand at the gate. Dogs must be kept on a lead."
    text = "\n\n".join(f"The {name} garden was planted in {1900 + n}." for n, name in enumerate(names))
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "gardens.txt").write_text(text, encoding="utf-8")
    (tmp_path / "docs" / "rules.txt").write_text(kept, encoding="utf-8")
    lines = [
        {**PAIRS[0], "id": name, "question": f"When was the {name} garden planted?",
         "facts": [[f"{1900 + n}"]], "docs": [["gardens"]]}
        for n, name in enumerate(names)
    ]  # fmt: skip
    (tmp_path / "qa.jsonl").write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    common = ("qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", "main.json")
    before = rag(tmp_path, *common, "--rebaseline")
    (tmp_path / "docs" / "gardens.txt").write_text("The gardens are closed.", encoding="utf-8")

    done = rag(tmp_path, *common, "--report", "out")

    assert before.returncode == 0, before.stderr
    assert done.returncode == 4, done.stdout
    assert re.search(r"gate missed: \[all\] correct fell from \d\.\d{3} to 0\.000 \(n=12\)", done.stdout)
    assert len(list((tmp_path / "out").iterdir())) == 6


def test_pairs_that_cannot_be_used_do_not_stop_the_others(place: Path) -> None:
    """Exit 2, the good pair is judged, and every report names the bad lines."""
    bad = json.dumps({**PAIRS[1], "docs": [["gone.txt"]]})
    (place / "bad.jsonl").write_text(f"{json.dumps(PAIRS[0])}\n{bad}\n{{\n", encoding="utf-8")

    done = rag(place, "bad.jsonl", "--docs", "docs", "--gate", "gate.toml", "--report", "bad")

    assert done.returncode == 2
    assert "cannot be used: bad.jsonl:2: field 'docs': there is no document 'gone.txt'" in done.stdout
    assert json.loads((place / "bad" / "report.json").read_text(encoding="utf-8"))["pairs"][0]["values"]
    for name in ("report.json", "junit.xml", "summary.md", "index.html"):
        assert "bad" in (text := (place / "bad" / name).read_text(encoding="utf-8")), name
        assert "not JSON" in text, name


def test_only_pairs_that_cannot_be_used_are_reported_too(place: Path) -> None:
    """Nothing was measured, and the reports say why."""
    (place / "worse.jsonl").write_text('{"id": "a"}\n', encoding="utf-8")

    done = rag(place, "worse.jsonl", "--docs", "docs", "--gate", "gate.toml", "--report", "worse")

    assert done.returncode == 2, done.stderr
    assert "field 'question'" in done.stdout
    assert len(list((place / "worse").iterdir())) == 6


def test_a_baseline_of_other_pairs_is_a_data_error(place: Path) -> None:
    """No pair in common: nothing fell, and nothing was compared."""
    rag(place, "qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", "other.json", "--rebaseline")
    (place / "ours.jsonl").write_text(json.dumps({**PAIRS[0], "question": "Opens when?"}), encoding="utf-8")

    done = rag(place, "ours.jsonl", "--docs", "docs", "--no-gate", "--baseline", "other.json")

    assert done.returncode == 2
    assert "has no pair of 'ours.jsonl' in it. Take it anew with --rebaseline." in done.stdout


def test_a_baseline_that_names_what_utf_8_cannot_hold_is_reported(place: Path) -> None:
    """JSON can escape half a character; the reports escape it too."""
    common = ("qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", "half.json")
    rag(place, *common, "--rebaseline")
    text = (
        (place / "half.json")
        .read_text(encoding="utf-8")
        .replace('"documents": {', '"documents": {"\\ud800": "x",')
    )
    (place / "half.json").write_text(text, encoding="utf-8")

    done = rag(place, *common, "--report", "half")

    assert done.returncode == 0, done.stderr
    report = json.loads((place / "half" / "report.json").read_text(encoding="utf-8"))
    assert report["comparison"]["documents"]["removed"] == ["\ud800"]


def test_a_plain_error_is_exit_code_1(place: Path) -> None:
    """A setting that is not allowed says nothing about documents or pairs."""
    done = rag(place, "qa.jsonl", "--docs", "docs", "--no-gate", "-k", "0")

    assert done.returncode == 1
    assert "k = 0" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("empty.jsonl", "--docs", "docs", "--no-gate"), "'empty.jsonl' is empty"),
        (("qa.jsonl", "--docs", "docs", "--gate", "none.toml"), "There is no file 'none.toml'"),
        (("none.jsonl", "--docs", "docs", "--no-gate"), "none.jsonl"),
        (("qa.jsonl", "--docs", "nowhere", "--no-gate"), "not a folder"),
        (("qa.jsonl", "--docs", "docs", "--no-gate", "--baseline", "gate.toml"), "--rebaseline"),
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


def test_lint_only_advises_about_the_size_of_a_small_set(place: Path) -> None:
    """Two pairs are too few for a mean in either language, and somebody who begins knows it."""
    done = rag(place, "lint", "qa.jsonl", "--docs", "docs")

    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "0 findings, 2 pieces of advice"


def test_lint_lists_findings_and_exits_3(place: Path) -> None:
    """A fact that no document holds is no matter of size."""
    (place / "doubtful.jsonl").write_text(json.dumps({**PAIRS[1], "facts": [["8천 원"]]}), encoding="utf-8")

    done = rag(place, "lint", "doubtful.jsonl", "--docs", "docs")

    assert done.returncode == 3
    assert "ko-number-001: fact '8천 원' occurs nowhere in the corpus" in done.stdout
    assert done.stdout.splitlines()[-1] == "1 findings, 1 pieces of advice"


def test_without_thresholds_some_are_proposed_and_met_from_then_on(place: Path, tmp_path: Path) -> None:
    """Exit 0 without a gate; the lines that are printed make one."""
    team = changed_team(place, tmp_path, [json.dumps(each) for each in PAIRS])

    first = rag(team, "qa.jsonl", "--docs", "docs")
    proposed = first.stdout.partition("put this into thresholds.toml:\n\n")[2]
    (team / "thresholds.toml").write_text(proposed, encoding="utf-8")
    second = rag(team, "qa.jsonl", "--docs", "docs")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "no gate was applied" in first.stdout
    assert "[all]\ncorrect = " in proposed
    assert "gate passed: " in second.stdout
    assert "There are no thresholds" not in second.stdout
    assert "There are no thresholds" not in rag(place, "qa.jsonl", "--docs", "docs", "--no-gate").stdout


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


def test_drafts_make_a_gate_that_runs(place: Path) -> None:
    """Each is told with the words it was made from; a second time adds none; and they are asked."""
    first = rag(place, "init", "docs", "--pairs", "drafted.jsonl")
    drafted = read_pairs(place / "drafted.jsonl", DOCS)
    second = rag(place, "init", "docs", "--pairs", "drafted.jsonl")
    done = rag(place, "drafted.jsonl", "--docs", "docs", "--no-gate")

    assert (first.returncode, second.returncode, done.returncode) == (0, 0, 0), first.stderr + done.stderr
    assert {each.docs[0][0] for each in drafted} == set(DOCS)
    assert all(each.draft in DOCS[each.docs[0][0]] and each.draft in first.stdout for each in drafted)
    assert "0 drafts appended" in second.stdout


def test_a_draft_is_told_by_lint_and_stops_nothing(place: Path) -> None:
    """Until somebody has read it."""
    (place / "draft.jsonl").write_text(json.dumps({**PAIRS[1], "draft": "…"}), encoding="utf-8")

    done = rag(place, "lint", "draft.jsonl", "--docs", "docs")

    assert done.returncode == 0
    assert "ko-number-001: a draft: read it, correct it, and remove `draft` (advice)" in done.stdout
