# ruff: noqa: E501 - one row of a table is one line
"""Units and currencies: what stands for them beside a number, in any language.

The words are data: `units.tsv` and `currencies.tsv` from CLDR and pint (written by
``train/tables.py``), `words.tsv` what CLDR leaves out, `counters.tsv` what things are
counted with. One form may stand for several units ("kr", "pounds", "degrees"); then
all are returned, and whoever compares takes any of them. A form that is in no table
stands for nothing: it is unknown, never equal to one that is known.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple

from rag.values.numerals import folded

__all__ = [
    "COUNTED",
    "GENERIC",
    "MEASURES",
    "MONEY",
    "Found",
    "Unit",
    "before",
    "behind",
    "is_unit",
    "parts",
    "reads_units",
]


class Unit(NamedTuple):
    """So many of the base unit `name` are ``factor * number + offset``."""

    name: str
    factor: float = 1
    offset: float = 0


_Form = tuple[str, tuple[Unit, ...]]


@dataclass(frozen=True, slots=True)
class Found:
    """The units that a form may stand for, and the span of the form."""

    units: tuple[Unit, ...]
    start: int
    end: int


GENERIC: Final = frozenset({"", "item", "vehicle", "place"})
"""Counters that stand for any thing that is counted: 다섯 개 may be five books."""

_HERE: Final = Path(__file__).parent
# The longest form of the tables, and how far before a number its sign may begin.
_LONGEST: Final = 40
_REACH: Final = 24
# Short forms of other languages are words too often; their names are read everywhere.
_NAME_LENGTH: Final = 5
# Languages whose words take endings for their case: "километрами", "Kilometern", "korunach".
_CASED_LANGUAGES: Final = "ru uk bg pl cs sk hr sr sl hu fi et lv lt tr el de sv da no nl"
_CASED: Final = frozenset(_CASED_LANGUAGES.split())
_ENDING: Final = re.compile(r"[aeiouyáéíóúýąęěůäöüıаеиоуыьяюіїάαεηιουωήόώςй]+$")
# First letters of words that only begin like a counter: 3주년, 5분의, 2인분, 個人, 年代.
_NOT_BEFORE: Final = {
    "주": "년식민차", "분": "의야류", "개": "발인조선막년", "대": "로표학비응형", "도": "시록", "점": "심", "일": "본반부정",
    "인": "분치도트", "회": "사원의장", "번": "째호", "세": "계금트대기", "석": "유사", "부": "터서분", "초": "과기반", "원": "칙래",
    "명": "령", "권": "리한", "년": "대", "사람": "들이서", "달": "러", "점수": "제", "회사": "원", "바": "람다로닥", "줄": "이어",
    "分": "の之店公", "年": "代度生级級齢", "日": "本元圆游", "人": "工気气口", "社": "会員员",
    "国": "内家际際", "点": "击心", "次": "の", "度": "目", "回": "目", "元": "旦", "部": "分", "条": "件", "席": "位",
    "米": "ド国", "克": "服", "升": "级", "円": "形", "本书": "店", "キロ": "グメワバ",
}  # fmt: skip
_SPACED: Final = re.compile(r"[a-z\u00c0-\u05ff\u0600-\u06ff\u0900-\u0e00]")
_WORD: Final = re.compile(r"[^\W\d_]+")
# "12 in total" has no inches.
_LIKE_A_WORD: Final = frozenset({"in", "pi", "po"})


@dataclass(slots=True)
class _Table:
    """The forms of one language, of all of them, or what is the same everywhere.

    Attributes:
        longest: How long the forms get that begin with a character.
        exact: What only its capitals tell: "MB" and "Mb", and the codes of currencies.
        around: Forms that stand on both sides, by what stands before.
        stems: Beginnings of words with any ending ("person*") and of words with a case.
    """

    forms: dict[str, tuple[Unit, ...]] = field(default_factory=dict)
    exact: dict[str, tuple[Unit, ...]] = field(default_factory=dict)
    around: dict[str, dict[str, tuple[Unit, ...]]] = field(default_factory=dict)
    stems: dict[str, tuple[Unit, ...]] = field(default_factory=dict)
    longest: dict[str, int] = field(default_factory=dict)

    def add(self, form: str, unit: Unit, *, cased: bool) -> None:
        if len(form) == 3 and form.isupper() and form.lower() == unit.name:
            _put(self.exact, form, unit)
            return
        plain = _plain(form)
        if "|" in plain:
            lead, _, tail = plain.partition("|")
            _put(self.around.setdefault(lead, {}), tail, unit)
            return
        if plain.endswith("*"):
            _put(self.stems, plain[:-1], unit)
            return
        _put(self.exact, form, unit)
        _put(self.forms, plain, unit)
        self.longest[plain[0]] = max(len(plain), self.longest.get(plain[0], 0))
        if cased and len(stem := _ENDING.sub("", plain)) >= 3:
            _put(self.stems, stem, unit)


def _put(table: dict[str, tuple[Unit, ...]], form: str, unit: Unit) -> None:
    known = table.get(form, ())
    if unit not in known:
        table[form] = (*known, unit)


def _plain(form: str) -> str:
    return folded(form).replace("-", " ").replace("\u00a0", " ").replace("\u2019", "'")


@lru_cache(maxsize=1)
def _rows() -> Mapping[str, tuple[tuple[Unit, tuple[str, ...]], ...]]:
    """Return the rows of each language, those of "*" for all; what people wrote comes first."""
    found: dict[str, list[tuple[Unit, tuple[str, ...]]]] = defaultdict(list)
    for name in ("counters.tsv", "words.tsv", "currencies.tsv", "units.tsv"):
        for lang, unit, forms in _read(name):
            found[lang].append((unit, forms))
    return {lang: tuple(rows) for lang, rows in found.items()}


def _read(name: str) -> Iterator[tuple[str, Unit, tuple[str, ...]]]:
    for line in (_HERE / name).read_text(encoding="utf-8").splitlines():
        lang, unit, factor, offset, *forms = line.split("\t")
        yield lang, Unit(unit, float(factor), float(offset)), tuple(forms)


def _named(name: str) -> frozenset[str]:
    return frozenset(unit.name for _, unit, _ in _read(name))


MONEY: Final = _named("currencies.tsv") | {"cent"}
"""Units that are currencies, by their code in small letters."""
_THINGS: Final = (
    "person book country company city lane place office item vehicle copy household seat line page floor"
    " sheet animal kind"
)
COUNTED: Final = frozenset(_THINGS.split())
"""Units of things, not of time or size."""
MEASURES: Final = (_named("units.tsv") | _named("words.tsv") | MONEY) - {"age"}
"""Units that a claim must not add, change or take from another: all but what things are counted with."""


@lru_cache(maxsize=64)
def _table(lang: str) -> _Table:
    """Return the forms of *lang* and those of every language; where it is unknown, all there are."""
    table = _Table()
    known = _rows()
    is_known = lang in known and lang != "*"
    for each in ("*", lang) if is_known else ("*", "en", *sorted(set(known) - {"*", "en"})):
        for unit, forms in known[each]:
            for form in forms:
                # English stands in for what cannot be told; of the others only the names.
                if is_known or each in {"*", "en"} or _is_name(form):
                    table.add(form, unit, cased=is_known and each in _CASED)
    return table


def _is_name(form: str) -> bool:
    return len(form) >= _NAME_LENGTH or not form.isascii()


@lru_cache(maxsize=8192)
def behind(text: str, at: int, lang: str, lead: str = "") -> Found | None:
    """Return what ``text[at:]`` begins with: the longest unit, its name in another language if in no own.

    Args:
        text: As written, capitals and all.
        lead: What stands before the number, if the unit has two parts: 섭씨 40도.
    """
    rest = text[at : at + _LONGEST]
    plain = _plain(rest)
    found: list[_Form] = []
    for table in (_table(lang), _table("")):
        if lead:
            found += _longest(table.around.get(lead, {}), plain)
        else:
            found += [
                *_exactly(table, rest),
                *_longest(table.forms, plain[: table.longest.get(plain[:1], 0) + 1]),
            ]
    if not found and not lead:
        found = _inflected(_table(lang), plain)
    # Of two as long as each other the one of the language itself, and with its capitals, comes first.
    best = max(found, key=lambda each: len(each[0]), default=None)
    return Found(best[1], at, at + len(best[0])) if best else None


def _longest(forms: Mapping[str, tuple[Unit, ...]], text: str) -> list[_Form]:
    for length in range(len(text), 0, -1):
        units = forms.get(text[:length])
        if units and _ends(text[:length], text[length:]):
            return [(text[:length], units)]
    return []


def _exactly(table: _Table, text: str) -> list[_Form]:
    for length in range(min(len(text), 8), 0, -1):
        units = table.exact.get(text[:length])
        if units and _ends(folded(text[:length]), folded(text[length:])):
            return [(text[:length], units)]
    return []


def _ends(form: str, after: str) -> bool:
    """Tell whether *form* ends where a word does: a particle of another script may follow "25 °C" at once."""
    if form in _NOT_BEFORE:
        return after[:1] not in tuple(_NOT_BEFORE[form]) or not after
    if form in _LIKE_A_WORD and re.match(r"\s\w", after):
        return False
    if not _SPACED.match(form[-1]) and not form[-1].isdigit():
        return True
    if form[-1].isascii():
        return re.match(r"[0-9a-z\u00c0-\u024f]", after) is None
    # The vowel signs of Indic scripts are no letters to `re`.
    return re.match(r"[^\W_]|[\u0900-\u0963\u0971-\u0d7f]", after) is None


def _inflected(table: _Table, text: str) -> list[_Form]:
    word = _WORD.match(text)
    if not word:
        return []
    for length in range(len(word[0]), 2, -1):
        units = table.stems.get(word[0][:length])
        if units and (units[0].name in COUNTED or len(word[0]) - length <= 3):
            return [(word[0], units)]
    return []


def before(text: str, end: int, lang: str) -> Found | None:
    """Return the sign or code of a currency right before ``text[end]``, or any unit in brackets: "(EUR): "."""
    start = max(0, end - _REACH)
    lead = _LEAD.search(text[start:end])
    if not lead:
        return None
    if lead["unit"]:
        bracketed = named(lead["unit"], lang)
        return Found(bracketed, end, end) if bracketed else None
    tail, at = lead["sign"], start + lead.start("sign")
    for skipped in range(len(tail)):
        if (units := _signs().get(tail[skipped:])) and not tail[max(0, skipped - 1) : skipped].isalnum():
            return Found(units, at + skipped, end)
    # Of a dollar that is in no table no more is known than that it is another.
    dollar = re.search(r"[A-Z]{1,3}\$$", tail)
    return Found((Unit(dollar[0].lower()),), at + dollar.start(), end) if dollar else None


_LEAD: Final = re.compile(
    r"(?:[(\[](?:in\s)?(?P<unit>[^()\[\]]{1,20})[)\]]\s?[:：|]?\s{0,3}|(?P<sign>\S{1,6}?)\.?[\s\u00a0\u202f]?)$"
)


@lru_cache(maxsize=1)
def _signs() -> Mapping[str, tuple[Unit, ...]]:
    signs: dict[str, tuple[Unit, ...]] = {}
    for lang, unit, forms in _read("currencies.tsv"):
        for form in forms if lang == "*" else ():
            _put(signs, form, unit)
    return signs


def named(form: str, lang: str) -> tuple[Unit, ...]:
    """Return the units that *form* as a whole stands for; none if it stands for none."""
    for table in (_table(lang), _table("")):
        if units := table.exact.get(form) or table.forms.get(_plain(form)):
            return units
    return ()


@lru_cache(maxsize=8192)
def parts(text: str, end: int, lang: str) -> str:
    """Return the first part of a unit of two that ends right before ``text[end]``: 섭씨, 시속; or nothing."""
    tail = _plain(text[max(0, end - _REACH) : end]).rstrip()
    one, every = _table(lang).around, _table("").around
    return next((tail[at:] for at in range(len(tail)) if tail[at:] in one or tail[at:] in every), "")


def reads_units(lang: str) -> bool:
    """Tell whether the names of units are known in *lang*; symbols and codes are in every language."""
    return lang in _rows()


def is_unit(word: str) -> bool:
    """Tell whether *word* stands for a unit in any language."""
    return _plain(word) in _table("").forms
