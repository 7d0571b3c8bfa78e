# ruff: noqa: E501 - Babel and pint are not typed; one row of a table is one line
"""Write the tables of units and currencies that `rag.values` reads, from CLDR and pint.

    python train/tables.py [--check]

The words come from CLDR through Babel, in each of `LANGUAGES`; how much of its base
unit one is, from the definitions of pint. Both are needed here only: what ships is
the tables, `rag/values/units.tsv` and `rag/values/currencies.tsv`. With ``--check``
nothing is written; exit code 1 says that a table is not what would be written.
"""

import argparse
import re
import sys
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile
from pathlib import Path
from typing import Any

import pint
from babel import Locale
from babel.core import get_global
from babel.numbers import get_territory_currencies
from unicode_rbnf import FormatPurpose, RbnfEngine
from unicode_rbnf.engine import NoRuleForNumberError

LANGUAGES = (  # noqa: SIM905 - a list of words
    "ar bg bn ca cs da de el en en_GB es es_MX et fa fi fr he hi hr hu id it ja ko lt lv ms nb nl pl pt pt_PT ro ru"
    " sk sl sr sv sw ta te th tr uk ur vi zh zh_Hant"
).split()
TABLES = Path(__file__).resolve().parents[1] / "rag" / "values"

# The base unit as `rag.values` names it, the same as pint does, and the units of CLDR measured
# in it; "=" gives the name of pint where it is another. What people count with rarely is left out,
# since each short form more is one that may be taken for a word.
BASES = """
m meter: kilometer meter decimeter centimeter millimeter micrometer nanometer mile yard foot inch nautical-mile light-year fathom
m2 meter**2: square-kilometer=km**2 hectare square-meter=m**2 square-centimeter=cm**2 square-mile=mile**2 acre square-yard=yard**2 square-foot=foot**2 square-inch=inch**2
l liter: cubic-kilometer=km**3 cubic-meter=m**3 cubic-centimeter=cm**3 cubic-yard=yard**3 cubic-foot=foot**3 cubic-inch=inch**3 megaliter hectoliter liter deciliter centiliter milliliter gallon gallon-imperial=imperial_gallon quart pint pint-imperial=imperial_pint fluid-ounce=fluid_ounce tablespoon teaspoon barrel=oil_barrel
g gram: tonne=metric_ton ton=metric_ton ton=ton kilogram gram milligram microgram pound ounce ounce-troy=troy_ounce carat stone
s second: hour minute second millisecond microsecond nanosecond day week
month month: month quarter=3*month year=12*month decade=120*month century=1200*month
byte byte: petabyte terabyte gigabyte megabyte kilobyte byte terabit gigabit megabit kilobit bit
a ampere: ampere milliampere
ohm ohm: ohm
v volt: volt
wh watt_hour: kilowatt-hour=kilowatt_hour kilocalorie foodcalorie=kilocalorie calorie kilojoule joule british-thermal-unit=Btu
n newton: newton pound-force=pound_force
nm newton*meter: newton-meter=newton*meter
hz hertz: gigahertz megahertz kilohertz hertz
lm lumen: lumen
lux lux: lux
cd candela: candela
w watt: gigawatt megawatt kilowatt watt milliwatt
hp horsepower: horsepower
hpa hectopascal: pound-force-per-square-inch=psi bar millibar atmosphere pascal hectopascal kilopascal megapascal millimeter-ofhg=mmHg inch-ofhg=inHg
km/h kilometer/hour: kilometer-per-hour=km/hour meter-per-second=m/s mile-per-hour=mile/hour knot
c degC: celsius=degC fahrenheit=degF kelvin
deg degree: degree
px pixel: pixel megapixel
dpi pixel/inch: dot-per-inch=pixel/inch pixel-per-inch=pixel/inch
l/km liter/kilometer: liter-per-100-kilometer=liter/(100*kilometer)
mpg mile/gallon: mile-per-gallon=mile/gallon
"""
# Symbols with the prefixes that they are written with; the binary ones are added to those of data.
SYMBOLS = """
m m 1: µ μ n m k
g g 1: µ μ m k
l l 1: µ μ m c d
L l 1: µ μ m
s s 1: n µ μ m
W w 1: m k M G T
Wh wh 1: k M G T
J wh 2.777777777778e-4: k M G T
cal wh 1.162222222222e-3: k
V v 1: µ μ m k M
A a 1: µ μ m k
Ah ah 1: m k
Ω ohm 1: m k M
Hz hz 1: k M G T
Pa hpa 0.01: k M G
bar hpa 1000: m
N n 1: m k M
lm lm 1:
B byte 1: k K M G T P Ki Mi Gi Ti
bit byte 0.125: k K M G T
b byte 0.125: k M G T
B/s bps 8: k K M G T Ki Mi Gi Ti
bit/s bps 1: k K M G T
bps bps 1: k K M G T
"""
SCALES = {"": 1.0, "k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "d": 0.1, "c": 0.01, "m": 1e-3, "µ": 1e-6, "μ": 1e-6, "n": 1e-9} | {
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
}  # fmt: skip
# A letter alone stands for too many things: "hall 3 A", "12 K", "5 B".
LETTERS = frozenset("mglLtsWVdhj")
# Short forms that are words, or stand for other things more often.
DROPPED = frozenset({"st", "dec", "CD", "s/t", "tn", "fth", "ac", "ly", "ct", "real", "Real", "cd"})

