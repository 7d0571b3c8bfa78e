"""What each backend sends: the address, the headers and the body its API documents."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from doubles import hits, memory_index
from fault_server import ANTHROPIC, FORMATS, OLLAMA, OPENAI, Exchange, Format, backend, reply, serve

from rag.answer.prompt import Passages, messages
from rag.errors import BackendPaused, BackendRefused
from rag.llm.budget import Budget
from rag.llm.circuit import FAILURES
from rag.llm.openai import OPENAI_URL, OpenAI
from rag.llm.wire import Wire, _retry_after_s
from rag.types import Turn

PROMPT = Passages(
    "언제 쉽니까?",
    "ko",
    hits(memory_index({"a.txt": "월요일에 쉽니다.", "b.txt": "Ask at the desk. \U0001f4da"})),
    (Turn("도서관은 어디입니까?", "중앙로 1."),),
)


def asked(fmt: Format, budget: Budget | None = None) -> Exchange:
    with serve(reply(fmt.stream("words"))) as server:
        llm = backend(fmt, server.url, budget=budget or Budget(4096, 256))
        assert ["words"] == list(llm.stream(PROMPT))
    return server.requests[0]


def test_openai() -> None:
    """Servers other than OpenAI's get `max_tokens` and a temperature."""
    request = asked(OPENAI)

    assert ("/chat/completions", "Bearer k-1") == (request.path, request.headers["authorization"])
    assert {
        "model": "m",
        "stream": True,
        "max_tokens": 256,
        "temperature": 0,
        "messages": messages(PROMPT),
    } == request.body


def test_openai_itself() -> None:
    """OpenAI's own newer models refuse both."""
    body = OpenAI(Wire(OPENAI_URL), "m", Budget())._call(PROMPT).body

    assert {"model", "stream", "max_completion_tokens", "messages"} == set(body)


def test_anthropic() -> None:
    """The system text is a field of its own, the turns begin with the reader."""
    request = asked(ANTHROPIC)

    system, *turns = messages(PROMPT)
    assert ("/v1/messages", "k-1") == (request.path, request.headers["x-api-key"])
    assert "2023-06-01" == request.headers["anthropic-version"]
    assert "authorization" not in request.headers
    assert {
        "model": "m",
        "stream": True,
        "max_tokens": 256,
        "system": system["content"],
        "messages": turns,
    } == request.body
    assert "user" == request.body["messages"][0]["role"]


def test_ollama() -> None:
    """The context size is said, for the default is small and cuts in silence."""
    request = asked(OLLAMA)

    assert "/api/chat" == request.path
    assert {"num_ctx": 4096, "num_predict": 256, "temperature": 0} == request.body["options"]
    assert (messages(PROMPT), True) == (request.body["messages"], request.body["stream"])


@pytest.mark.parametrize(("fmt", "path"), [(OPENAI, "/completions"), (OLLAMA, "/api/generate")])
def test_base_models_get_a_text_to_continue(fmt: Format, path: str) -> None:
    """Without chat, the prompt is one text, and the reply ends with its line."""
    request = asked(fmt, budget=Budget(4096, 256, chat=False))

    assert path == request.path
    assert request.body["prompt"].endswith("언제 쉽니까?\nAnswer:")
    assert ["\n"] == (request.body.get("stop") or request.body["options"]["stop"])


def test_a_prompt_found_too_long_is_sent_again_without_its_lowest_passage() -> None:
    """The server's own count wins over ours."""
    long = reply(b'{"error": {"code": "context_length_exceeded"}}', status=400)

    with serve(long, reply(OPENAI.stream("words"))) as server:
        list(backend(OPENAI, server.url).stream(PROMPT))

    first, second = (exchange.body["messages"][-1]["content"] for exchange in server.requests)
    assert "Ask at the desk." in first
    assert "Ask at the desk." not in second
    assert "월요일에 쉽니다." in second


def test_a_server_that_keeps_failing_is_not_asked() -> None:
    """Two questions that fail three and two times open the circuit; the next is not sent."""
    with serve(reply(b"", status=503)) as server:
        llm = backend(OPENAI, server.url)
        with pytest.raises(BackendRefused):
            list(llm.stream(PROMPT))
        for _ in range(2):
            with pytest.raises(BackendPaused):
                list(llm.stream(PROMPT))

    assert FAILURES == len(server.requests)


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_model_that_thinks_aloud_is_read_without_its_thoughts(fmt: Format) -> None:
    """Reasoning is not part of the answer, nor is anything we do not know."""
    thought = {
        "openai": b'data: {"choices": [{"delta": {"reasoning_content": "hm"}}]}\n\ndata: {"choices": []}\n\n',
        "anthropic": b'data: {"type": "content_block_delta", "delta": {"type": "thinking_delta"}}\n\n'
        b'event: ping\ndata: {"type": "ping"}\n\n',
        "ollama": b'{"message": {"content": "", "thinking": "hm"}, "done": false}\n{"status": "loading"}\n',
    }
    with serve(reply(thought[fmt.name] + fmt.stream("words"))) as server:
        assert "words" == "".join(backend(fmt, server.url).stream(PROMPT))


@pytest.mark.parametrize(
    "choice",
    [
        {
            "message": {"content": [{"type": "text", "text": "words"}, {"type": "image"}, 7]},
            "finish_reason": "stop",
        },
        {"text": "words", "finish_reason": "stop"},
        {"delta": {"content": "words"}, "finish_reason": "eos"},
    ],
)
def test_openai_compatible_servers_write_it_in_several_ways(choice: dict[str, object]) -> None:
    """Lists of parts, bare text and unknown finish reasons are read too."""
    with serve(reply(json.dumps({"choices": [choice]}).encode())) as server:
        assert ["words"] == list(backend(OPENAI, server.url).stream(PROMPT))


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        (" 0 ", 0.0),
        ("-7", None),
        ("7.5", None),
        ("", None),
        ("soon", None),
        ("1e9", None),
        ("٧", None),
    ],
)
def test_retry_after_in_seconds(value: str, seconds: float | None) -> None:
    """Whole seconds are obeyed, anything else is as if nothing had been asked."""
    assert seconds == _retry_after_s(value)


@pytest.mark.parametrize("days", [-400, 1, 400])
def test_retry_after_as_a_date(days: int) -> None:
    """A date to come is that many seconds away; a past one says nothing, for clocks differ."""
    when = datetime.now(UTC) + timedelta(days=days)

    seconds = _retry_after_s(format_datetime(when, usegmt=True))

    assert (seconds is None) == (days < 0)
    assert seconds is None or (days - 1) * 86400 < seconds <= days * 86400
