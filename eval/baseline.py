"""Whether scores fell since an earlier run of the same pairs, and which pairs changed.

A baseline is the JSON report of that run. It is compared only if it was taken on
the same documents, pairs and settings: scores on other data differ for reasons
that no test can tell from a regression.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import EvalDataError
from rag.eval.gate import Check, Thresholds
from rag.eval.pairs import Pair
from rag.eval.run import Scored, groups_of
from rag.eval.stats import holm, paired_p
from rag.types import Document

__all__ = ["Baseline", "Comparison", "Subject", "compare", "read_baseline", "subject_of"]

ALPHA = 0.05

Value = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Lenient(BaseModel):
    # A report holds more than a comparison needs.
    model_config = ConfigDict(frozen=True, extra="ignore")


class Subject(_Lenient):
    """What was judged: fingerprints of documents and pairs, and the settings by name."""

    documents: str
    pairs: str
    settings: Mapping[str, str]


class _BaselinePair(_Lenient):
    id: str
    values: Mapping[str, Value]


class Baseline(_Lenient):
    """The part of an earlier report that is compared."""

    subject: Subject
    pairs: tuple[_BaselinePair, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The checks against a baseline, and the pairs whose ``correct`` changed."""

    checks: tuple[Check, ...]
    lost: tuple[str, ...]
    gained: tuple[str, ...]


def subject_of(documents: Iterable[Document], pairs: Iterable[Pair], settings: Mapping[str, str]) -> Subject:
    """Return what a run judges. The order of documents and pairs is no part of it."""
    return Subject(
        documents=_digest(f"{each.doc_id}\n{each.sha256}" for each in documents),
        pairs=_digest(pair.model_dump_json(by_alias=True) for pair in pairs),
        settings=dict(sorted(settings.items())),
    )


def _digest(items: Iterable[str]) -> str:
    return hashlib.sha256("\0".join(sorted(items)).encode()).hexdigest()


def read_baseline(path: Path, subject: Subject) -> Baseline:
    """Read an earlier JSON report of the same *subject*.

    Raises:
        EvalDataError: It cannot be read, or judges something else; says what differs.
    """
    try:
        baseline = Baseline.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as exc:
        raise EvalDataError(
            f"{str(path)!r} cannot be read as a report: {exc}. Write one with --rebaseline."
        ) from exc
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        field = ".".join(map(str, problem["loc"]))
        raise EvalDataError(
            f"{str(path)!r}: field {field!r}: {problem['msg']}. Take it anew with --rebaseline."
        ) from exc
    if differences := list(_differences(baseline.subject, subject)):
        raise EvalDataError(
            f"The baseline {str(path)!r} was taken on other data: {'; '.join(differences)}. "
            "Compare like with like, or take it anew with --rebaseline."
        )
    return baseline


def _differences(before: Subject, now: Subject) -> Iterable[str]:
    if before.documents != now.documents:
        yield f"documents {before.documents[:12]}, now {now.documents[:12]}"
    if before.pairs != now.pairs:
        yield f"pairs {before.pairs[:12]}, now {now.pairs[:12]}"
    for name in sorted({*before.settings, *now.settings}):
        was, is_now = before.settings.get(name), now.settings.get(name)
        if was != is_now:
            yield f"setting {name} {was!r}, now {is_now!r}"


def compare(scored: Sequence[Scored], baseline: Baseline, thresholds: Thresholds) -> Comparison:
    """Test every measure that has a threshold for a fall since *baseline*.

    One-sided and paired (`paired_p`), 5 % over all tests together (`holm`). A pair
    to which a measure applied in one of the two runs only is left out of its test.
    """
    before = {each.id: each.values for each in baseline.pairs}
    # Without thresholds there is still one question to ask: are fewer answers right?
    family = [(group, name) for group, table in thresholds.items() for name in table] or [("all", "correct")]
    matched = {key: _matched(scored, before, *key) for key in family}
    worse = holm({key: _p(changes) for key, changes in matched.items() if changes}, ALPHA)
    checks = tuple(_check(key, changes, fell=key in worse) for key, changes in matched.items())
    corrects = _matched(scored, before, "all", "correct")
    lost = tuple(each.pair_id for each in corrects if each.now < each.was)
    return Comparison(checks, lost, tuple(each.pair_id for each in corrects if each.now > each.was))


@dataclass(frozen=True, slots=True)
class _Change:
    pair_id: str
    was: float
    now: float


def _p(changes: Sequence[_Change]) -> float:
    return paired_p([each.was for each in changes], [each.now for each in changes])


def _matched(
    scored: Sequence[Scored], before: Mapping[str, Mapping[str, float]], group: str, name: str
) -> list[_Change]:
    return [
        _Change(each.pair.id, before[each.pair.id][name], each.values[name])
        for each in scored
        if group in groups_of(each.pair) and name in each.values and name in before.get(each.pair.id, {})
    ]


def _check(key: tuple[str, str], changes: Sequence[_Change], *, fell: bool) -> Check:
    group, name = key
    condition = f"[{group}] {name} no worse than the baseline"
    if not changes:
        return Check(condition, f"[{group}] {name}: no pair has it in both runs, nothing can be compared")
    if not fell:
        return Check(condition)
    was, now = (sum(values) / len(changes) for values in zip(*((c.was, c.now) for c in changes), strict=True))
    worse = ", ".join(each.pair_id for each in changes if each.now < each.was)
    return Check(
        condition, f"[{group}] {name} fell from {was:.3f} to {now:.3f} (n={len(changes)}), worse: {worse}"
    )
