"""Every fault of a server ends in an answer, a degraded answer or a typed error.

Against a real server on loopback, for three wire formats, streamed and as one body.
"""

import gzip
import json
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from doubles import HashEmbedder, hits, memory_index
from fault_server import (
    FORMATS,
    OLLAMA,
    QUICK,
    Exchange,
    Format,
    Script,
    backend,
    bomb,
    chunked,
    endless,
    hang_up,
    reply,
    reset,
    serve,
    silent,
    slow_head,
)

from rag.answer.compose import Quoting
from rag.answer.prompt import Passages
from rag.assistant import Assistant
from rag.errors import (
    BackendDeclined,
    BackendEmpty,
    BackendError,
    BackendIncomplete,
    BackendLength,
    BackendMalformed,
    BackendRefused,
    BackendStructured,
    BackendTimeout,
    BackendToolCall,
    BackendTooLong,
    BackendUnauthorized,
    BackendUnreachable,
)
from rag.llm.wire import ATTEMPTS, Limits
from rag.protocols import LLM
from rag.search.debias import means_for
from rag.search.retrieve import Retriever

NO_WORD = Limits(first_token_s=0.5, backoff_s=0.001)
ONE_WORD = Limits(idle_s=0.1, total_s=20)
WORDS = ("도서관은 ", "월요일에 쉽니다 [1].", " 図書館は", "月曜 📚 休み、", " café fermé، مغلق ", "👩🏽‍🏫.")
TEXT = "".join(WORDS)
PASSAGES = {
    "hours.txt": "도서관은 월요일에 쉽니다. 책은 다섯 권까지 빌립니다.",
    "desk.txt": "Ask at the desk on the ground floor.",
}
INDEX = memory_index(PASSAGES)
PROMPT = Passages("도서관은 월요일에 쉽니까?", "ko", hits(INDEX))


@dataclass(frozen=True)
class Case:
    """What a server does, and what must come of it.

    Attributes:
        error: None if the reply is whole.
        attempts: Requests that the server sees.
        words: That are passed on before the error.
    """

    name: str
    scripts: tuple[Script, ...]
    error: type[BackendError] | None = None
    attempts: int = 1
    words: str = ""
    limits: Limits = QUICK


def said(error: object, status: int) -> Script:
    return reply(json.dumps({"error": error}).encode(), status=status)


def refusals() -> Iterator[Case]:
    """Statuses other than 200: the same for every format and for both modes."""
    soon = format_datetime(datetime.now(UTC) - timedelta(days=400), usegmt=True)
    late = format_datetime(datetime.now(UTC) + timedelta(days=400), usegmt=True)
    for status in (408, 409, 429, 500, 502, 503, 529):
        yield Case(f"{status}", (reply(b"", status=status),), BackendRefused, ATTEMPTS)
    for name, value in {
        "zero": "0",
        "negative": "-5",
        "garbage": "soon",
        "float": "1e999",
        "empty": "",
        "past date": soon,
        "no such day": "Mon, 99 Foo 2026 10:00:00 GMT",
    }.items():
        script = reply(b"", status=429, Retry_After=value)
        yield Case(f"retry-after {name}", (script,), BackendRefused, ATTEMPTS)
    for name, value in {"huge": "999999999999", "late date": late}.items():
        yield Case(f"retry-after {name}", (reply(b"", status=503, Retry_After=value),), BackendRefused, 1)
    for name in ("insufficient_quota", "enforced_spend_limit_reached", "billing_hard_limit_reached"):
        yield Case(f"429 {name}", (said({"code": name, "message": "x"}, 429),), BackendRefused)
    yield Case("429 error_code", (said({"error_code": "enforced_spend_limit"}, 429),), BackendRefused)
    for status in (302, 307, 400, 402, 403, 404, 405, 422):
        yield Case(f"{status}", (reply(b"", status=status, Location="/elsewhere"),), BackendRefused)
    yield Case("401", (said({"code": "invalid_api_key"}, 401),), BackendUnauthorized)
    for name, body in {
        "html": b"<html>502</html>",
        "bomb": bomb(50_000_000),
        "cut json": b'{"error": {"me',
        "deep": b"[" * 100_000,
        "text": b"upstream connect error",
    }.items():
        encoding = "gzip" if name == "bomb" else "identity"
        script = reply(body, status=401, Content_Encoding=encoding)
        yield Case(f"401 with {name}", (script,), BackendUnauthorized)
    long = {"code": "context_length_exceeded", "message": "too long"}
    yield Case("too long twice", (said(long, 400),), BackendTooLong, 2)
    spoken = {
        "message": "prompt is too long: 205351 tokens > 200000 maximum",
        "type": "invalid_request_error",
    }
    yield Case("too long in words", (said(spoken, 400),), BackendTooLong, 2)


