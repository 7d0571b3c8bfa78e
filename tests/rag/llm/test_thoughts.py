"""What a model says to itself is told from its answer, however the reply is cut into pieces."""

import json

import pytest
from doubles import HashEmbedder, hits, memory_index
from fault_server import ANTHROPIC, OLLAMA, OPENAI, QUICK, Format, backend, reply, serve, silent
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.compose import Quoting
from rag.answer.prompt import Passages
from rag.assistant import Assistant, Discarded, Token
from rag.errors import BackendDeclined, BackendEmpty, BackendToolCall
from rag.llm.thoughts import VOID, Scanner, kept
from rag.llm.wire import Limits
from rag.search.debias import means_for
from rag.search.retrieve import Retriever
from rag.settings import Settings
from rag.types import Answer, Turn

INDEX = memory_index({"hours.txt": "도서관은 월요일에 쉽니다.", "desk.txt": "Ask at the desk."})
PROMPT = Passages("도서관은 월요일에 쉽니까?", "ko", hits(INDEX))
ANSWER = "도서관은 월요일에 쉽니다. [1]"

# A reply, the answer in it, and by which mark it ended.
REPLIES = {
    "think": ("<think>It is 5, or 6. [1]</think>\n\n" + ANSWER, ANSWER, ""),
    "empty thought": ("<think>\n\n</think>\n\n" + ANSWER, ANSWER, ""),
    "never closed": ("<think>It is 5. [1]", "", ""),
    "never opened": (f"First, 월요일?\n</think>\n{ANSWER}", ANSWER, ""),
    "never opened, no line": (f"So 월요일.</think>{ANSWER}", ANSWER, ""),
    "second thought": (f"{ANSWER} <think>Wait, is it?", ANSWER, ""),
    "second thought closed": (f"{ANSWER}\n<think>Wait.</think>\n끝.", f"{ANSWER}\n\n끝.", ""),
    "upper case": (f"<THINK>hm</THINK>{ANSWER}", ANSWER, ""),
    "thinking": (f"<thinking>hm</thinking>{ANSWER}", ANSWER, ""),
    "seed": (f"<seed:think>hm</seed:think>{ANSWER}", ANSWER, ""),
    "magistral": (f"[THINK]hm [1][/THINK]{ANSWER}", ANSWER, ""),
    "kimi": (f"◁think▷생각◁/think▷{ANSWER}", ANSWER, ""),
    "begin of thought": (f"<|begin_of_thought|>hm<|end_of_thought|>{ANSWER}", ANSWER, ""),
    "channels": (
        "<|channel|>analysis<|message|>5?<|end|><|start|>assistant<|channel|>final<|message|>"
        f"{ANSWER}<|return|>",
        ANSWER,
        "end",
    ),
    "final channel only": (f"<|start|>assistant<|channel|>final<|message|>{ANSWER}", ANSWER, ""),
    "thought channel": (f"<|channel>thought\nhm<channel|>{ANSWER}", ANSWER, ""),
    "call in a channel": (
        "<|channel|>commentary to=functions.find <|constrain|>json<|message|>{}<|call|>",
        "",
        "tool",
    ),
    "call": ('<tool_call>{"name": "find"}</tool_call>', "", "tool"),
    "call after words": (f"{ANSWER}\n<tool_call>", ANSWER, "tool"),
    "mistral's call": ('[TOOL_CALLS][{"name": "find"}]', "", "tool"),
    "runs on": (f"{ANSWER}<|im_end|>\n<|im_start|>user\nAnd then?", ANSWER, "end"),
    "wrapped": (f"<think>hm</think><answer>{ANSWER}</answer>", ANSWER, ""),
    "mention": ("Put it into <think> tags. [1]", "Put it into <think> tags. [1]", ""),
    "two mentions": ("The <think> and </think> tags mark it.", "The <think> and </think> tags mark it.", ""),
    "closing mention": ("The `</think>` mark ends it.", "The `</think>` mark ends it.", ""),
    "mention in Korean": ("추론은 「<think>」 사이에 씁니다.", "추론은 「<think>」 사이에 씁니다.", ""),
    "no mark": ("x < y, a <b>c</b> [1] [2", "x < y, a <b>c</b> [1] [2", ""),
}


@pytest.mark.parametrize(("text", "answer", "ended"), [*REPLIES.values()], ids=[*REPLIES])
@given(data=st.data())
def test_the_answer_is_the_same_however_the_reply_is_cut(
    data: st.DataObject, text: str, answer: str, ended: str
) -> None:
    """No thought and no mark is left in it, and of what the reply says nothing is missing."""
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)), max_size=12)))
    scanner = Scanner()

    words = [scanner.read(text[a:b]) for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]

    assert answer == kept([*words, scanner.close()]).strip()
    assert ended == scanner.ended


@given(st.text(), st.lists(st.integers(0, 9), max_size=9))
def test_text_without_marks_is_passed_on_whole(text: str, sizes: list[int]) -> None:
    """Whatever it is, in whatever script."""
    text = text.replace("<", "").replace("[", "").replace("◁", "").replace(VOID, "")
    scanner = Scanner()
    words = ""
    for size in sizes:
        words += scanner.read(text[:size])
        text = text[size:]

    assert words == words + scanner.read("")
    assert not scanner.thought


