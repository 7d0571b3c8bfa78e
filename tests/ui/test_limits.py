"""The wall around the service: hosts, origins, tokens, bodies, rates and slow clients."""

import base64
import time
from pathlib import Path

import httpx
import pytest
import raw
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from served import SETTINGS, TOKEN, listening, service

from rag.errors import ConfigError
from rag.protocols import Embedder
from rag.ui.connection import Connection
from rag.ui.limits import MAX_BODY, MAX_CHAT, RateLimit, limits

JSON = (b"Content-Type", b"application/json")
QUESTION = '{"question": "도서관?"}'.encode()


class Impatient(Connection):
    receive_s = 0.5
    send_s = 0.3
    at_most = 5


@pytest.mark.parametrize(
    ("host", "allowed"),
    [
        ("localhost", True),
        ("LOCALHOST:8000", True),
        ("127.0.0.1:1", True),
        ("[::1]:8000", True),
        ("localhost.", True),
        ("evil.example", False),
        ("localhost.evil.example", False),
        ("evil.example:80@localhost", False),
        ("localhost:80/../evil", False),
        ("127.0.0.1.nip.example", False),
        ("192.168.1.5", False),
        ("0.0.0.0", False),
        ("", False),
        ("[::1", False),
        ("localhost:99999999", False),
        ("ｌocalhost", False),
    ],
)
@pytest.mark.parametrize("path", [b"/health", b"/docs", b"/nothing"])
def test_only_names_of_this_service_are_answered(url: str, host: str, path: bytes, allowed: bool) -> None:
    """A page that rebinds its name to this machine still sends that name."""
    reply = raw.send(url, raw.request("GET", path, [(b"Host", host.encode()), (b"Connection", b"close")]))

    assert (reply.status not in (400, 0)) == allowed
    assert allowed or reply.json()["code"] in ("bad_host", "bad_request")


def test_a_request_without_a_host_or_with_two_is_refused(url: str) -> None:
    """HTTP/1.0 needs none, and is refused all the same."""
    replies = [
        raw.send(url, b"GET /health HTTP/1.0\r\n\r\n"),
        raw.send(url, b"GET /health HTTP/1.1\r\n\r\n"),
        raw.send(url, b"GET /health HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n"),
    ]

    assert [reply.status for reply in replies] == [400, 400, 400]


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        ("{url}", True),
        ("{https}", True),
        ("null", False),
        ("http://evil.example", False),
        ("http://localhost:1", False),
        ("http://127.0.0.1", False),
        ("{url}.evil.example", False),
        ("file://", False),
        ("http://[", False),
        ("", False),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_pages_of_other_origins_are_refused(url: str, method: str, origin: str, allowed: bool) -> None:
    """An Origin must be the address that was called, on whatever method; `null` is nobody's."""
    sent = origin.format(url=url, https=url.replace("http:", "https:"))

    response = httpx.request(method, f"{url}/search", headers={"Origin": sent}, json={"question": "왜?"})

    assert (response.status_code != 403) == allowed


def test_what_other_pages_embed_is_refused_and_links_are_not(url: str) -> None:
    """Browsers say in Sec-Fetch-Site who asks, when they send no Origin."""
    embedded = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}

    assert httpx.get(f"{url}/docs", headers=embedded).status_code == 403
    assert httpx.get(f"{url}/docs", headers=followed).status_code == 200


def test_no_response_lets_other_origins_read_it(url: str) -> None:
    """There is no CORS header, not even for an Origin that is allowed."""
    response = httpx.get(f"{url}/health", headers={"Origin": url})

    assert [name for name in response.headers if name.startswith("access-control")] == []


