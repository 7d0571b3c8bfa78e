"""What a run showed, for people at a terminal and for programs. Pure.

`Report` is everything that every form of report tells; how long answers took
is kept apart (`timings`), so that equal runs give equal bytes.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rag.eval.baseline import Comparison
from rag.eval.changes import Subject
from rag.eval.curve import Point, cost_curve
from rag.eval.gate import Check
from rag.eval.run import Run, Scored
from rag.eval.stats import Mean
from rag.types import Answer

__all__ = [
    "FELL",
    "MISSED",
    "SCHEMA",
    "UNUSABLE",
    "Report",
    "as_json",
    "figure",
    "shown_groups",
    "speed",
    "terminal",
    "timings",
    "token_counts",
]

SCHEMA = 2
"""Of the JSON report; rises when a field changes its meaning or goes."""

# What a table by language and type has room for.
COLUMNS = (
    "correct",
    "facts",
    "answered",
    "abstention_recall",
    "retrieval_recall",
    "citation_recall",
    "language",
)

UNUSABLE, MISSED, FELL = 2, 3, 4
"""Exit codes, besides 0 and 1 for an error that is none of the data's."""

_SHORT = 100


@dataclass(frozen=True, slots=True)
class Report:
    """A finished run with its verdict.

    Attributes:
        checks: Of the gate; empty if there is none.
        comparison: With a baseline, if one was given.
        unusable: A sentence on each pair, or baseline, that could not be used.
    """

    subject: Subject
    run: Run
    checks: tuple[Check, ...]
    comparison: Comparison | None = None
    unusable: tuple[str, ...] = ()

    @property
    def failures(self) -> tuple[str, ...]:
        """Every check that does not hold."""
        return tuple(check.failure for check in self.all_checks if check.failure)

    @property
    def all_checks(self) -> tuple[Check, ...]:
        """Thresholds, then comparison."""
        return self.checks + (self.comparison.checks if self.comparison else ())

    @property
    def exit_code(self) -> int:
        """The first that applies: 2 data that cannot be used, 4 a fall, 3 a missed threshold, 0 none."""
        if self.unusable:
            return UNUSABLE
        if self.comparison and any(check.failure for check in self.comparison.checks):
            return FELL
        return MISSED if self.failures else 0

    @property
    def verdict(self) -> str:
        """One line."""
        unusable = f", {len(self.unusable)} data errors" if self.unusable else ""
        return f"{self._gate}{unusable}"

    @property
    def _gate(self) -> str:
        if not self.all_checks:
            return "no gate was applied"
        return (
            f"gate failed: {len(self.failures)} of {len(self.all_checks)} checks"
            if self.failures
            else f"gate passed: {len(self.all_checks)} checks"
        )

    @property
    def curve(self) -> tuple[Point, ...]:
        """What a threshold on the evidence would cost."""
        return cost_curve(self.run.scored)


def figure(value: float) -> str:
    """Return a score with three decimals."""
    return f"{value:.3f}"


def shown_groups(report: Report) -> list[str]:
    """Return the groups below "all", languages first, then types."""
    return [group for group in report.run.means if group != "all"]


def terminal(report: Report) -> str:
    """Return the scores as tables, then each pair that went wrong, then the gate, as plain text."""
    lines = [f"{'measure':<22}{'n':>5}{'mean':>8}   95 % interval"]
    lines += [
        f"{name:<22}{each.n:>5}{figure(each.value):>8}   {figure(each.low)} to {figure(each.high)}"
        for name, each in report.run.means["all"].items()
    ]
    lines += ["", "".join([f"{'group':<20}{'n':>5}", *(f"{name:>18}" for name in COLUMNS)])]
    lines += [_row(group, report.run.means[group]) for group in shown_groups(report)]
    lines += ["", *(_wrong(each) for each in report.run.scored if not each.right)]
    if report.comparison:
        lines += report.comparison.lines()
    lines += [f"cannot be used: {problem}" for problem in report.unusable]
    lines += [f"gate missed: {failure}" for failure in report.failures]
    return "\n".join([*lines, report.verdict])


def _row(group: str, means: Mapping[str, Mean]) -> str:
    cells = (figure(means[name].value) if name in means else "" for name in COLUMNS)
    return "".join([f"{group:<20}{means['correct'].n:>5}", *(f"{cell:>18}" for cell in cells)])


