"""Connections: who gets one, what is answered when there is none left, and where a request ends."""

import resource
import socket
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ipaddress import ip_address
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import h11
import httpx
import pytest
import raw
from hypothesis import given
from hypothesis import strategies as st
from served import command, listening, service

from rag.protocols import Embedder
from rag.ui.connection import Connection
from rag.ui.framing import Framing
from rag.ui.limits import MAX_HEADERS
from rag.ui.seats import Seats, client_of

OTHER = "127.0.0.2"
HEALTH = raw.request("GET", b"/health", [])
DOCUMENTS = raw.request("GET", b"/documents", [])


class Small(Connection):
    late_s = 0.5
    at_most = 6


def connect(url: str, source: str = "127.0.0.1") -> socket.socket:
    parts = urlsplit(url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), 30, source_address=(source, 0))


def asked(url: str, data: bytes, source: str = "127.0.0.1") -> raw.Reply:
    with connect(url, source) as client:
        client.sendall(data)
        return raw.receive(client)


@contextmanager
def held(url: str, number: int, source: str = "127.0.0.1") -> Iterator[list[socket.socket]]:
    """Hold so many connections that say nothing."""
    with ExitStack() as stack:
        yield [stack.enter_context(connect(url, source)) for _ in range(number)]


# --- seats -------------------------------------------------------------------------------


def test_one_client_does_not_keep_others_out(library: Path, embedder: Embedder) -> None:
    """Beyond its own it is told to come back; others are answered, and so is health for everyone."""
    with listening(service(library, embedder, serve_connections=3), Small) as url, held(url, 3):
        own = [asked(url, data) for data in (DOCUMENTS, HEALTH, b"")]
        others = [asked(url, data, OTHER) for data in (DOCUMENTS, HEALTH)]

    assert [reply.status for reply in own] == [503, 200, 503]
    assert (own[0].json()["code"], own[0].headers["retry-after"]) == ("busy", "5")
    assert {own[0].headers["connection"], own[1].headers["connection"]} == {"close"}
    assert [reply.status for reply in others] == [200, 200]


def test_a_seat_is_given_back(library: Path, embedder: Embedder) -> None:
    """When a connection ends, in whatever way, the next one gets its seat."""
    with listening(service(library, embedder, serve_connections=2), Small) as url:
        for _ in range(5):
            with held(url, 2):
                assert asked(url, DOCUMENTS).status == 503
            until = time.monotonic() + 20
            while (status := asked(url, DOCUMENTS).status) == 503 and time.monotonic() < until:
                time.sleep(0.02)
            assert status == 200


def test_health_is_answered_when_all_seats_are_taken(library: Path, embedder: Embedder) -> None:
    """And when more clients than may wait say nothing: the one that waited longest makes room."""
    with (
        listening(service(library, embedder, serve_connections=0), Small) as url,
        held(url, 6),
        held(url, 60),
    ):
        replies = [asked(url, HEALTH, source) for source in ("127.0.0.1", OTHER) for _ in range(20)]
        ready = asked(url, raw.request("GET", b"/ready", []))
        refused = asked(url, DOCUMENTS, OTHER)

    assert {reply.status for reply in replies} == {200}
    assert (ready.status, refused.status) == (200, 503)


def test_late_clients_may_not_stay(library: Path, embedder: Embedder) -> None:
    """After an answer, or a moment of silence, it is closed; a byte now and then changes nothing."""
    with listening(service(library, embedder, serve_connections=1), Small) as url, held(url, 1):
        with connect(url) as client:
            client.sendall(HEALTH + DOCUMENTS)
            assert raw.receive(client).status == 200
            assert client.recv(1) == b""
        with connect(url) as client:
            started = time.monotonic()
            with pytest.raises(OSError, match=r"reset|Broken pipe"):
                while time.monotonic() - started < 30:
                    client.sendall(b"G")
                    time.sleep(0.05)


def test_a_proxy_speaks_for_many(library: Path, embedder: Embedder) -> None:
    """Its connections are not counted; what its clients have running is, by the address that it tells."""
    post = [(b"Content-Type", b"application/json"), (b"Content-Length", b"100")]
    proxied = service(library, embedder, serve_connections=2, serve_proxy="127.0.0.1")

    def of(address: bytes, data: bytes) -> bytes:
        return data.replace(b"\r\n", b"\r\nX-Forwarded-For: " + address + b"\r\n", 1)

    with listening(proxied) as url, held(url, 5), ExitStack() as stack:
        for _ in range(2):
            slow = stack.enter_context(connect(url))
            slow.sendall(of(b"192.0.2.1", raw.request("POST", b"/ask", post)) + b"{")
        until = time.monotonic() + 20
        while (own := asked(url, of(b"192.0.2.1", DOCUMENTS))).status != 503 and time.monotonic() < until:
            time.sleep(0.02)
        replies = [
            asked(url, of(address, data)).status
            for address, data in (
                (b"192.0.2.1", HEALTH),
                (b"192.0.2.2", DOCUMENTS),
                (b"2001:db8::1", DOCUMENTS),
            )
        ]

    assert (own.status, own.json()["code"]) == (503, "busy")
    assert replies == [200, 200, 200]