def test_a_token_opens_every_route_but_the_two_for_whoever_runs_it(library: Path, embedder: Embedder) -> None:
    """As a bearer token, or as a password; anything else is 401 with Bearer alone."""
    basic = base64.b64encode(f"anyone:{TOKEN}".encode()).decode()
    right = [f"Bearer {TOKEN}", f"bearer  {TOKEN}", f"Basic {basic}"]
    wrong = [
        "",
        TOKEN,
        f"Bearer {TOKEN}x",
        f"Bearer {TOKEN[:-1]}",
        "Bearer",
        "Basic !",
        "Basic OnRva2Vu",
        "é",
    ]
    paths = ["/documents", "/metrics", "/docs", "/openapi.json", "/nothing", "/v1/models"]
    guarded = listening(service(library, embedder, serve_token=SecretStr(TOKEN)))
    with guarded as url, httpx.Client(base_url=url) as client:
        for header in right:
            assert client.get("/documents", headers={"Authorization": header}).status_code == 200
        for header in wrong:
            refused = client.get("/documents", headers=[(b"Authorization", header.encode())])
            assert refused.status_code == 401
            assert refused.headers.get_list("www-authenticate") == ['Bearer realm="citewise"']
            assert refused.json()["code"] == "unauthorized"
        assert [client.get(path).status_code for path in paths] == [401] * len(paths)
        # Neither is an address a place for it, nor does the page that asks count as a proof.
        assert client.get("/documents", params={"token": TOKEN, "access_token": TOKEN}).status_code == 401
        assert client.get("/documents", headers={"Origin": url}).status_code == 401
        assert client.post("/ask", json={"question": "왜?"}).status_code == 401
        assert [client.get(path).status_code for path in ("/health", "/ready")] == [200, 200]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "rag.example"])
def test_other_machines_need_a_token(host: str) -> None:
    """Listening beyond this machine is refused without one, and with one that can be guessed."""
    open_to_all = SETTINGS.model_copy(update={"serve_host": host})

    with pytest.raises(ConfigError, match="CITEWISE_SERVE_TOKEN"):
        limits(open_to_all)
    with pytest.raises(ConfigError, match="16 characters"):
        limits(open_to_all.model_copy(update={"serve_token": SecretStr("hunter2")}))
    guarded = limits(open_to_all.model_copy(update={"serve_token": SecretStr(TOKEN)}))
    assert (guarded.addresses, guarded.rate) == (True, 240)
    assert limits(open_to_all.model_copy(update={"serve_insecure": True})).token is None


@pytest.mark.parametrize(
    "media",
    [
        "multipart/form-data; boundary=x",
        "application/x-www-form-urlencoded",
        "text/plain",
        "",
        "application/xml",
    ],
)
@pytest.mark.parametrize(
    "path", ["/ask", "/feedback", "/v1/chat/completions", "/gradio_api/upload", "/nothing"]
)
def test_bodies_are_json_on_every_path(url: str, path: str, media: str) -> None:
    """Forms need no permission to be sent by other pages, and files have no place here."""
    response = httpx.post(f"{url}{path}", content=b"a=b", headers={"Content-Type": media})

    told = response.json()
    assert (response.status_code, told.get("error", told)["code"]) == (415, "unsupported_media_type")


def test_a_compressed_body_is_refused(url: str) -> None:
    """A bomb is not unpacked."""
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}

    assert httpx.post(f"{url}/ask", content=b"\x1f\x8b", headers=headers).status_code == 415


def test_what_chat_programs_send_may_be_larger(url: str) -> None:
    """A conversation with a picture in it is no attack; beyond eight megabytes it is refused all the same."""
    sizes = (MAX_BODY + 1, MAX_CHAT + 1)
    posts = [raw.request("POST", b"/v1/chat/completions", [JSON], b" " * size) for size in sizes]

    assert [raw.send(url, post).status for post in posts] == [400, 413]


def test_a_body_is_counted_while_it_comes(url: str) -> None:
    """Too large is 413 by its stated length at once, and chunked as soon as the limit is passed."""
    stated = raw.request("POST", b"/ask", [JSON, (b"Content-Length", b"20000000")])
    piece = b"10000\r\n" + b" " * 65536 + b"\r\n"
    chunked = raw.request("POST", b"/ask", [JSON, (b"Transfer-Encoding", b"chunked")]) + piece * 5
    whole = raw.request("POST", b"/ask", [JSON], b'{"question": "' + b"x" * (MAX_BODY - 16) + b'"}')
    over = raw.request("POST", b"/ask", [JSON], b" " * (MAX_BODY + 1))

    replies = [raw.send(url, data) for data in (stated, chunked, over, whole)]

    assert [reply.status for reply in replies] == [413, 413, 413, 422]
    assert max(len(reply.body) for reply in replies) < 500


