"""An answer is in the language that was asked for, or says why not; follow-ups are asked in full."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from doubles import HashEmbedder, MemoryIndex, ScriptedLLM, memory_index
from fault_server import FORMATS, Format, backend, reply, serve

from rag.answer.compose import Quoting
from rag.answer.prompt import UNANSWERED
from rag.assistant import Assistant, Discarded, Event, Retrieved, Token
from rag.protocols import LLM
from rag.search.debias import means_for
from rag.search.retrieve import Retriever
from rag.types import Answer, Fault, Turn, Where

QUESTION = "도서관은 월요일에 쉽니까?"
KOREAN = "도서관은 월요일에 쉽니다."
ENGLISH = "The library is closed on Mondays and on public holidays."
INDEX = memory_index(
    {
        "hours.txt": f"{KOREAN} 책은 다섯 권까지 빌립니다.",
        "hours-en.txt": f"{ENGLISH} Five books may be borrowed.",
        "café.txt": "카페 달무리는 화요일에 쉽니다.",
    }
)
HISTORY = (Turn("카페 달무리는 화요일에 쉽니까?", "카페 달무리는 화요일에 쉽니다."),)


def assistant(
    llm: LLM, index: MemoryIndex = INDEX, *, alone: bool = False, k: int = 3, lang: str = ""
) -> Assistant:
    retriever = Retriever(index, HashEmbedder(), means_for("hash-32"))
    extractive = Quoting()
    return Assistant(retriever, llm, k, stand_ins=() if alone else (extractive,), lang=lang)


def last(events: Sequence[Event]) -> Answer:
    assert isinstance(events[-1], Answer)
    return events[-1]


def test_a_reply_in_the_wrong_language_is_asked_for_once_more() -> None:
    """The second time the language is demanded in its own words; a right reply is no fault."""
    llm = ScriptedLLM([f"{ENGLISH} [2]", f"{KOREAN} [1]"])

    answer = assistant(llm).ask(QUESTION)

    assert ["answer", "answer again"] == [prompt.task for prompt in llm.asked]
    assert ("scripted", False, "", "ko") == (answer.model, answer.degraded, answer.reason, answer.lang)
    assert KOREAN in answer.text


@pytest.mark.parametrize(
    "second", [f"{ENGLISH} [2]", "The moon is made of green cheese, as everybody knows."]
)
def test_a_foreign_answer_that_holds_up_is_kept_and_said_to_be_foreign(second: str) -> None:
    """Twice is enough. Quotes that may lack the answer are no better; the reason names both languages."""
    answer = assistant(ScriptedLLM([f"{ENGLISH} [2]", second])).ask(QUESTION)

    assert ("scripted", True, True) == (answer.model, answer.degraded, answer.answered)
    assert ENGLISH in answer.text
    assert [each.quote for each in answer.citations] == [ENGLISH]
    assert "wrong_language" in [each.code for each in answer.faults]
    assert "scripted: The reply is in 'en', not in 'ko'" in answer.reason


def test_a_foreign_answer_that_does_not_hold_up_is_replaced() -> None:
    """The documents' own words stand in."""
    wrong = "The moon is made of green cheese, as everybody knows."
    answer = assistant(ScriptedLLM([wrong, wrong])).ask(QUESTION)

    assert ("extractive", True) == (answer.model, answer.degraded)
    assert "wrong_language" in [each.code for each in answer.faults]


def test_without_a_stand_in_the_foreign_answer_is_kept_and_marked() -> None:
    """What is verified is not thrown away, but it is not the answer that was asked for."""
    answer = assistant(ScriptedLLM([f"{ENGLISH} [2]", f"{ENGLISH} [2]"]), alone=True).ask(QUESTION)

    assert ("scripted", True, True) == (answer.model, answer.degraded, answer.answered)
    assert "'en', not in 'ko'" in answer.reason


def test_an_answer_may_be_asked_for_in_another_language() -> None:
    """Then that is the right one, whatever the question is written in."""
    llm = ScriptedLLM([f"{ENGLISH} [2]"])

    answer = assistant(llm, lang="en").ask(QUESTION)

    assert ("scripted", False, "en") == (answer.model, answer.degraded, answer.lang)
    assert "en" == llm.asked[0].lang


def test_quotations_keep_their_language() -> None:
    """`extractive` quotes; what it quotes is not held against it."""
    retriever = Retriever(INDEX, HashEmbedder(), means_for("hash-32"))

    answer = Assistant(retriever, Quoting(), 3, lang="de").ask(QUESTION)

    assert (True, False, "") == (answer.answered, answer.degraded, answer.reason)


@pytest.mark.parametrize(
    "text", [UNANSWERED, f"I am sorry, but the passages do not say that. {UNANSWERED}", "..."]
)
def test_a_reply_without_an_answer_is_asked_for_once(text: str) -> None:
    """There is nothing in it to put into another language."""
    llm = ScriptedLLM([text, "never asked for"])

    assistant(llm).ask(QUESTION)

    assert ["never asked for"] == llm.replies


