"""Numbers as they are written, in digits or in words, in many languages.

Finds where a number stands and what it amounts to; whether it counts people,
ranks a country or tells the time is for `rag.values`. A word that is only
sometimes a number (두, 열, 三) is reported as unsure, so that the caller can ask
for a counter beside it.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from rag.values.numberwords import Words, words_of

__all__ = ["Numeral", "folded", "numerals"]


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number at ``text[start:end]``.

    Attributes:
        sure: Written in digits, or a word that is nothing but a number.
        ordinal: "third", not "three".
        digits: Written in digits, at least in part.
        scale: What is written behind the digits multiplies them ("million", 만); `number` holds it.
    """

    start: int
    end: int
    number: float
    sure: bool = True
    ordinal: bool = False
    digits: bool = False
    scale: float = 1


class _Folding(dict[int, str]):
    """One character for one: width, case and digits of other scripts, so that offsets hold."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        # NFKC makes a letter of the º in "3º" and a plain space of the one that groups digits.
        piece = char if char in "ºª°\u00a0\u202f" else unicodedata.normalize("NFKC", char).lower()
        if piece.isdecimal() and len(piece) == 1:
            piece = str(unicodedata.decimal(piece))
        self[code] = piece if len(piece) == 1 else char
        return self[code]


_FOLDING = _Folding({ord(a): b for a, b in zip("\u202f٫٬٪’−–‑、", "\u00a0.,%'---,", strict=True)})


def folded(text: str) -> str:
    """Return *text* in small letters, half width and ASCII digits, offset for offset."""
    return text.translate(_FOLDING)


# --- digits -----------------------------------------------------------------------

_BY_COMMA = "de es fr it pt nl ru uk pl cs sv da no fi tr el hu ro bg id vi hr sr sl sk ca be lt lv et"
_BY_SPACE = "fr ru uk pl cs sv no fi hu bg sk be lt lv et"
_COMMA_IS_DECIMAL = frozenset(_BY_COMMA.split())
_GROUPED_BY_SPACE = frozenset(_BY_SPACE.split())

_DIGITS = re.compile(
    # Not inside a name, a version or a longer code: R2, GPT-4, 2.1.3, 010-1234-5678.
    r"(?<![0-9a-z_])(?<![a-z]-)(?<![0-9][.,:/'-])"
    r"(?:(?P<code>\d+(?:\.\d+){2,}(?!\d)|\d+(?:-\d+){2,}(?!\d)|\d+/\d+(?!\d))"
    r"|(?P<pair>\d{1,3}-\d{1,3}(?![\d.,:/-]))"
    r"|(?P<sign>(?<![^\s(])-)?"
    r"(?P<number>\d{1,3}(?:(?P<mark>[,.' \u00a0])\d{3}(?!\d))(?:(?P=mark)\d{3}(?!\d))*"
    r"(?:[.,]\d+)?|\d+(?:[.,]\d+)?)(?P<kilo>k(?![a-z]))?)"
)
_GROUPS_OF_DOTS = re.compile(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?")
# Scales that stand on what precedes: 1억 2천만, 3万5千; not 3千克, 百分.
_EAST = {"십": 10, "十": 10, "백": 100, "百": 100, "천": 1000, "千": 1000}
_EAST_SMALL = r"[십백천]|[十百千](?![克米瓦卡赫分])"
_EAST_BIG = {"만": 1e4, "万": 1e4, "萬": 1e4, "억": 1e8, "億": 1e8, "亿": 1e8, "조": 1e12, "兆": 1e12}
_EAST_SCALES = _EAST_BIG | {"万亿": 1e12, "萬億": 1e12}
_EAST_PART = re.compile(rf"(?P<number>\d[\d,]*(?:\.\d+)?)?\s?(?P<small>{_EAST_SMALL})?")
_EAST_MARK = re.compile(rf"\s?(?P<big>万亿|萬億|(?!兆瓦|조[각항건])[{''.join(_EAST_BIG)}])")


def _in_digits(text: str, lang: str) -> Iterator[Numeral]:
    at = 0
    while match := _DIGITS.search(text, at):
        at = match.end()
        if match["code"] and not _GROUPS_OF_DOTS.fullmatch(match["code"]):
            continue
        if match["pair"]:
            yield from _listed(match["pair"], match.start())
            continue
        written = match["code"] or match["number"]
        if match["mark"] == " " and lang not in _GROUPED_BY_SPACE:
            written = written.split(" ")[0]
        start, end, number = match.start(), match.start() + len(match[0]), _read(written, lang)
        if number is None:
            # "1,2" is two numbers where decimals have dots.
            yield from _listed(written, match.start("number"))
            continue
        if not match["code"]:
            end = match.start("number") + len(written)
        if match["kilo"] and end == match.start("kilo"):
            number, end = number * 1000, match.end()
        eastern = _eastern(text, match.start("number")) if match["number"] else None
        scale = 1.0
        if eastern and text[max(0, start - 1) : start] not in {"제", "第"} and eastern[1] > end:
            if number and not re.search(r"\d", text[end : eastern[1]]):
                scale = eastern[0] / number
            number, end = eastern
        at = end
        yield Numeral(start, end, -number if match["sign"] else number, digits=True, scale=scale)


def _listed(written: str, at: int) -> Iterator[Numeral]:
    for part in re.finditer(r"\d+", written):
        yield Numeral(at + part.start(), at + part.end(), float(part[0]), digits=True)


def _read(written: str, lang: str) -> float | None:
    marks = re.findall(r"[,.' \u00a0]", written)
    if not marks:
        return float(written)
    last = marks[-1]
    whole, _, rest = written.rpartition(last)
    grouped = len(rest) == 3 and len(set(marks)) == 1
    if grouped and (len(marks) > 1 or last in "' \u00a0" or (last == ",") != (lang in _COMMA_IS_DECIMAL)):
        return float(re.sub(r"\D", "", written)) if whole != "0" else float(f"0.{rest}")
    if last == "," and len(marks) == 1 and lang not in _COMMA_IS_DECIMAL:
        return None
    return float(f"{re.sub(r'[^0-9]', '', whole)}.{rest}")


def _eastern(text: str, at: int) -> tuple[float, int] | None:
    """Read "1억 2천만" or "3천2백억" at *at*: its amount, and where it ends; None without such a scale."""
    total, last, end = 0.0, 1e17, None
    while section := _section(text, at):
        amount, stop, scaled = section
        mark = _EAST_MARK.match(text, stop)
        scale = _EAST_SCALES[mark["big"]] if mark else 1
        digits = len(text[at:stop].replace(",", ""))
        spaced = text[at - 1 : at].isspace()
        # "5억 3개년" is no 500,000,003; "3만 500원" is 30,500.
        if scale >= last or (scale == 1 and not scaled and (end is None or (spaced and digits < 3))):
            break
        total, last = total + amount * scale, scale
        at = end = mark.end() if mark else stop
        if scale == 1:
            break
        at += text[at : at + 1].isspace()
    return None if end is None else (total, end)


def _section(text: str, at: int) -> tuple[float, int, bool] | None:
    """Read what stands before 만 or 억, "3천2백": its amount, where it ends, whether it has a 천 or 백."""
    amount, last, start, scaled = 0.0, 10_000, at, False
    while (part := _EAST_PART.match(text, at)) and part.end() > at and (part["number"] or part["small"]):
        scale = _EAST[part["small"]] if part["small"] else 1
        if scale >= last or part[0][0].isspace() or (start == at and not part["number"]):
            break
        amount += float((part["number"] or "1").replace(",", "")) * scale
        scaled |= scale > 1
        last, at = scale, part.end() - (0 if part["small"] else len(part[0]) - len(part[0].rstrip()))
        if scale == 1:
            break
    return (amount, at, scaled) if at > start else None


# --- words of spaced scripts ------------------------------------------------------

# The vowel signs of Devanagari are no letters to `re`: करोड़.
_LETTERS = r"(?:[^\W\d_]|[\u0900-\u0903\u093a-\u094f\u0951-\u0963\u0980-\u0dff])+"
_WORD = re.compile(rf"{_LETTERS}(?:'[a-z]+)?")
_WORDS = re.compile(rf"{_LETTERS}(?:-{_LETTERS}){{0,2}}")
_PHRASE = re.compile(rf"{_LETTERS}(?: {_LETTERS}){{1,3}}")
# Words that are numbers only with a counter behind them: năm is five and year.
_UNSURE = frozenset({"one", "hundred", "cent", "sto", "năm", "on", "yüz"})
_JOINT = re.compile(r"\s(?:and|y|et|e|und|و)\s|-et-|\sو|[\s\u00a0-]")
_AND_JOINS = frozenset({"en", "es", "fr", "pt", "ar", "he"})


def _in_words(text: str, lang: str, digits: Mapping[int, Numeral]) -> Iterator[Numeral]:
    """Read runs of number words, and scales behind digits ("100 trillion")."""
    words = words_of(lang)
    at = 0
    while at < len(text):
        number = digits.get(at)
        match = None if number else _WORD.match(text, at)
        if number:
            yield _scaled(text, number, words, lang)
            at = max(number.end, at + 1)
        elif match:
            found = _run(text, match.start(), words, lang)
            if found:
                yield found
            at = max(match.end(), found.end if found else 0)
        else:
            at += 1


_ABBREVIATED = frozenset({"mio", "mrd", "tsd", "млн", "млрд", "тыс", "трлн"})


def _scaled(text: str, number: Numeral, words: Words, lang: str) -> Numeral:
    end, scale = number.end, number.scale
    while (gap := re.match(r"[\s\u00a0-]?", text[end:])) and (word := _WORD.match(text, end + gap.end())):
        more = words.cardinals.get(word[0].removesuffix("s") if lang == "en" else word[0], 0)
        if more < 100 or (more == 100 and lang != "en"):
            break
        scale, end = scale * more, word.end()
        end += text[end : end + 1] == "." and word[0] in _ABBREVIATED
    return replace(number, end=end, number=number.number * scale / number.scale, scale=scale)


def _run(text: str, start: int, words: Words, lang: str) -> Numeral | None:
    total, current, end = 0.0, 0.0, start
    at = start
    while match := _word_at(text, at, words):
        value = words.cardinals.get(match[0])
        if value is None:
            ordinal = words.ordinal(match[0])
            tens = current % 100
            if ordinal and ((end == start) or (tens >= 20 and tens % 10 == 0 and ordinal < 10)):
                return Numeral(start, match[1], total + current + ordinal, ordinal=True)
            break
        if not _fits(current, value, begun=end > start):
            break
        if value >= 1000:
            total, current = total + max(current, 1) * value if current or not total else total * value, 0.0
        else:
            current = max(current, 1) * 100 if value == 100 else current + value
        end = match[1]
        joint = _JOINT.match(text, end)
        if joint and joint[0].strip(" -\u00a0") and lang not in _AND_JOINS:
            joint = None
        at = joint.end() if joint else len(text)
    if end == start:
        return None
    alone = text[start:end]
    # A scale alone is no number ("a million reasons", "mille mercis"), and "one" is often nobody.
    sure = alone not in _UNSURE and words.cardinals.get(alone, 0) < 1000
    return Numeral(start, end, total + current, sure=sure)


def _word_at(text: str, at: int, words: Words) -> tuple[str, int] | None:
    """Return the longest number word at *at*; some hold hyphens or spaces ("soixante-dix", "on iki")."""
    match = _WORDS.match(text, at)
    if not match:
        return None
    phrase = _PHRASE.match(text, at)
    for parts, joint in (((phrase or match)[0].split(" "), " "), (match[0].split("-"), "-")):
        for count in range(len(parts), 0, -1):
            word = joint.join(parts[:count])
            if word in words.cardinals or words.ordinal(word):
                return word, at + len(word)
    times = match[0].removesuffix("mal")  # viermal
    return (times, at + len(times)) if times in words.cardinals else None


def _fits(current: float, value: float, *, begun: bool) -> bool:
    """Tell whether *value* goes on the number read so far: "twenty" + "five", not "two" + "three"."""
    if not begun or value >= 1000:
        return True
    if value == 100:
        return 0 < current < 20
    tens = current % 100
    return tens == 0 or (tens >= 20 and tens % 10 == 0 and value < (20 if tens in (60, 80) else 10))


# --- Han and Hangul ---------------------------------------------------------------

_HAN_DIGIT = {char: n for n, char in enumerate("〇一二三四五六七八九")} | {"零": 0, "两": 2, "兩": 2}
_HAN = re.compile(rf"[{''.join(_HAN_DIGIT)}十百千万萬億亿兆]+(?!瓦)")
_SINO_DIGIT = {char: n for n, char in enumerate("영일이삼사오육칠팔구")}
_SINO = re.compile(r"(?<![가-힣0-9])(?=[가-힣]*[십백천만억])[일이삼사오육칠팔구십백천만억조]{2,}")
_NATIVE_ONES = {"한": 1, "하나": 1, "두": 2, "둘": 2, "세": 3, "셋": 3, "석": 3, "네": 4, "넷": 4} | {
    "다섯": 5,
    "여섯": 6,
    "일곱": 7,
    "여덟": 8,
    "아홉": 9,
}
_NATIVE_TENS = {"열": 10, "스물": 20, "스무": 20, "서른": 30, "마흔": 40, "쉰": 50, "예순": 60} | {
    "일흔": 70,
    "여든": 80,
    "아흔": 90,
}
_NATIVE = re.compile(
    rf"(?<![가-힣])(?:(?P<ten>{'|'.join(_NATIVE_TENS)})(?P<one>{'|'.join(_NATIVE_ONES)})?"
    rf"|(?P<only>{'|'.join(sorted(_NATIVE_ONES, key=len, reverse=True))}))"
)
_SURE_NATIVE = frozenset(
    {"다섯", "여섯", "일곱", "여덟", "아홉", "스물", "서른", "마흔", "예순", "일흔", "여든", "아흔"}
)


def _in_han(text: str) -> Iterator[Numeral]:
    for match in _HAN.finditer(text):
        number = _east_asian(match[0], _HAN_DIGIT)
        if (
            match[0] not in "零〇"
            and number is not None
            and not text[match.start() - 1 : match.start()].isdecimal()
        ):
            # 十分, 千万 and 万一 are words; 二十三 is a number.
            sure = len(match[0]) > 1 and any(char in _HAN_DIGIT for char in match[0]) and match[0] != "万一"
            yield Numeral(
                match.start(), match.end(), number, sure=sure and any(c in "十百千" for c in match[0])
            )


def _in_hangul(text: str) -> Iterator[Numeral]:
    for match in _SINO.finditer(text):
        number = _east_asian(match[0], _SINO_DIGIT)
        if number is not None:
            yield Numeral(match.start(), match.end(), number, sure=False)
    for match in _NATIVE.finditer(text):
        number = _NATIVE_TENS.get(match["ten"] or "", 0) + _NATIVE_ONES.get(
            match["one"] or match["only"] or "", 0
        )
        sure = match[0] in _SURE_NATIVE or (match["ten"] is not None and match["one"] is not None)
        yield Numeral(match.start(), match.end(), float(number), sure=sure)


def _east_asian(written: str, digit: Mapping[str, int]) -> float | None:
    """Evaluate 二千三百万, 二〇二五 or 삼백오십; None when it is no number (万, 十百)."""
    if len(written) > 1 and all(char in digit for char in written):
        return float("".join(str(digit[char]) for char in written)) if digit is _HAN_DIGIT else None
    total, section, current, last = 0.0, 0.0, -1.0, 1e17
    for char in written:
        if char in digit:
            if current > 0:
                return None
            current = digit[char]
        elif char in _EAST:
            section, current = section + (current if current > 0 else 1) * _EAST[char], -1
        else:
            amount = section + max(current, 0)
            if not amount and last == 1e4 and char in "亿億":
                total, last = total * 1e8, 1e12  # 一百万亿
                continue
            if not amount or _EAST_BIG[char] >= last:
                return None
            total, section, current, last = total + amount * _EAST_BIG[char], 0.0, -1, _EAST_BIG[char]
    return total + section + max(current, 0)


def numerals(text: str, lang: str) -> list[Numeral]:
    """Return the numbers of *text* (as `folded`) in order, not overlapping.

    Args:
        text: Folded text.
        lang: BCP 47; decides "1.250", "once" and "billion". ``und`` reads what is
            the same everywhere.
    """
    digits = {each.start: each for each in _in_digits(text, lang)}
    found = [*_in_words(text, lang, digits), *_in_han(text), *_in_hangul(text)]
    found.sort(key=lambda each: (each.start, -each.end))
    kept: list[Numeral] = []
    for each in found:
        if not kept or each.start >= kept[-1].end:
            kept.append(each)
    return kept
