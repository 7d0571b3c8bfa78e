"""What a threshold on the evidence would cost: answers that are wrong against answers withheld.

The risk-coverage curve of selective prediction (El-Yaniv and Wiener 2010), and
the cost of both kinds of error at prices that a team can recognise its own in.
The assistant's own threshold is already in the answers, so a curve can only show
what a higher one would do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.eval.run import Scored

__all__ = ["PRICES", "Point", "cost_curve"]

PRICES = (1, 3, 10)
"""What a wrong answer costs, in needless abstentions."""

_STEPS = 20


@dataclass(frozen=True, slots=True)
class Point:
    """The outcome if only answers with at least this evidence were given.

    Attributes:
        answered: Share of all pairs.
        wrong: Share of all pairs that get a wrong answer.
        withheld: Share of all pairs that have an answer and get none.
        costs: ``price * wrong + withheld`` for each of `PRICES`.
    """

    threshold: float
    answered: float
    wrong: float
    withheld: float
    costs: tuple[float, ...]


def cost_curve(scored: Sequence[Scored]) -> tuple[Point, ...]:
    """Return the curve at 0, 0.05, ... 1. A crash is a wrong answer at every threshold."""
    return tuple(_point(scored, step / _STEPS) for step in range(_STEPS + 1))


def _point(scored: Sequence[Scored], threshold: float) -> Point:
    given = [_is_given(each, threshold) for each in scored]
    wrong = sum(answer and not each.right for each, answer in zip(scored, given, strict=True))
    withheld = sum(each.pair.answerable and not answer for each, answer in zip(scored, given, strict=True))
    n = len(scored) or 1
    costs = tuple((price * wrong + withheld) / n for price in PRICES)
    return Point(threshold, sum(given) / n, wrong / n, withheld / n, costs)


def _is_given(each: Scored, threshold: float) -> bool:
    return each.answer is None or (each.answer.answered and each.answer.evidence >= threshold)
