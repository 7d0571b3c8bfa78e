"""Numbers as office programs write them: in letters and figures of many scripts, and in circles.

The names of the formats are those of ECMA-376, `ST_NumberFormat`.
"""

# ruff: noqa: E501

from collections.abc import Callable, Mapping

__all__ = ["numeral"]

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