@pytest.mark.parametrize(
    ("question", "text", "where", "abstention", "reason"),
    [
        (QUESTION, UNANSWERED, None, "no_answer", "scripted found no answer in the passages"),
        (QUESTION, "...", None, "unverified", "nothing that the backend wrote is in the passages"),
        (QUESTION, KOREAN, Where(docs=("none",)), "no_passages", "no passage satisfies the filter"),
        ("quel prix?", KOREAN, None, "low_evidence", "below 0.10: the passages hardly answer"),
        (QUESTION, f"{KOREAN} [1]", None, "", ""),
    ],
)
def test_why_there_is_no_answer_has_a_name(
    question: str, text: str, where: Where | None, abstention: str, reason: str
) -> None:
    """Programs read the code, people the sentence that belongs to it; neither stands at an answer."""
    answer = assistant(ScriptedLLM([text]), alone=True).ask(question, where=where)

    assert (abstention, abstention == "") == (answer.abstention, answer.answered)
    assert reason in answer.reason
    assert bool(reason) == bool(answer.reason)


def test_an_abstention_after_a_fault_tells_both() -> None:
    """That a model failed is not hidden by what its stand-in did not find."""
    helper = replace(assistant(ScriptedLLM(["..."])), stand_ins=(ScriptedLLM([UNANSWERED]),))

    answer = helper.ask(QUESTION)

    assert (False, True, "no_answer") == (answer.answered, answer.degraded, answer.abstention)
    assert [("scripted", "unverified")] == [(each.model, each.code) for each in answer.faults]
    assert "scripted found no answer in the passages; scripted: nothing it wrote is in the passages" == (
        answer.reason
    )


def test_the_first_reply_is_void_before_the_second_begins() -> None:
    """A reader of the stream is told to forget the tokens, and gets the whole second reply."""
    llm = ScriptedLLM([f"{ENGLISH} [2]", f"{KOREAN} [1]"])

    events = list(assistant(llm).stream(QUESTION))

    [cut] = [place for place, event in enumerate(events) if isinstance(event, Discarded)]
    after = "".join(event.text for event in events[cut:] if isinstance(event, Token))
    assert Discarded(Fault("scripted", "wrong_language", "The reply is in 'en', not in 'ko'.")) == events[cut]
    assert f"{KOREAN} [1]" == after
    assert "closed" not in last(events).text


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
@pytest.mark.parametrize("stays", [False, True])
def test_the_language_is_checked_over_http(fmt: Format, stays: bool) -> None:
    """Every wire format: the second request demands the language, a third is never made."""
    english, korean = reply(fmt.stream(f"{ENGLISH} [2]")), reply(fmt.stream(f"{KOREAN} [1]"))

    with serve(english, english if stays else korean) as server:
        answer = assistant(backend(fmt, server.url)).ask(QUESTION)
        bodies = [str(request.body) for request in server.requests]

    assert [False, True] == ["반드시 한국어로만 답하세요." in body for body in bodies]
    assert stays == answer.degraded
    assert (f"{fmt.name}:m", True) == (answer.model, answer.answered)


def test_a_follow_up_is_searched_for_as_the_model_rewrote_it() -> None:
    """The rewritten question is searched for and answered; the answer still names what was typed."""
    llm = ScriptedLLM(["도서관은 월요일에 쉽니까?", f"{KOREAN} [1]"])

    events = list(assistant(llm).stream("그럼 도서관은 월요일에?", HISTORY))

    assert ["rewrite", "answer"] == [prompt.task for prompt in llm.asked]
    assert QUESTION == llm.asked[1].question == llm.asked[1].standalone
    assert isinstance(events[0], Retrieved) and QUESTION == events[0].searched
    assert ("그럼 도서관은 월요일에?", "scripted") == (last(events).question, last(events).model)


def test_the_passages_of_the_first_answer_stay_candidates() -> None:
    """However the model rewrites the question, what was just spoken of is still within reach."""
    texts = {f"{n}.txt": f"도서관은 월요일에 쉽니다. 안내문 {n}" for n in range(6)}
    index = memory_index({**texts, "café.txt": "카페 달무리는 화요일에 쉽니다."})
    llm = ScriptedLLM([QUESTION, f"{KOREAN} [1]"])

    answer = assistant(llm, index, k=3).ask("그럼 도서관은 월요일에?", HISTORY)

    assert "café.txt" in {hit.chunk.doc_id for hit in answer.hits}
    assert [1, 2, 3] == [hit.rank for hit in answer.hits]


@pytest.mark.parametrize("k", [1, 2])
def test_the_best_passage_of_the_new_question_is_always_there(k: int) -> None:
    """However few passages are asked for."""
    answer = assistant(ScriptedLLM([QUESTION, f"{KOREAN} [1]"]), k=k).ask("그럼 도서관은 월요일에?", HISTORY)

    assert k == len(answer.hits)
    assert "hours.txt" == answer.hits[0].chunk.doc_id


def test_without_a_model_nothing_is_rewritten() -> None:
    """The earlier question is searched for together with the new one."""
    retriever = Retriever(INDEX, HashEmbedder(), means_for("hash-32"))
    helper = Assistant(retriever, Quoting(), 3)

    first = next(iter(helper.stream("왜?", HISTORY)))

    assert isinstance(first, Retrieved)
    assert f"{HISTORY[0].question} 왜?" == first.searched
    assert "café.txt" == first.hits[0].chunk.doc_id
