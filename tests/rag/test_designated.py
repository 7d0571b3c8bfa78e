# ruff: noqa: E501 - one row of a table is one line
"""The digits of a name are no numbers, and another number is another name."""

import numpy as np
import pytest

from rag.types import Chunk, Claim, Document, Hit, Matrix
from rag.verify.cite import cite

TITLES = {
    "en": ("Larro 6 hand loom", "The frame weighs 38 kg.", "The frame of the {} weighs 38 kg.", "Larro 6", "Larro 8"),
    "en-suffix": ("Vantor X15 Pro camera", "The lens opens to 84 degrees.", "The lens of the {} opens to 84 degrees.", "Vantor X15 Pro", "Vantor X16 Pro"),
    "en-dash": ("Skylark 312-4 aircraft", "It seats 190 people.", "The {} seats 190 people.", "Skylark 312-4", "Skylark 312-5"),
    "ko": ("모래톱 S31 사용 설명서", "배터리는 19시간 간다.", "{}의 배터리는 19시간 간다.", "모래톱 S31", "모래톱 S32"),
    "ja": ("ミナト40 脱穀機", "重さは27キロです。", "{}の重さは27キロです。", "ミナト40", "ミナト50"),
    "zh": ("青禾 7 收割机", "重量为640公斤。", "{}的重量为640公斤。", "青禾 7", "青禾 9"),
    "ru": ("Трактор Нива 12", "Бак вмещает 85 литров.", "Бак трактора {} вмещает 85 литров.", "Нива 12", "Нива 14"),
    "de": ("Webstuhl Amsel 9", "Der Rahmen wiegt 38 kg.", "Der Rahmen der {} wiegt 38 kg.", "Amsel 9", "Amsel 7"),
}  # fmt: skip


class Everywhere:
    def vectors(self, texts: list[str], langs: list[str]) -> Matrix:
        return np.ones((len(texts), 1), np.float32)


class Shelf:
    generation = 1

    def __init__(self, title: str, text: str, lang: str) -> None:
        self.only = Document("a.txt", title, text, lang, None, "")

    def document(self, doc_id: str) -> Document:
        return self.only


def checked(claim: str, title: str, text: str, lang: str) -> Claim:
    hits = [Hit(Chunk("a", "a.txt", 0, len(text), text, lang), 1.0, 1)]
    (found,) = cite(claim, hits, Shelf(title, text, lang), Everywhere()).claims  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("case", TITLES)
def test_a_product_that_only_the_title_names_may_be_named(case: str) -> None:
    """The sentence need not repeat what the document is about."""
    title, text, claim, name, _ = TITLES[case]

    assert checked(claim.format(name), title, text, case[:2]).status == "verified"


@pytest.mark.parametrize("case", TITLES)
def test_another_number_is_another_name(case: str) -> None:
    """A neighbouring model is a name that does not agree."""
    title, text, claim, _, other = TITLES[case]

    found = checked(claim.format(other), title, text, case[:2])

    assert (found.status, found.why) == ("unverified", "name")


def test_the_number_of_a_name_says_no_amount() -> None:
    """Six of a Larro 6 are no six kilograms, and no six of anything."""
    title, text, *_ = TITLES["en"]

    assert checked("The frame of the Larro 6 weighs 6 kg.", title, text, "en").status == "unverified"
    assert checked("It has 6 pedals.", title, "The Larro 6 has pedals.", "en").status == "unverified"


def test_what_cannot_be_read_is_not_checked() -> None:
    """A number in words of a language without a table is neither verified nor wrong."""
    found = checked("Үйлдвэрт 7 ажилтан бий.", "Завод", "Үйлдвэрт долоон ажилтан ажилладаг.", "mn")

    assert (found.status, found.why) == ("unchecked", "number")
    assert (
        checked("The house has 7 rooms.", "House", "The house has eight rooms.", "en").status == "unverified"
    )
