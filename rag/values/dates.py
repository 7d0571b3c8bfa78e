"""Dates in text, by value, in any notation: year, month and day as numbers, with offsets.

Finds what is written as a date; which date of a document is its publication
date, or whether two dates agree, is decided by the callers. Precision comes
before recall: an all-numeric date whose order cannot be told ("12/09/2025")
keeps only its year, two-digit years and bare years are left alone, and so is
whatever could as well be a duration, a version, a price or a time.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from rag.values.calendar import forms_of

__all__ = ["FoundDate", "find_dates"]


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date as far as it is written: ``text[start:end]``, None for what is not said.

    `year` is Gregorian, converted from Japanese, Republic of China and Thai years.
    """

    start: int
    end: int
    year: int | None
    month: int | None
    day: int | None

    @property
    def date(self) -> date | None:
        """The calendar day, if year, month and day are all written."""
        if self.year is None or self.month is None or self.day is None:
            return None
        return date(self.year, self.month, self.day)


_MONTH_OF = forms_of("month")
# English and Hungarian put the day after the month.
_MONTH_FIRST = frozenset(
    "january february march april may june july august september october november december"  # noqa: SIM905
    " jan feb mar apr jun jul aug sept sep oct nov dec január február március április május június július"
    " augusztus szeptember október november december".split()
)

# Ordinary words when in small letters ("Section 12 may", "10 out of 12", "set 2000").
_WORDS = frozenset({"may", "march", "mar", "out", "set", "ago", "mag"})
# Names and other words that are no month without a number beside them.
_ALONE_NO_MONTH = """
    march april august augustus avril abril julio marca leden nisan gener aralık aralik
    марта марте августа лютий грудні نيسان मार्च মার্চ
"""
_NOT_ALONE = frozenset(_ALONE_NO_MONTH.split())

# What makes a month of "May" and "mars" when no number stands beside them.
_LEADS = re.compile(
    r"(?<!\w)(?:in|since|until|till|by|from|through|during|early|late|mid|last|next|this|of|between|im|seit|ab|bis|anfang|ende|mitte"
    r"|en|de|depuis|dès|fin|début|desde|hasta|to)[\s-]$",
    re.IGNORECASE,
)
_SMALL_MONTHS = frozenset({"mai", "juin", "mars", "août", "avril", "mayo", "abril", "marzo", "julio"})

# First year of each era less one; 民国 is the Republic of China.
_ERAS = {"令和": 2018, "平成": 1988, "昭和": 1925, "大正": 1911, "明治": 1867, "民国": 1911, "民國": 1911}
_BUDDHIST_ERA = 543
_BUDDHIST_YEARS = range(2400, 2643)
_HAN_DIGITS = {digit: value for value, digit in enumerate("〇一二三四五六七八九")} | {"零": 0, "○": 0}


def _names(*, thai: bool) -> str:
    forms = sorted((form for form in _MONTH_OF if ("\u0e01" <= form[0] <= "\u0e4e") == thai), reverse=True)
    by_first: dict[str, list[str]] = {}
    for form in forms:
        by_first.setdefault(form[0], []).append(re.escape(form[1:]))
    # Grouped by first letter, so that a position costs one look at each first letter.
    return "|".join(f"{re.escape(first)}(?:{'|'.join(rest)})" for first, rest in by_first.items())


# Thai writes no spaces between words; Hebrew puts a preposition on the name.
_NAME = (
    rf"(?:(?<![^\W\d_])[בלמה]?(?P<name>{_names(thai=False)})(?![^\W\d_])"
    rf"|(?:เดือน)?(?P<thai>{_names(thai=True)}))"
)
_GAP = r"\s{0,3}"
_YEAR4 = r"(?P<year>[12]\d{3})(?![0-9])"
_DAY = r"(?P<day>\d{1,2})"
_OF = r"(?:(?:del?|d['’]|of|van|von|του|من|سنة|عام|سال|พ\.?ศ\.?|ค\.?ศ\.?)\s{0,2})?"
_ORDINAL = r"(?:st|nd|rd|th|er|re|º|°|ª|η|-?го|-?е|:e|\.)?"
# Not inside a longer number, code or word of Latin letters ("v2025.9.12", "010-2025-9-12").
_BEFORE = r"(?<![0-9a-z])(?<![0-9][-./,:])(?<![+#$€£¥₩№])"
_AFTER = r"(?![0-9])(?!t?[a-su-z])(?![-./:][0-9])(?!,[0-9]{3})"
_HAN_YEAR = r"[〇零○一二三四五六七八九]{4}"
_HAN_NUMBER = r"(?:[一二三]?十[一二三四五六七八九]?|[一二三四五六七八九])"

