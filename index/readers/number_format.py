"""A number of a workbook as it is displayed: 0.35 in "0%" is 35%, 45000 in "yyyy-mm-dd" a day.

Format codes are those of ECMA-376, part 1, 18.8.31. Colours, widths and conditions are
passed over; fractions are written as decimals.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from functools import lru_cache

__all__ = ["BUILT_IN", "displayed"]

BUILT_IN = {
    1: "0",
    2: "0.00",
    3: "#,##0",
    4: "#,##0.00",
    9: "0%",
    10: "0.00%",
    11: "0.00E+00",
    12: "# ?/?",
    # What these dates look like depends on who looks: written so that nobody mistakes the month for the day.
    **dict.fromkeys((14, *range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    13: "# ??/??",
    15: "d-mmm-yy",
    16: "d-mmm",
    17: "mmm-yy",
    18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM",
    20: "h:mm",
    21: "h:mm:ss",
    22: "yyyy-mm-dd h:mm",
    32: "h:mm",
    33: "h:mm:ss",
    34: "h:mm",
    35: "h:mm:ss",
    37: "#,##0;(#,##0)",
    38: "#,##0;(#,##0)",
    39: "#,##0.00;(#,##0.00)",
    40: "#,##0.00;(#,##0.00)",
    41: "#,##0",
    42: "#,##0",
    43: "#,##0.00",
    44: "#,##0.00",
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    48: "##0.0E+0",
    49: "@",
}
"""The format codes that workbooks name by number alone."""

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|\\(?P<escaped>.)|[_*].|\[\$(?P<currency>[^\]-]*)[^\]]*\]|\[(?P<elapsed>h+|m+|s+)\]'
    r"|\[[^\]]*\]|(?P<half>AM/PM|A/P|오전/오후|上午/下午)|(?P<date>[yY]+|[mM]+|[dD]+|[hH]+|[sS]+(?:\.0+)?|a{3,4})"
    r"|(?P<exponent>[eE][+-])|(?P<digits>[0#?.,]+)|(?P<percent>%)|(?P<text>@)|(?P<literal>.)",
    re.DOTALL,
)
_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
_KOREAN_DAYS = "월화수목금토일"
_GENERAL = re.compile(r"(?:\[[^\]]*\])*general", re.IGNORECASE)

Token = tuple[str, str]


def displayed(value: float, code: str, *, from_1904: bool = False) -> str:
    """Return *value* as a cell of the number format *code* shows it.

    Args:
        value: A number; days since 1900 (or 1904) where the format is one of dates.
    """
    if code in ("", "General"):
        return _general(value)
    sections = _sections(code)
    section, number = _chosen(sections, value)
    if _GENERAL.fullmatch(section.strip()) or not section:
        return _general(value)
    tokens = _tokens(section)
    kinds = {kind for kind, _ in tokens}
    if kinds & {"date", "elapsed", "half"}:
        return _moment(tokens, value, from_1904=from_1904)
    if not kinds & {"digits", "text"}:
        return "".join(text for _, text in tokens).strip()
    return _number(tokens, number).strip()


@lru_cache(maxsize=512)
def _sections(code: str) -> tuple[str, ...]:
    return tuple(re.findall(r'(?:"[^"]*"?|\\.|[^;"\\])+|(?<=;)(?=;|$)', code)) or ("",)


def _chosen(sections: Sequence[str], value: float) -> tuple[str, float]:
    """Return the section for *value*: positive; negative, which writes its own sign; zero."""
    if value < 0 and len(sections) > 1:
        return sections[1], -value
    if value == 0 and len(sections) > 2:
        return sections[2], value
    return sections[0], value


@lru_cache(maxsize=512)
def _tokens(section: str) -> tuple[Token, ...]:
    found = []
    for match in _TOKEN.finditer(section):
        kind = match.lastgroup
        if kind:
            literal = kind in ("quoted", "escaped", "currency", "literal")
            found.append(("literal" if literal else kind, match[kind]))
    return tuple(found)


def _general(value: float) -> str:
    if value == int(value) and abs(value) < 1e15:
        return str(int(value))
    text = f"{value:.12g}"
    return (
        text if "e" not in text or not 1e-9 < abs(value) < 1e15 else f"{value:.12f}".rstrip("0").rstrip(".")
    )


def _number(tokens: Sequence[Token], value: float) -> str:
    places = [n for n, (kind, _) in enumerate(tokens) if kind in ("digits", "exponent")]
    if not places:  # "@": text, which a number in it is written as
        return "".join(_general(value) if kind == "text" else text for kind, text in tokens)
    first, last = places[0], places[-1]
    before = "".join(text for _, text in tokens[:first])
    after = "".join(text for _, text in tokens[last + 1 :])
    core = tokens[first : last + 1]
    number = value * 100.0 ** sum(kind == "percent" for kind, _ in tokens)
    # Hundreds of the largest numbers there are have no number any more.
    if any(text == "/" for _, text in core) or not math.isfinite(number):
        return before + _general(value)
    if any(kind == "exponent" for kind, _ in core):
        return before + f"{value:.{_decimals(core[0][1])[1]}E}" + after
    if any(kind == "literal" for kind, _ in core):
        return before + _filled(core, number) + after
    sign = "-" if number < 0 else ""
    return sign + before + _plain("".join(text for _, text in core), abs(number)) + after


def _decimals(pattern: str) -> tuple[int, int]:
    """Return how many decimals there are at least and at most."""
    decimals = pattern.partition(".")[2]
    return decimals.count("0"), sum(decimals.count(sign) for sign in "0#?")


def _plain(pattern: str, value: float) -> str:
    whole = pattern.partition(".")[0]
    thousands = (
        len(whole) - len(whole.rstrip(",")) if "." not in pattern else len(pattern) - len(pattern.rstrip(","))
    )
    least, most = _decimals(pattern)
    try:
        exact = Decimal(repr(value / 1000**thousands)).quantize(Decimal(1).scaleb(-most), ROUND_HALF_UP)
    except InvalidOperation:
        return _general(value)
    grouped = "," if "," in whole.rstrip(",") else ""
    integer, _, decimals = f"{exact:{grouped}f}".partition(".")
    while len(decimals) > least and decimals.endswith("0"):
        decimals = decimals[:-1]
    integer = integer.zfill(whole.count("0"))
    if integer == "0" and "0" not in whole and decimals:
        integer = ""
    return integer + ("." + decimals if decimals else "")


def _filled(core: Sequence[Token], value: float) -> str:
    """Fill digits in from the right around literals: 01012345678 in "000-0000-0000"."""
    pattern = "".join(text for _, text in core)
    places = sum(pattern.count(sign) for sign in "0#?")
    digits = list(str(abs(round(value))).zfill(pattern.count("0")))
    pieces: list[str] = []
    for sign in reversed(pattern):
        if sign not in "0#?":
            pieces.append(sign)
        elif digits:
            places -= 1
            pieces.append(digits.pop() if places else "".join(digits))
            digits = digits if places else []
    return ("-" if value < 0 else "") + "".join(reversed(pieces))


def _moment(tokens: Sequence[Token], value: float, *, from_1904: bool) -> str:
    """Write a day or time; a number that is none is written as a number."""
    if not 0 <= value < 2_958_466:
        return _general(value)
    # Excel believes that 1900 had a 29 February; days before it are one off.
    first = datetime(1904, 1, 1) if from_1904 else datetime(1899, 12, 31 if value < 60 else 30)
    moment = first + timedelta(seconds=round(value * 86400, 3))
    if moment.microsecond and not any("." in text for kind, text in tokens if kind == "date"):
        moment += timedelta(microseconds=500_000)
    halves = any(kind == "half" for kind, _ in tokens)
    pieces = []
    for n, (kind, text) in enumerate(tokens):
        if kind == "date":
            pieces.append(_part(text, moment, halves=halves, minutes=_is_minutes(tokens, n)))
        elif kind == "elapsed":
            per = {"h": 24, "m": 1440, "s": 86400}[text[0]]
            pieces.append(str(int(value * per + 1e-6)).zfill(len(text)))
        elif kind == "half":
            names = text.split("/")
            pieces.append(names[moment.hour >= 12])
        else:
            pieces.append("" if kind == "text" else text)
    return "".join(pieces).strip()


def _is_minutes(tokens: Sequence[Token], place: int) -> bool:
    """Tell whether an m is of minutes: hours stand before it, or seconds after."""
    others = [(n, text[0].lower()) for n, (kind, text) in enumerate(tokens) if kind in ("date", "elapsed")]
    before = [letter for n, letter in others if n < place]
    after = [letter for n, letter in others if n > place]
    return before[-1:] == ["h"] or after[:1] == ["s"]


def _part(text: str, moment: datetime, *, halves: bool, minutes: bool) -> str:
    letter, size = text[0].lower(), len(text)
    if letter == "y":
        return f"{moment.year % 100:02}" if size <= 2 else f"{moment.year}"
    if letter == "m" and not minutes:
        name = _MONTHS[moment.month - 1]
        return (
            str(moment.month).zfill(min(size, 2))
            if size <= 2
            else name[:1]
            if size == 5
            else name[: 3 if size == 3 else 99]
        )
    if letter == "d" and size > 2:
        return _DAYS[moment.weekday()][: 3 if size == 3 else 99]
    if letter == "a":
        return _KOREAN_DAYS[moment.weekday()] + ("요일" if size == 4 else "")
    if letter == "s" and "." in text:
        digits = size - text.index(".") - 1
        return f"{moment.second + moment.microsecond / 1e6:0{3 + digits}.{digits}f}"
    hour = (moment.hour % 12 or 12) if halves else moment.hour
    number = {"d": moment.day, "h": hour, "m": moment.minute, "s": moment.second}[letter]
    return str(number).zfill(min(size, 2))
