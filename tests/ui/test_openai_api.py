"""Chat programs use Citewise as a model: the real `openai` client against the real service."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from chatting import Chat
from fault_server import OPENAI, backend, reply, serve
from openai.types.chat import ChatCompletionMessageParam
from pydantic import SecretStr
from served import TOKEN, listening, service

from rag.llm.budget import count_tokens
from rag.protocols import Embedder
from rag.types import Citation
from rag.ui.openai_api import _source


@pytest.fixture(scope="module")
def client(url: str) -> Iterator[openai.OpenAI]:
    # Of its own accord the client looks for proxies, keys and organisations in the environment.
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60) as each:
        yield each


def test_the_models_are_listed_and_described(client: openai.OpenAI) -> None:
    """A program that lets people choose finds them; another name is an error of its own."""
    assert [model.id for model in client.models.list()] == ["citewise", "citewise+sources"]
    assert client.models.retrieve("citewise+sources").id == "citewise+sources"
    with pytest.raises(openai.NotFoundError, match="The models here are"):
        client.models.retrieve("gpt-4o")


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


QUESTION = "How hot does the kiln get?"
ASKED: list[ChatCompletionMessageParam] = [{"role": "user", "content": QUESTION}]


@pytest.mark.parametrize(
    ("options", "error", "param"),
    [
        ({"model": "gpt-4o"}, openai.NotFoundError, "model"),
        ({"messages": [{"role": "assistant", "content": "왜?"}]}, openai.BadRequestError, "messages"),
        ({"messages": [{"role": "user", "content": "  "}]}, openai.BadRequestError, "messages"),
        ({"messages": [{"role": "user", "content": "x" * 4001}]}, openai.BadRequestError, None),
        ({"messages": []}, openai.BadRequestError, "messages"),
        ({"messages": [{"role": "부장", "content": "왜?"}]}, openai.BadRequestError, "messages.0.role"),
        ({"n": 2}, openai.BadRequestError, "n"),
        ({"n": 0}, openai.BadRequestError, "n"),
    ],
)
def test_errors_are_those_that_the_client_knows(
    client: openai.OpenAI, options: dict[str, Any], error: type[openai.APIStatusError], param: str | None
) -> None:
    """The client raises the class of error that its users catch, with our sentence and the field."""
    with pytest.raises(error) as caught:
        client.chat.completions.create(**{"model": "citewise", "messages": ASKED, **options})

    assert isinstance(caught.value.body, dict)
    assert {"message", "type", "param", "code", "request_id"} == set(caught.value.body)
    assert (caught.value.type, caught.value.param) == ("invalid_request_error", param)
    assert caught.value.body["message"] in str(caught.value)


@pytest.mark.parametrize(
    ("path", "method"), [("/nothing", "GET"), ("/chat/completions", "GET"), ("/responses", "POST")]
)
def test_every_error_below_v1_has_the_form_of_openai(url: str, path: str, method: str) -> None:
    """Those of the layers in front of the routes too; all other paths keep ours."""
    below = httpx.request(
        method, f"{url}/v1{path}", headers={"Content-Type": "application/json"}, content=b"{"
    )
    other = httpx.get(f"{url}/nothing")

    assert list(below.json()) == ["error"]
    assert list(other.json()) == ["code", "message", "request_id"]


def test_what_has_no_meaning_here_is_passed_over(client: openai.OpenAI) -> None:
    """Fields that are unknown, and parameters that have no effect, are no error."""
    tool: Any = {"type": "function", "function": {"name": "find", "parameters": {}}}
    done = client.chat.completions.create(
        model="citewise",
        messages=ASKED,
        n=1,
        seed=7,
        stop=["x"],
        tools=[tool],
        logit_bias={"1": 1},
        user="나",
        extra_body={"think": True, "미래": {}},
    )

    assert "1,250" in (done.choices[0].message.content or "")


def test_the_usage_counts_what_was_said(client: openai.OpenAI) -> None:
    """Tokens of the messages and of the text; in a stream only where it is asked for, and last."""
    whole = client.chat.completions.create(model="citewise", messages=ASKED)
    plain = list(client.chat.completions.create(model="citewise", messages=ASKED, stream=True))
    options: Any = {"include_usage": True}
    counted = list(
        client.chat.completions.create(model="citewise", messages=ASKED, stream=True, stream_options=options)
    )

    assert whole.usage
    assert whole.usage.prompt_tokens == count_tokens(QUESTION)
    assert whole.usage.completion_tokens == count_tokens(whole.choices[0].message.content or "")
    assert not any(each.usage for each in plain)
    assert [bool(each.usage) for each in counted] == [False] * (len(counted) - 1) + [True]
    assert (counted[-1].choices, counted[-1].usage) == ([], whole.usage)


@pytest.mark.parametrize("stream", [False, True])
def test_pictures_beside_text_are_left_out_with_a_note(client: openai.OpenAI, stream: bool) -> None:
    """A picture of a megabyte too; alone it is refused, in words."""
    picture: Any = {"type": "image_url", "image_url": {"url": "data:image/png;base64," + "A" * 1_000_000}}
    parts: Any = [{"type": "text", "text": "도서관은 몇 시에 닫나요?"}, picture]

    if stream:
        chunks = client.chat.completions.create(
            model="citewise", messages=[{"role": "user", "content": parts}], stream=True
        )
        text = "".join(each.choices[0].delta.content or "" for each in chunks)
    else:
        done = client.chat.completions.create(model="citewise", messages=[{"role": "user", "content": parts}])
        text = done.choices[0].message.content or ""

    assert "여섯 시" in text
    assert text.endswith("(그림, 소리, 파일은 읽지 않습니다: 1개를 제외했습니다.)")
    with pytest.raises(openai.BadRequestError, match="Pictures, sounds and files are not read"):
        client.chat.completions.create(model="citewise", messages=[{"role": "user", "content": [picture]}])


def test_a_long_conversation_drops_its_oldest_messages(client: openai.OpenAI) -> None:
    """It goes on for ever; the question is the last one."""
    old: Any = [
        {"role": role, "content": f"{role} {n}"} for n in range(300) for role in ("user", "assistant")
    ]

    done = client.chat.completions.create(model="citewise", messages=[*old, *ASKED])

    assert done.model_extra
    assert done.model_extra["citewise"]["question"] == QUESTION


@pytest.mark.parametrize("stream", [False, True])
def test_the_sources_are_below_the_text_if_the_name_asks_for_them(
    client: openai.OpenAI, stream: bool
) -> None:
    """A program that shows nothing but text shows where it is from; other languages say it in theirs."""
    asked: Any = {
        "model": "citewise+sources",
        "messages": [{"role": "user", "content": "도서관은 몇 시에 닫나요?"}],
    }
    if stream:
        chunks = client.chat.completions.create(**asked, stream=True)
        text = "".join(each.choices[0].delta.content or "" for each in chunks)
    else:
        text = client.chat.completions.create(**asked).choices[0].message.content or ""

    words, _, listed = text.partition("\n\n출처:\n")
    assert "[1]" in words
    assert listed.startswith("- [1] 도서관, ko/도서관.txt")


def test_annotations_say_where_each_marker_stands_and_where_its_words_can_be_read(
    client: openai.OpenAI, url: str
) -> None:
    """At the address stand the words that are cited."""
    message = client.chat.completions.create(model="citewise", messages=ASKED).choices[0].message

    assert message.annotations
    for annotation in message.annotations:
        found = annotation.url_citation
        assert (message.content or "")[found.start_index : found.end_index] == "[1]"
        assert found.title.startswith("Kiln")
        assert "1,250" in httpx.get(found.url).json()["text"]
        assert found.url.startswith(url)


def test_a_title_cannot_become_markdown() -> None:
    """A picture in a list of sources would be fetched by the program that draws it."""
    title = "![x](https://e.example/p.png) <img src=x> `a` | *b*\n[c]: https://e.example"
    told = _source(Citation(1, "a[1].md", "a[1].md#0-1", 0, 1, "x", title, None, "en"))

    assert not set("<>`*|\n") & set(told)
    assert told.count("[") == 1


@pytest.mark.parametrize("stream", [False, True])
def test_responses_answer_too(client: openai.OpenAI, stream: bool) -> None:
    """Text, citations of files, usage; whole and as events whose last holds the whole."""
    asked: Any = {
        "model": "citewise",
        "instructions": "Answer politely.",
        "input": [
            {"role": "user", "content": "How hot does the kiln get?"},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "1,250. [1]"}],
            },
            {"type": "reasoning", "summary": []},
            {"role": "user", "content": [{"type": "input_text", "text": "And the lid?"}]},
        ],
    }
    if stream:
        with client.responses.stream(**asked) as events:
            names = [event.type for event in events]
            done = events.get_final_response()
        assert names[0] == "response.created"
        assert names[-1] == "response.completed"
        assert "response.output_text.annotation.added" in names
    else:
        done = client.responses.create(**asked)

    assert "nine hours" in done.output_text
    [part] = done.output[0].content
    assert {(each.type, each.filename) for each in part.annotations} >= {("file_citation", "Kiln HK-55")}
    assert done.usage
    assert done.usage.total_tokens == done.usage.input_tokens + done.usage.output_tokens
    assert done.status == "completed"


@pytest.mark.parametrize(
    ("options", "error", "param"),
    [
        ({"model": "gpt-5"}, openai.NotFoundError, "model"),
        ({"input": " "}, openai.BadRequestError, "messages"),
        ({"input": []}, openai.BadRequestError, "input"),
        ({"previous_response_id": "resp_1"}, openai.BadRequestError, "previous_response_id"),
    ],
)
def test_responses_refuse_what_they_cannot_do(
    client: openai.OpenAI, options: dict[str, Any], error: type[openai.APIStatusError], param: str
) -> None:
    """Nothing is kept, so nothing can be gone on with."""
    with pytest.raises(error) as caught:
        client.responses.create(**{"model": "citewise", "input": QUESTION, **options})

    assert caught.value.param is not None
    assert caught.value.param.startswith(param)


def test_a_system_message_reaches_the_model_that_can_follow_it(library: Path, embedder: Embedder) -> None:
    """As a wish on form and tone; where no model writes, the answer says that it had no effect."""
    said = "The kiln reaches 1,250 degrees. [1]"
    wished: list[ChatCompletionMessageParam] = [{"role": "system", "content": "해요체로 답하세요."}, *ASKED]
    with (
        serve(reply(OPENAI.stream(said))) as llm,
        listening(service(library, embedder, backend(OPENAI, llm.url))) as url,
        client_of(url) as client,
    ):
        done = client.chat.completions.create(model="citewise", messages=wished)
    with listening(service(library, embedder)) as url, client_of(url) as client:
        quoted = client.chat.completions.create(model="citewise", messages=wished)

    assert "해요체로 답하세요." in llm.requests[0].body["messages"][0]["content"]
    assert done.model_extra and done.model_extra["citewise"]["notes"] == []
    assert quoted.model_extra
    assert "no effect" in quoted.model_extra["citewise"]["notes"][0]


def client_of(url: str) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60)


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