CURRENCIES = (  # noqa: SIM905 - a list of words
    "USD EUR JPY GBP CNY KRW INR RUB BRL CAD AUD NZD CHF SEK NOK DKK ISK PLN CZK HUF RON BGN TRY UAH ILS"
    " AED SAR EGP IRR IQD KWD QAR MAD DZD TND JOD PKR BDT LKR NPR THB VND IDR MYR SGD PHP HKD TWD"
    " MXN ARS CLP COP PEN UYU ZAR NGN KES TZS GHS ETB KZT GEL RSD"
).split()
# By which currencies the generic noun of a language is found: what is common to their names.
FAMILIES = ("USD AUD CAD NZD", "SEK NOK DKK ISK", "GBP EGP", "MXN ARS CLP COP", "INR PKR LKR NPR")

Table = dict[tuple[str, str, float, float], set[str]]


def main() -> int:
    """Write the tables, or with ``--check`` tell which are stale."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="write nothing, tell whether a table is stale")
    check = parser.parse_args().check
    stale = [
        name
        for name, text in (
            ("units.tsv", units()),
            ("currencies.tsv", currencies()),
            ("numbers.tsv", numbers()),
            ("calendar.tsv", calendar()),
        )
        if _settle(TABLES / name, text, check=check)
    ]
    sys.stdout.write("\n".join(stale) if check else f"wrote {TABLES}\n")
    return int(check and bool(stale))


def _settle(path: Path, text: str, *, check: bool) -> bool:
    stale = not path.exists() or path.read_text(encoding="utf-8") != text
    if stale and not check:
        path.write_text(text, encoding="utf-8")
    return stale


def units() -> str:
    """Return the table of units: language, base unit, factor, offset, forms; "*" is every language."""
    table: Table = defaultdict(set)
    for base, factor, offset, symbol in _symbols():
        table["*", base, factor, offset].add(symbol)
    for base, unit, factor, offset in _measures():
        for lang in LANGUAGES:
            table[_tag(lang), base, factor, offset] |= set(_unit_forms(lang, unit))
    return _written(table)


def _symbols() -> Iterator[tuple[str, float, float, str]]:
    for row in SYMBOLS.strip().split("\n"):
        head, _, prefixes = row.partition(":")
        symbol, base, one = head.split(" ")
        for prefix in ("", *prefixes.split()):
            if len(prefix + symbol) > 1 or symbol in "mglLtsWV":
                yield base, float(f"{float(one) * SCALES[prefix]:.13g}"), 0, prefix + symbol


def _measures() -> Iterator[tuple[str, str, float, float]]:
    """Return (base, unit of CLDR, factor, offset): so many of the base are ``factor * n + offset``."""
    registry: Any = pint.UnitRegistry(autoconvert_offset_to_baseunit=True)
    registry.define("pixel = [printing_unit] = px")
    for row in BASES.strip().split("\n"):
        head, _, names = row.partition(": ")
        base, expression = head.split(" ")
        for each in names.split(" "):
            unit, _, name = each.partition("=")
            name = name or unit.replace("-", "_")
            zero, one = (_amount(registry, n, name).to(expression).m for n in (0.0, 1.0))
            yield base, unit, float(f"{one - zero:.13g}"), float(f"{zero:.13g}")


def _amount(registry: Any, number: float, unit: str) -> Any:
    # A scale with another zero cannot be multiplied, a product of units cannot be parsed as one.
    if re.fullmatch(r"[A-Za-z_]+", unit):
        return registry.Quantity(number, registry.parse_units(unit))
    return number * registry.parse_expression(unit)


def _unit_forms(lang: str, unit: str) -> Iterator[str]:
    """Return how *lang* writes *unit* behind or around a number: "{0} km" as "km", "섭씨 {0}도" whole."""
    data: Any = Locale.parse(lang)._data
    named = next((key for key in data["unit_patterns"] if key.split("-", 1)[1] == unit), None)
    patterns = data["unit_patterns"][named] if named else {}
    for style in ("long", "short"):
        for count, pattern in (patterns.get(style) or {}).items():
            if count != "per" and "{0}" in pattern:
                yield from _sides(pattern)


def _sides(pattern: str) -> Iterator[str]:
    before, _, after = (_plain(piece) for piece in pattern.partition("{0}"))
    if before and after:
        yield f"{before}|{after}"
    elif (len(after) > 1 or after in LETTERS or not after.isascii()) and after not in DROPPED:
        yield after.removesuffix(".")


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).replace("\u200f", "").replace("\u200e", "").split())


def currencies() -> str:
    """Return the table of currencies: language, code, forms; names of one word may be those of several."""
    table: Table = defaultdict(set)
    for lang in LANGUAGES:
        noun = _Nouns(lang)
        for code in sorted(CURRENCIES, key=lambda code: code not in _own(lang)):
            names = set(_names(lang, code))
            table[_tag(lang), code.lower(), 1, 0] |= {*names, *(noun.of(name) for name in names)} - DROPPED
    for code, symbols in _currency_symbols().items():
        table["*", code.lower(), 1, 0] |= symbols
    return _written(table)


def _names(lang: str, code: str) -> Iterator[str]:
    data: Any = Locale.parse(lang)._data
    yield from (_plain(each) for each in (data["currency_names_plural"].get(code) or {}).values())
    if name := data["currency_names"].get(code):
        yield re.sub(r"\s?\(.*\)", "", _plain(name))


class _Nouns:
    """What "Swedish krona" and "Norwegian krone" are called without the country, in one language.

    Where names have words it is the first or the last, whichever families of currencies
    have in common; where they have none, what the names of a family begin or end with.
    """

    def __init__(self, lang: str) -> None:
        families = [[next(iter(_names(lang, code)), "") for code in family.split()] for family in FAMILIES]
        self._affixes = {affix for names in families for affix in _common(names) if len(affix) > 1}
        spaced = [[name.split() for name in names if " " in name] for names in families]
        heads = {
            place: [Counter(n[place][:4].casefold() for n in names) for names in spaced] for place in (0, -1)
        }
        self._place = max((-1, 0), key=lambda place: sum(max(c.values(), default=0) for c in heads[place]))
        self._stems = {stem for c in heads[self._place] for stem, n in c.items() if n > 1}

    def of(self, name: str) -> str:
        words = name.split()
        if len(words) == 1:
            return next(
                (affix for affix in self._affixes if name.startswith(affix) or name.endswith(affix)), name
            )
        return next((word for word in words if word[:4].casefold() in self._stems), words[self._place])


def _common(names: list[str]) -> tuple[str, str]:
    """Return what all names without spaces begin with, and what they end with."""
    if any(" " in name for name in names):
        return "", ""
    return _prefix(names), _prefix([name[::-1] for name in names])[::-1]


def _prefix(names: list[str]) -> str:
    shared = takewhile(lambda chars: len(set(chars)) == 1, zip(*names, strict=False))
    return "".join(chars[0] for chars in shared)


# Signs that are written, but not in the locales that are read here.
SIGNS = {
    "SGD": "S$ SG$",
    "CAD": "C$",
    "INR": "Rs",
    "ISK": "kr",
    "CZK": "Kč",
    "CHF": "Fr SFr",
    "TRY": "TL",
    "TWD": "NT$",
}


def _currency_symbols() -> Mapping[str, set[str]]:
    """Return the signs of each currency, where it is used and abroad; "$" alone is not for all of them."""
    found: dict[str, set[str]] = defaultdict(set)
    for lang in LANGUAGES:
        symbols = Locale.parse(lang).currency_symbols
        own = _own(lang)
        for code in CURRENCIES:
            symbol = _plain(symbols.get(code, code)).removesuffix(".")
            if symbol != code and (code in own or symbol.endswith("$") or symbol.startswith("$")):
                found[code].add(symbol)
    for code in CURRENCIES:
        found[code] -= {"$"} if code != "USD" else set()
        found[code] |= {code, *SIGNS.get(code, "").split()}
        found[code].add(_plain(Locale("en").currency_symbols.get(code, code)))
    return found


def _own(lang: str) -> set[str]:
    """Return the currencies of the country where *lang* is spoken most."""
    if lang == "en":
        return {"USD"}
    territory = lang if "_" in lang and lang[-2:].isupper() else str(get_global("likely_subtags")[lang])
    return {*get_territory_currencies(territory.split("_")[-1])}


# Months whose names are words, or other months in a language nearby.
NO_MONTH = frozenset({"listopad", "srpanj", "lipanj", "svibanj", "travanj", "rujan", "veljača"})


# Weekdays take endings here, so that what they begin with is read: "w poniedziałki", "v pondělí".
CASED = frozenset(("pl", "cs", "sk", "uk", "bg", "hr", "sr", "sl", "hu", "fi", "et", "lv", "lt", "tr"))


def calendar() -> str:
    """Return the table of months and weekdays: language, kind, number (1 is January, 0 is Monday), forms."""
    rows = []
    for lang in LANGUAGES:
        data: Any = Locale.parse(lang)._data
        for kind, key in (("month", "months"), ("weekday", "days")):
            for number in data[key]["format"]["wide"]:
                forms = {_plain(data[key][use]["wide"][number]).lower() for use in ("format", "stand-alone")}
                forms = {form for form in forms if _is_date_word(form)}
                if kind == "weekday" and lang in CASED:
                    forms |= {f"{form[:-2]}*" for form in forms if len(form) > 6}
                if forms:
                    rows.append(f"{_tag(lang)}\t{kind}\t{number}\t" + "\t".join(sorted(forms)))
    return "\n".join(rows) + "\n"


def _is_date_word(form: str) -> bool:
    # "Mac" is March in Malay; Chinese and Korean months are numbers.
    return (
        form not in NO_MONTH
        and not any(char.isdigit() for char in form)
        and not (len(form) < 4 and form.isascii())
    )


# Read by their characters (`rag.values.numerals`), not by their words.
UNSPACED = frozenset({"ja", "ko", "th", "zh"})
# So many numbers are written as words at most; hundreds and more are put together from these.
SPELT = (*range(2, 101), *range(200, 1000, 100), *range(1000, 11_000, 1000))
# "The second" is "the other" here, and most often means that.
OTHERS = frozenset((lang, 2) for lang in ("sv", "da", "no", "fi", "et"))
SCALES_SPELT = (10**3, 10**6, 10**9, 10**12)


def numbers() -> str:
    """Return the table of number words: language, kind, number, forms in every case and gender."""
    rows = []
    for lang in sorted({_tag(each) for each in LANGUAGES} - UNSPACED):
        if lang not in RbnfEngine.get_supported_languages():
            continue
        engine = RbnfEngine.for_language(lang)
        spelt = {
            n: _spelt(engine, n)
            for n in (*SPELT, *(2 * scale for scale in SCALES_SPELT), *(5 * scale for scale in SCALES_SPELT))
        }
        ranks = {n: _spelt(engine, n, FormatPurpose.ORDINAL) for n in range(1, 32) if (lang, n) not in OTHERS}
        scales = {scale: _scale_words(spelt, scale) for scale in SCALES_SPELT}
        cardinals = {n: spelt[n] for n in SPELT}
        cardinals |= {
            n: {form for form in words if form} | cardinals.get(n, set()) for n, words in scales.items()
        }
        for kind, table in (("cardinal", cardinals), ("ordinal", ranks)):
            rows += [
                f"{lang}\t{kind}\t{n}\t" + "\t".join(sorted(forms)) for n, forms in table.items() if forms
            ]
    return "\n".join(rows) + "\n"


def _spelt(engine: RbnfEngine, number: int, purpose: FormatPurpose = FormatPurpose.CARDINAL) -> set[str]:
    try:
        texts = engine.format_number(number, purpose).text_by_ruleset.values()
    except (ValueError, NoRuleForNumberError):
        return set()  # CLDR spells no ordinals of this language
    forms = {_plain(text.replace("\u00ad", "").replace("\u200b", "").lower()) for text in texts}
    return {form for form in forms if form and not any(char.isdigit() for char in form)}


def _scale_words(spelt: Mapping[int, set[str]], scale: int) -> set[str]:
    """Return what stands behind two and five: "million", "millions", "миллионов"."""
    return {
        form.split()[-1]
        for factor in (2, 5)
        for form in spelt[factor * scale]
        if len(form.split()) == 2 and form.split()[0] in spelt[factor]
    }


def _tag(lang: str) -> str:
    return "no" if lang == "nb" else lang.split("_", maxsplit=1)[0]


def _written(table: Mapping[tuple[str, str, float, float], Iterable[str]]) -> str:
    rows = (
        f"{lang}\t{unit}\t{factor:.13g}\t{offset:.13g}\t" + "\t".join(sorted(forms))
        for (lang, unit, factor, offset), forms in table.items()
        if forms
    )
    return "\n".join(rows) + "\n"


if __name__ == "__main__":
    sys.exit(main())
