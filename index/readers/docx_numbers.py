"""The numbers that Word puts before list items and clauses, which are nowhere in the text.

`numbering.xml` says how each level counts and what is written around the number, for
instance "제%1조" or "Clause %1.%2"; the number itself follows from the paragraphs before.
"""

# ruff: noqa: E501

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Numbering", "numeral"]

_Element = Any

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_VAL = f"{_W}val"
_LEVELS = 9

_ALPHABETS = {
    "upperLetter": "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "lowerLetter": "abcdefghijklmnopqrstuvwxyz",
    "ganada": "가나다라마바사아자차카타파하",
    "chosung": "ㄱㄴㄷㄹㅁㅂㅅㅇㅈㅊㅋㅌㅍㅎ",
    "aiueo": "ｱｲｳｴｵｶｷｸｹｺｻｼｽｾｿﾀﾁﾂﾃﾄﾅﾆﾇﾈﾉﾊﾋﾌﾍﾎﾏﾐﾑﾒﾓﾔﾕﾖﾗﾘﾙﾚﾛﾜｦﾝ",
    "aiueoFullWidth": "アイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワヲン",
    "iroha": "ｲﾛﾊﾆﾎﾍﾄﾁﾘﾇﾙｦﾜｶﾖﾀﾚｿﾂﾈﾅﾗﾑｳヰﾉｵｸﾔﾏｹﾌｺｴﾃｱｻｷﾕﾒﾐｼヱﾋﾓｾｽﾝ",
    "irohaFullWidth": "イロハニホヘトチリヌルヲワカヨタレソツネナラムウヰノオクヤマケフコエテアサキユメミシヱヒモセスン",
    "ideographTraditional": "甲乙丙丁戊己庚辛壬癸",
    "ideographZodiac": "子丑寅卯辰巳午未申酉戌亥",
    "russianLower": "абвгдежзиклмнопрстуфхцчшщыэюя",
    "russianUpper": "АБВГДЕЖЗИКЛМНОПРСТУФХЦЧШЩЫЭЮЯ",
    "arabicAlpha": "أبتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "arabicAbjad": "أبجدهوزحطيكلمنسعفصقرشتثخذضظغ",
    "hebrew2": "אבגדהוזחטיכלמנסעפצקרשת",
    "thaiLetters": "กขคงจฉชซฌญฎฏฐฑฒณดตถทธนบปผฝพฟภมยรลวศษสหฬอฮ",
    "hindiVowels": "अआइईउऊऋऌऍऎएऐऑऒओऔ",
}
_DIGITS = {
    "thaiNumbers": "๐๑๒๓๔๕๖๗๘๙",
    "hindiNumbers": "०१२३४५६७८९",
    "koreanDigital": "영일이삼사오육칠팔구",
    "koreanDigital2": "零一二三四五六七八九",
    "ideographDigital": "〇一二三四五六七八九",
    "japaneseDigitalTenThousand": "〇一二三四五六七八九",
    "taiwaneseDigital": "○一二三四五六七八九",
    "decimalFullWidth": "０１２３４５６７８９",
    "decimalFullWidth2": "０１２３４５６７８９",
}
# Digits, then ten, hundred, thousand.
_COUNTS = {
    **dict.fromkeys(
        ("japaneseCounting", "chineseCounting", "chineseCountingThousand", "taiwaneseCounting"),
        ("一二三四五六七八九", "十百千"),
    ),
    "taiwaneseCountingThousand": ("一二三四五六七八九", "十百千"),
    "ideographLegalTraditional": ("壹貳參肆伍陸柒捌玖", "拾佰仟"),
    "chineseLegalSimplified": ("壹贰叁肆伍陆柒捌玖", "拾佰仟"),
    "japaneseLegal": ("壱弐参四伍六七八九", "拾百阡"),
    "koreanCounting": ("일이삼사오육칠팔구", "십백천"),
}
_ROMAN = (
    *((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL")),
    *((10, "X"), (9, "IX"), (5, "V"), (4, "IV"), (1, "I")),
)
_KOREAN_ONES = ("", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉")
_KOREAN_TENS = ("", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔")
_HEBREW = (
    *((400, "ת"), (300, "ש"), (200, "ר"), (100, "ק"), (90, "צ"), (80, "פ"), (70, "ע"), (60, "ס"), (50, "נ")),
    *((40, "מ"), (30, "ל"), (20, "כ"), (16, "טז"), (15, "טו"), (10, "י"), (9, "ט"), (8, "ח"), (7, "ז")),
    *((6, "ו"), (5, "ה"), (4, "ד"), (3, "ג"), (2, "ב"), (1, "א")),
)


def numeral(number: int, style: str) -> str:
    """Return *number* in a number format of Office (`ST_NumberFormat`); decimal if it is unknown."""
    if number < 1 or number > 9999:
        return str(number)
    if alphabet := _ALPHABETS.get(style):
        return _lettered(number, alphabet, doubles=style in ("upperLetter", "lowerLetter"))
    if digits := _DIGITS.get(style):
        return "".join(digits[int(each)] for each in str(number))
    if counts := _COUNTS.get(style):
        return _counted(number, *counts)
    return _SPECIAL.get(style, str)(number)


def _lettered(number: int, alphabet: str, *, doubles: bool) -> str:
    """Return the letter; after the last one letters are doubled (aa, bb), or begin again."""
    turn, place = divmod(number - 1, len(alphabet))
    return alphabet[place] * (turn + 1 if doubles else 1)


def _counted(number: int, ones: str, powers: str) -> str:
    text = ""
    for power, digit in zip(("", *powers), map(int, reversed(str(number))), strict=False):
        if digit:
            text = ("" if digit == 1 and power else ones[digit - 1]) + power + text
    return text


def _additive(number: int, signs: tuple[tuple[int, str], ...]) -> str:
    text = ""
    for value, sign in signs:
        while number >= value:
            text, number = text + sign, number - value
    return text


def _circled(number: int) -> str:
    return (
        chr(0x2460 + number - 1)
        if number <= 20
        else chr(0x3251 + number - 21)
        if number <= 35
        else str(number)
    )


def _korean(number: int) -> str:
    return _KOREAN_TENS[number // 10] + _KOREAN_ONES[number % 10] if number < 100 else str(number)


def _ordinal(number: int) -> str:
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


_SPECIAL: Mapping[str, Callable[[int], str]] = {
    "upperRoman": lambda number: _additive(number, _ROMAN),
    "lowerRoman": lambda number: _additive(number, _ROMAN).lower(),
    "hebrew1": lambda number: _additive(number, _HEBREW),
    "decimalZero": lambda number: f"{number:02}",
    "decimalEnclosedCircle": _circled,
    "decimalEnclosedCircleChinese": _circled,
    "decimalEnclosedParen": lambda number: f"({number})",
    "decimalEnclosedFullstop": lambda number: f"{number}.",
    "ordinal": _ordinal,
    "numberInDash": lambda number: f"- {number} -",
    "koreanLegal": _korean,
    "none": lambda _: "",
}


@dataclass(frozen=True, slots=True)
class _Level:
    """How one level of a list counts: `text` is written with %1 for the number of the first level."""

    start: int = 1
    style: str = "decimal"
    text: str = ""
    restart: int | None = None  # the level whose paragraphs begin the count anew; 0 for none
    legal: bool = False


@dataclass(slots=True)
class Numbering:
    """Counts paragraphs as Word does; ask for each paragraph once and in order."""

    _lists: dict[str, tuple[str, dict[int, _Level]]] = field(default_factory=dict)
    _starts: dict[tuple[str, int], int] = field(default_factory=dict)
    _styles: dict[str, tuple[str, int]] = field(default_factory=dict)
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: _Element | None) -> "Numbering":
        """Return the lists of a numbering part."""
        made = cls()
        if root is None:
            return made
        abstract = {each.get(f"{_W}abstractNumId"): each for each in root.iterchildren(f"{_W}abstractNum")}
        linked = {
            link.get(_VAL): each
            for each in abstract.values()
            if (link := each.find(f"{_W}styleLink")) is not None
        }
        for num in root.iterchildren(f"{_W}num"):
            made._add(num, abstract, linked)
        return made

    def _add(self, num: _Element, abstract: Mapping[str, _Element], linked: Mapping[str, _Element]) -> None:
        num_id, abstract_id = num.get(f"{_W}numId"), _value(num, "abstractNumId")
        base = abstract.get(abstract_id)
        if base is None:
            return
        base = linked.get(_value(base, "numStyleLink"), base)
        levels = {_int(level.get(f"{_W}ilvl")): level for level in base.iterchildren(f"{_W}lvl")}
        for override in num.iterchildren(f"{_W}lvlOverride"):
            place = _int(override.get(f"{_W}ilvl"))
            if (level := override.find(f"{_W}lvl")) is not None:
                levels[place] = level
            if (start := override.find(f"{_W}startOverride")) is not None:
                self._starts[num_id, place] = _int(start.get(_VAL))
        self._lists[num_id] = abstract_id, {place: _level(level) for place, level in levels.items()}
        for place, level in levels.items():
            if style := _value(level, "pStyle"):
                self._styles.setdefault(style, (num_id, place))

    def of_style(self, style: str) -> tuple[str, int] | None:
        """Return the list and level that count the paragraphs of a style, if any do."""
        return self._styles.get(style)

    def label(self, num_id: str, place: int) -> str | None:
        """Count a paragraph; return its number as written, "" for a bullet, None if it is in no list."""
        abstract_id, levels = self._lists.get(num_id, ("", {}))
        level = levels.get(place)
        if level is None or place >= _LEVELS:
            return None
        counts = self._counts.setdefault(abstract_id, {})
        start = self._starts.pop((num_id, place), None)
        if start is not None:
            counts[place] = start
        else:
            counts[place] = counts[place] + 1 if place in counts else level.start
        for deeper in [each for each in counts if each > place and _restarts(levels.get(each), place)]:
            del counts[deeper]
        return "" if level.style == "bullet" else _written(level, levels, counts)


def _restarts(level: _Level | None, place: int) -> bool:
    restart = level.restart if level else None
    return restart is None or (restart > 0 and place < restart)


def _written(level: _Level, levels: Mapping[int, _Level], counts: Mapping[int, int]) -> str:
    text = level.text
    for place in range(_LEVELS):
        mark = f"%{place + 1}"
        if mark in text:
            each = levels.get(place, level)
            style = "decimal" if level.legal and each.style != "none" else each.style
            text = text.replace(mark, numeral(counts.get(place, each.start), style))
    return text.strip()


def _level(level: _Element) -> _Level:
    restart = _value(level, "lvlRestart")
    return _Level(
        _int(_value(level, "start"), 1),
        _style(level),
        _value(level, "lvlText"),
        _int(restart) if restart else None,
        level.find(f"{_W}isLgl") is not None,
    )


def _style(level: _Element) -> str:
    return _value(level, "numFmt") or next(
        (each.get(_VAL, "") for each in level.iter(f"{_W}numFmt")), "decimal"
    )


def _value(element: _Element, name: str) -> str:
    child = element.find(f"{_W}{name}")
    return child.get(_VAL, "") if child is not None else ""


def _int(text: str | None, otherwise: int = 0) -> int:
    try:
        return int(text or otherwise)
    except ValueError:
        return otherwise