# 2025-09-12, 2025.09.12, 2025. 9. 12., 2025/9/12, '25.9.12
_YEAR_FIRST = (
    rf"{_BEFORE}(?P<year>\d{{4}}|['’]\d\d)\s?(?P<sep>[-./])\s?(?P<month>\d{{1,2}})\s?(?P=sep)\s?"
    rf"{_DAY}{_AFTER}"
)
_COMPACT = rf"{_BEFORE}(?<![-./])(?P<year>(?:19|20)\d\d)(?P<month>\d\d)(?P<day>\d\d){_AFTER}"  # 20250912
# 12.09.2025, 12. 9. 2025, 12/09/2025
_YEAR_LAST = (
    rf"(?P<mark>ngày\s{{1,3}})?{_BEFORE}(?P<first>\d{{1,2}})(?P<sep>[-./])\s?(?P<second>\d{{1,2}})(?P=sep)\s?"
    rf"(?P<year>\d{{4}}){_AFTER}"
)
# 15/05: above 12 it is a day, and two digits for the month are no score and no 24/7.
_DAY_SLASH_MONTH = rf"{_BEFORE}(?P<day>1[3-9]|2\d|3[01])/(?P<month>0[1-9]|1[0-2]){_AFTER}"
# ngày 12 tháng 9 năm 2025, tháng 9/2025
_VIETNAMESE = (
    rf"(?:(?:ngày\s{{1,3}})?(?<![0-9]){_DAY}\s{{1,3}})?tháng\s{{1,3}}(?P<month>\d{{1,2}})(?![0-9])"
    rf"(?!\s{{1,3}}ngày)(?:(?:,?\s{{1,3}}năm\s{{1,3}}|/|,\s{{1,3}}){_YEAR4})?"
)
# 2025년 9월 12일, 9월 12일, 9월, 2025年9月12日, 令和7年9月12日, 二〇二五年九月十二日
_EAST_ASIAN = (
    rf"(?:(?<![0-9])(?:(?P<era>{'|'.join(_ERAS)}){_GAP})?(?P<year>['’]\d\d(?![0-9])|\d{{1,4}}|元|{_HAN_YEAR})"
    rf"{_GAP}[년年](?:도)?{_GAP})?(?<![0-9.,一二三四五六七八九十])(?P<month>\d{{1,2}}|{_HAN_NUMBER}){_GAP}"
    rf"(?:월(?![드급요세])|月(?!間|间))(?:{_GAP}(?P<day>\d{{1,2}}|{_HAN_NUMBER}){_GAP}[일日号號])?"
)
# 12 September 2025, 12. September, 12-Sep-2025, 1er mai, 12 de septiembre de 2025, 12 سبتمبر/أيلول 2025
_DAY_MONTH = (
    rf"(?<![0-9a-z])(?<![0-9][.,:]){_DAY}{_ORDINAL}(?:\s{{1,3}}|[-/]|(?=\D)){_OF}{_NAME}"
    rf"(?:\s?/\s?(?:{_names(thai=False)})(?![^\W\d_]))?(?:\.?,?(?:\s{{1,3}}|[-/]){_OF}{_YEAR4})?"
)
# 2025 September 12, 2025. szeptember 12.
_YEAR_MONTH_DAY = (
    rf"{_BEFORE}{_YEAR4}[.,]?\s{{1,3}}{_NAME}\.?\s{{1,3}}{_DAY}(?![0-9])(?![.,:][0-9])"
    r"(?:th|st|nd|rd)?(?![a-z])"
)
# September 12, 2025; Sept. 12; September the 12th; September 2025; septiembre de 2025; September
_MONTH_DAY = (
    rf"{_NAME}(?:\.?\s{{1,3}}(?:the )?{_DAY}(?![0-9])(?:st|nd|rd|th)?(?![.,:][0-9]|%|[a-z])"
    rf"(?:,?\s{{1,3}}(?P<year2>[12]\d{{3}})(?![0-9]))?|\.?,?(?:\s{{1,3}}|[-/]){_OF}{_YEAR4})?"
)

