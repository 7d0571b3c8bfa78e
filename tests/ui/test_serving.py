"""The service under load and change: new generations, full queues, clients that leave, orderly ends."""

import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
import raw
from fault_server import OPENAI, Exchange, Script, backend, endless, reply, serve, silent
from publish_child import publish
from served import QUESTION, command, listening, service

from rag.protocols import Embedder, Prompt

CHAT: dict[str, Any] = {
    "model": "citewise",
    "stream": True,
    "messages": [{"role": "user", "content": QUESTION["question"]}],
}


@dataclass
class Held:
    """An LLM that says nothing until it is let go."""

    go: threading.Event = field(default_factory=threading.Event)
    asked: int = 0
    model_id: str = "held"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        self.asked += 1
        assert self.go.wait(30)
        yield f"{prompt.hits[0].chunk.text} [1]"


def slow(seconds: float, script: Script) -> Script:
    """Run *script* after a while."""

    def waits(exchange: Exchange) -> None:
        time.sleep(seconds)
        script(exchange)

    return waits


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until *holds*; a slow machine is not a wrong program."""
    until = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.02)


def figure(client: httpx.Client, line: str) -> bool:
    return line in client.get("/metrics").text


def test_generations_change_under_32_clients(tmp_path: Path) -> None:
    """No answer mixes two generations, none fails, the last is served, and no file handle stays behind."""
    docs, index = tmp_path / "docs", tmp_path / "index"
    publish(docs, index, range(1), 0)
    child = [sys.executable, str(Path(__file__).parents[1] / "support" / "publish_child.py")]
    with command(index, tmp_path / "log") as served, httpx.Client(base_url=served.url, timeout=60) as client:
        client.post("/search", json={"question": "tide"})
        # The chat is loaded in the background, and has handles of its own.
        client.get("/")
        before = served.handles()
        publisher = subprocess.Popen([*child, docs, index, "25", "0.1"])

        def ask(_: int) -> list[tuple[int, frozenset[str]]]:
            found = []
            with httpx.Client(base_url=served.url, timeout=60) as each:
                while publisher.poll() is None:
                    answer = each.post("/search", json={"question": "tide report version", "k": 3})
                    assert answer.status_code == 200, answer.text
                    texts = [hit["chunk"]["text"] for hit in answer.json()["hits"]]
                    assert len(texts) == 3
                    versions = frozenset(version for text in texts for version in re.findall(r"\d+", text))
                    found.append((answer.json()["generation"], versions))
            return found

        with ThreadPoolExecutor(32) as pool:
            seen = {pair for found in pool.map(ask, range(32)) for pair in found}
        assert publisher.wait() == 0

        def last() -> bool:
            hits = client.post("/search", json={"question": "tide", "k": 3}).json()["hits"]
            return all("version 25." in hit["chunk"]["text"] for hit in hits)

        eventually(last)
        eventually(lambda: served.handles() <= before + 2)
    assert all(len(versions) == 1 for _, versions in seen)
    assert len({generation for generation, _ in seen}) == len(seen) > 5


def test_an_index_that_cannot_be_used_leaves_the_old_one_in_service(
    tmp_path: Path, library: Path, embedder: Embedder
) -> None:
    """A damaged store is complained about once, and questions go on being answered."""
    import shutil

    index = shutil.copytree(library, tmp_path / "index")
    with listening(service(index, embedder)) as url, httpx.Client(base_url=url, timeout=60) as client:
        before = client.post("/search", json=QUESTION).json()["hits"]
        (index / "damaged").write_bytes(b"no database" * 1000)
        (index / "damaged").replace(index / "store.sqlite3")
        refused = 'citewise_index_reloads_total{outcome="refused"} 1.0'
        eventually(lambda: refused in client.get("/metrics").text)

        assert client.post("/search", json=QUESTION).json()["hits"] == before


def test_questions_past_the_queue_are_told_to_come_back(library: Path, embedder: Embedder) -> None:
    """One is answered, two wait, the fourth gets 503; all that were taken are answered in the end."""
    llm = Held()
    busy = listening(service(library, embedder, llm, serve_workers=1, serve_queue=2))
    with busy as url, ThreadPoolExecutor(3) as pool, httpx.Client(base_url=url) as client:
        taken = []
        for waiting in (0, 1, 2):
            taken.append(pool.submit(httpx.post, f"{url}/ask", json=QUESTION, timeout=60))
            eventually(partial(figure, client, f"citewise_waiting {waiting}.0"))
            eventually(lambda: "citewise_active 1.0" in client.get("/metrics").text)

        refused = [client.post("/ask", json=QUESTION), client.post("/ask", json={**QUESTION, "stream": True})]
        alive = client.get("/health")
        llm.go.set()
        answers = [each.result() for each in taken]

    assert [(each.status_code, each.json()["code"]) for each in refused] == [(503, "busy")] * 2
    assert all(each.headers["retry-after"] for each in refused)
    assert alive.status_code == 200
    assert [each.status_code for each in answers] == [200] * 3


def test_64_clients_are_answered_exactly(url: str) -> None:
    """Every answer is the one to its own question."""
    questions = ["フェリーは何時に出ますか", "Wie lange ruht der Teig?", "Wann öffnet das Museum?", "도서관?"]
    expected = {each: httpx.post(f"{url}/ask", json={"question": each}).json()["text"] for each in questions}

    def ask(number: int) -> bool:
        question = questions[number % len(questions)]
        response = httpx.post(f"{url}/ask", json={"question": question}, timeout=60)
        return response.status_code == 200 and response.json()["text"] == expected[question]

    with ThreadPoolExecutor(64) as pool:
        assert all(pool.map(ask, range(128)))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    "script",
    [
        silent(with_head=False),
        silent(),
        silent(OPENAI.piece("여섯 시")),
        endless(OPENAI.piece("여섯 시 "), 0.01),
        endless(b": waiting\n\n", 0.01),
    ],
    ids=["no head", "no word", "one word", "words", "comments"],
)
def test_a_client_that_leaves_cuts_the_backend_off(
    stream: bool, script: Callable[..., None], library: Path, embedder: Embedder
) -> None:
    """Wherever the backend is, its connection is closed and it is not asked again; the worker is free."""
    with serve(script) as llm:
        served = service(library, embedder, backend(OPENAI, llm.url), serve_workers=1)
        with listening(served) as url, httpx.Client(base_url=url, timeout=60) as client:
            body = json.dumps({**QUESTION, "stream": stream}).encode()
            with raw.connect(url) as leaving:
                leaving.sendall(raw.request("POST", b"/ask", [(b"Content-Type", b"application/json")], body))
                eventually(lambda: len(llm.requests) == 1)
                time.sleep(0.1)

            assert llm.left.wait(5)
            eventually(lambda: "citewise_active 0.0" in client.get("/metrics").text)
            assert client.post("/search", json=QUESTION).status_code == 200
        assert len(llm.requests) == 1


def test_a_silent_stream_is_kept_alive(library: Path, embedder: Embedder) -> None:
    """Comments come while a backend thinks, and while a question waits for a worker; then the events."""
    llm = Held()
    served = service(library, embedder, llm, serve_workers=1, serve_keep_alive_s=0.02)
    with listening(served) as url, ThreadPoolExecutor(1) as pool, httpx.Client(base_url=url) as client:
        first = pool.submit(httpx.post, f"{url}/ask", json=QUESTION, timeout=60)
        eventually(lambda: llm.asked == 1)
        with client.stream("POST", "/ask", json={**QUESTION, "stream": True}, timeout=60) as response:
            lines = response.iter_lines()
            waiting = [next(lines) for _ in range(4)]
            llm.go.set()
            rest = [line for line in lines if line]
        assert first.result().status_code == 200

    assert response.status_code == 200
    assert [": keep-alive", ""] * 2 == waiting
    names = [line.removeprefix("event: ") for line in rest if line.startswith("event: ")]
    assert ("retrieved", "answer") == (names[0], names[-1])
    assert json.loads(rest[-1].removeprefix("data: "))["answered"]


def test_an_error_that_comes_late_is_the_last_event(library: Path, embedder: Embedder) -> None:
    """Once a comment is out the status is too: a wrong key is told by the stream."""
    with serve(slow(0.2, reply(b"{}", status=401))) as llm:
        served = service(library, embedder, backend(OPENAI, llm.url), serve_keep_alive_s=0.02)
        with listening(served) as url:
            body = {
                **QUESTION,
                "history": [{"question": "언제 쉬나요?", "answer": "월요일."}],
                "stream": True,
            }
            response = httpx.post(f"{url}/ask", json=body, timeout=60)

    blocks = response.text.strip().split("\n\n")
    assert response.status_code == 200
    assert ": keep-alive" == blocks[0]
    assert blocks[-1].startswith("event: error\ndata: ")
    assert "backend_failed" == json.loads(blocks[-1].split("data: ")[1])["code"]


def test_a_silent_stream_of_a_chat_program_is_kept_alive(library: Path, embedder: Embedder) -> None:
    """It gets the same comments, which its reader passes over, and then the whole answer."""
    llm = Held()
    served = service(library, embedder, llm, serve_keep_alive_s=0.02)
    with listening(served) as url, httpx.Client(base_url=url) as client:
        with client.stream("POST", "/v1/chat/completions", json=CHAT, timeout=60) as response:
            lines = response.iter_lines()
            waiting = [next(lines) for _ in range(4)]
            llm.go.set()
            rest = [line.removeprefix("data: ") for line in lines if line and not line.startswith(":")]
        whole = client.post("/v1/chat/completions", json={**CHAT, "stream": False}, timeout=60).json()

    assert [": keep-alive", ""] * 2 == waiting
    assert "[DONE]" == rest[-1]
    text = "".join(json.loads(each)["choices"][0]["delta"].get("content", "") for each in rest[:-1])
    assert text == whole["choices"][0]["message"]["content"]


def test_a_chat_program_is_told_of_an_error_in_time_or_late(library: Path, embedder: Embedder) -> None:
    """By the status, or once a comment is out, by a last event that its client raises as an error."""
    with serve(reply(b"{}", status=401), slow(0.2, reply(b"{}", status=401))) as llm:
        served = service(library, embedder, backend(OPENAI, llm.url), serve_keep_alive_s=0.02)
        with listening(service(library, embedder, backend(OPENAI, llm.url))) as url:
            in_time = httpx.post(f"{url}/v1/chat/completions", json=CHAT, timeout=60)
        with (
            listening(served) as url,
            openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0, timeout=60) as client,
            pytest.raises(openai.APIError) as late,
        ):
            list(client.chat.completions.create(model="citewise", messages=CHAT["messages"], stream=True))

    fault = in_time.json()["error"]
    assert (in_time.status_code, fault["code"]) == (502, "backend_failed")
    assert isinstance(late.value.body, dict)
    assert ("backend_failed", fault["message"]) == (late.value.code, late.value.message)


def test_a_stream_tells_why_its_words_are_void(library: Path, embedder: Embedder) -> None:
    """The event has the fault with its code, as an answer has, and the sentence for people."""
    said = "The library closes at six in the evening on weekdays, and members borrow five books. [1]"
    korean = "은솔 도서관은 평일 오후 여섯 시에 문을 닫는다. [1]"
    with serve(reply(OPENAI.stream(said)), reply(OPENAI.stream(korean))) as llm:
        served = service(library, embedder, backend(OPENAI, llm.url))
        with listening(served) as url:
            response = httpx.post(f"{url}/ask", json={**QUESTION, "stream": True}, timeout=60)

    blocks = [block.split("\n") for block in response.text.strip().split("\n\n")]
    events = [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: "))) for name, data in blocks
    ]
    [void] = [data for name, data in events if name == "discarded"]
    assert ("openai:m", "wrong_language") == (void["fault"]["model"], void["fault"]["code"])
    assert f"openai:m: {void['fault']['message']}" == void["reason"]
    assert ("", "", []) == tuple(events[-1][1][each] for each in ("reason", "abstention", "faults"))


def test_a_client_that_leaves_the_queue_is_not_answered(library: Path, embedder: Embedder) -> None:
    """Nobody works for someone who is gone before his turn."""
    llm = Held()
    busy = listening(service(library, embedder, llm, serve_workers=1))
    with busy as url, ThreadPoolExecutor(1) as pool, httpx.Client(base_url=url) as client:
        first = pool.submit(httpx.post, f"{url}/ask", json=QUESTION, timeout=60)
        eventually(lambda: llm.asked == 1)
        with raw.connect(url) as leaving:
            body = json.dumps(QUESTION).encode()
            leaving.sendall(raw.request("POST", b"/ask", [(b"Content-Type", b"application/json")], body))
            eventually(lambda: "citewise_waiting 1.0" in client.get("/metrics").text)
        eventually(lambda: "citewise_waiting 0.0" in client.get("/metrics").text)
        llm.go.set()

        assert first.result().status_code == 200
        eventually(lambda: "citewise_active 0.0" in client.get("/metrics").text)
    assert llm.asked == 1


def test_strict_leaves_out_what_is_not_in_the_documents(library: Path, embedder: Embedder) -> None:
    """A sentence that the model made up is marked, or with `strict` is not there."""
    said = "은솔 도서관은 평일 오후 여섯 시에 문을 닫는다. 관장은 김철수이고 1987년에 태어났다."
    with serve(reply(OPENAI.stream(said))) as llm:
        served = service(library, embedder, backend(OPENAI, llm.url))
        with listening(served) as url, httpx.Client(base_url=url, timeout=60) as client:
            marked = client.post("/ask", json=QUESTION).json()
            strict = client.post("/ask", json={**QUESTION, "strict": True}).json()

    assert [claim["status"] for claim in marked["claims"]] == ["verified", "unverified"]
    assert [claim["status"] for claim in strict["claims"]] == ["verified"]
    assert "1987" not in strict["text"]


def test_an_error_in_the_middle_of_a_stream_is_its_last_event(library: Path, embedder: Embedder) -> None:
    """A key that is refused is an error of the service, in the form of all errors, and says no more."""
    words = b'{"error": {"message": "Incorrect API key provided: sk-canary-0123456789"}}'
    with serve(reply(words, status=401)) as llm:
        served = service(library, embedder, backend(OPENAI, llm.url))
        with listening(served) as url, httpx.Client(base_url=url, timeout=60) as client:
            plain = client.post("/ask", json=QUESTION)
            streamed = client.post("/ask", json={**QUESTION, "stream": True})

    assert (plain.status_code, plain.json()["code"]) == (502, "backend_failed")
    name, data = streamed.text.strip().split("\n\n")[-1].split("\n")
    assert (streamed.status_code, name) == (200, "event: error")
    assert json.loads(data.removeprefix("data: "))["code"] == "backend_failed"
    assert "canary" not in plain.text + streamed.text


def test_the_end_waits_for_what_runs(library: Path, tmp_path: Path, embedder: Embedder) -> None:
    """A question that was taken before the signal is answered; the process ends by the signal."""
    slow = reply(OPENAI.stream("은솔 도서관은 평일 오후 여섯 시에 문을 닫는다. [1]"))

    def waiting(exchange: object) -> None:
        time.sleep(1.0)
        slow(exchange)  # type: ignore[arg-type]

    with serve(waiting) as llm:
        environ = {
            "CITEWISE_LLM": "openai",
            "CITEWISE_LLM_MODEL": "m",
            "CITEWISE_LLM_URL": llm.url,
            "CITEWISE_LLM_KEY": "k",
        }
        with command(library, tmp_path / "log", **environ) as served, ThreadPoolExecutor(1) as pool:
            asked = pool.submit(httpx.post, f"{served.url}/ask", json=QUESTION, timeout=60)
            eventually(lambda: len(llm.requests) == 1)
            code = served.stop()
            answer = asked.result()

    assert (answer.status_code, answer.json()["answered"], answer.json()["model"]) == (200, True, "openai:m")
    assert code in (0, -15)
