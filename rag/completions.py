# ruff: noqa: E501 - one row of a table is one line
"""What a date leaves to the day of publication: "the 12th", "next March", 지난해 9월."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Final

from rag.values import Value

__all__ = ["completions"]

_MONTH_BEFORE: Final = re.compile(r"지난\s?달|先月|上个?月|(?<!\w)last month(?!\w)", re.IGNORECASE)
_LAST_MONTH: Final = re.compile(rf"(?:{_MONTH_BEFORE.pattern})\D{{0,6}}$", re.IGNORECASE)
# Years from the one of publication.
_YEARS: Final = (
    (
        -1,
        r"지난\s?해|작년|昨年|去年|(?<!\w)(?:last year|(?:im )?(?:letzte[sn]?|vergangene[sn]?|vorige[sn]?) jahr"
        r"|l'an dernier|l'année dernière|(?:el )?año pasado|в прошлом году)(?!\w)|العام الماضي|पिछले (?:साल|वर्ष)|ปีที่แล้ว",
    ),
    (
        1,
        r"내년|来年|明年|(?<!\w)(?:next (?:year|spring|summer|autumn|fall|winter)|(?:im )?(?:nächste[sn]?|kommende[sn]?) jahr"
        r"|l'an prochain|l'année prochaine|(?:el )?(?:próximo año|año que viene)|в следующем году)(?!\w)|العام المقبل|ปีหน้า",
    ),
    (
        0,
        r"올해|금년|今年|(?<!\w)(?:this year|dieses jahr|in diesem jahr|cette année|este año|в этом году)(?!\w)|هذا العام|इस साल|ปีนี้",
    ),
)
_SAID: Final = tuple((years, re.compile(pattern, re.IGNORECASE)) for years, pattern in _YEARS)
# "next April" and "last September" are the nearest on that side.
_NEXT: Final = re.compile(r"(?<!\w)(?:next|kommenden?|nächsten?|prochain|próximo)\s$", re.IGNORECASE)
_LAST: Final = re.compile(r"(?<!\w)(?:last|letzten?|vergangenen?|pasado)\s$", re.IGNORECASE)
# Characters between the year and its month: 지난해 9월, 来年の2月, "September last year".
_BESIDE: Final = 3


def completions(text: str, dates: Sequence[Value], published: date) -> list[Value]:
    """Return what *text* says of years, and its *dates*, completed by the day of publication."""
    told = [
        (published.year + years, match.start(), match.end())
        for years, pattern in _SAID
        for match in pattern.finditer(text)
    ]
    found = [Value("date", 0, "", start, end, (year, None, None)) for year, start, end in told]
    found += [
        Value("date", 0, "", match.start(), match.end(), (*_month_before(published), None))
        for match in _MONTH_BEFORE.finditer(text)
    ]
    for each in dates:
        if None in each.day:
            found += [replace(each, day=day) for day in _days(text, each, told, published)]
    return found


def _days(
    text: str, value: Value, told: Sequence[tuple[int, int, int]], published: date
) -> Iterator[tuple[int | None, int | None, int | None]]:
    """Complete a date: the 12th is of the month of publication, September of the year beside it or of that one.

    Years on either side are kept when the month is far from the publication:
    a December story may well mean the next January.
    """
    year, month, day = value.day
    if year is not None:
        return
    if month is None:
        back = _LAST_MONTH.search(text[: value.start]) is not None
        yield *(_month_before(published) if back else (published.year, published.month)), day
        return
    beside = [
        year
        for year, start, end in told
        if 0 <= value.start - end <= _BESIDE or 0 <= start - value.end <= _BESIDE
    ]
    if beside:
        yield beside[0], month, day
    elif _NEXT.search(text[: value.start]):
        yield published.year + (month <= published.month), month, day
    elif _LAST.search(text[: value.start]):
        yield published.year - (month >= published.month), month, day
    else:
        yield published.year, month, day
        if abs(month - published.month) > 6:
            yield published.year + (1 if month < published.month else -1), month, day


def _month_before(day: date) -> tuple[int, int]:
    return (day.year, day.month - 1) if day.month > 1 else (day.year - 1, 12)
