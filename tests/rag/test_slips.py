"""One slip of unit, currency, number or date: never verified, in any language of the tables.

The scorer finds every sentence as near as can be, so that nothing but the values stands
between a slip and "verified".
"""

import random
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pytest
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from babel.units import format_unit

from rag.types import Chunk, Document, Hit, Matrix
from rag.verify.cite import cite

# What holds a value, in two wordings.
CARRIERS = {
    "en": ("The board has set {}.", "What the board has set is {}."),
    "ko": ("위원회가 정한 것은 {}.", "정한 것은 {}."),
    "ja": ("委員会が決めたのは {}。", "決めたのは {}。"),
    "zh": ("委员会定下 {}。", "定下的是 {}。"),
    "de": ("Der Rat beschloss {}.", "Beschlossen hat der Rat {}."),
    "es": ("El consejo fija {}.", "Lo que fija el consejo es {}."),
    "fr": ("Le conseil fixe {}.", "Ce que fixe le conseil est {}."),
    "it": ("Il consiglio fissa {}.", "Quello che il consiglio fissa: {}."),
    "pt": ("O conselho fixa {}.", "O que o conselho fixa: {}."),
    "ru": ("Совет назначил {}.", "Назначил совет {}."),
    "ar": ("حدد المجلس {}.", "ما حدده المجلس {}."),
    "hi": ("समिति ने तय किया {}।", "तय किया समिति ने {}।"),
    "th": ("คณะกรรมการกำหนด {}", "ที่กำหนดคือ {}"),
    "vi": ("Hội đồng đã định {}.", "Điều đã định là {}."),
    "tr": ("Kurul belirledi: {}.", "Belirledi kurul: {}."),
    "pl": ("Rada ustaliła {}.", "Ustaliła rada {}."),
    "nl": ("De raad bepaalt {}.", "Bepaalt de raad {}."),
    "sv": ("Rådet har satt {}.", "Satt har rådet {}."),
    "id": ("Dewan menetapkan {}.", "Ditetapkan dewan {}."),
    "uk": ("Рада призначила {}.", "Призначила рада {}."),
    "cs": ("Rada určila {}.", "Určila rada {}."),
    "el": ("Το συμβούλιο όρισε {}.", "Όρισε το συμβούλιο {}."),
    "he": ("המועצה קבעה {}.", "קבעה המועצה {}."),
    "fa": ("شورا تعیین کرد {}.", "تعیین کرد شورا {}."),
}
# Within a row one is easily written for the other.
UNITS = (
    "temperature-celsius temperature-fahrenheit",
    "speed-kilometer-per-hour speed-mile-per-hour speed-knot speed-meter-per-second",
    "length-meter length-foot length-inch length-centimeter length-kilometer length-mile",
    "mass-kilogram mass-pound mass-ounce mass-gram",
    "volume-liter volume-gallon volume-milliliter",
    "digital-megabyte digital-gigabyte",
    "power-kilowatt energy-kilowatt-hour power-megawatt",
    "duration-hour duration-minute duration-day duration-week",
)
CODES = "USD EUR JPY GBP CNY KRW INR BRL AUD SEK CHF PLN CZK TRY THB RUB"
CURRENCIES = CODES.split()
ROUNDS = 21


class Everywhere:
    """Finds any two statements as near as can be."""

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        return np.ones((len(texts), 1), np.float32)


class Shelf:
    generation = 1

    def __init__(self, text: str, lang: str) -> None:
        self.only = Document("a.txt", "", text, lang, None, "")

    def document(self, doc_id: str) -> Document:
        return self.only


def is_verified(claim: str, passage: str, lang: str) -> bool:
    hits = [Hit(Chunk("a", "a.txt", 0, len(passage), passage, lang), 1.0, 1)]
    claims = cite(claim, hits, Shelf(passage, lang), Everywhere()).claims  # type: ignore[arg-type]
    return all(each.status == "verified" for each in claims)


Written = tuple[str, str, str]
"""A value, the same in another notation, and a slip of it."""


def by_unit(lang: str, rng: random.Random) -> Written:
    right, wrong = rng.sample(rng.choice(UNITS).split(), 2)
    number = rng.randint(11, 97)
    lengths: list[Literal["long", "short"]] = ["long", "short", rng.choice(("long", "short"))]
    long, short, slip = (
        format_unit(number, unit, length, locale=lang)
        for unit, length in zip((right, right, wrong), lengths, strict=True)
    )
    return long, short, slip


def by_currency(lang: str, rng: random.Random) -> Written:
    right, wrong = rng.sample(CURRENCIES, 2)
    amount = rng.randint(11, 990) * 10
    named, slip = (
        format_currency(
            amount, each, locale=lang, format_type="name", currency_digits=False, decimal_quantization=False
        )
        for each in (right, wrong)
    )
    return f"{format_decimal(amount, locale=lang)} {right}", named, slip


def by_number(lang: str, rng: random.Random) -> Written:
    number = rng.randint(10_000, 98_000)
    wrong = rng.choice((number + 10, number * 10, number + 1))
    return str(number), format_decimal(number, locale=lang), format_decimal(wrong, locale=lang)


def by_date(lang: str, rng: random.Random) -> Written:
    day = date(2020, 1, 1) + timedelta(rng.randint(0, 2000))
    wrong = day + timedelta(rng.choice((1, 31, 366)))
    return day.isoformat(), *(format_date(each, "long", locale=lang) for each in (day, wrong))  # type: ignore[return-value]


KINDS: dict[str, Callable[[str, random.Random], Written]] = {
    "unit": by_unit,
    "currency": by_currency,
    "number": by_number,
    "date": by_date,
}


def cases(lang: str, kind: str) -> Iterator[Written]:
    rng = random.Random(f"{lang} {kind}")
    for _ in range(ROUNDS):
        yield KINDS[kind](lang, rng)


def test_there_are_enough_of_them() -> None:
    """At least 2,000 slips in at least 12 languages."""
    assert len(CARRIERS) * len(KINDS) * ROUNDS >= 2000


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("lang", CARRIERS)
def test_a_slip_is_never_verified_and_the_same_value_is(lang: str, kind: str) -> None:
    """Another unit, currency, number or day is refused; another notation of the right one is not."""
    assert Locale.parse(lang)
    quote, claim = CARRIERS[lang]
    verified, refused = [], []
    for right, same, wrong in cases(lang, kind):
        if is_verified(claim.format(wrong), quote.format(right), lang):
            verified.append((right, wrong))
        if not is_verified(claim.format(same), quote.format(right), lang):
            refused.append((right, same))

    assert verified == []
    # A short form may be cut where a sentence seems to end, or taken for one of another language.
    assert len(refused) <= ROUNDS // 5, refused