def connections() -> Iterator[Case]:
    """Faults below HTTP, and silence."""
    yield Case("hang up", (hang_up,), BackendUnreachable, ATTEMPTS)
    yield Case("reset", (reset,), BackendUnreachable, ATTEMPTS)
    yield Case("not http", (lambda e: e.send(b"SSH-2.0-x\r\n\r\n"),), BackendUnreachable, ATTEMPTS)
    yield Case("slow head", (slow_head,), BackendTimeout, limits=NO_WORD)
    yield Case("silent before head", (silent(with_head=False),), BackendTimeout, limits=NO_WORD)
    yield Case("silent after head", (silent(),), BackendTimeout, limits=NO_WORD)
    yield Case("head only", (reply(b""),), BackendUnreachable, ATTEMPTS)
    yield Case("blank lines for ever", (endless(b"\n\n", 0.02),), BackendTimeout, limits=NO_WORD)


def contents(fmt: Format, streamed: bool) -> Iterator[Case]:
    """Bodies of a 200 that are wrong, in the mode of the server."""

    def body(text: str, stop: str = "stop") -> bytes:
        return fmt.stream(text, stop=stop) if streamed else fmt.whole(text, stop)

    good = body(TEXT)
    yield Case("empty", (reply(body("")),), BackendEmpty)
    yield Case("white space", (reply(body(" \n\t\u3000 ")),), BackendEmpty)
    yield Case("length", (reply(body(TEXT, "length")),), BackendLength, words=TEXT)
    yield Case("length, no word", (reply(body("", "length")),), BackendLength)
    yield Case("length, thinking", (reply(body("<think>hm", "length")),), BackendLength)
    yield Case("nothing but thoughts", (reply(body("<think>It is 5. [1]")),), BackendEmpty)
    yield Case("thoughts before", (reply(body(f"<think>\nIt is 5. [1]\n</think>\n\n{TEXT}")),))
    yield Case(
        "tool call as text", (reply(body('<tool_call>{"name": "search"}</tool_call>')),), BackendToolCall
    )
    json_reply = json.dumps({"answer": TEXT})
    for name, text in {"json": json_reply, "fenced json": f"```json\n{json_reply}\n```"}.items():
        yield Case(name, (reply(body(text)),), BackendStructured, words="")
    if fmt is not OLLAMA:
        yield Case("declined", (reply(body("", "content_filter")),), BackendDeclined)
    yield Case("html", (reply(b"<!DOCTYPE html><html><body>Log in</body></html>"),), BackendMalformed)
    yield Case("array", (reply(b'[{"error": 1}]'),), BackendMalformed)
    yield Case("deep", (reply(b"{" + b'"a":{' * 100_000),), BackendMalformed)
    yield Case("text", (reply(b"Internal error, sorry."),), BackendMalformed)
    yield Case("brotli", (reply(good, Content_Encoding="br"),), BackendMalformed)
    yield Case("false gzip", (reply(good, Content_Encoding="gzip"),), BackendMalformed)
    yield Case("bomb", (reply(bomb(50_000_000), Content_Encoding="gzip"),), BackendMalformed)
    yield Case("10 MB line", (reply(body("x" * 10_000_000)),), BackendMalformed)
    yield Case("not utf-8", (reply(body("x").replace(b"x", b"\xff\xfe")),), BackendMalformed)
    yield Case("cut chunk", (chunked(good[:40], finish=False),), BackendUnreachable, ATTEMPTS)
    once = (reply(b"", status=503), hang_up, reply(good))
    yield Case("third time lucky", once, None, 3)
    yield Case("too long once", (said("maximum context length", 400), reply(good)), None, 2)
    whole = fmt.whole(TEXT, "stop").strip()
    overloaded = b'{"error": {"type": "overloaded_error", "message": "x"}}'
    spent = b'{"error": {"type": "insufficient_quota", "code": 429}}'
    yield Case(
        "error in 200", (reply(fmt.error("boom") if streamed else overloaded),), BackendRefused, ATTEMPTS
    )
    yield Case("spent in 200", (reply(spent),), BackendRefused)
    yield Case("401 in 200", (reply(b'{"error": {"code": 401, "message": "no"}}'),), BackendUnauthorized)
    yield Case("gzip", (reply(gzip.compress(good), Content_Encoding="gzip"),))
    yield Case("bytes", (reply(good, chunk=1),))
    yield Case("odd chunks", (reply(good, chunk=7),))
    yield Case("chunked", (chunked(good, finish=True),))
    yield Case("false type", (reply(good, Content_Type="text/html; charset=ascii"),))
    yield Case("byte order mark", (reply(b"\xef\xbb\xbf" + good),))
    yield Case("crlf", (reply(good.replace(b"\n", b"\r\n"), chunk=3),))
    yield Case("lone surrogate", (reply(good.replace("📚".encode(), b"\\ud83d\\udcda")),))
    if not streamed:
        pretty = json.dumps(json.loads(whole), indent=2, ensure_ascii=False).encode()
        yield Case("pretty", (reply(b"\n" + pretty, Content_Type="application/json"),))


