"""The GitHub Action: its steps, in a shell, with the inputs of a workflow."""

import json
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from action import Action, installed

ROOT = Path(__file__).resolve().parents[2]
PAIR = {
    "id": "ko-number-001", "question": "어른 입장료는 얼마야?", "lang": "ko", "type": "number",
    "facts": [["7천 원"]], "docs": [["요금"]],
}  # fmt: skip
# A file may be named like this, and a pull request may name it so.
NASTY = "qa \"; touch pwned; $(touch pwned) `touch pwned` '.jsonl"


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Action:
    return installed(tmp_path_factory.mktemp("action"))


@pytest.fixture
def team(tmp_path: Path) -> Path:
    (tmp_path / "문서 docs").mkdir()
    (tmp_path / "문서 docs" / "요금.txt").write_text("어른 입장료는 7,000원이다.", encoding="utf-8")
    (tmp_path / NASTY).write_text(json.dumps(PAIR), encoding="utf-8")
    (tmp_path / "met.toml").write_text("[all]\nfacts = 1.0\n", encoding="utf-8")
    (tmp_path / "missed.toml").write_text('["lang:fr"]\nfacts = 0.1\n', encoding="utf-8")
    return tmp_path


def evaluated(action: Action, team: Path, **inputs: str) -> subprocess.CompletedProcess[str]:
    return action.run(team, "Eval", {"pairs": NASTY, "docs": "문서 docs", **inputs})


@pytest.mark.parametrize(("thresholds", "code"), [("met.toml", 0), ("missed.toml", 3), ("none.toml", 2)])
def test_the_step_ends_as_the_gate_does(action: Action, team: Path, thresholds: str, code: int) -> None:
    """Its exit code is an output too, and the summary is this run's, or there is none."""
    (team / "out").mkdir()
    (team / "out" / "summary.md").write_text("of yesterday", encoding="utf-8")

    done = evaluated(action, team, thresholds=thresholds, report="out")

    assert done.returncode == code, done.stdout + done.stderr
    assert (team / "output").read_text(encoding="utf-8") == f"exit-code={code}\n"
    assert (team / "summary").exists() == (code != 2)
    assert code == 2 or "of yesterday" not in (team / "summary").read_text(encoding="utf-8")
    assert not (team / "pwned").exists()


def test_a_baseline_is_compared_with(action: Action, team: Path) -> None:
    """The report of one run is the baseline of the next, whatever changed."""
    first = evaluated(action, team, report="main")
    (team / "문서 docs" / "새.txt").write_text("새 문서이다.", encoding="utf-8")

    second = evaluated(action, team, baseline="main/report.json")

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "documents added: 새.txt" in second.stdout
    assert "documents added: 새.txt" in (team / "summary").read_text(encoding="utf-8")
    assert (team / "citewise-report" / "index.html").exists()


def test_no_input_is_part_of_a_script(action: Action) -> None:
    """A runner pastes ``${{ }}`` into the shell's text: a name of a file would be run."""
    for step in action.spec["runs"]["steps"]:
        assert "${{" not in step.get("run", "")
        assert step.get("shell") == ("bash" if "run" in step else None)


def workflows() -> Mapping[str, dict[str, object]]:
    """Return the workflows that docs/eval.md shows, by their first step that uses something of ours."""
    blocks = (ROOT / "docs" / "eval.md").read_text(encoding="utf-8").split("```yaml\n")[1:]
    shown = (yaml.safe_load(block.partition("```")[0]) for block in blocks)
    return {each["name"]: each for each in shown if "jobs" in each}


def test_the_workflow_in_the_docs_gives_inputs_that_there_are(action: Action) -> None:
    """All that must be given, and nothing that is not known."""
    steps = [
        step
        for workflow in workflows().values()
        for job in workflow["jobs"].values()  # type: ignore[attr-defined]
        for step in job["steps"]
        if "citewise" in step.get("uses", "")
    ]
    required = {key for key, each in action.spec["inputs"].items() if each.get("required")}

    assert steps
    for step in steps:
        assert required <= step["with"].keys() <= action.spec["inputs"].keys()
