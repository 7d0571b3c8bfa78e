# ruff: noqa: E501 - one row of a table is one line
"""Which veto works in which language: docs/languages.md is printed from here."""

import re
from pathlib import Path

import pytest

from rag.values.calendar import dated
from rag.values.numberwords import spells
from rag.values.units import reads_units
from rag.verify.polarity import negations

PAGE = Path(__file__).resolve().parents[2] / "docs" / "languages.md"
# A sentence that denies, in each language.
DENIALS = {
    "ar": "المتجر ليس مفتوحا.", "bg": "Магазинът не е отворен.", "bn": "দোকান খোলা নেই।", "ca": "La botiga no és oberta.",
    "cs": "Obchod není otevřený.", "da": "Butikken er ikke åben.", "de": "Der Laden ist nicht offen.", "el": "Το μαγαζί δεν είναι ανοιχτό.",
    "en": "The shop is not open.", "es": "La tienda no está abierta.", "et": "Pood ei ole avatud.", "fa": "مغازه باز نیست.",
    "fi": "Kauppa ei ole auki.", "fr": "Le magasin n'est pas ouvert.", "he": "החנות לא פתוחה.", "hi": "दुकान खुली नहीं है।",
    "hr": "Trgovina nije otvorena.", "hu": "A bolt nincs nyitva.", "id": "Toko tidak buka.", "it": "Il negozio non è aperto.",
    "ja": "店は開いていない。", "ko": "가게는 열지 않는다.", "lt": "Parduotuvė neveikia.", "lv": "Veikals nav atvērts.",
    "ms": "Kedai tidak buka.", "nl": "De winkel is niet open.", "no": "Butikken er ikke åpen.", "pl": "Sklep nie jest otwarty.",
    "pt": "A loja não está aberta.", "ro": "Magazinul nu este deschis.", "ru": "Магазин не открыт.", "sk": "Obchod nie je otvorený.",
    "sl": "Trgovina ni odprta.", "sr": "Продавница није отворена.", "sv": "Butiken är inte öppen.", "sw": "Duka halijafunguliwa.",
    "ta": "கடை திறக்கவில்லை.", "te": "దుకాణం తెరవలేదు.", "th": "ร้านไม่เปิด", "tr": "Dükkan açık değil.",
    "uk": "Магазин не відчинено.", "ur": "دکان کھلی نہیں ہے۔", "vi": "Cửa hàng không mở.", "zh": "商店没有开门。",
    "mn": "Дэлгүүр нээлттэй биш.", "ka": "მაღაზია არ არის ღია.", "am": "ሱቁ ክፍት አይደለም።", "km": "ហាងមិនបើកទេ។",
}  # fmt: skip


def matrix() -> str:
    """Return the table of the page, one language a line."""
    lines = ["| language | number words | units, money | months | negation |", "|---|---|---|---|---|"]
    for lang, denial in sorted(DENIALS.items()):
        marks = (spells(lang), reads_units(lang), dated(lang), negations(denial) > 0)
        lines.append(f"| {lang} | " + " | ".join("yes" if mark else "-" for mark in marks) + " |")
    return "\n".join(lines)


def test_the_page_shows_what_the_code_reads() -> None:
    """A language that is gained or lost is told to the reader."""
    found = re.search(r"\| language \|.*?(?=\n\n|\Z)", PAGE.read_text(encoding="utf-8"), re.DOTALL)

    assert found is not None
    assert matrix() == found[0].strip()


@pytest.mark.parametrize("lang", ["en", "ko", "ja", "zh", "de", "es", "fr", "th", "ar", "hi", "ru"])
def test_languages_of_the_first_rank_have_every_veto(lang: str) -> None:
    """What the project promises most is never missing there."""
    assert spells(lang) and reads_units(lang) and dated(lang) and negations(DENIALS[lang])