def _wrong(each: Scored) -> str:
    return f"wrong {each.pair.id}: {_shortened('; '.join(each.missing))}"


def _shortened(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= _SHORT else words[: _SHORT - 1] + "…"


def as_json(report: Report) -> str:
    """Return the report as JSON, described in docs/json.md; a later run may take it as its baseline."""
    fields = {
        "schema": SCHEMA,
        "subject": asdict(report.subject),
        "verdict": report.verdict,
        "exit_code": report.exit_code,
        "failures": report.failures,
        "unusable": report.unusable,
        "checks": [asdict(each) for each in report.all_checks],
        "means": {
            group: {name: asdict(each) for name, each in by_name.items()}
            for group, by_name in report.run.means.items()
        },
        "curve": [asdict(point) for point in report.curve],
        "comparison": _comparison(report.comparison) if report.comparison else None,
        "pairs": [_pair(each) for each in report.run.scored],
    }
    return json.dumps(fields, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def _comparison(comparison: Comparison) -> dict[str, Any]:
    fields = asdict(comparison)
    del fields["checks"]
    return fields


def _pair(each: Scored) -> dict[str, Any]:
    pair = each.pair.model_dump(mode="json", by_alias=True)
    answer = _answer(each.answer) if each.answer else None
    return {**pair, "values": each.values, "missing": each.missing, "error": each.error, "answer": answer}


def _answer(answer: Answer) -> dict[str, Any]:
    """Return what may be shown of an answer and is the same in every run."""
    return {
        "lang": answer.lang,
        "text": answer.text,
        "answered": answer.answered,
        "reason": answer.reason,
        "abstention": answer.abstention,
        "faults": [asdict(each) for each in answer.faults],
        "evidence": answer.evidence,
        "model": answer.model,
        "degraded": answer.degraded,
        "claims": [asdict(each) for each in answer.claims],
        "citations": [{**asdict(each), "date": each.date and str(each.date)} for each in answer.citations],
        "conflicts": [
            [{**asdict(side), "date": side.date and str(side.date)} for side in each.sides]
            for each in answer.conflicts
        ],
        "retrieved": [
            {"chunk_id": hit.chunk.chunk_id, "doc_id": hit.chunk.doc_id, "score": round(hit.score, 4)}
            for hit in answer.hits
        ],
    }


def timings(scored: Sequence[Scored]) -> Mapping[str, Mapping[str, float]]:
    """Return milliseconds by stage and in all: median, 95th percentile and sum.

    Not part of the report: no two runs take equally long.
    """
    stages: dict[str, list[float]] = {}
    for each in scored:
        taken = each.answer.timings_ms if each.answer else {}
        for stage, milliseconds in [
            *taken.items(),
            *([("total", math.fsum(taken.values()))] if taken else []),
        ]:
            stages.setdefault(stage, []).append(milliseconds)
    return {stage: _spread(sorted(values)) for stage, values in stages.items()}


def token_counts(scored: Sequence[Scored]) -> Mapping[str, Mapping[str, float]]:
    """Return ``cl100k_base`` tokens of the retrieved passages and of the answers: n, median, p95, sum.

    What a model is given at most and what it wrote, whatever its own tokenizer.
    """
    from rag.llm.budget import count_tokens

    answers = [each.answer for each in scored if each.answer]
    counts = {
        "passages": [sum(count_tokens(hit.chunk.text) for hit in answer.hits) for answer in answers],
        "answer": [count_tokens(answer.text) for answer in answers],
    }
    return {name: _spread(sorted(values)) for name, values in counts.items() if values}


def speed(scored: Sequence[Scored]) -> str:
    """Return one line on how long answers took."""
    total = timings(scored).get("total")
    return (
        f"per question, known texts remembered: median {total['median']} ms, p95 {total['p95']} ms"
        if total
        else "nothing was asked"
    )


def _spread(ordered: Sequence[float]) -> dict[str, float]:
    last = len(ordered) - 1
    return {
        "n": len(ordered),
        "median": round(ordered[last // 2], 1),
        "p95": round(ordered[math.ceil(last * 0.95)], 1),
        "sum": round(math.fsum(ordered), 1),
    }
