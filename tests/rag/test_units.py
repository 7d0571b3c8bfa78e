"""Units and currencies: read in every language, and never taken for one another."""

import importlib.util
from pathlib import Path

import pytest

from rag.eval.facts import holds
from rag.values import Value, find_values
from rag.values.agreement import equal, says
from rag.verify.support import Context, completed

ROOT = Path(__file__).resolve().parents[2]


def only(text: str, lang: str) -> Value:
    (value,) = find_values(text, lang)
    return value


def test_the_tables_are_what_their_script_writes() -> None:
    """Nobody edits a table by hand: CLDR and pint decide."""
    spec = importlib.util.spec_from_file_location("train_tables", ROOT / "train" / "tables.py")
    assert spec is not None and spec.loader is not None
    tables = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tables)

    assert tables.units() == (tables.TABLES / "units.tsv").read_text(encoding="utf-8")
    assert tables.numbers() == (tables.TABLES / "numbers.tsv").read_text(encoding="utf-8")
    assert tables.calendar() == (tables.TABLES / "calendar.tsv").read_text(encoding="utf-8")
    assert tables.currencies() == (tables.TABLES / "currencies.tsv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("given", "asked", "lang"),
    [
        ("40 °F", "40 °C", "en"),
        ("화씨 95도", "섭씨 95도", "ko"),
        ("華氏95度", "摂氏95度", "ja"),
        ("40 องศาฟาเรนไฮต์", "40 °C", "th"),
        ("20 mph", "20 km/h", "en"),
        ("10 knots", "10 km/h", "en"),
        ("R$ 1.500", "US$ 1.500", "pt"),
        ("A$ 90", "US$ 90", "en"),
        ("XY$ 90", "US$ 90", "en"),
        ("S$20", "$20", "en"),
        ("300 kr", "300 euro", "sv"),
        ("500円", "500元", "ja"),
        ("40 zł", "40 Kč", "pl"),
        ("13 Ft", "13 ft", "hu"),
        ("5 lb", "5 kg", "en"),
        ("30 psi", "30 bar", "en"),
        ("16 GB", "16 GiB", "en"),
        ("100 Mb", "100 MB", "en"),
        ("5 mW", "5 MW", "en"),
        ("5 kWh", "5 kW", "en"),
        ("3 km²", "3 km", "en"),
        ("3 %", "3 percentage points", "en"),
        ("25 basis points", "25 %", "en"),
        ("12 rooms", "12 euros", "en"),
        ("12 euros", "12 rooms", "en"),
        ("300 quatloos", "300 euros", "en"),
        ("300", "300 euros", "en"),
        ("Price (USD): 300", "300 euros", "en"),
    ],
)
def test_another_unit_or_none_does_not_say_it(given: str, asked: str, lang: str) -> None:
    """An unread unit is unknown, never equal."""
    assert not says(only(given, lang), only(asked, lang))


@pytest.mark.parametrize(
    ("given", "asked", "lang"),
    [
        ("104 °F", "40 °C", "en"),
        ("95 degrees Fahrenheit", "華氏95度", "en"),
        ("시속 60킬로미터", "60 km/h", "ko"),
        ("每小时60公里", "60 km/h", "zh"),
        ("60 miles per hour", "60 mph", "en"),
        ("240 kr", "240 kronor", "sv"),
        ("240 kr", "240 NOK", "en"),
        ("US$ 640", "640달러", "ko"),
        ("Rs. 500", "₹500", "en"),
        ("15.000 rupiah", "Rp 15.000", "id"),
        ("₺50", "50 lira", "tr"),
        ("20 километрами", "20 км", "ru"),
        ("5 שעות", "5 hours", "he"),
        ("٤٠ درجة مئوية", "40 °C", "ar"),
        ("500 บาท", "500 THB", "th"),
        ("1,5 Mio. Euro", "1.500.000 €", "de"),
        ("Price (EUR): 300", "300 euros", "en"),
        ("5 pounds", "5 lb", "en"),
        ("5 pounds", "£5", "en"),
        ("12 mph", "12", "en"),
        ("12 inches", "12 in.", "en"),
    ],
)
def test_one_amount_in_other_words_is_the_same(given: str, asked: str, lang: str) -> None:
    """Signs, codes, names with their endings, and exact conversions."""
    assert says(only(given, lang), only(asked, lang))


def test_the_heading_of_a_quote_may_say_its_unit() -> None:
    """ "Prices (EUR)" gives a bare number its currency, and no other."""
    context = Context("Prices (EUR)")

    said = completed(find_values("Kayak: 300", "en"), context)

    assert any(says(each, only("300 euros", "en")) for each in said)
    assert not any(says(each, only("300 dollars", "en")) for each in said)
    assert len(completed(find_values("300 rooms", "en"), context)) == 1


def test_a_range_has_its_unit_at_both_ends() -> None:
    """The sign stands once, before or behind: each end has it, degrees with their zero."""
    assert [v.unit for v in find_values("US$ 10 to 20", "en")] == ["usd", "usd"]
    low, high = find_values("10 to 20 °F", "en")

    assert says(low, only("10 °F", "en")) and says(high, only("20 °F", "en"))
    assert not says(low, only("10 °C", "en"))


def test_a_number_without_a_unit_may_be_one_with_it() -> None:
    """Two sources do not disagree because one leaves the unit out."""
    assert equal(only("300", "en"), only("300 euros", "en"))
    assert not equal(only("300 rooms", "en"), only("300 euros", "en"))


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("It costs R$ 85.", "US$ 85"),
        ("It costs 85.", "85 euros"),
        ("The limit is 12 km/h.", "12 mph"),
        ("It is 40 °F outside.", "40 °C"),
        ("Det kostar 300 kr.", "300 euro"),
    ],
)
def test_the_judge_compares_units_too(text: str, fact: str) -> None:
    """An answer with another unit or currency, or with none, does not state the fact."""
    assert not holds(text, fact)
    assert holds(f"It is {fact}.", fact)


@pytest.mark.parametrize(
    ("lang", "text", "number"),
    [
        ("tr", "on iki kitap", 12),
        ("vi", "hai mươi lăm người", 25),
        ("id", "dua puluh lima orang", 25),
        ("sv", "fyrtiofem böcker", 45),
        ("pl", "siedemnastu uczniów", 17),
        ("fi", "kuudessa", 6),
        ("uk", "дванадцять років", 144),
        ("el", "τριάντα πέντε", 35),
        ("cs", "dvacet pět", 25),
        ("fa", "بیست و پنج", 25),
        ("sw", "ishirini na tano", 25),
    ],
)
def test_number_words_are_spelt_out_by_cldr(lang: str, text: str, number: float) -> None:
    """Also in languages for which nobody here wrote a list."""
    assert number in [value.number for value in find_values(text, lang)]
