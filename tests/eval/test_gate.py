"""The gate passes what is good enough, and nothing that cannot be judged."""

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from judged import Replies, answer, document, pair, quiet, refusal, unanswerable

from rag.errors import BackendError, EvalDataError
from rag.eval.baseline import Baseline, Comparison, compare, read_baseline
from rag.eval.changes import Changes, Subject, subject_of
from rag.eval.gate import Check, check_thresholds, propose, read_thresholds
from rag.eval.pairs import Pair
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


def compared(result: Run, baseline: Baseline, thresholds: dict[str, dict[str, float]]) -> Comparison:
    return compare(result.scored, subject(), baseline, thresholds)


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
    baseline = read_baseline(path)

    fell = compared(judged(wrong=7), baseline, {"all": {"correct": 0.1}})
    wavered = compared(judged(wrong=1), baseline, {"all": {"correct": 0.1}})

    assert "fell from 1.000 to 0.650 (n=20)" in fell.checks[0].failure
    assert "en-number-006" in fell.checks[0].failure
    assert fell.lost == tuple(f"en-number-{n:03}" for n in range(7))
    assert wavered.checks[0].failure == ""
    assert wavered.lost == ("en-number-000",)


def test_a_rise_is_told_and_passes(tmp_path: Path) -> None:
    """The pairs that came right are named."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged(wrong=7)))

    risen = compared(judged(), baseline, {})

    assert [check.failure for check in risen.checks] == [""]
    assert len(risen.gained) == 7


def rerun(pairs: list[Pair], wrong: set[str] = frozenset()) -> Run:  # type: ignore[assignment]
    replies: dict[str, Answer | Exception] = {
        each.question: answer("It is free.") if each.id in wrong else answer() for each in pairs
    }
    return run(Replies(replies), pairs, DOCUMENTS, quiet)


def test_a_fall_is_seen_over_the_pairs_that_stayed(tmp_path: Path) -> None:
    """Added, changed and removed pairs are listed and take no part, right or wrong."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged()))
    stayed = PAIRS[2:]
    edited = pair(id=PAIRS[1].id, question="몇 시에 여나요?")
    fresh = [pair(id=f"new-{n}", question=f"新しい質問 {n}") for n in range(30)]

    fell = compared(rerun([*stayed, edited, *fresh], {each.id for each in stayed[:7]}), baseline, {})
    only_new_wrong = compared(rerun([*stayed, edited, *fresh], {each.id for each in fresh}), baseline, {})

    assert "fell from 1.000 to 0.611 (n=18)" in fell.checks[0].failure
    assert fell.pairs == Changes(tuple(sorted(each.id for each in fresh)), (PAIRS[1].id,), (PAIRS[0].id,))
    assert [check.failure for check in only_new_wrong.checks] == [""]
    assert only_new_wrong.compared == 18


def test_a_pair_under_another_id_is_the_same_pair(tmp_path: Path) -> None:
    """Renumbering a file neither hides a fall nor lists a pair as new."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged()))
    renumbered = [each.model_copy(update={"id": f"ขึ้น-{n}"}) for n, each in enumerate(PAIRS)]

    fell = compared(rerun(renumbered, {each.id for each in renumbered[:7]}), baseline, {})

    assert "worse: ขึ้น-0, " in fell.checks[0].failure
    assert fell.pairs == Changes()


def test_two_pairs_of_one_text_keep_to_their_ids(tmp_path: Path) -> None:
    """Else the same question, twice in a file, could be compared with the other's score."""
    twice = [pair(id="a", question="q"), pair(id="b", question="q")]
    result = run(Replies({"q": answer()}), twice, DOCUMENTS, quiet)
    mixed = Run((result.scored[0], replace(result.scored[1], values={"correct": 0.0})), result.means)
    baseline = read_baseline(stored(tmp_path / "base.json", mixed))

    again = compare(mixed.scored, subject(), baseline, {})

    assert (again.lost, again.gained, again.compared) == ((), (), 2)


def test_documents_and_settings_that_changed_are_named(tmp_path: Path) -> None:
    """They are compared all the same: whether a change of them did harm is the question."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged()))
    documents = [document(text="anders"), document("새.txt")]
    now = subject_of(documents, PAIRS, {**SETTINGS, "k": "5"})

    found = compare(judged(wrong=7).scored, now, baseline, {})

    assert found.checks[0].failure
    assert found.documents == Changes(("새.txt",), ("a.txt",), ())
    assert found.lines()[:3] == ["documents added: 새.txt", "documents changed: a.txt", "settings changed: k"]


def test_a_new_group_cannot_have_fallen(tmp_path: Path) -> None:
    """Its first pairs pass the comparison; the threshold is for them to meet."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged()))
    korean = pair(id="ko-number-001", lang="ko", question="얼마예요?")

    found = compared(rerun([*PAIRS, korean], {korean.id}), baseline, {"lang:ko": {"correct": 0.1}})

    assert [check.failure for check in found.checks] == [""]


@pytest.mark.parametrize(
    ("missed", "fell", "unusable", "code"),
    [
        ("", "", (), 0),
        ("low", "", (), 3),
        ("", "fell", (), 4),
        ("low", "fell", (), 4),
        ("low", "fell", ("qa.jsonl:7: not JSON",), 2),
        ("", "", ("qa.jsonl:7: not JSON",), 2),
    ],
)
def test_exit_codes_tell_what_is_wrong(missed: str, fell: str, unusable: tuple[str, ...], code: int) -> None:
    """The first that must be mended decides: data, then a fall, then a threshold."""
    comparison = Comparison((Check("no worse", fell),), 20, (), ())

    report = Report(subject(), judged(), (Check("least", missed),), comparison, unusable)

    assert report.exit_code == code


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
        read_baseline(path)


def test_a_measure_that_is_gone_fails(tmp_path: Path) -> None:
    """Answers without citations have none that is wrong: that is no pass."""
    baseline = read_baseline(stored(tmp_path / "base.json", judged()))
    refused = run(Replies({each.question: refusal() for each in PAIRS}), PAIRS, DOCUMENTS, quiet)

    found = compared(refused, baseline, {"all": {"citation_precision": 0.5}})

    assert "was measured in the baseline, and nothing is now" in found.checks[0].failure


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