# A number of days rather than a day of the month, by what precedes and what follows.
_NOT_COUNTED = (
    r"(?<![0-9a-z])(?<![0-9][-.,:/~])(?<![약총각주연박第約总約週年共近])(?<![약총각주연박約总約週年共近]\s)"
    r"(?<!최대\s)(?<!최소\s)(?<!最大)(?<!最长)"
)
_KOREAN_COUNT = (
    r"\s(?:동안|이내|이상|이하|미만|초과|연속|정도|가량|넘게|걸[려리린릴]|소요|남[은았]|근무|휴가|유급|무급|연장|평균|최대"
    r"|(?:간|만에?|만의|내에?|안에|[전후뒤](?:에|까지|부터)?)(?![\uac00-\ud7a3])|[0-9]{1,3}(?:회|번|시간|명|건|잔|정))"
)
_HAN_COUNT = (
    r"\s?(?:間|间|目|以内|以上|以下|未満|内|之内|后|後|前|分|ごと|毎|本|连续|連続|程度|左右|当たり|あたり|ぶり|常|数|曜|夜"
    r"|游|に?[0-9一二三]{1,3}(?:[回度次杯人件個个枚]|時間|小时))"
)
# 26일, 26일(현지시간), 26일부터; not 26일간, 26일 만에, 최대 26일
_KOREAN_DAY = (
    rf"{_NOT_COUNTED}{_DAY}일(?!{_KOREAN_COUNT})"
    r"(?:(?![\uac00-\ud7a3])|(?=에|부터|까지|자|경|밤|오전|오후|새벽|저녁|아침|낮))"
)
_HAN_DAY = rf"{_NOT_COUNTED}{_DAY}日(?!{_HAN_COUNT}|に(?:約|平均|最大))"  # 12日, 12日付; not 12日間, 1日3回
# the 10th; not the 10th floor
_ENGLISH_DAY = (
    rf"(?<!\w)the\s{_DAY}(?:st|nd|rd|th)(?!\w)"
    r"(?=\s?(?:[,.;:!?)\]–—]|$)|\s(?:at|by|of (?:this|the|last|next) month)\b)"
)
# Each with what a text must hold for it to be tried: most texts are spared most patterns.
_PATTERNS = tuple(
    (needles, re.compile(pattern))
    for needles, pattern in (
        (("-", ".", "/"), _YEAR_FIRST),
        (("19", "20"), _COMPACT),
        (("-", ".", "/"), _YEAR_LAST),
        (("/0", "/1"), _DAY_SLASH_MONTH),
        (("tháng",), _VIETNAMESE),
        (("월", "月"), _EAST_ASIAN),
        (tuple("0123456789"), _DAY_MONTH),
        (("1", "2"), _YEAR_MONTH_DAY),
        (("",), _MONTH_DAY),
        (("일",), _KOREAN_DAY),
        (("日",), _HAN_DAY),
        (("the",), _ENGLISH_DAY),
    )
)

_THAI = re.compile("[\u0e01-\u0e4e]")
_NEARBY = 40  # characters within which Thai letters make a year Buddhist
_DIGIT = re.compile(r"(?![0-9])\d")
_NATIVE_DIGIT = re.compile("(?![0-9\uff10-\uff19])\\d")
_SAME = str.maketrans("İ．／－‐‑–−：，", "i./-----:,")
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def find_dates(text: str) -> list[FoundDate]:
    """Return the dates of *text* in order of appearance, not overlapping.

    Offsets are code points of *text* as given, in any normal form. Where two
    notations match, the one that starts first wins, then the longer one.
    """
    composed, offsets = _composed(text)
    found: list[FoundDate] = []
    reached = 0
    for match in _matches(_folded(composed)):
        if match.start() < reached:
            continue
        value = _value(match, composed)
        if value is None:
            continue
        # An impossible date is none, and no part of it is one either ("2월 30일" is not a 30th).
        reached = match.end()
        year, month, day = value
        if _possible(year, month, day):
            found.append(FoundDate(offsets[match.start()], offsets[match.end()], year, month, day))
    return found


def _folded(text: str) -> str:
    """Return *text* in small letters and ASCII digits, every character in its place."""
    return _DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), text.translate(_SAME).lower())