def streams(fmt: Format) -> Iterator[Case]:
    """Faults that only a stream can have."""
    first, good = fmt.piece(WORDS[0]), fmt.stream(*WORDS)
    broken = b'data: {"choices": [\n\n' if fmt is not OLLAMA else b'{"message": \n'
    words = WORDS[0]
    yield Case("pieces", (reply(good),))
    yield Case("pieces, bytes", (reply(good, chunk=1),))
    yield Case("silent after a word", (silent(first),), BackendIncomplete, words=words, limits=ONE_WORD)
    forever = endless(b"\n\n", 0.02, first)
    yield Case("blank lines after a word", (forever,), BackendIncomplete, words=words, limits=ONE_WORD)
    yield Case("cut after a word", (chunked(first, finish=False),), BackendIncomplete, words=words)
    yield Case("no end", (reply(first),), BackendIncomplete, words=words)
    yield Case("error after a word", (reply(first + fmt.error("boom")),), BackendIncomplete, words=words)
    yield Case("broken", (reply(broken),), BackendMalformed)
    yield Case("broken after a word", (reply(first + broken),), BackendIncomplete, words=words)
    many = fmt.piece("x" * 1000) * 2500
    yield Case("words for ever", (reply(many),), BackendLength, words="x" * 1000)
    if fmt is not OLLAMA:
        yield Case("declined after a word", (reply(first + fmt.stop("content_filter")),), BackendDeclined)
        yield Case("bare error event", (reply(b"event: error\ndata: oops\n\n"),), BackendRefused, ATTEMPTS)
        yield Case("empty error event", (reply(b"event: error\n\n"),), BackendRefused, ATTEMPTS)
        noisy = good.replace(b"data:", b": ping\nid: 7\nretry: 100\nevent: x\ndata:").replace(b"\n", b"\r")
        yield Case("comments, lone returns", (reply(noisy, chunk=5),))
        yield Case("no space after colon", (reply(good.replace(b"data: ", b"data:")),))
        yield Case("no last blank line", (reply(good.rstrip(b"\n")),))
        lines = good.replace(b'{"choices"', b'{\ndata: "choices"').replace(b'{"type"', b'{\ndata: "type"')
        yield Case("data in two lines", (reply(lines),))


def cases(refused: int = 0) -> Iterator[object]:
    """Yield each case in each format, of the refusals the last *refused* if that is not 0."""
    for fmt in FORMATS:
        for case in [*[*refusals()][-refused:], *connections(), *streams(fmt)]:
            yield pytest.param(fmt, case, id=f"{fmt.name}-{case.name}")
        for streamed in (True, False):
            for case in contents(fmt, streamed):
                mode = "stream" if streamed else "whole"
                yield pytest.param(fmt, case, id=f"{fmt.name}-{mode}-{case.name}")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("fmt", "case"), [*cases()])
