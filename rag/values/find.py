"""Finding typed values in text, by what they say and not by how they are written.

Numbers with their units, ranks, multiples, shares, money, times, weekdays and
dates, in many languages: 4배, quadrupled and 四倍 are one value, 12 and 12th are
not. Whether two are the same is for `rag.values.agreement`, whether a claim may say
them for `rag.verify.support`; which number a word is, for `rag.values.numerals`, which unit,
for `rag.values.units`, and which day, for `rag.values.dates`.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import zip_longest

from rag.text.languages import detect
from rag.types import UNDETERMINED
from rag.values import notations
from rag.values.dates import find_dates
from rag.values.notations import Kind
from rag.values.numerals import Numeral, folded, numerals
from rag.values.units import GENERIC, MONEY, Found, Unit, before, behind, parts
from rag.values.weekdays import weekdays

__all__ = ["Kind", "Value", "find_values"]


@dataclass(frozen=True, slots=True)
class Value:
    """What ``text[start:end]`` amounts to.

    Attributes:
        number: In `unit`; of a time the minutes since midnight, of a weekday 0 for Monday.
        unit: Base unit ("s", "m", "person", "krw"), empty if none was read; "12h"
            for a time that may be before or after noon.
        day: Of a date: (year, month, day) as far as written.
        word: What stands right behind a number whose unit was not read: a word, a sign, or nothing.
        amount: The number as it is written, whatever its unit; None for what has no unit.
        also: What else it may be, as kind, number and unit: "300 kr" is SEK, NOK, DKK or ISK.
    """

    kind: Kind
    number: float
    unit: str
    start: int
    end: int
    day: tuple[int | None, int | None, int | None] = (None, None, None)
    word: str = ""
    amount: float | None = None
    also: tuple[tuple[Kind, float, str], ...] = ()

    @property
    def readings(self) -> tuple["Value", ...]:
        """Return all that the value may be, itself first."""
        return self, *(replace(self, kind=k, number=n, unit=u, also=()) for k, n, u in self.also)


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
    _add(found, (Value("weekday", day, "", start, end) for day, start, end in weekdays(plain)))
    for reader in (_clock, _whole):
        _add(found, reader(plain))
    _add(found, _numbers(plain, text, known, found))
    return tuple(sorted(found, key=lambda each: each.start))


def _add(found: list[Value], more: Iterator[Value]) -> None:
    taken = [(each.start, each.end) for each in found]
    found.extend(each for each in more if all(each.end <= start or end <= each.start for start, end in taken))


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
    """A number with what stands around it; `text` is folded, `written` is not."""

    text: str
    written: str
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

    @property
    def lead(self) -> str:
        """The first part of a unit that stands on both sides: 섭씨 40도, 每小时60公里."""
        return parts(self.written, self.numeral.start, self.lang)

    def unit(self, lead: str = "") -> Found | None:
        """Return the unit behind the number, with *lead* before it if it has two parts."""
        gap = notations.BEFORE_UNIT.match(self.text, self.numeral.end)
        return behind(self.written, gap.end() if gap else self.numeral.end, self.lang, lead)

    def value(self, kind: Kind, number: float, unit: str = "", *, more: int = 0) -> Value:
        """Return a value that ends *more* characters behind the number."""
        return Value(kind, number, unit, self.numeral.start, self.numeral.end + more)


def _numbers(text: str, written: str, lang: str, taken: Sequence[Value]) -> Iterator[Value]:
    spans = [(each.start, each.end) for each in taken]
    free = [n for n in numerals(text, lang) if all(n.end <= start or end <= n.start for start, end in spans)]
    reached = 0
    last: tuple[Value, _Spot] | None = None
    for each, following in zip_longest(free, free[1:]):
        spot = _Spot(text, written, lang, each)
        value = _classified(spot, following) if each.start >= reached else None
        if not value:
            continue
        reached = value.end
        if last:
            before, value = _joined(*last, value, spot)
            if before:
                yield before
        last = value, spot
    if last:
        yield last[0]


def _joined(first: Value, one: _Spot, second: Value, other: _Spot) -> tuple[Value | None, Value]:
    """Return two neighbours as what they are together: "two hours and ten minutes", "850 to 870 million"."""
    between = one.text[first.end : second.start]
    hours = first.unit == "s" and first.number >= 3600 and first.number % 3600 == 0
    if hours and second.unit == "s" and second.number < 3600 and notations.AND.fullmatch(between):
        return None, replace(first, number=first.number + second.number, end=second.end)
    if not notations.RANGE.fullmatch(between):
        return first, second
    if first.kind == "money" and second.kind == "number" and not second.unit:
        # "US$ 10 to 20": the sign stands once.
        sign = before(one.written, one.numeral.start, one.lang)
        return first, _measured(other, sign.units, second.start, second.end) if sign else second
    if first.kind != "number" or first.unit:
        return first, second
    return _ranged(first, one, second, other)


def _ranged(first: Value, one: _Spot, second: Value, other: _Spot) -> tuple[Value, Value]:
    """Give the first end of a range what is written at the second only: its unit, its scale."""
    scale = other.numeral.scale if one.numeral.scale == 1 else 1
    scaled = replace(one, numeral=replace(one.numeral, number=one.number * scale))
    found = (other.unit(one.lead) if one.lead else None) or other.unit()
    if found and (second.unit or second.kind == "money"):
        second = _measured(other, found.units, second.start, max(second.end, found.end))
        return _measured(scaled, found.units, first.start, first.end), second
    if second.kind == "number" and not second.unit and other.numeral.scale <= one.numeral.scale:
        return first, second
    unit = second.number / other.number if other.number else 1
    number = one.number * unit if scale == 1 or unit != 1 else one.number * scale
    return replace(first, kind=second.kind, unit=second.unit, number=number), second


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
    word = notations.NEXT_WORD.match(spot.after)
    found = replace(spot.value("number", each.number), word=word[1] if word else "")
    return found if alone and not is_name else None


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
    sign = before(spot.written, spot.numeral.start, spot.lang)
    named = sign is not None and sign.start == spot.numeral.start
    if sign and named and (spot.unit() or sign.units[0].name == "month"):
        sign = None  # "Weight (kg): 12 lb"
    if sign and not (spot.lead and spot.unit(spot.lead)):
        scale = notations.SCALE.match(spot.after)
        number = spot.number * (notations.SCALES[scale[1]] if scale else 1)
        scaled = replace(spot, numeral=replace(spot.numeral, number=number))
        return _measured(scaled, sign.units, sign.start, spot.numeral.end + (scale.end() if scale else 0))
    found = spot.unit()
    if found and found.units[0].name in MONEY and not spot.lead:
        return _measured(spot, found.units, spot.numeral.start, found.end)
    unread = unicodedata.category((spot.after.lstrip() or " ")[0]) == "Sc"
    return spot.value("money", spot.number, spot.after.lstrip()[0], more=1) if unread else None


def measured(value: Value, units: Sequence[Unit]) -> Value:
    """Return *value*, a number without a unit, in any of *units*."""
    return _in_units(value.number, units, value.start, value.end)


def _measured(spot: _Spot, units: Sequence[Unit], start: int, end: int) -> Value:
    """Return the number of *spot* in any of *units*."""
    found = _in_units(spot.number, units, start, end)
    # 十分 is a word far more often than ten.
    return found if spot.numeral.sure else replace(found, amount=None)


def _in_units(number: float, units: Sequence[Unit], start: int, end: int) -> Value:
    kinds: list[Kind] = ["money" if unit.name in MONEY else "number" for unit in units]
    first, *others = (
        (kind, number * unit.factor + unit.offset, unit.name) for kind, unit in zip(kinds, units, strict=True)
    )
    return Value(*first, start, end, amount=number, also=tuple(others))


def _as_amount(spot: _Spot) -> Value | None:
    if spot.lang == "zh" and spot.after[:1] == "位":
        return spot.value("number", spot.number, "person", more=1)
    lead = spot.lead
    if lead and (found := spot.unit(lead)):
        return _measured(spot, found.units, spot.numeral.start, found.end)
    if not (found := spot.unit()):
        return None
    unit = found.units[0]
    if spot.text[spot.numeral.end : found.end] == "대" and re.match(r"\s?\d", spot.text[found.end :]):
        return spot.value("number", spot.number)  # 2대 1 is a score
    if unit.name == "m" and unit.factor >= 1000 and _is_speed(spot, found.end):
        return _measured(spot, (Unit("km/h", unit.factor / 1000),), spot.numeral.start, found.end)
    if unit.factor == 3600 and (half := notations.HALF.match(spot.text, found.end)):
        return spot.value("number", spot.number * 3600 + 1800, "s", more=half.end() - spot.numeral.end)
    is_year = Unit("month", 12) in found.units and spot.number in notations.YEAR
    if is_year and not re.match(r"\s?years?", spot.after):
        date = Value("date", 0, "", spot.numeral.start, found.end)
        return replace(date, day=(int(spot.number), None, None))
    if not spot.numeral.sure and spot.number == 1 and unit.name in GENERIC:
        return None
    return _measured(spot, found.units, spot.numeral.start, found.end)


def _is_speed(spot: _Spot, end: int) -> bool:
    return bool(notations.AN_HOUR.search(spot.before) or notations.PER_HOUR.match(spot.text, end))


def _is_idiom(spot: _Spot) -> bool:
    """Tell what only looks like one of something: 한층 더, 하나도 없다, 一度も; 한 달에 두 번."""
    if spot.number != 1:
        return False
    if notations.PER_ONE.match(spot.after):
        return True
    counted = spot.unit()
    if not counted:
        return False
    written = spot.text[spot.numeral.start : counted.end]
    rate = counted.units[0].name in {"s", "month"} and notations.RATE.match(spot.text, counted.end)
    never = not spot.numeral.digits and re.match("[도も]", spot.text[counted.end :])
    # 上一年 is the year before.
    before_it = spot.before[-1:] == "上" and written[-1] in "年月周"
    return written in {"한층", "한쪽", "하나도"} or bool(rate or never or before_it)