def _matches(folded: str) -> list[re.Match[str]]:
    tried = (pattern for needles, pattern in _PATTERNS if any(needle in folded for needle in needles))
    matches = [match for pattern in tried for match in pattern.finditer(folded)]
    return sorted(matches, key=lambda match: (match.start(), -match.end()))


def _composed(text: str) -> tuple[str, Sequence[int]]:
    """Return the NFC of *text*, and for each of its offsets the one in *text*."""
    if unicodedata.is_normalized("NFC", text):
        return text, range(len(text) + 1)
    pieces: list[str] = []
    offsets: list[int] = []
    for start, end in _clusters(text):
        piece = unicodedata.normalize("NFC", text[start:end])
        pieces.append(piece)
        offsets.extend([start] * len(piece))
    return "".join(pieces), [*offsets, len(text)]


def _clusters(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for i in range(1, len(text)):
        # Vowels and finals of decomposed Hangul are letters, yet join what precedes.
        if not unicodedata.combining(text[i]) and not "\u1160" <= text[i] <= "\u11ff":
            yield start, i
            start = i
    yield start, len(text)


_Value = tuple[int | None, int | None, int | None]


def _value(match: re.Match[str], text: str) -> _Value | None:
    """Return (year, month, day) as far as written; None when it is no date after all."""
    groups = match.groupdict()
    thai = _THAI.search(text, max(0, match.start() - _NEARBY), match.end() + _NEARBY) is not None
    year = _year(groups.get("year") or groups.get("year2"), groups.get("era"), thai=thai)
    if "first" in groups:
        return year, *_ordered(groups, text[match.start() : match.end()], day_first=thai)
    if "name" not in groups:
        return year, _number(groups.get("month")), _number(groups.get("day"))
    if not _is_month(match, text):
        return None
    return year, _MONTH_OF[groups["name"] or groups["thai"]], _number(groups.get("day"))


def _ordered(
    groups: dict[str, str | None], written: str, *, day_first: bool
) -> tuple[int | None, int | None]:
    """Return (month, day) of two numbers before a year; both None if the order cannot be told.

    With dots the day comes first everywhere. With "/" and "-" countries differ:
    a number above 12 tells, or digits of a script whose countries agree.
    """
    first, second = int(groups["first"] or 0), int(groups["second"] or 0)
    if second > 12:
        return first, second
    told = first == second or first > 12 or groups["sep"] == "." or groups["mark"] or day_first
    return (second, first) if told or _NATIVE_DIGIT.search(written) else (None, None)


def _is_month(match: re.Match[str], text: str) -> bool:
    """Tell a month from a word that looks like one: "May 12" from "may 12 people"."""
    groups = match.groupdict()
    name, day = groups["name"] or groups["thai"], groups.get("day")
    if not day and not groups["year"]:
        led = _LEADS.search(text, max(0, match.start() - 12), match.start()) is not None
        if len(name) > 4 and "." not in name and name not in _NOT_ALONE:
            return True
        return led and len(name) > 2 and (text[match.start("name")].isupper() or name in _SMALL_MONTHS)
    if groups["thai"]:
        return True
    at = match.start("name")
    if day and match.start("day") > at:
        return name in _MONTH_FIRST and (text[at].isupper() or len(name) > 5)
    return bool(day and groups["year"]) or name not in _WORDS or text[at].isupper()


def _number(written: str | None) -> int | None:
    if not written:
        return None
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.rpartition("十")
    return (_HAN_DIGITS.get(tens, 1) * 10 if ten else 0) + _HAN_DIGITS.get(ones, 0)


def _year(written: str | None, era: str | None, *, thai: bool) -> int | None:
    if not written:
        return None
    if written[0] in "'’":
        return 2000 + int(written[1:3])
    number = 1 if written == "元" else int("".join(str(_HAN_DIGITS.get(char, char)) for char in written))
    if era:
        return number + _ERAS[era]
    if thai and number in _BUDDHIST_YEARS:
        return number - _BUDDHIST_ERA
    # "25년" is any century, "114年" most likely of the Republic of China.
    return number if number >= 1000 else None


def _possible(year: int | None, month: int | None, day: int | None) -> bool:
    if month is not None and not 1 <= month <= 12:
        return False
    if day is not None and not 1 <= day <= (_DAYS_IN_MONTH[month - 1] if month else 31):
        return False
    if year is None:
        return month is not None or day is not None
    if month and day and month == 2 and day == 29:
        return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 1 <= year <= 2199