def test_a_client_has_a_rate(library: Path, embedder: Embedder) -> None:
    """Questions beyond it are 429 and told when to come back; reading goes on."""
    limited = listening(service(library, embedder, serve_rate=3))
    with limited as url, httpx.Client(base_url=url) as client:
        asked = [client.post("/search", json={"question": "opening hours"}) for _ in range(5)]
        read = client.get("/documents")

    assert [each.status_code for each in asked] == [200, 200, 200, 429, 429]
    assert int(asked[-1].headers["retry-after"]) >= 1
    assert read.status_code == 200


@given(st.lists(st.tuples(st.sampled_from("abc"), st.floats(0, 30)), max_size=80), st.integers(1, 60))
def test_no_minute_holds_more_than_two_fillings(requests: list[tuple[str, float]], rate: int) -> None:
    """A bucket of a minute's worth that is refilled steadily lets at most twice that through a minute."""
    clock = 0.0
    limit = RateLimit(rate, lambda: clock)
    passed: dict[str, list[float]] = {}
    for client, pause in requests:
        clock += pause
        if limit.wait_s(client) == 0:
            passed.setdefault(client, []).append(clock)

    for times in passed.values():
        assert all(sum(t <= each < t + 60 for each in times) <= 2 * rate for t in times)


def test_a_slow_client_is_cut_off(library: Path, embedder: Embedder) -> None:
    """A request must have come within a time, head or body; silence is cut off too."""
    head = b"GET /health HTTP/1.1\r\nHost: local"
    body = raw.request("POST", b"/ask", [JSON, (b"Content-Length", b"100")]) + b'{"question'
    with listening(service(library, embedder), Impatient) as url:
        for start in (b"", head, body):
            reply = raw.send(url, start)
            assert (reply.status, reply.json()["code"]) == (408, "timeout")


def test_a_client_that_reads_nothing_is_cut_off(library: Path, embedder: Embedder) -> None:
    """What is ready for a client does not wait for ever."""
    ask = raw.request("GET", b"/openapi.json", [])
    impatient = listening(service(library, embedder), Impatient)
    with (
        impatient as url,
        raw.connect(url) as client,
        pytest.raises(OSError, match=r"reset|Broken pipe|timed out"),
    ):
        for _ in range(2000):
            client.sendall(ask)
            time.sleep(0.001)


def test_half_open_clients_do_not_keep_others_out(url: str) -> None:
    """With 200 requests that never end, and questions besides, the service still tells that it is alive."""
    half_open = [raw.connect(url) for _ in range(200)]
    try:
        for client in half_open:
            client.sendall(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        assert httpx.get(f"{url}/health").status_code == 200
        assert httpx.post(f"{url}/search", json={"question": "도서관"}).status_code == 200
    finally:
        for client in half_open:
            client.close()


def test_too_many_connections_are_turned_away(library: Path, embedder: Embedder) -> None:
    """The one too many gets 503 and when to come back, in the form of all errors."""
    with listening(service(library, embedder), Impatient) as url:
        clients = [raw.connect(url) for _ in range(5)]
        time.sleep(0.2)
        reply = raw.send(url, b"")
        for client in clients:
            client.close()

    assert (reply.status, reply.json()["code"], reply.headers["retry-after"]) == (503, "busy", "5")


def test_what_is_no_http_gets_the_form_of_all_errors(url: str) -> None:
    """Also where no route, and no framework, has seen the request yet."""
    long = raw.request("GET", b"/" + b"a" * 40_000, [])
    wide = raw.request("GET", b"/health", [(b"X-A", b"a" * 40_000)])

    replies = [raw.send(url, data) for data in (b"hello\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", long, wide)]

    assert [reply.status for reply in replies] == [400, 400, 431, 431]
    for reply in replies:
        assert set(reply.json()) == {"code", "message", "request_id"}
        assert reply.headers["x-content-type-options"] == "nosniff"
