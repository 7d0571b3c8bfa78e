"""Answers on a terminal: the text, why it is not more, and what stands behind it."""

from judged import answer, refusal

from rag.types import Fault
from rag.ui.render import render_answer

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


def test_an_abstention_shows_the_nearest_passages() -> None:
    """Below the reason, best first."""
    told = render_answer(refusal())

    assert told.index("(no passage)") < told.index("Nearest passages:") < told.index("1. a.txt#0-")
