"""Typed values in text, by what they say and not by how they are written.

Numbers with their units, ranks, multiples, shares, money, times, weekdays and
dates, in many languages: 4배, quadrupled and 四倍 are one value, 12 and 12th are
not. Whether two are the same is for `rag.agreement`, whether a claim may say them
for `rag.support`; which number a word is, for `rag.numerals`, and which day, for
`rag.dates`.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest

from rag import notations
from rag.dates import find_dates
from rag.languages import detect
from rag.notations import Kind
from rag.numerals import Numeral, folded, numerals
from rag.types import UNDETERMINED
from rag.units import CURRENCIES, EVERY, GENERIC, MARKS, UNITS, WEEKDAY, WEEKDAYS, Forms

__all__ = ["Kind", "Value", "find_values"]


@dataclass(frozen=True, slots=True)
class Value:
    """What ``text[start:end]`` amounts to.

    Attributes:
        number: In `unit`; of a time the minutes since midnight, of a weekday 0 for Monday.
        unit: Canonical ("s", "m", "person", "krw"), empty if none was named; "12h"
            for a time that may be before or after noon.
        day: Of a date: (year, month, day) as far as written.
    """

    kind: Kind
    number: float
    unit: str
    start: int
    end: int
    day: tuple[int | None, int | None, int | None] = (None, None, None)


@lru_cache(maxsize=2048)
def find_values(text: str, lang: str = UNDETERMINED) -> tuple[Value, ...]:
    """Return the values of *text* in order of appearance, not overlapping.

    Args:
        text: NFC, as documents and cleaned answers are.
        lang: BCP 47; detected if unknown. It decides "1.250", "once" and "billion".
    """
    known = detect(text) if lang == UNDETERMINED else lang.partition("-")[0]
    plain = folded(notations.NAME.sub(lambda name: "x" * len(name[0]), text))
    found: list[Value] = [
        Value("date", 0, "", each.start, each.end, (each.year, each.month, each.day))
        for each in find_dates(text)
    ]
    for reader in (_weekdays, _clock, _whole):
        _add(found, reader(plain))
    _add(found, _numbers(plain, known, found))
    return tuple(sorted(found, key=lambda each: each.start))


def _add(found: list[Value], more: Iterator[Value]) -> None:
    taken = [(each.start, each.end) for each in found]
    found.extend(each for each in more if all(each.end <= start or end <= each.start for start, end in taken))


def _weekdays(text: str) -> Iterator[Value]:
    for match in WEEKDAYS.finditer(text):
        written = match[match.lastgroup or 0]
        if match.lastgroup == "word":
            stems = (
                day for form, day in WEEKDAY.items() if form[-1] == "*" and written.startswith(form[:-1])
            )
            day = WEEKDAY.get(written, next(stems, -1))
        else:
            day = EVERY[match.lastgroup or "ko"].find(written)
        yield Value("weekday", day if day >= 0 else 6, "", match.start(), match.end())


def _whole(text: str) -> Iterator[Value]:
    found: list[Value] = []
    for pattern, kind, number, unit in notations.WHOLE:
        # The first pattern has it: half of "the second half" is no half.
        matches = (Value(kind, number, unit, match.start(), match.end()) for match in pattern.finditer(text))
        _add(found, matches)
    yield from found


def _clock(text: str) -> Iterator[Value]:
    for match in notations.CLOCK.finditer(text):
        minute = match["minute"] or match["dotted"] or match["french"]
        yield _time(
            text, match.start(), match.end(), int(match["hour"]), int(minute or 0), padded=match[0][0] == "0"
        )


def _time(text: str, start: int, end: int, hour: int, minute: int, *, padded: bool = False) -> Value:
    before, after = text[max(0, start - 5) : start], text[end : end + 22]
    tail = re.match(r"\s?(?:uhr\s?)?(?:o'clock\s?)?(?:in the\s(?!morning))?", after)
    after = after[tail.end() if tail else 0 :]
    evening = notations.PM_BEFORE.search(before) or notations.PM.match(after)
    morning = notations.AM_BEFORE.search(before) or notations.AM.match(after)
    if evening and hour < 12:
        hour += 12
    elif morning and hour == 12:
        hour = 0
    sure = bool(evening or morning or padded or hour > 12 or hour == 0)
    return Value("time", hour * 60 + minute, "" if sure else "12h", start, end)


@dataclass(frozen=True, slots=True)
class _Spot:
    """A number with what stands around it."""

    text: str
    lang: str
    numeral: Numeral

    @property
    def number(self) -> float:
        return self.numeral.number

    @property
    def before(self) -> str:
        return self.text[max(0, self.numeral.start - 14) : self.numeral.start]

    @property
    def after(self) -> str:
        return self.text[self.numeral.end : self.numeral.end + 30]

    def value(self, kind: Kind, number: float, unit: str = "", *, more: int = 0) -> Value:
        """Return a value that ends *more* characters behind the number."""
        return Value(kind, number, unit, self.numeral.start, self.numeral.end + more)


def _numbers(text: str, lang: str, taken: Sequence[Value]) -> Iterator[Value]:
    spans = [(each.start, each.end) for each in taken]
    free = [n for n in numerals(text, lang) if all(n.end <= start or end <= n.start for start, end in spans)]
    reached = 0
    last: tuple[Value, Numeral] | None = None
    for each, following in zip_longest(free, free[1:]):
        value = _classified(_Spot(text, lang, each), following) if each.start >= reached else None
        if not value:
            continue
        reached = value.end
        if last:
            before, value = _joined(text, *last, value, each)
            if before:
                yield before
        last = value, each
    if last:
        yield last[0]


def _joined(
    text: str, first: Value, one: Numeral, second: Value, other: Numeral
) -> tuple[Value | None, Value]:
    """Return two neighbours as what they are together: "two hours and ten minutes", "850 to 870 million"."""
    between = text[first.end : second.start]
    hours = first.unit == "s" and first.number >= 3600 and first.number % 3600 == 0
    if hours and second.unit == "s" and second.number < 3600 and notations.AND.fullmatch(between):
        return None, replace(first, number=first.number + second.number, end=second.end)
    named = second.unit or second.kind != "number" or other.scale > one.scale
    if first.kind != "number" or first.unit or not named or not notations.RANGE.fullmatch(between):
        return first, second
    unit = second.number / other.number if other.number else 1
    scale = other.scale if one.scale == 1 else 1
    return replace(first, kind=second.kind, unit=second.unit, number=one.number * unit * scale), second


def _classified(spot: _Spot, following: Numeral | None) -> Value | None:
    each = spot.numeral
    if following and each.number and notations.FRACTION.fullmatch(spot.text[each.end : following.start]):
        return replace(spot.value("percent", 100 * following.number / each.number), end=following.end)
    if _is_seconds(spot) or _is_idiom(spot):
        return None
    for rule in (_as_time, _as_rank, _as_share, _as_money, _as_amount):
        if value := rule(spot):
            return _with_minutes(spot.text, value, following) if value.kind == "time" and following else value
    alone = each.sure and (each.digits or each.number != 1)
    # "4o" is a name.
    is_name = each.digits and re.match(r"[a-z]", spot.after)
    return spot.value("number", each.number) if alone and not is_name else None


def _is_seconds(spot: _Spot) -> bool:
    """Tell the unit of time from the rank: "per second"."""
    word = spot.text[spot.numeral.start : spot.numeral.end]
    return (
        word in {"second", "seconde"} and re.search(r"(?:\d|per|split|each|/)\s?$", spot.before) is not None
    )


def _as_rank(spot: _Spot) -> Value | None:
    if top := notations.TOP_AFTER.match(spot.after):
        return spot.value("top", spot.number, more=top.end())
    is_month = re.match(r"\s?[年月]", spot.after)
    if notations.TOP_BEFORE.search(spot.before) and not spot.numeral.ordinal and not is_month:
        return spot.value("top", spot.number)
    ranked = spot.numeral.ordinal or "분기" in spot.after[:3] or notations.ORDINAL_BEFORE.search(spot.before)
    if ranked and spot.number in range(1, 5) and (quarter := notations.QUARTER.match(spot.after)):
        return spot.value("ordinal", spot.number, "quarter", more=quarter.end())
    if spot.numeral.ordinal:
        return spot.value("ordinal", spot.number)
    if fold := notations.FOLD.match(spot.after):
        return spot.value("multiple", spot.number, more=fold.end())
    suffix = notations.ORDINAL_AFTER.match(spot.after)
    if suffix is None and spot.lang != "zh":
        suffix = notations.RANK_JA.match(spot.after)
    if suffix and (spot.numeral.digits or suffix[0].strip()[0] not in "eiй"):
        return spot.value("ordinal", spot.number, more=suffix.end())
    return spot.value("ordinal", spot.number) if _is_marked_rank(spot) else None


def _is_marked_rank(spot: _Spot) -> bool:
    """Tell 제3 and 第三, and the German "die 12. Filiale" from the end of a sentence."""
    if notations.ORDINAL_BEFORE.search(spot.before):
        return True
    german = spot.lang == "de" and spot.numeral.digits and notations.GERMAN_BEFORE.search(spot.before)
    return bool(german and notations.GERMAN_AFTER.match(spot.after))


def _as_time(spot: _Spot) -> Value | None:
    if spot.number != int(spot.number) or not 0 <= spot.number <= 24:
        return None
    named = notations.HOUR_AFTER.match(spot.after)
    if named and _is_point(spot, named[0].strip()):
        return None
    if not (named or _is_spoken(spot) or _is_bare(spot)):
        return None
    end = spot.numeral.end + (named.end() if named else 0)
    value = _time(spot.text, spot.numeral.start, end, int(spot.number), 0)
    half = notations.HALF.match(spot.text, end)
    return replace(value, number=value.number + 30, end=half.end()) if half and named else value


def _is_point(spot: _Spot, mark: str) -> bool:
    """Tell a score from an hour: 点 is both."""
    if mark[0] not in "点點" or spot.number > 12:
        return False
    is_hour = re.match(r"[点點](?:[半钟鐘整前后後到至关開开]|[一二三四五\d])", spot.after)
    return not (is_hour or notations.CHINESE_HOUR.search(spot.before))


def _is_spoken(spot: _Spot) -> bool:
    """Tell "at six." from "by six people"."""
    at = spot.lang == "en" and not spot.numeral.digits and notations.ENGLISH_AT.search(spot.before)
    return bool(at and notations.AT_ENDS.match(spot.after))


def _is_bare(spot: _Spot) -> bool:
    """Tell "a las seis" and "в 6 вечера" from "в 6 городах"."""
    if not re.match(r"\W|$", spot.after) or not notations.CLOCK_BEFORE.search(spot.before):
        return False
    rest = spot.after.lstrip()
    noon = notations.PM.match(rest) or notations.AM.match(rest)
    counts = re.match(r"\s[^\W\d_]", spot.after) and not noon
    return not counts or re.search(r"(?:a las|الساعة|בשעה)\s$", spot.before) is not None


def _with_minutes(text: str, value: Value, following: Numeral) -> Value:
    minutes = re.match(r"\s?(?:분|分)", text[following.end :])
    near = not text[value.end : following.start].strip() and following.start - value.end <= 1
    if near and following.number < 60 and (minutes or re.search(r"uhr\s?$", text[: value.end])):
        end = following.end + (minutes.end() if minutes else 0)
        return replace(value, number=value.number + following.number, end=end)
    return value


def _as_share(spot: _Spot) -> Value | None:
    if percent := notations.PERCENT.match(spot.after):
        tenths = 10 if notations.TENTHS.match(percent[0]) else 1
        return spot.value("percent", spot.number * tenths, more=percent.end())
    return spot.value("percent", spot.number) if notations.HUNDREDTHS.search(spot.before) else None


def _as_money(spot: _Spot) -> Value | None:
    if mark := notations.MONEY_BEFORE.search(spot.before):
        unit = MARKS.get(mark[0].strip(), mark[0].strip())
        scale = notations.SCALE.match(spot.after)
        number = spot.number * (notations.SCALES[scale[1]] if scale else 1)
        found = spot.value("money", number, unit, more=scale.end() if scale else 0)
        return replace(found, start=spot.numeral.start - len(mark[0]))
    if mark := notations.MONEY_AFTER.match(spot.after):
        return spot.value("money", spot.number, MARKS[mark[0].strip()], more=mark.end())
    if named := notations.CURRENCY.match(spot.after):
        unit, factor = CURRENCIES[_form(named["unit"], CURRENCIES)]
        return spot.value("money", spot.number * factor, unit, more=named.end())
    return None


def _as_amount(spot: _Spot) -> Value | None:
    if spot.lang == "zh" and spot.after[:1] == "位":
        return spot.value("number", spot.number, "person", more=1)
    if not (counted := notations.UNIT.match(spot.after)):
        return None
    unit, factor = UNITS[_form(counted["unit"], UNITS)]
    if counted[0] == "대" and re.match(r"\s?\d", spot.after[1:]):
        return spot.value("number", spot.number)  # 2대 1 is a score
    if (unit, factor) == ("m", 1000) and (
        notations.AN_HOUR.search(spot.before) or notations.PER_HOUR.match(spot.after, counted.end())
    ):
        return spot.value("number", spot.number, "km/h", more=counted.end())
    if factor == 3600 and (half := notations.HALF.match(spot.after, counted.end())):
        return spot.value("number", spot.number * factor + 1800, unit, more=half.end())
    is_year = unit == "month" and factor == 12 and spot.number in notations.YEAR
    if is_year and not re.match(r"\s?years?", spot.after):
        return replace(spot.value("date", 0, more=counted.end()), day=(int(spot.number), None, None))
    if not spot.numeral.sure and spot.number == 1 and unit in GENERIC:
        return None
    return spot.value("number", spot.number * factor, unit, more=counted.end())


def _is_idiom(spot: _Spot) -> bool:
    """Tell what only looks like one of something: 한층 더, 하나도 없다, 一度も; 한 달에 두 번."""
    if spot.number != 1:
        return False
    if notations.PER_ONE.match(spot.after):
        return True
    counted = notations.UNIT.match(spot.after)
    if not counted:
        return False
    written = spot.text[spot.numeral.start : spot.numeral.end + counted.end()]
    rate = UNITS[_form(counted["unit"], UNITS)][0] in {"s", "month"} and notations.RATE.match(
        spot.after, counted.end()
    )
    never = not spot.numeral.digits and re.match("[도も]", spot.after[counted.end() :])
    # 上一年 is the year before.
    before = spot.before[-1:] == "上" and counted["unit"] in {"年", "月", "周"}
    return written in {"한층", "한쪽", "하나도"} or bool(rate or never or before)


def _form(written: str, table: Forms) -> str:
    plain = re.sub(r"\s", " ", written)
    if plain in table:
        return plain
    return max((form for form in table if form[-1] == "*" and plain.startswith(form[:-1])), key=len)
