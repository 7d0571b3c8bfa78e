"""Whether two values are the same, and what of a claim a quote does not say.

Values come from `rag.values`, whatever their notation; one notation may leave open
what another says, so "12 September 2025" says 9월 12일, but not the other way round.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final

from rag.values import notations
from rag.values.find import Value
from rag.values.numerals import folded
from rag.values.units import COUNTED, GENERIC, MEASURES

__all__ = ["comparable", "equal", "missing", "rounded_equal", "says", "shares"]

# Kinds that answer one question: "fifth" and "in the top five", "doubled" and "100 % more".
_TOGETHER: Final = ({"ordinal", "top"}, {"multiple", "percent"})


def equal(a: Value, b: Value) -> bool:
    """Tell whether *a* and *b* can be the same value; a field that one leaves open is not compared.

    A number without a unit may be one with it, unless another word stands behind it.
    """
    if a.kind == b.kind == "date":
        return _shared(a.day, b.day)
    return _says_any(a, b) or _says_any(b, a)


def says(given: Value, asked: Value) -> bool:
    """Tell whether *given* says all that *asked* says: "12 September 2025" says "9월 12일".

    "40 °C" says 40, but not the other way round, and neither says "40 °F" nor "40 kr".
    """
    if given.kind == asked.kind == "date":
        return all(a is None or a == g for g, a in zip(given.day, asked.day, strict=True))
    return _says_any(given, asked)


def _says_any(given: Value, asked: Value) -> bool:
    return any(_compared(one, other) for one in given.readings for other in asked.readings)


def rounded_equal(a: Value, b: Value) -> bool:
    """Tell whether one is the other in round figures: 340,000 and 338,900."""
    if a.kind != b.kind or a.kind not in {"number", "money", "percent", "multiple"} or not _units_agree(a, b):
        return False
    rough, fine = sorted((a.number, b.number), key=_figures)
    figures = _figures(rough)
    # 20 is 15 to one digit, and yet another number.
    return (
        math.isclose(rough, fine, rel_tol=_ROUNDING)
        and _figures(fine) > figures
        and math.isclose(float(f"{fine:.{figures - 1}e}"), rough, rel_tol=1e-9)
    )


def comparable(a: Value, b: Value) -> bool:
    """Tell whether two values answer the same question, be it differently."""
    if {a.kind, b.kind} == {"number", "ordinal"}:
        # The third office is one of eleven; the twelfth is not.
        count, rank = (a, b) if a.kind == "number" else (b, a)
        return rank.number > count.number
    if a.kind == b.kind == "date":
        # A month and a year say nothing against each other.
        return any(x is not None and y is not None for x, y in zip(a.day, b.day, strict=True))
    if a.kind == b.kind:
        units = [{unit for _, _, unit in each.also} | {each.unit} for each in (a, b)]
        return a.kind not in {"number", "money"} or bool(units[0] & units[1]) or {""} in units
    return {a.kind, b.kind} in _TOGETHER


def missing(claimed: Sequence[Value], quoted: Sequence[Value]) -> list[Value]:
    """Return the values of a claim that its quote does not say."""
    return [value for value in claimed if not any(says(each, value) for each in quoted)]


def shares(values: Sequence[Value], text: str) -> list[Value]:
    """Return what pairs of *values* of *text* amount to: "seven out of ten" and 열 명 중 일곱 명 are 70 %."""
    plain = folded(text)
    found = []
    for first, second in pairwise(values):
        between = plain[first.end : second.start]
        if notations.PART_OF.fullmatch(between):
            part, whole = first, second
        elif notations.OF_WHOLE.fullmatch(between):
            part, whole = second, first
        else:
            continue
        if (
            part.kind == whole.kind == "number"
            and 0 < part.number <= whole.number
            and _units_agree(part, whole)
        ):
            number = 100 * part.number / whole.number
            found.append(Value("percent", number, "", first.start, second.end))
    return found


_ROUNDING: Final = 0.05


def _figures(number: float) -> int:
    """Return how many significant digits *number* is written with, trailing zeros apart."""
    return max(1, len(f"{abs(number):.12g}".replace(".", "").split("e")[0].strip("0")))


def _shared(a: tuple[int | None, ...], b: tuple[int | None, ...]) -> bool:
    shared = [(x, y) for x, y in zip(a, b, strict=True) if x is not None and y is not None]
    return bool(shared) and all(x == y for x, y in shared)


def _compared(given: Value, asked: Value) -> bool:
    if asked.kind == "number" and not asked.unit and given.amount is not None:
        # "12 mph" says 12, whatever that is in the base unit.
        given = replace(given, kind="number", number=given.amount)
    if given.kind == asked.kind:
        return given.kind == "date" or (_numbers_agree(given, asked) and _unit_is_said(given, asked))
    if {given.kind, asked.kind} == {"number", "money"}:
        # "1,500" says no sum of money.
        return False
    plain, other = (given, asked) if given.kind == "number" else (asked, given)
    if plain.kind != "number":
        return {given.kind, asked.kind} == {"ordinal", "date"} and _is_day(given, asked)
    return _across_kinds(plain, other)


def _is_day(a: Value, b: Value) -> bool:
    """Tell whether an ordinal is a day of the month: "the 12th"."""
    rank, date = (a, b) if a.kind == "ordinal" else (b, a)
    return date.day[2] == rank.number and date.day[:2] == (None, None)


def _across_kinds(plain: Value, other: Value) -> bool:
    """Compare a number with a value of another kind, where one notation leaves the kind open."""
    if other.kind == "multiple":
        return plain.unit == "time" and plain.number == other.number
    if plain.unit:
        # 26일 is a day of the month in one language and a number of days in another.
        days = plain.number / 86400 if plain.unit == "s" else None
        return other.kind == "date" and other.day[:2] == (None, None) and other.day[2] == days
    if other.kind == "date":
        return other.day[0] == plain.number and other.day[1:] == (None, None)
    return other.kind == "time" and other.number % 720 == plain.number * 60 % 720 and 1 <= plain.number <= 24


def _numbers_agree(a: Value, b: Value) -> bool:
    if a.kind == "time" and "12h" in (a.unit, b.unit):
        return a.number % 720 == b.number % 720
    return math.isclose(a.number, b.number, rel_tol=1e-9, abs_tol=1e-12)


def _units_agree(a: Value, b: Value) -> bool:
    return _unit_is_said(a, b) or _unit_is_said(b, a)


def _unit_is_said(given: Value, asked: Value) -> bool:
    """Tell whether *given* has the unit of *asked*: an unread one equals none that is read."""
    if given.kind not in {"number", "money"} or given.unit == asked.unit:
        return True
    if not asked.unit:
        return given.unit not in MEASURES or not asked.word
    if not given.unit:
        return asked.kind == "number" and asked.unit not in MEASURES
    return {given.unit, asked.unit} <= COUNTED and bool(GENERIC.intersection((given.unit, asked.unit)))
