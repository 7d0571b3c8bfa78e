"""Scores of rankings on test sets, as a table for people and as data for programs. Pure."""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.eval.ranking import MEASURES

__all__ = ["Estimate", "SetScore", "estimate", "markdown", "terminal"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean over *n* questions with its standard error."""

    n: int
    value: float
    error: float


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean of *values*, one or more, with its standard error."""
    spread = statistics.stdev(values) if len(values) > 1 else 0.0
    return Estimate(len(values), statistics.fmean(values), spread / math.sqrt(len(values)))


@dataclass(frozen=True, slots=True)
class SetScore:
    """What was measured on one test set.

    Attributes:
        legs: For each leg the mean of every measure over the judged questions.
        auroc: How well the evidence score tells questions with an answer from
            those without; None where a set has only one kind.
        agreement: Share of questions whose detected language is the labelled one;
            None where the set has no labels.
    """

    name: str
    passages: int
    questions: int
    legs: Mapping[str, Mapping[str, Estimate]]
    auroc: float | None
    agreement: float | None


def terminal(scores: Sequence[SetScore]) -> str:
    """Return all measures of all legs, with standard errors, one leg a line."""
    head = f"{'set':<22}{'leg':<9}{'n':>5}  " + "".join(f"{name:<16}" for name in MEASURES) + "evidence"
    lines = [head]
    for score in scores:
        lines += [_line(score, leg, means) for leg, means in score.legs.items()] or [_line(score, "", {})]
    return "\n".join([*lines, *_averages(scores)])


def _line(score: SetScore, leg: str, means: Mapping[str, Estimate]) -> str:
    n = next((each.n for each in means.values()), score.questions)
    cells = "".join(f"{f'{each.value:.3f} ±{each.error:.3f}':<16}" for each in means.values())
    area = "" if score.auroc is None else f"AUROC {score.auroc:.3f}"
    return f"{score.name:<22}{leg:<9}{n:>5}  {cells}{area}".rstrip()


def _averages(scores: Sequence[SetScore]) -> list[str]:
    judged = [score for score in scores if score.legs]
    if len(judged) < 2:
        return []
    lines = []
    for leg in judged[0].legs:
        averages = [sum(score.legs[leg][name].value for score in judged) / len(judged) for name in MEASURES]
        lines.append(
            f"{f'mean of {len(judged)} sets':<22}{leg:<16}" + "".join(f"{each:<16.3f}" for each in averages)
        )
    return lines


def markdown(scores: Sequence[SetScore], measure: str = "MRR@10") -> str:
    """Return one table: sets down, legs across, the best of each set in bold."""
    legs = list(next((score.legs for score in scores if score.legs), {}))
    rows = [["set", "n", *legs, "evidence AUROC"]]
    for score in scores:
        best = max((means[measure].value for means in score.legs.values()), default=0.0)
        cells = [_cell(score.legs[leg][measure].value, best) if score.legs else "" for leg in legs]
        area = "" if score.auroc is None else f"{score.auroc:.3f}"
        rows.append([score.name, str(score.questions), *cells, area])
    ruled = [rows[0], ["---"] * len(rows[0]), *rows[1:]]
    return "\n".join(f"| {' | '.join(row)} |" for row in ruled)


def _cell(value: float, best: float) -> str:
    text = f"{value:.3f}"
    return f"**{text}**" if text == f"{best:.3f}" else text
