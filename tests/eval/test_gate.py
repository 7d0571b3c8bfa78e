"""The gate passes what is good enough, and nothing that cannot be judged."""

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from judged import Replies, answer, document, pair, quiet, refusal, unanswerable

from rag.errors import BackendError, EvalDataError
from rag.eval.baseline import Subject, compare, read_baseline, subject_of
from rag.eval.gate import check_thresholds, propose, read_thresholds
from rag.eval.report import Report, as_json
from rag.eval.run import Run, run
from rag.eval.stats import Mean
from rag.types import Answer

DOCUMENTS = {"a.txt": document()}
PAIRS = [pair(id=f"en-number-{n:03}", question=f"q{n}") for n in range(20)]
SETTINGS = {"k": "8", "llm": "extractive"}


def judged(wrong: int = 0, jobs: int = 1) -> Run:
    """Return a run of `PAIRS` whose first answers are wrong."""
    replies: dict[str, Answer | Exception] = {
        each.question: answer("It is free.") if n < wrong else answer() for n, each in enumerate(PAIRS)
    }
    return run(Replies(replies), PAIRS, DOCUMENTS, quiet, jobs)


def subject(settings: dict[str, str] = SETTINGS) -> Subject:
    return subject_of(DOCUMENTS.values(), PAIRS, settings)


def stored(path: Path, result: Run) -> Path:
    path.write_text(as_json(Report(subject(), result, ())), encoding="utf-8")
    return path


def failures(means: object, thresholds: dict[str, dict[str, float]]) -> list[str]:
    return [check.failure for check in check_thresholds(means, thresholds) if check.failure]  # type: ignore[arg-type]


def test_a_mean_must_reach_its_threshold() -> None:
    """Equal is enough; below is not, and the message says by how much and over how many."""
    means = judged(wrong=5).means

    assert failures(means, {"all": {"correct": 0.75}}) == []
    assert failures(means, {"lang:en": {"correct": 0.76}}) == [
        "[lang:en] correct: 0.750 (n=20), 0.760 is asked for"
    ]


@pytest.mark.parametrize(
    "means",
    [
        {},
        {"all": {}},
        {"all": {"correct": Mean(0, 1.0, 1.0, 1.0)}},
        {"all": {"correct": Mean(5, math.nan, math.nan, math.nan)}},
    ],
)
def test_what_cannot_be_judged_fails(means: dict[str, dict[str, Mean]]) -> None:
    """No group, no measure, no pairs, NaN: none of them is a pass, even with a threshold of 0."""
    assert len(failures(means, {"all": {"correct": 0.0}})) == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "holds no threshold"),
        ("[all]", "holds no threshold"),
        ("[all]\ncorect = 0.5", "'corect' is no measure. Measures are: correct"),
        ("[everything]\ncorrect = 0.5", "no group 'everything'"),
        ("correct = 0.5", "outside a table"),
        ("[all]\ncorrect = 1.5", "from 0 to 1"),
        ("[all]\ncorrect = nan", "from 0 to 1"),
        ("[all]\ncorrect = true", "from 0 to 1"),
        ("[all]\ncorrect = '1'", "from 0 to 1"),
        ("[all", "cannot be read as TOML"),
    ],
)
def test_thresholds_that_say_nothing_are_errors(tmp_path: Path, text: str, says: str) -> None:
    """A misspelt measure would never be checked: that is a hole, not a pass."""
    path = tmp_path / "thresholds.toml"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(EvalDataError, match=says):
        read_thresholds(path)


def test_no_thresholds_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """A gate that is not there must be asked for by name."""
    with pytest.raises(EvalDataError, match="--no-gate"):
        read_thresholds(tmp_path / "none.toml")


def test_a_proposal_passes_the_run_it_was_made_from(tmp_path: Path) -> None:
    """And is a file that the gate reads."""
    means = judged(wrong=4).means
    path = tmp_path / "proposed.toml"
    path.write_text(propose(means), encoding="utf-8")

    thresholds = read_thresholds(path)

    assert failures(means, thresholds) == []  # type: ignore[arg-type]
    assert tomllib.loads(propose(means))["all"]["quotes_exact"] == 1.0


def test_a_crashed_pair_counts_as_wrong_and_is_listed() -> None:
    """It is never dropped: n stays, and the error is told."""
    table: dict[str, Answer | Exception] = {each.question: answer() for each in PAIRS}
    table["q3"] = BackendError("no reply")
    table["q4"] = answer(evidence=math.nan)
    table["q5"] = ZeroDivisionError("a bug")

    result = run(Replies(table), PAIRS, DOCUMENTS, quiet)

    assert result.means["all"]["correct"].n == 20
    assert [each.pair.id for each in result.scored if not each.right] == [
        f"en-number-00{n}" for n in (3, 4, 5)
    ]
    assert "evidence is nan" in result.scored[4].error
    assert result.scored[3].missing == ("crashed: BackendError: no reply",)


