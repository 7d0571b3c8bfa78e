"""Answers on a terminal: the text, why it is not more, and what stands behind it."""

from typing import get_args

import pytest
from judged import answer, refusal

from rag.types import Claim, Doubt, Fault
from rag.ui.render import marked_text, render_answer
from rag.ui.strings import LANGUAGES, strings

FAULT = Fault("m", "timeout", "No word in 60 s.")


def test_a_reason_is_told_once() -> None:
    """Also where a model failed and its stand-in found nothing."""
    for given in (
        answer(degraded=True, faults=(FAULT,), reason="m: No word in 60 s."),
        refusal(degraded=True, faults=(FAULT,), reason="nothing near; m: No word in 60 s."),
        refusal(hits=(), reason="no passage"),
    ):
        assert render_answer(given).count(f"({given.reason})") == 1


def test_an_answer_without_a_fault_gives_no_reason() -> None:
    """Text and sources are all there is."""
    assert render_answer(answer()).splitlines() == [
        "Tickets cost 7 euros. [1]",
        "",
        "[1] a.txt  (a.txt:44-65)",
    ]


@pytest.mark.parametrize("lang", [*LANGUAGES, "th", "ar", "he", "hi", "el", "ru", "und"])
@pytest.mark.parametrize("why", get_args(Doubt))
def test_each_sentence_without_a_source_is_marked_with_the_reason(lang: str, why: Doubt) -> None:
    """In the language of the answer or in English, behind the sentence; the others are as they were."""
    claims = (
        Claim("표는 7유로다.", "verified", (1,)),
        Claim("ตั๋วราคา 8 ยูโร", "unverified", (), why),
        Claim("表は7ユーロです。", "verified", (1,)),
        Claim("ตั๋วราคา 8 ยูโร", "unverified", (), why),
    )
    text = "표는 7유로다. [1]\n- ตั๋วราคา 8 ยูโร\n表は7ユーロです。 [1] ตั๋วราคา 8 ยูโร"
    marked = marked_text(answer(text, claims=claims, lang=lang))
    words = strings(lang)
    reason = words[f"unverified_{why or 'explained'}"]
    remark = f" (⚠ {words['unverified']}: {reason})"

    assert marked.replace(remark, "") == text
    assert marked.count(remark) == 2
    assert marked.endswith(remark)
    assert f"- ตั๋วราคา 8 ยูโร{remark}\n" in marked


def test_an_abstention_shows_the_nearest_passages() -> None:
    """Below the reason, best first."""
    told = render_answer(refusal())

    assert told.index("(no passage)") < told.index("Nearest passages:") < told.index("1. a.txt#0-")
