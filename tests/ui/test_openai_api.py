"""Chat programs use Citewise as a model: the real `openai` client against the real service."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import openai
import pytest
from chatting import Chat
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr
from served import TOKEN, listening, service

from rag.protocols import Embedder


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    # Of its own accord the client looks for proxies, keys and organisations in the environment.
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60) as each:
        yield each


def test_the_one_model_is_listed(client: openai.OpenAI) -> None:
    """A program that lets people choose finds it."""
    assert [model.id for model in client.models.list()] == ["citewise"]


@pytest.mark.parametrize(
    ("question", "doc_id"),
    [("도서관은 몇 시에 닫나요?", "ko/도서관.txt"), ("フェリーは何時に出ますか", "ja/港.txt")],
)
def test_an_answer_comes_with_markers_and_proof(
    client: openai.OpenAI, url: str, question: str, doc_id: str
) -> None:
    """The text is that of /ask; `citewise` holds its claims and citations."""
    asked = httpx.post(f"{url}/ask", json={"question": question}, timeout=60).json()

    done = client.chat.completions.create(
        model="citewise", messages=[{"role": "user", "content": question}], temperature=0.2, max_tokens=50
    )

    assert (done.choices[0].message.content, done.choices[0].finish_reason) == (asked["text"], "stop")
    assert done.model_extra
    proof = done.model_extra["citewise"]
    assert proof["citations"] == asked["citations"]
    assert doc_id in [each["doc_id"] for each in proof["citations"]]


def test_a_stream_adds_up_to_the_checked_answer(client: openai.OpenAI) -> None:
    """Pieces are never taken back; the last one carries the proof."""
    messages: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Wie lange ruht der Teig?"}]
    whole = client.chat.completions.create(model="citewise", messages=messages)

    chunks = list(client.chat.completions.create(model="citewise", messages=messages, stream=True))

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert chunks[-1].model_extra
    assert chunks[-1].model_extra["citewise"]["citations"]


def test_what_no_source_supports_is_marked_in_the_text(chat: Chat) -> None:
    """Whole and streamed, and why; the language is that of the answer."""
    messages: list[ChatCompletionMessageParam] = [
        {"role": "user", "content": "How hot does the kiln get? Please make something up."}
    ]
    with openai.OpenAI(base_url=f"{chat.url}/v1", api_key="none", max_retries=0, timeout=60) as client:
        whole = client.chat.completions.create(model="citewise", messages=messages).choices[0].message.content
        stream = client.chat.completions.create(model="citewise", messages=messages, stream=True)
        streamed = "".join(chunk.choices[0].delta.content or "" for chunk in stream)

    remark = "It was built by 400 monks in 1312. (⚠ Not verified: "
    assert whole
    assert whole == streamed
    assert whole.count("⚠") == 1
    assert remark in whole
    assert "The kiln reaches 1,250 degrees. [1]" in whole


def test_a_conversation_is_history(client: openai.OpenAI) -> None:
    """Earlier turns make the last message understood; parts are joined, a system message is passed over."""
    messages: list[ChatCompletionMessageParam] = [
        {"role": "system", "content": "You are a pirate."},
        {"role": "user", "content": "How hot does the kiln get?"},
        {"role": "assistant", "content": "1,250 degrees. [1]"},
        {"role": "user", "content": [{"type": "text", "text": "And"}, {"type": "text", "text": "the lid?"}]},
    ]

    done = client.chat.completions.create(model="citewise", messages=messages)

    assert done.model_extra
    proof = done.model_extra["citewise"]
    assert proof["question"] == "And\nthe lid?"
    assert "en/kiln.md" in {each["doc_id"] for each in proof["citations"]}


@pytest.mark.parametrize(
    ("model", "messages", "error"),
    [
        ("gpt-4o", [{"role": "user", "content": "왜?"}], openai.NotFoundError),
        ("citewise", [{"role": "assistant", "content": "왜?"}], openai.UnprocessableEntityError),
        ("citewise", [{"role": "user", "content": "  "}], openai.UnprocessableEntityError),
        ("citewise", [{"role": "user", "content": "x" * 4001}], openai.UnprocessableEntityError),
        ("citewise", [], openai.UnprocessableEntityError),
    ],
)
def test_errors_are_those_that_the_client_knows(
    client: openai.OpenAI,
    model: str,
    messages: list[ChatCompletionMessageParam],
    error: type[openai.APIStatusError],
) -> None:
    """Another model, or no question: the client raises its own error, with our code."""
    with pytest.raises(error) as caught:
        client.chat.completions.create(model=model, messages=messages)

    assert isinstance(caught.value.body, dict)
    assert set(caught.value.body) == {"code", "message", "request_id"}


def test_the_key_of_the_client_is_the_token_of_the_service(library: Path, embedder: Embedder) -> None:
    """What every chat program can be given is enough to be let in."""
    guarded = listening(service(library, embedder, serve_token=SecretStr(TOKEN)))
    with guarded as url:
        for key, allowed in ((TOKEN, True), ("wrong", False)):
            with openai.OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0) as each:
                if allowed:
                    assert each.models.list().data
                else:
                    with pytest.raises(openai.AuthenticationError):
                        each.models.list()