def test_several_jobs_change_nothing() -> None:
    """Order and scores are those of one job."""
    assert judged(wrong=3, jobs=4) == judged(wrong=3)


def test_a_significant_fall_fails_and_names_the_pairs(tmp_path: Path) -> None:
    """Seven of twenty newly wrong is no accident; one is none that can be told from it."""
    path = stored(tmp_path / "base.json", judged())
    baseline = read_baseline(path, subject())

    fell = compare(judged(wrong=7).scored, baseline, {"all": {"correct": 0.1}})
    wavered = compare(judged(wrong=1).scored, baseline, {"all": {"correct": 0.1}})

    assert "fell from 1.000 to 0.650 (n=20)" in fell.checks[0].failure
    assert "en-number-006" in fell.checks[0].failure
    assert fell.lost == tuple(f"en-number-{n:03}" for n in range(7))
    assert wavered.checks[0].failure == ""
    assert wavered.lost == ("en-number-000",)


def test_a_rise_is_told_and_passes(tmp_path: Path) -> None:
    """The pairs that came right are named."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged(wrong=7)), subject())

    risen = compare(judged().scored, baseline, {})

    assert [check.failure for check in risen.checks] == [""]
    assert len(risen.gained) == 7


def test_a_baseline_must_have_judged_the_same(tmp_path: Path) -> None:
    """Other documents, pairs or settings: each is refused by name, with the remedy."""
    path = stored(tmp_path / "base.json", judged())
    other_pairs = subject_of(DOCUMENTS.values(), PAIRS[1:], SETTINGS)
    other_documents = subject_of([document(text="new")], PAIRS, SETTINGS)

    for changed, says in (
        (subject({**SETTINGS, "k": "5"}), "setting k '8', now '5'"),
        (other_pairs, "pairs .* now"),
        (other_documents, "documents .* now"),
    ):
        with pytest.raises(EvalDataError, match=f"{says}.*--rebaseline"):
            read_baseline(path, changed)


def test_the_order_of_pairs_and_documents_is_no_part_of_the_subject() -> None:
    """Sorting a file takes no new baseline."""
    documents = [document("a.txt"), document("b.txt")]

    assert subject_of(documents, PAIRS, SETTINGS) == subject_of(documents[::-1], PAIRS[::-1], SETTINGS)


@pytest.mark.parametrize("change", [("1.0", "NaN"), ("1.0", "1.5"), ('"pairs": [', '"none": [')])
def test_a_baseline_with_what_is_no_score_is_refused(tmp_path: Path, change: tuple[str, str]) -> None:
    """NaN compares as neither better nor worse, and would pass any test."""
    path = stored(tmp_path / "base.json", judged())
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")

    with pytest.raises(EvalDataError, match="--rebaseline"):
        read_baseline(path, subject())


def test_a_measure_that_only_one_run_has_fails(tmp_path: Path) -> None:
    """A comparison of nothing is no pass."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged()), subject())
    refused = run(Replies({each.question: refusal() for each in PAIRS}), PAIRS, DOCUMENTS, quiet)

    compared = compare(refused.scored, baseline, {"all": {"abstention_precision": 0.5}})

    assert "nothing can be compared" in compared.checks[0].failure


def test_the_verdict_tells_a_gate_from_none() -> None:
    """No thresholds and no baseline is not a pass."""
    report = Report(subject(), judged(), ())

    assert report.verdict == "no gate was applied"
    assert replace(
        report, checks=tuple(check_thresholds(report.run.means, {"all": {"correct": 1.0}}))
    ).verdict == ("gate passed: 1 checks")


def test_unanswerable_pairs_have_their_own_groups() -> None:
    """Means by language and type hold only what was measured there."""
    pairs = [*PAIRS[:2], unanswerable(lang="ko", question="none")]
    replies: dict[str, Answer | Exception] = {"q0": answer(), "q1": answer(), "none": refusal()}

    means = run(Replies(replies), pairs, DOCUMENTS, quiet).means

    assert list(means) == ["all", "lang:en", "lang:ko", "type:number", "type:unanswerable"]
    assert "facts" not in means["lang:ko"]
    assert means["all"]["abstention_recall"].n == 1