def test_every_fault_has_its_type_and_its_number_of_attempts(fmt: Format, case: Case) -> None:
    """A reply comes whole, or a typed error says why not; nobody is asked more than three times."""
    words = ""
    error: BackendError | None = None

    with serve(*case.scripts) as server:
        try:
            for word in backend(fmt, server.url, limits=case.limits).stream(PROMPT):
                words += word
        except BackendError as exc:
            error = exc

    assert case.error is type(error) if error else case.error is None, error
    assert words.startswith(case.words) if error else words == TEXT
    assert len(server.requests) == case.attempts


def assistant(llm: LLM) -> Assistant:
    retriever = Retriever(INDEX, HashEmbedder(), means_for("hash-32"))
    return Assistant(retriever, llm, 2, stand_ins=(Quoting(),))


@pytest.mark.timeout(60)
@pytest.mark.parametrize(("fmt", "case"), [*cases(12)])
def test_every_fault_ends_in_an_answer_that_says_what_happened(fmt: Format, case: Case) -> None:
    """A failed backend is replaced with the reason; only a wrong key is an error."""
    with serve(*case.scripts) as server:
        helper = assistant(backend(fmt, server.url, limits=case.limits))
        if case.error is BackendUnauthorized:
            with pytest.raises(BackendUnauthorized, match="CITEWISE_LLM_KEY"):
                helper.ask(PROMPT.question)
            return
        answer = helper.ask(PROMPT.question)

    assert answer.answered
    assert (case.error is not None) == answer.degraded
    assert (case.error is not None) == bool(answer.reason)
    assert ("월요일에 쉽니다" in answer.text) and answer.citations


@pytest.mark.timeout(10)
def test_the_server_of_these_tests_lets_go_of_a_client_that_leaves() -> None:
    """On a slow machine a deadline may pass in the middle of a request."""
    with serve(hang_up) as server:
        with socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2]))) as client:
            client.sendall(b"POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{")

        assert server.left.wait(5)

    assert server.requests == []


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_nobody_there(fmt: Format) -> None:
    """A closed port and a name that does not exist are told apart from a bad reply."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    for url in (f"http://127.0.0.1:{port}", "http://nobody.invalid", f"https://127.0.0.1:{port}"):
        with pytest.raises(BackendUnreachable, match=url):
            list(backend(fmt, url).stream(PROMPT))


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_server_that_speaks_no_tls(fmt: Format) -> None:
    """A failed handshake is a connection that cannot be made."""
    with serve(hang_up) as server, pytest.raises(BackendUnreachable):
        list(backend(fmt, server.url.replace("http:", "https:")).stream(PROMPT))


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_reader_who_leaves_closes_the_connection(fmt: Format) -> None:
    """Closing the iterator after the first word hangs up on a server that would go on for ever."""
    with serve(endless(fmt.piece("word "), 0.01)) as server:
        words = backend(fmt, server.url).stream(PROMPT)
        next(words)
        words.close()  # type: ignore[attr-defined]

        assert server.left.wait(10)
        assert len(server.requests) == 1


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_an_answer_that_is_abandoned_closes_the_connection(fmt: Format) -> None:
    """The same through the assistant: a browser that goes away costs no more tokens."""
    with serve(endless(fmt.piece("word "), 0.01)) as server:
        events = assistant(backend(fmt, server.url)).stream(PROMPT.question)
        next(events), next(events)
        events.close()

        assert server.left.wait(10)


def test_a_slow_reader_is_not_a_slow_server() -> None:
    """Time that the reader takes between two words does not count as silence."""
    limits = Limits(first_token_s=5, idle_s=0.2, total_s=20)

    def script(exchange: Exchange) -> None:
        exchange.head()
        exchange.send(OLLAMA.piece("one "))
        exchange.connection.settimeout(0.5)
        try:
            exchange.connection.recv(1)
        except TimeoutError:
            exchange.send(OLLAMA.piece("two") + OLLAMA.stop("stop"))

    with serve(script) as server:
        words = backend(OLLAMA, server.url, limits=limits).stream(PROMPT)
        first = next(words)
        server.left.wait(1)
        rest = list(words)

    assert ["one ", "two"] == [first, *rest]
