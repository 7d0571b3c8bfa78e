"""Answers on a terminal: the text, why it is not more, and what stands behind it."""

import io
from dataclasses import replace
from typing import get_args

import pytest
from judged import answer, citation, refusal

from rag.types import Claim, Doubt, Fault
from rag.ui.console import out
from rag.ui.render import answering_words, marked_text, render_answer
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


@pytest.mark.parametrize(
    "quote",
    [
        "표는 7유로다.",
        "表は7ユーロです。",
        "票价7欧元。",
        "ตั๋วราคา 7 ยูโร",
        "سعر التذكرة 7 يورو.",
        "הכרטיס עולה 7 אירו.",
        "टिकट 7 यूरो का है।",
        "👩‍👩‍👧 Tickets cost 7 euros 🎈.",
    ],
)
def test_the_words_that_answer_are_known_in_what_is_printed(quote: str) -> None:
    """Their place in the printed text is that of the words that the citation marks."""
    at = quote.index("7")
    cited = replace(citation(), start=100, end=100 + len(quote), quote=quote, answer=(100 + at, 101 + at))
    given = answer(f"{quote} [1]", claims=(Claim(quote, "verified", (1,)),), citations=(cited,))
    text = render_answer(given)

    (found,) = answering_words(text, given)

    assert text[slice(*found)] == "7"
    assert text[: found[0]] == quote[:at]
    unmarked = answer(f"{quote} [1]", claims=given.claims, citations=(replace(cited, answer=None),))
    assert answering_words(text, unmarked) == []


def test_a_terminal_shows_them_in_bold_and_a_pipe_plain(capsys: pytest.CaptureFixture[str]) -> None:
    """Bold type changes no byte of the words; where nobody watches there is none."""
    out.print("a 7 b", [(2, 3)])
    assert capsys.readouterr().out == "a 7 b\n"

    class Watched(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdout", terminal := Watched())
        out.print("a 7 \x1b[2J b", [(2, 3)])

    assert terminal.getvalue() == "a \x1b[1m7\x1b[22m \\x1b[2J b\n"
