"""A reply that fails or cannot be verified is replaced, never spliced, and the answer says so."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import get_args

import pytest
from doubles import HashEmbedder, ScriptedLLM, memory_index

from rag.answer.compose import Quoting
from rag.answer.prompt import UNANSWERED
from rag.assistant import Assistant, Discarded, Event, Retrieved, Token
from rag.errors import (
    BackendDeclined,
    BackendError,
    BackendIncomplete,
    BackendTimeout,
    BackendUnauthorized,
    BackendUnreachable,
)
from rag.llm.fallback import fault
from rag.protocols import LLM, Prompt
from rag.search.debias import means_for
from rag.search.retrieve import Retriever
from rag.types import Answer, Fault, FaultCode

QUESTION = "도서관은 월요일에 쉽니까?"
CLOSED = "도서관은 월요일에 쉽니다."
INDEX = memory_index({"hours.txt": f"{CLOSED} 책은 다섯 권까지 빌립니다.", "desk.txt": "Ask at the desk."})


@dataclass
class BreakingLLM:
    """Says *text*, then fails with *error*."""

    text: str
    error: BackendError
    model_id: str = "breaking"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        yield from (self.text[start : start + 4] for start in range(0, len(self.text), 4))
        raise self.error


def events(*chain: LLM, extractive: bool = True) -> list[Event]:
    retriever = Retriever(INDEX, HashEmbedder(), means_for("hash-32"))
    stand_ins: Sequence[LLM] = [*chain[1:], *([Quoting()] * extractive)]
    return list(Assistant(retriever, chain[0], 2, stand_ins=tuple(stand_ins)).stream(QUESTION))


def answer(*chain: LLM, extractive: bool = True) -> Answer:
    last = events(*chain, extractive=extractive)[-1]
    assert isinstance(last, Answer)
    return last


def test_a_verified_reply_is_taken_as_it_is() -> None:
    """Nothing stands in for a backend that did its work."""
    given = answer(ScriptedLLM([f"{CLOSED} [1]"]))

    assert ("scripted", False, "") == (given.model, given.degraded, given.reason)
    assert CLOSED in given.text


@pytest.mark.parametrize("error", [BackendTimeout("too late"), BackendDeclined("no")])
def test_a_failed_backend_is_replaced_with_its_reason(error: BackendError) -> None:
    """The extractive answer stands in; the reason names the backend and what befell it."""
    given = answer(BreakingLLM("", error))

    assert ("extractive", True, f"breaking: {error}") == (given.model, given.degraded, given.reason)
    assert given.answered
    assert given.citations


def test_the_next_backend_is_asked_before_the_last() -> None:
    """A chain is gone through in order, and every reason is kept."""
    given = answer(BreakingLLM("", BackendTimeout("late")), ScriptedLLM([f"{CLOSED} [1]"]))

    assert ("scripted", True, "breaking: late") == (given.model, given.degraded, given.reason)
    assert (Fault("breaking", "timeout", "late"),) == given.faults


def kinds(kind: type[BackendError]) -> Iterator[type[BackendError]]:
    for each in kind.__subclasses__():
        if each.__module__ == kind.__module__:
            yield each
            yield from kinds(each)


def test_every_kind_of_error_has_a_code_of_its_own() -> None:
    """But for a wrong key, which is never bridged; an error from elsewhere has the code of its kind."""

    class LocalError(BackendUnreachable):
        """As another backend may raise it."""

    own = {kind for kind in kinds(BackendError) if kind is not BackendUnauthorized}
    codes = {fault("m", Exception.__new__(kind)).code for kind in own}

    assert len(own) == len(codes)
    assert codes | {"failed", "unverified", "thought"} == set(get_args(FaultCode))
    assert Fault("m", "unreachable", "gone") == fault("m", LocalError("gone"))
    assert Fault("m", "failed", "no") == fault("m", BackendError("no"))


@pytest.mark.parametrize("text", ["도서관은 금요일에 쉽니다. [1]", "Founders Day is in 2023.", "[9]", "..."])
def test_what_cannot_be_verified_is_replaced(text: str) -> None:
    """A reply that the passages do not support is worth no more than none."""
    given = answer(ScriptedLLM([text]))

    assert ("extractive", True) == (given.model, given.degraded)
    assert (Fault("scripted", "unverified", "nothing it wrote is in the passages"),) == given.faults


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{CLOSED} [1] 책은 다섯 권까", True),
        (f"{CLOSED} [1", True),
        (f"{CLOSED}\n", True),
        ("도서관은 월요일에", False),
        ("도서관은 월요일에 쉽", False),
        ("", False),
    ],
)
def test_the_whole_sentences_of_a_broken_reply_are_kept(text: str, kept: bool) -> None:
    """The sentence it broke off in is not: its end may have turned it round."""
    given = answer(BreakingLLM(text, BackendIncomplete("The reply is incomplete.")))

    assert ("breaking" if kept else "extractive") == given.model
    assert given.degraded
    assert "incomplete" == given.faults[0].code
    assert not kept or [CLOSED] == [claim.text for claim in given.claims if claim.status == "verified"]


def test_what_a_declining_model_wrote_is_void() -> None:
    """Words before a refusal are not an answer, though they could be verified."""
    assert "extractive" == answer(BreakingLLM(f"{CLOSED} [1] ", BackendDeclined("no"))).model


def test_two_answers_are_never_spliced() -> None:
    """Pieces of the second reply come only after word that the first ones are void."""
    seen = events(BreakingLLM("도서관은 금요일에", BackendTimeout("late")))

    assert isinstance(seen[0], Retrieved)
    assert isinstance(seen[-1], Answer)
    cut = next(place for place, event in enumerate(seen) if isinstance(event, Discarded))
    assert all(isinstance(event, Token) for event in [*seen[1:cut], *seen[cut + 1 : -1]])
    assert "금요일" not in seen[-1].text
    assert Discarded(Fault("breaking", "timeout", "late")) == seen[cut]
    assert "breaking: late" == Discarded(Fault("breaking", "timeout", "late")).reason


@pytest.mark.parametrize("text", [UNANSWERED, f" {UNANSWERED}.\n", f"Sorry. {UNANSWERED}"])
def test_a_model_may_say_that_there_is_no_answer(text: str) -> None:
    """Not knowing is a result: nobody stands in, and the sentence is ours."""
    given = answer(ScriptedLLM([text]))

    assert (False, False, "scripted") == (given.answered, given.degraded, given.model)
    assert "scripted found no answer" in given.reason
    assert UNANSWERED not in given.text


def test_a_wrong_key_is_never_bridged() -> None:
    """Whoever set the key must hear of it."""
    with pytest.raises(BackendUnauthorized):
        answer(BreakingLLM("", BackendUnauthorized("key", 401)), ScriptedLLM([CLOSED]))


def test_without_a_stand_in_the_error_comes_through() -> None:
    """A chain of one has nobody to fall back to."""
    with pytest.raises(BackendTimeout):
        answer(BreakingLLM("", BackendTimeout("late")), extractive=False)