FIELDS: dict[Format, list[dict[str, object]]] = {
    OPENAI: [
        {"reasoning_content": "It is 5. [1]"},
        {"reasoning": "It is 5. [1]", "content": None},
        {"reasoning_details": [{"type": "reasoning.text", "text": "It is 5. [1]"}], "content": ""},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "It is 5. [1]"}]}]},
    ],
    ANTHROPIC: [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "thinking", "thinking": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "thinking_delta", "thinking": "It is 5. [1]"},
        },
        {"type": "content_block_delta", "index": 0, "delta": {"type": "signature_delta", "signature": "x"}},
        {"type": "content_block_start", "content_block": {"type": "redacted_thinking", "data": "x"}},
        {"type": "content_block_stop", "index": 0},
    ],
    OLLAMA: [{"message": {"role": "assistant", "content": "", "thinking": "It is 5. [1]"}, "done": False}],
}


def written(fmt: Format, field: dict[str, object]) -> bytes:
    if fmt is OPENAI:
        field = {"choices": [{"index": 0, "delta": field, "finish_reason": None}]}
    data = json.dumps(field).encode()
    return data + b"\n" if fmt is OLLAMA else b"data: " + data + b"\n\n"


@pytest.mark.parametrize("fmt", FIELDS, ids=lambda fmt: fmt.name)
def test_reasoning_in_a_field_is_no_part_of_the_answer(fmt: Format) -> None:
    """And nothing but reasoning is an empty reply."""
    thoughts = b"".join(written(fmt, field) for field in FIELDS[fmt])

    with serve(reply(thoughts + fmt.stream(ANSWER), chunk=7)) as server:
        assert ANSWER == "".join(backend(fmt, server.url).stream(PROMPT))
    with serve(reply(thoughts + fmt.stop("stop"))) as server, pytest.raises(BackendEmpty):
        list(backend(fmt, server.url).stream(PROMPT))


def test_a_whole_message_of_blocks_is_read_without_its_thoughts() -> None:
    """Only a block of text is text, whatever fields another block has."""
    blocks = [{"type": "thinking", "thinking": "5?", "text": "5!"}, {"type": "text", "text": ANSWER}]
    body = json.dumps({"type": "message", "content": blocks, "stop_reason": "end_turn"}).encode()

    with serve(reply(body)) as server:
        assert ANSWER == "".join(backend(ANTHROPIC, server.url).stream(PROMPT))


CALLS: dict[Format, dict[str, object]] = {
    OPENAI: {"tool_calls": [{"index": 0, "function": {"name": "find", "arguments": ""}}]},
    ANTHROPIC: {"type": "content_block_start", "content_block": {"type": "tool_use", "name": "find"}},
    OLLAMA: {"message": {"content": "", "tool_calls": [{"function": {"name": "find"}}]}, "done": False},
}


@pytest.mark.parametrize("fmt", CALLS, ids=lambda fmt: fmt.name)
def test_a_call_of_a_tool_is_told_apart(fmt: Format) -> None:
    """As a field, and for what it is: nobody offered one."""
    with serve(reply(written(fmt, CALLS[fmt]) + fmt.stop("stop"))) as server, pytest.raises(BackendToolCall):
        list(backend(fmt, server.url).stream(PROMPT))


def test_a_refusal_is_told_apart() -> None:
    """OpenAI's own field for it."""
    body = written(OPENAI, {"refusal": "I cannot help with that."}) + OPENAI.stop("stop")

    with serve(reply(body)) as server, pytest.raises(BackendDeclined):
        list(backend(OPENAI, server.url).stream(PROMPT))


def assistant(fmt: Format, url: str, limits: Limits = QUICK) -> Assistant:
    retriever = Retriever(INDEX, HashEmbedder(), means_for("hash-32"))
    stand_in = Quoting()
    return Assistant(retriever, backend(fmt, url, limits=limits), 2, stand_ins=(stand_in,))


def test_a_thought_that_was_passed_on_is_taken_back() -> None:
    """The words before the closing mark are discarded; only what follows is the answer."""
    pieces = OPENAI.stream("It is ", "5. [1]\n</thi", "nk>\n", ANSWER)
    with serve(reply(pieces)) as server:
        events = list(assistant(OPENAI, server.url).stream(PROMPT.question))

    discarded = next(place for place, event in enumerate(events) if isinstance(event, Discarded))
    assert [each.text for each in events[discarded:] if isinstance(each, Token)] == [ANSWER]
    answer = events[-1]
    assert isinstance(answer, Answer)
    assert (answer.text, answer.degraded, answer.faults) == (ANSWER, False, ())


@pytest.mark.parametrize("history", [(), (Turn("도서관은 어디입니까?", "중앙로 1."),)])
def test_a_silence_is_waited_for_once(history: tuple[Turn, ...]) -> None:
    """Rewriting a follow-up and answering it are two requests; one that hangs gets no second."""
    with serve(silent()) as server:
        helper = assistant(OPENAI, server.url, Limits(first_token_s=2))
        answer = helper.ask(PROMPT.question, history)

    assert len(server.requests) == 1
    assert [each.code for each in answer.faults] == ["paused" if history else "timeout"]
    assert (answer.answered, answer.model) == (True, "extractive")


def test_the_limits_as_shipped_cost_at_most_twenty_seconds() -> None:
    """From the request to the first word, all attempts together."""
    assert Settings().llm_first_token_s <= 20
    assert Limits().first_token_s <= 20
