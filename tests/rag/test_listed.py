# ruff: noqa: E501 - one row of a table is one line
"""A sentence that sums up a list names its items, all that it names, and no others."""

import numpy as np
import pytest
from doubles import hits, memory_index

from rag.types import Matrix
from rag.verify.cite import cite
from rag.verify.listed import enumerated, sums_up

LISTS = {
    "en": ("Bring along:", ("a lamp", "two blankets", "boots"), "Bring a lamp, two blankets and {}.", "boots", "gloves"),
    "ko": ("가져올 것:", ("등산화", "여벌 옷", "물"), "가져올 것은 등산화, {}, 물입니다.", "여벌 옷", "지도"),
    "ja": ("持ち物:", ("懐中電灯", "毛布", "長靴"), "持ち物は懐中電灯、毛布、{}です。", "長靴", "手袋"),
    "zh": ("请携带：", ("手电筒", "毯子", "雨靴"), "请携带手电筒、毯子和{}。", "雨靴", "手套"),
    "de": ("Mitzubringen sind:", ("eine Lampe", "zwei Decken", "Stiefel"), "Mitzubringen sind eine Lampe, zwei Decken und {}.", "Stiefel", "Handschuhe"),
    "ru": ("Возьмите:", ("фонарь", "одеяло", "сапоги"), "Возьмите фонарь, одеяло и {}.", "сапоги", "перчатки"),
    "ar": ("أحضر معك:", ("مصباح", "بطانية", "حذاء"), "أحضر معك مصباح، بطانية، {}.", "حذاء", "قفازات"),
    "th": ("สิ่งที่ต้องนำมา:", ("ไฟฉาย", "ผ้าห่ม", "รองเท้า"), "สิ่งที่ต้องนำมา: ไฟฉาย, ผ้าห่ม, {}", "รองเท้า", "ถุงมือ"),
}  # fmt: skip


class Everywhere:
    def vectors(self, texts: list[str], langs: list[str]) -> Matrix:
        return np.ones((len(texts), 1), np.float32)


@pytest.mark.parametrize("lang", LISTS)
def test_a_summary_names_items_of_the_list_only(lang: str) -> None:
    """Each thing that is enumerated is an item, with whatever ending; one that is none refuses it."""
    _, items, carrier, item, stranger = LISTS[lang]

    assert sums_up(enumerated(carrier.format(item)), items)
    assert not sums_up(enumerated(carrier.format(stranger)), items)


def test_one_thing_is_no_summary() -> None:
    """A sentence without an enumeration is checked like any other."""
    assert not sums_up(enumerated("Bring a lamp."), ("a lamp",))


@pytest.mark.parametrize("lang", LISTS)
def test_the_quote_of_a_summary_is_the_list_with_its_introduction(lang: str) -> None:
    """One contiguous quote, at its offsets."""
    lead, items, carrier, item, _ = LISTS[lang]
    text = lead + "\n\n" + "\n".join(f"- {each}" for each in items)
    index = memory_index({f"{lang}.txt": text})

    found = cite(carrier.format(item), hits(index), index, Everywhere())  # type: ignore[arg-type]

    assert [claim.status for claim in found.claims] == ["verified"]
    (citation,) = found.citations
    assert text[citation.start : citation.end] == citation.quote
