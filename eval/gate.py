"""Whether scores are good enough to merge: thresholds by group and measure.

Refuses what cannot be judged (no score, no pairs, NaN) as firmly as a low score:
a gate that passes because nothing was measured is worse than none.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rag.errors import EvalDataError
from rag.eval.measures import MEASURES
from rag.eval.run import Means

__all__ = ["Check", "Thresholds", "check_thresholds", "propose", "read_thresholds"]

Thresholds = Mapping[str, Mapping[str, float]]
"""Least means by group ("all", "lang:ko", "type:date"), then by measure."""

# A proposal lies this far below the lower bound of the interval, so that the next
# run on other hardware does not fail by a rounding.
_SLACK = 0.01
_FEWEST = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of the gate; `failure` says why it does not hold, empty if it does."""

    name: str
    failure: str = ""


def read_thresholds(path: Path) -> Thresholds:
    """Read a TOML file of tables named by group, with a least mean for each measure.

    Raises:
        EvalDataError: It cannot be read, is empty, names an unknown measure, or a
            threshold is not in [0, 1].
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        raise EvalDataError(
            f"There is no file {str(path)!r}. Leave --gate out to be proposed thresholds, or say --no-gate."
        ) from exc
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise EvalDataError(f"{str(path)!r} cannot be read as TOML: {exc}.") from exc
    for group, table in tables.items():
        _reject_unusable(path, group, table)
    if not any(tables.values()):
        raise EvalDataError(f"{str(path)!r} holds no threshold. Write for example: [all] correct = 0.8")
    return tables


def _reject_unusable(path: Path, group: str, table: object) -> None:
    if not isinstance(table, dict):
        raise EvalDataError(f"{str(path)!r}: {group} stands outside a table. Put it below [all].")
    if group != "all" and not group.startswith(("lang:", "type:")):
        raise EvalDataError(
            f'{str(path)!r}: there is no group {group!r}. Groups are [all], ["lang:ko"] and ["type:date"].'
        )
    for name, least in table.items():
        if name not in MEASURES:
            known = ", ".join(MEASURES)
            raise EvalDataError(f"{str(path)!r}: [{group}] {name!r} is no measure. Measures are: {known}.")
        # bool is an int, and `correct = true` asks for something else than 1.0.
        if isinstance(least, bool) or not isinstance(least, (int, float)) or not 0 <= least <= 1:
            raise EvalDataError(f"{str(path)!r}: [{group}] {name} = {least!r} is not a number from 0 to 1.")


def check_thresholds(means: Means, thresholds: Thresholds) -> list[Check]:
    """Return one check for each threshold; it fails if missed, or if there is no score."""
    return [
        _check(means, group, name, least)
        for group, table in thresholds.items()
        for name, least in table.items()
    ]


def _check(means: Means, group: str, name: str, least: float) -> Check:
    found = means.get(group, {}).get(name)
    condition = f"[{group}] {name} >= {least:g}"
    if found is None or found.n == 0:
        return Check(condition, f"[{group}] {name}: nothing was measured, {least:.3f} is asked for")
    # Written so that NaN fails too: every comparison with NaN is false.
    if not found.value >= least:
        return Check(
            condition, f"[{group}] {name}: {found.value:.3f} (n={found.n}), {least:.3f} is asked for"
        )
    return Check(condition)


def propose(means: Means) -> str:
    """Return thresholds just below what *means* show, as TOML to be read and tightened.

    All measures over all pairs, and ``correct`` for each language and type with
    pairs enough for a mean. A measure that is perfect stays so.
    """
    tables = []
    for group, by_name in means.items():
        if group != "all" and by_name["correct"].n < _FEWEST:
            continue
        chosen = by_name if group == "all" else {"correct": by_name["correct"]}
        rows = [
            f"{name} = {1.0 if each.value == 1 else max(0.0, round(each.low - _SLACK, 2)):g}"
            for name, each in chosen.items()
        ]
        tables.append("\n".join([f"[{group}]" if group == "all" else f'["{group}"]', *rows]))
    return "\n\n".join(tables) + "\n"
