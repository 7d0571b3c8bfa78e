# ruff: noqa: E501 - one row of a table is one line
"""What a claim says beyond its quote, where every word is as near as any other."""

import unicodedata
from collections.abc import Sequence

import numpy as np
import pytest

from rag.types import Matrix
from rag.verify.additions import adds
from rag.verify.nearness import Statement


class AllAlike:
    """To this scorer every text means the same."""

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        return np.ones((len(texts), 1), np.float32)


COPIES = [
    ("ko", "정문 옆의 의자는 파란 페인트로 칠했다.", "정문 옆의 의자는 초록 페인트로 칠했다."),
    ("en", "The bench beside the gate was painted blue in May.", "The bench beside the gate was painted green in May."),
    ("ja", "門の横の長椅子は五月に役場が塗った。", "門の横の長椅子は五月に学校が塗った。"),
    ("zh", "大门旁边的长椅五月份由村民重新刷漆。", "大门旁边的长椅五月份由老师重新刷漆。"),
    ("de", "Die Bank neben dem Tor wurde im Mai blau gestrichen.", "Die Bank neben dem Tor wurde im Mai grün gestrichen."),
    ("fr", "Le banc près du portail fut peint en bleu 🎨 au printemps.", "Le banc près du portail fut peint en vert 🎨 au printemps."),
    ("ru", "Скамейку возле ворот весной покрасили синим.", "Скамейку возле ворот весной покрасили зелёным."),
    ("el", "Το παγκάκι δίπλα στην πύλη βάφτηκε μπλε την άνοιξη.", "Το παγκάκι δίπλα στην πύλη βάφτηκε πράσινο την άνοιξη."),
    ("ar", "طليت المقاعد القريبة من البوابة باللون الأزرق ربيعا", "طليت المقاعد القريبة من البوابة باللون الأخضر ربيعا"),
    ("he", "הספסל שליד השער נצבע בכחול באביב האחרון", "הספסל שליד השער נצבע בירוק באביב האחרון"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "quote", "claim"), COPIES, ids=[lang for lang, _, _ in COPIES])
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_copy_with_one_word_exchanged_says_something_else(
    lang: str, quote: str, claim: str, form: str
) -> None:
    """No nearness tells blue from green; the quote itself adds nothing."""
    ours, source = (Statement(unicodedata.normalize(form, text), lang) for text in (claim, quote))  # type: ignore[arg-type]

    assert adds(ours, source, "", AllAlike())
    assert not adds(source, source, "", AllAlike())


@pytest.mark.parametrize(
    ("lang", "quote", "claim"),
    [
        ("en", "The bench was painted blue in May, at last.", "In May they gave the bench a coat of blue."),
        ("ru", "Скамейку наконец покрасили синим в мае.", "В мае скамейку покрасили синим."),
        ("zh", "长椅终于在五月刷成了蓝色。", "五月里长椅刷成了蓝色。"),
        ("de", "Im Mai wurde die Bank endlich blau gestrichen.", "Die Bank wurde im Mai blau gestrichen."),
    ],
)
def test_a_rewording_may_be_one(lang: str, quote: str, claim: str) -> None:
    """Where the sentence is built anew, nearness decides, and here all is near."""
    assert not adds(Statement(claim, lang), Statement(quote, lang), "", AllAlike())
