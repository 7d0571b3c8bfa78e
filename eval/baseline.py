"""Whether scores fell since an earlier run, over the pairs whose text is the same in both.

A baseline is the JSON report of that run. Documents, pairs and settings may have
changed since: that is what a change under review does. Pairs are compared one by
one, so what was added, changed or removed is listed and takes no part in the test.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import EvalDataError
from rag.eval.changes import Changes, Subject, changes, pair_changes, same_text
from rag.eval.gate import Check, Thresholds
from rag.eval.pairs import Pair
from rag.eval.run import Scored, groups_of
from rag.eval.stats import holm, paired_p

__all__ = ["Baseline", "Comparison", "compare", "read_baseline"]

ALPHA = 0.05

Value = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _BaselinePair(Pair):
    # A report holds more of a pair than a comparison needs.
    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")

    values: Mapping[str, Value]


class Baseline(BaseModel):
    """The part of an earlier report that is compared."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore")

    subject: Subject
    pairs: tuple[_BaselinePair, ...] = Field(min_length=1)

    @classmethod
    def of(cls, subject: Subject, scored: Sequence[Scored]) -> "Baseline | None":
        """Return a run as what the next one is compared with, None if it has no pairs."""
        pairs = tuple(_BaselinePair(**dict(each.pair), values=each.values) for each in scored)
        return cls(subject=subject, pairs=pairs) if pairs else None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The checks against a baseline, and what changed since.

    Attributes:
        compared: How many pairs have the same text in both runs.
        lost, gained: Those of them that are no longer, or newly, correct.
    """

    checks: tuple[Check, ...]
    compared: int
    lost: tuple[str, ...]
    gained: tuple[str, ...]
    documents: Changes = field(default_factory=Changes)
    pairs: Changes = field(default_factory=Changes)
    settings: Changes = field(default_factory=Changes)

    def lines(self) -> list[str]:
        """Return what a person wants to know before the checks, a line each."""
        flips = {"no longer right": self.lost, "newly right": self.gained}
        return [
            *self.documents.lines("documents"),
            *self.settings.lines("settings"),
            *self.pairs.lines("pairs"),
            f"compared with the baseline: {self.compared} pairs of the same text",
            *(f"{name}: {', '.join(ids)}" for name, ids in flips.items() if ids),
        ]


def read_baseline(path: Path) -> Baseline:
    """Read an earlier JSON report.

    Raises:
        EvalDataError: It cannot be read, or is no report of this version.
    """
    try:
        return Baseline.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, RecursionError) as exc:
        raise EvalDataError(
            f"{str(path)!r} cannot be read as a report: {exc}. Write one with --rebaseline."
        ) from exc
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        place = ".".join(map(str, problem["loc"]))
        raise EvalDataError(
            f"{str(path)!r}: field {place!r}: {problem['msg']}. Take it anew with --rebaseline."
        ) from exc


def compare(
    scored: Sequence[Scored], subject: Subject, baseline: Baseline, thresholds: Thresholds
) -> Comparison:
    """Test every measure that has a threshold for a fall since *baseline*.

    One-sided and paired (`paired_p`), 5 % over all tests together (`holm`), over the
    pairs whose text is the same. A pair to which a measure applied in one of the two
    runs only is left out of its test.
    """
    now = [each.pair for each in scored]
    same = same_text(now, baseline.pairs)
    matched = _Matched(scored, {each.id: each.values for each in baseline.pairs}, same)
    # Without thresholds there is still one question to ask: are fewer answers right?
    family = [(group, name) for group, table in thresholds.items() for name in table] or [("all", "correct")]
    found = {key: matched.both(*key) for key in family}
    worse = holm({key: _p(pairs) for key, pairs in found.items() if pairs}, ALPHA)
    corrects = matched.both("all", "correct")
    return Comparison(
        checks=tuple(
            _check(key, pairs, fell=key in worse, vanished=matched.vanished(*key))
            for key, pairs in found.items()
        ),
        compared=len(same),
        lost=tuple(each.pair_id for each in corrects if each.now < each.was),
        gained=tuple(each.pair_id for each in corrects if each.now > each.was),
        documents=changes(baseline.subject.documents, subject.documents),
        pairs=pair_changes(baseline.pairs, now, same),
        settings=changes(baseline.subject.settings, subject.settings),
    )


@dataclass(frozen=True, slots=True)
class _Change:
    pair_id: str
    was: float
    now: float


@dataclass(frozen=True, slots=True)
class _Matched:
    """The pairs of both runs; `same` leads from an id of now to one of before."""

    scored: Sequence[Scored]
    before: Mapping[str, Mapping[str, float]]
    same: Mapping[str, str]

    def both(self, group: str, name: str) -> list[_Change]:
        """Return the pairs of *group* to which measure *name* applied in both runs."""
        return [
            _Change(each.pair.id, was[name], each.values[name])
            for each, was in self._of(group)
            if name in each.values and name in was
        ]

    def vanished(self, group: str, name: str) -> bool:
        """Tell whether *name* applied to pairs of *group* before, and applies to none of them now."""
        pairs = self._of(group)
        return any(name in was for _, was in pairs) and not any(name in each.values for each, _ in pairs)

    def _of(self, group: str) -> list[tuple[Scored, Mapping[str, float]]]:
        return [
            (each, self.before[self.same[each.pair.id]])
            for each in self.scored
            if each.pair.id in self.same and group in groups_of(each.pair)
        ]


def _p(pairs: Sequence[_Change]) -> float:
    return paired_p([each.was for each in pairs], [each.now for each in pairs])


def _check(key: tuple[str, str], pairs: Sequence[_Change], *, fell: bool, vanished: bool) -> Check:
    group, name = key
    condition = f"[{group}] {name} no worse than the baseline"
    # A group of new pairs cannot have fallen; a measure that applies to nothing any more has.
    if vanished:
        return Check(condition, f"[{group}] {name}: was measured in the baseline, and nothing is now")
    if not fell:
        return Check(condition)
    was, now = (sum(values) / len(pairs) for values in zip(*((c.was, c.now) for c in pairs), strict=True))
    worse = ", ".join(each.pair_id for each in pairs if each.now < each.was)
    return Check(
        condition, f"[{group}] {name} fell from {was:.3f} to {now:.3f} (n={len(pairs)}), worse: {worse}"
    )