def test_the_service_outlives_a_thousand_connections_of_one_client(library: Path, tmp_path: Path) -> None:
    """With the usual limits: it is alive for that client, and answers another one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with command(library, tmp_path / "log") as served:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(4096, hard), hard))
        try:
            with held(served.url, 1100):
                own = [asked(served.url, data) for data in (HEALTH, DOCUMENTS)]
                other = [asked(served.url, data, OTHER) for data in (HEALTH, DOCUMENTS)]
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert [reply.status for reply in own] == [200, 503]
    assert [reply.status for reply in other] == [200, 200]


ADDRESSES = (
    "192.0.2.1",
    "::ffff:192.0.2.1",
    "192.0.2.2",
    "2001:db8::1",
    "2001:db8::2",
    "2001:db8:1::1",
    "10.0.0.1",
)


@given(
    st.lists(st.tuples(st.sampled_from(ADDRESSES), st.booleans()), max_size=60),
    st.integers(1, 12),
    st.integers(0, 4),
)
def test_seats_are_those_of_a_plain_count(moves: list[tuple[str, bool]], in_all: int, of_one: int) -> None:
    """Any order of coming and going agrees with counting all that sit there."""
    seats, sitting = Seats(in_all, of_one, "10.0.0.0/8, 172.16.0.1"), Counter[str]()
    for address, comes in moves:
        if comes:
            own = sum(count for each, count in sitting.items() if client_of(each) == client_of(address))
            fits = address == "10.0.0.1" or not of_one or own < of_one
            expected = fits and sitting.total() < in_all
            assert seats.take(address) == expected
            sitting[address] += expected
        elif sitting[address]:
            seats.leave(address)
            sitting[address] -= 1


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_a_network_of_ipv6_is_one_client(address: object, other: int) -> None:
    """Whoever has a /64 has all its addresses."""
    network = int(ip_address(str(address))) >> 64 << 64
    mapped = network == 0

    assert mapped or client_of(str(ip_address(network | other))) == client_of(str(address))


@given(st.text(max_size=40))
def test_any_text_is_a_client(address: str) -> None:
    """A proxy may tell anything."""
    assert isinstance(client_of(address), str)


# --- where a request ends --------------------------------------------------------------------

HEAD = b"POST /search HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
BODY = '{"question": "도서관"}'.encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNK = b"%x\r\n%s\r\n" % (len(BODY), BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
SMUGGLED = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"
AMBIGUOUS = {
    "both lengths": HEAD + LENGTH + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "both, the other way": HEAD + CHUNKED + LENGTH + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "both, in capitals": HEAD + LENGTH.upper() + CHUNKED.upper() + b"\r\n0\r\n\r\n",
    "both, length 0": HEAD + b"Content-Length: 0\r\n" + CHUNKED + b"\r\n0\r\n\r\n",
    "the same length twice": HEAD + LENGTH * 2 + b"\r\n" + BODY,
    "two lengths": HEAD + LENGTH + b"Content-Length: 3\r\n\r\n" + BODY,
    "a signed length": HEAD + b"Content-Length: +5\r\n\r\n" + BODY,
    "chunked twice": HEAD + CHUNKED * 2 + b"\r\n0\r\n\r\n",
    "chunked, identity": HEAD + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "a folded header": HEAD + b"X-A: a\r\n b\r\n" + LENGTH + b"\r\n" + BODY,
    "a folded header, tab": HEAD + b"X-A: a\r\n\tContent-Length: 9\r\n" + LENGTH + b"\r\n" + BODY,
    "a folded coding": HEAD + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "folded at once": b"GET /health HTTP/1.1\r\n Host: a\r\nHost: localhost\r\n\r\n",
    "bare LF": (HEAD + LENGTH + b"\r\n").replace(b"\r\n", b"\n") + BODY,
    "one bare LF": HEAD + b"X-A: a\nX-B: b\r\n" + LENGTH + b"\r\n" + BODY,
    "bare LF behind the request line": b"GET /health HTTP/1.1\nHost: localhost\r\n\r\n",
    "bare LF at the end": HEAD + LENGTH + b"\n" + BODY,
    "bare CR": HEAD + b"X-A: a\rX-B: b\r\n" + LENGTH + b"\r\n" + BODY,
    "space before the colon": HEAD + b"Content-Length : 5\r\n\r\n" + BODY,
    "bare LF ends the chunks": HEAD + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\n",
    "bare LF behind the size": HEAD + CHUNKED + b"\r\n" + CHUNK.replace(b"\r\n", b"\n", 1) + b"0\r\n\r\n",
    "bare LF in an extension": HEAD + CHUNKED + b"\r\n1;a\nb\r\nx\r\n0\r\n\r\n",
    "no end of a chunk": HEAD + CHUNKED + b"\r\n1\r\nxXX0\r\n\r\n",
    "trailers": HEAD + CHUNKED + b"\r\n" + CHUNK + b"0\r\nX-A: b\r\n\r\n",
    "bare LF in trailers": HEAD + CHUNKED + b"\r\n" + CHUNK + b"0\r\nX-A: b\n\r\n",
    "NUL": HEAD + b"X-A: \0\r\n" + LENGTH + b"\r\n" + BODY,
}
PLAIN = {
    "a length": HEAD + LENGTH + b"\r\n" + BODY,
    "chunks": HEAD + CHUNKED + b"\r\n" + CHUNK + b"0\r\n\r\n",
    "small chunks": HEAD
    + CHUNKED
    + b"\r\n"
    + b"".join(b"1\r\n%c\r\n" % each for each in BODY)
    + b"0\r\n\r\n",
    "line ends in the body": HEAD
    + b"Content-Length: %d\r\n\r\n" % (len(BODY) + 8)
    + b"\n\r \r\n\r\n\n"
    + BODY,
    "an extension": HEAD + CHUNKED + b"\r\n" + CHUNK.replace(b"\r\n", b";a=b\r\n", 1) + b"0;x\r\n\r\n",
    "no body": SMUGGLED,
}


@pytest.mark.parametrize("data", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_what_is_ambiguous_is_refused_and_the_connection_closed(url: str, data: bytes) -> None:
    """400 in the form of all errors, and what follows it is never read as a request."""
    with raw.connect(url) as client:
        client.sendall(data + SMUGGLED * 3)
        reply = raw.receive(client)
        rest = b""
        try:
            while piece := client.recv(65536):
                rest += piece
        except ConnectionError:
            pass

    assert (reply.status, reply.json()["code"]) == (400, "bad_request")
    assert reply.headers["connection"] == "close"
    assert rest == b""


@pytest.mark.parametrize("data", PLAIN.values(), ids=PLAIN)
def test_what_is_plain_is_answered_and_so_is_the_next(url: str, data: bytes) -> None:
    """On one connection, several at once and one after the other."""
    with raw.connect(url) as client:
        client.sendall(data + data)
        client.sendall(data + HEALTH)
        found = b""
        while found.count(b"HTTP/1.1 200 ") < 4:
            piece = client.recv(65536)
            assert piece, found
            found += piece

    assert b"HTTP/1.1 4" not in found


def outcome(data: bytes, cuts: list[int]) -> str:
    """Return what a server makes of *data* that comes in pieces: the requests and bodies, or `refused`."""
    server, found = Framing(MAX_HEADERS), []
    places = sorted({min(each, len(data)) for each in cuts} | {0, len(data)})
    for start, end in pairwise(places):
        server.receive_data(data[start:end])
        try:
            while (event := server.next_event()) not in (h11.NEED_DATA, h11.PAUSED):
                if isinstance(event, h11.Request):
                    found.append(event.target)
                elif isinstance(event, h11.Data):
                    found.append(bytes(event.data))
                elif isinstance(event, h11.EndOfMessage):
                    server.send(h11.Response(status_code=204, headers=[]))
                    server.send(h11.EndOfMessage())
                    if server.our_state is h11.DONE:
                        server.start_next_cycle()
                    found.append(b"|")
        except h11.RemoteProtocolError:
            return "refused"
    return b"".join(found).decode()


@given(
    st.sampled_from(list(AMBIGUOUS.values())),
    st.lists(st.sampled_from(list(PLAIN.values())), max_size=3),
    st.data(),
)
def test_no_way_of_cutting_lets_it_pass(bad: bytes, before: list[bytes], data: st.DataObject) -> None:
    """Behind any requests, and cut anywhere."""
    sent = b"".join([*before, bad, SMUGGLED])
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=30))

    assert outcome(sent, cuts) == "refused"
    assert outcome(sent, list(range(len(sent)))) == "refused"


@given(st.lists(st.sampled_from(list(PLAIN.values())), max_size=4), st.data())
def test_cutting_changes_nothing_about_what_is_plain(requests: list[bytes], data: st.DataObject) -> None:
    """As many requests with the same bodies come out as went in."""
    sent = b"".join(requests)
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=30))
    whole = outcome(sent, [])

    assert whole.count("|") == len(requests)
    assert outcome(sent, cuts) == whole == outcome(sent, list(range(len(sent))))


def test_reading_byte_by_byte_is_not_slow(library: Path, embedder: Embedder) -> None:
    """A large chunked body of one byte a chunk is counted, not copied again and again."""
    with listening(service(library, embedder)) as url:
        body = HEAD + CHUNKED + b"\r\n" + b"1\r\n \r\n" * 50_000 + CHUNK + b"0\r\n\r\n"
        assert raw.send(url, body, 60).status == 200
        assert httpx.get(f"{url}/health").status_code == 200
