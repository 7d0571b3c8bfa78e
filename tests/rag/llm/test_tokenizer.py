"""A server's own tokenizer is asked where there is one, only when it matters, and never waited for twice."""

import json
from collections.abc import Callable

import pytest
from documents import SAMPLES
from doubles import hits, memory_index
from fault_server import OPENAI, QUICK, Exchange, FaultServer, Script, hang_up, reply, serve
from pydantic import SecretStr

from rag.answer.prompt import Passages, messages
from rag.llm.budget import Budget, count_tokens
from rag.llm.openai import OpenAI
from rag.llm.tokenizer import ServerTokenizer
from rag.llm.wire import Wire

PROMPT = Passages("도서관은 언제 쉽니까?", "ko", hits(memory_index(SAMPLES)))
TIGHT = Budget(int(1.05 * sum(count_tokens(each["content"]) for each in messages(PROMPT))), 16)


def counting(reply_of: Callable[[int], object]) -> Script:
    """Count one token for eight characters, in the form of the one server or the other."""

    def script(exchange: Exchange) -> None:
        if exchange.path != "/tokenize":
            return reply(OPENAI.stream("words"))(exchange)
        assert exchange.body["content"] == exchange.body["prompt"]
        return reply(json.dumps(reply_of(len(exchange.body["content"]) // 8)).encode())(exchange)

    return script


LLAMA_CPP = counting(lambda count: {"tokens": list(range(count))})
VLLM = counting(lambda count: {"count": count, "max_model_len": 8192, "tokens": list(range(count))})


def asked(server: FaultServer, budget: Budget) -> tuple[str, list[str]]:
    """Return the prompt that arrived, and the paths of all requests."""
    wire = Wire(f"{server.url}/v1", SecretStr("k-1"), limits=QUICK)
    llm = OpenAI(wire, "m", budget, ServerTokenizer(wire, "m"))
    assert "words" == "".join(llm.stream(PROMPT))
    return server.requests[-1].body["messages"][-1]["content"], [each.path for each in server.requests]


@pytest.mark.parametrize("script", [LLAMA_CPP, VLLM], ids=["llama.cpp", "vLLM"])
def test_passages_that_fit_the_model_are_kept(script: Script) -> None:
    """What `cl100k_base` would leave out is sent when the server counts fewer tokens."""
    assert len(TIGHT.fit(PROMPT).hits) < len(PROMPT.hits)

    with serve(script) as server:
        prompt, paths = asked(server, TIGHT)

    assert all(text in prompt for text in SAMPLES.values())
    assert "/v1/chat/completions" == paths[-1] and {"/tokenize"} == set(paths[:-1])
    assert all("Bearer k-1" == each.headers["authorization"] for each in server.requests)


def test_a_prompt_that_fits_is_not_counted_twice() -> None:
    """With room to spare the server is asked for the answer only."""
    with serve(LLAMA_CPP) as server:
        _, paths = asked(server, Budget(100_000, 16))

    assert ["/v1/chat/completions"] == paths


def silent_404(exchange: Exchange) -> None:
    (reply(OPENAI.stream("words")) if "chat" in exchange.path else reply(b"{}", status=404))(exchange)


def broken(exchange: Exchange) -> None:
    (reply(OPENAI.stream("words")) if "chat" in exchange.path else hang_up)(exchange)


def garbage(exchange: Exchange) -> None:
    (reply(OPENAI.stream("words")) if "chat" in exchange.path else reply(b'{"count": true}'))(exchange)


@pytest.mark.parametrize("script", [silent_404, broken, garbage])
def test_a_server_without_one_is_asked_once(script: Script) -> None:
    """Then the passages are fitted as for any other server."""
    with serve(script) as server:
        prompt, paths = asked(server, TIGHT)

    assert ["/tokenize", "/v1/chat/completions"] == paths
    assert len(TIGHT.fit(PROMPT).hits) == sum(text in prompt for text in SAMPLES.values())


def test_counts_are_remembered_and_few() -> None:
    """A text is counted once, and old ones are forgotten."""
    with serve(VLLM) as server:
        tokenizer = ServerTokenizer(Wire(server.url, limits=QUICK), "m")
        counts = [tokenizer.count("가나다라마바사아" * n) for n in (1, 2, 1, 2)]

    assert [1, 2, 1, 2] == counts
    assert 2 == len(server.requests)
