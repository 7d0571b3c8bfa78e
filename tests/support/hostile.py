"""Requests that mean no good, as bytes: the n-th is always the same.

Each carries a mark that occurs in nothing else, in its path, headers or body. They are
whole requests: what never ends is tested where patience is.
"""

import json
import random
from collections.abc import Callable
from dataclasses import dataclass

import raw

MARK = "xq7marker"

VALUES: tuple[bytes, ...] = (
    b"NaN",
    b"-Infinity",
    b"1e999",
    b"-1e400",
    b"1e400",
    b"9" * 5000,
    b"-0",
    b"0",
    b"-1",
    b"51",
    b"3.7",
    b"true",
    b"null",
    b"[]",
    b"{}",
    b'""',
    b'" "',
    b'"\\ud800"',
    b'"\\udc00\\ud800"',
    b'"\\u0000"',
    b'"\\u200b"',
    b'"\xff\xfe"',
    b'"\xed\xa0\x80"',
    b'"' + b"a" * 4001 + b'"',
    b'"' + "가".encode() * 4000 + b'"',
    b"[" * 50_000,
    b"[" * 500 + b"]" * 500,
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b'"' + b"\\" * 99 + b'"',
    b'["en", 1]',
    b'[{"question": "a", "answer": 3}]',
    b'[{"question": "' + MARK.encode() + b'"}]' * 2,
    b'{"docs": ["' + MARK.encode() + b'"]}',
    b'{"since": "2024-13-45"}',
    b'{"since": 1e308}',
    b'{"since": "NaN"}',
    b'{"__class__": {}}',
    b'"{{7*7}}"',
    b'"${jndi:ldap://x}"',
    b'"\' OR 1=1 --"',
    b'"NEAR(* ^ \\""',
    b'"%s%n"',
    b'"../../etc/passwd"',
    b"2024-01-01",
    b"undefined",
    b"'a'",
    b"0x10",
    b"1" * 300,
    b'"\\x41"',
    b"\x00",
    b"",
)
KEYS = (
    "question",
    "k",
    "lang",
    "history",
    "where",
    "stream",
    "strict",
    "model",
    "messages",
    "request_id",
    "rating",
    "comment",
    MARK,
    "__proto__",
    "path",
    "url",
    "docs",
    "\u0000",
    "question\u200b",
    "K",
)
BODIES: tuple[bytes, ...] = (
    b"",
    b"null",
    b"[]",
    b'"x"',
    b"1",
    b"{",
    b"}",
    b"{}" * 2,
    b"\xef\xbb\xbf{}",
    b"\xff\xfe{\x00}\x00",
    b"\x00" * 10,
    b'{"question": "' + MARK.encode(),
    b'{"question": "a", "question": 1}',
    b"a=b&" + MARK.encode(),
    b"--x\r\nContent-Disposition: form-data; name=a\r\n\r\n" + MARK.encode() + b"\r\n--x--\r\n",
    b'{"question": "' + b"x" * 300_000 + b'"}',
    b" " * 262_145,
    b'{"a":1,' * 30_000,
    b"<a>&b;</a>",
    b"\x1f\x8b\x08\x00",
    '{"question": "도서관?"}'.encode("utf-16"),
    '{"question": "도서관?"}'.encode("cp949"),
)
PATHS: tuple[bytes, ...] = (
    b"/",
    b"/ask",
    b"/search",
    b"/documents",
    b"/feedback",
    b"/health",
    b"/ready",
    b"/metrics",
    b"/docs",
    b"/openapi.json",
    b"/v1/models",
    b"/v1/chat/completions",
    b"/ask",
    b"/search",
    b"/v1/chat/completions",
    b"/documents/en/kiln.md",
    b"/documents/" + MARK.encode(),
    b"/documents/..%2f..%2fetc/passwd",
    b"/documents/%00",
    b"/documents/%ff%fe",
    b"/documents/%ED%A0%80",
    b"/documents/" + b"%EA%B0%80" * 2000,
    b"//ask",
    b"/ask/",
    b"/ASK",
    b"/./ask",
    b"/../ask",
    b"/%61sk",
    b"/ask;x=" + MARK.encode(),
    b"/ask%0d%0aX-A:%20b",
    b"/" + b"a/" * 9000,
    b"/documents?limit=9999999999999999999999",
    b"/documents?limit=-1&offset=x",
    b"/documents?offset=%00" + MARK.encode(),
    b"/documents?" + b"a=b&" * 5000,
    b"/documents/en/kiln.md?start=1e9&limit=0",
    b"/documents?limit=\xec\x8b\x9c",
    b"/documents?q=%ff%00" + MARK.encode(),
    b"/documents?q=" + b"%F0%9F%8F%BA" * 400,
    b"/documents?sort=" + MARK.encode() + b"&order=up&state=lost",
    b"/documents/en/kiln.md?form=" + MARK.encode(),
    b"/documents/en/kiln.md?form=blocks&start=1&limit=1",
    b"/uploads",
    b"/uploads/" + b"0" * 32,
    b"/uploads/" + MARK.encode(),
    b"/uploads/..%2f..%2fstore.db",
    b"/uploads/.jobs/lock",
    b"/library",
    b"/library?d=" + MARK.encode(),
    b"/library/..%2fcli.py",
    b"/library/" + MARK.encode(),
    b"/library?q=%00" + MARK.encode() + b"&d=..%2f..%2fetc",
    b"/library/library_reindex.js",
    b"/documents?q=" + MARK.encode() + b"&sort=title&order=desc&state=doubtful",
    b"/documents?q=%EA%B0%80&sort=date&offset=3&limit=1000",
    b"/documents?q=%5C%22*&sort=&sort=pages",
    b"/documents/en/kiln.md?form=blocks&start=999999999&limit=100000",
    b"/documents/en/kiln.md?form=blocks&form=text&limit=1e2",
    b"/documents/" + MARK.encode() + b"?form=blocks",
    b"/documents/en/kiln.md/pages/1",
    b"/documents/en/kiln.md/pages/0",
    b"/documents/en/kiln.md/pages/" + b"9" * 400,
    b"/documents/en/kiln.md/pages/1?start=5&end=1&" + MARK.encode(),
    b"/documents/uploads/..%2f..%2f" + MARK.encode() + b"/pages/1",
    b"/c/" + MARK.encode(),
    b"/c/..%2f..%2fcli.py",
    b"/c/" + b"%EA%B0%80" * 900,
    b"/c/",
    b"/chat/" + MARK.encode(),
    b"/chat/words?lang=" + MARK.encode(),
    b"/?q=" + MARK.encode(),
    b"/reindex",
    b"/reindex?" + MARK.encode(),
    b"/reindex/" + MARK.encode(),
    b"/gradio_api/upload",
    b"/file=/etc/passwd",
    b"/gradio_api/file=/etc/passwd",
    b"/proxy=http://169.254.169.254/",
    b"http://evil.example/ask",
    b"http://localhost/ask",
    b"*",
    b"ask",
    b"/" + "가".encode(),
    b"/%",
    b"/%zz",
    b"/?%",
)
RARE_METHODS = ("PUT", "PATCH", "DELETE", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "QUERY", "X")
METHODS = (*["POST"] * 12, *["GET"] * 4, *RARE_METHODS)
_TAKERS = (
    *(b"/ask", b"/ask", b"/search", b"/feedback", b"/v1/chat/completions"),
    *(b"/uploads?name=" + MARK.encode() + b".html", b"/reindex"),
)
_REMOVERS = (
    b"/uploads/" + b"0" * 32,
    b"/uploads/" + MARK.encode(),
    b"/uploads/..%2f.jobs%2flock",
    b"/documents/en/kiln.md",
    b"/documents/uploads/" + MARK.encode() + b".html",
    b"/documents/uploads/..%2f..%2fstore.db",
    b"/documents/uploads/.jobs/lock",
    b"/documents/" + MARK.encode() + b"/pages/1",
    b"/documents/",
)
_CHATS = (
    *(b"/chats", b"/chats/c0", b"/chats/c0?" + MARK.encode(), b"/chats/" + MARK.encode(), b"/chats/"),
    *(b"/chats/..%2f..%2fchats.sqlite", b"/chats/%00", b"/chats/" + b"%EA%B0%80" * 900),
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"Host", b"evil.example"),
    (b"Host", b"localhost@" + MARK.encode()),
    (b"Host", b"localhost:80:80"),
    (b"Host", b"\xff"),
    (b"Host", b"[::1"),
    (b"Origin", b"null"),
    (b"Origin", b"http://" + MARK.encode()),
    (b"Origin", b"http://["),
    (b"Sec-Fetch-Site", b"cross-site"),
    (b"Range", b"bytes=0-" + b",0-" * 3000),
    (b"Range", b"bytes=-1,1-"),
    (b"Accept", b"text/event-stream"),
    (b"Accept", b"*/*;q=" + b"9" * 999),
    (b"Accept", b"\xff" + MARK.encode()),
    (b"Content-Type", b"multipart/form-data; boundary=x"),
    (b"Content-Type", b"multipart/form-data"),
    (b"Content-Type", b"application/x-www-form-urlencoded"),
    (b"Content-Type", b"application/json; charset=utf-16"),
    (b"Content-Type", b"application/json; charset=" + MARK.encode()),
    (b"Content-Type", b"APPLICATION/JSON"),
    (b"Content-Type", b"application/octet-stream"),
    (b"Content-Type", b"\xffapplication/json"),
    (b"Content-Encoding", b"gzip"),
    (b"Content-Encoding", b"identity"),
    (b"Content-Length", b"-1"),
    (b"Content-Length", b"1e3"),
    (b"Content-Length", b"99999999999999999999"),
    (b"Content-Length", b"\xd9\xa3"),
    (b"Transfer-Encoding", b"gzip"),
    (b"Transfer-Encoding", b"chunked, chunked"),
    (b"Expect", b"100-continue"),
    (b"Expect", MARK.encode()),
    (b"Upgrade", b"websocket"),
    (b"Connection", b"upgrade"),
    (b"Connection", b"close"),
    (b"Authorization", b"Basic " + b"=" * 50),
    (b"Authorization", b"Bearer " + MARK.encode()),
    (b"Cookie", b"a=" + b"b" * 9000),
    (b"X-Forwarded-For", MARK.encode()),
    (b"X-Forwarded-Host", b"evil.example"),
    (b"X-Request-ID", MARK.encode()),
    (b"traceparent", b"00-" + b"f" * 32 + b"-" + b"f" * 16 + b"-01"),
    (b"traceparent", MARK.encode()),
    (b"X-" + b"a" * 30_000, b"b"),
    (b"X-A", b"c" * 40_000),
    (b"X-NUL", b"a\x00b"),
    (b"X-Fold", b"a\r\n b"),
    (b"X-Split", b"a\r\nX-" + MARK.encode() + b": b"),
    (b"", b"empty name"),
    (b"Sp ace", b"a"),
    (b"Accept-Language", b"\xed\xa0\x80"),
    (b"If-None-Match", b"*"),
    (b"Content-Type", b"application/json\x0b"),
)


@dataclass(frozen=True)
class Attack:
    """A request, and whether its method allows the response a body."""

    data: bytes
    method: str


def attack_on_chats(number: int, token: str) -> Attack:
    """Return the n-th request to the chats that a service keeps, by someone who has its *token*."""
    chance = random.Random(number)
    sent = attack(number)
    line, _, rest = sent.data.partition(b"\r\n")
    method = chance.choice((sent.method, "PUT", "DELETE"))
    start = b" ".join([method.encode(), chance.choice(_CHATS), line.rpartition(b" ")[2]])
    return Attack(b"\r\n".join([start, b"Authorization: Bearer " + token.encode(), rest]), method)


def attack(number: int) -> Attack:
    """Return the n-th request."""
    chance = random.Random(number)
    method = chance.choice(METHODS)
    usual = {"POST": _TAKERS, "DELETE": _REMOVERS}.get(method, PATHS)
    path = chance.choice(usual if chance.random() < 0.8 else PATHS)
    headers = [chance.choice(HEADERS) for _ in range(chance.choice((0, 0, 0, 1, 1, 2)))]
    body = chance.choice(_MAKERS)(chance) if method in ("POST", "PUT", "PATCH", "QUERY") else b""
    names = {name.lower() for name, _ in headers}
    if body and b"content-type" not in names and chance.random() < 0.9:
        headers.append((b"Content-Type", b"application/json"))
    if body and chance.random() < 0.1 and not names & {b"transfer-encoding", b"content-length"}:
        headers.append((b"Transfer-Encoding", b"chunked"))
        return Attack(raw.request(method, path, headers, _chunked(body, chance), length=False), method)
    stated = names & {b"transfer-encoding", b"content-length"}
    return Attack(raw.request(method, path, headers, body, length=not stated), method)


def _object(chance: random.Random) -> bytes:
    """Return an object of known and unknown keys with values that do not suit them."""
    keys = chance.sample(KEYS, chance.randint(1, 5))
    if chance.random() < 0.6:
        keys = ["question", *(key for key in keys if key != "question")]
    pairs = []
    for key in keys:
        suits = key == "question" and chance.random() < 0.7
        value = '"도서관은 몇 시에 닫나요?"'.encode() if suits else chance.choice(VALUES)
        pairs.append(json.dumps(key).encode() + b":" + value)
    return b"{" + b",".join(pairs) + b"}"


def _messages(chance: random.Random) -> bytes:
    role = chance.choice([b'"user"', b'"system"', b'"' + MARK.encode() + b'"', b"1"])
    content = chance.choice([*VALUES, b'[{"type": "image_url", "image_url": {"url": "http://x"}}]'])
    message = b'{"role":' + role + b',"content":' + content + b"}"
    return b'{"model":"citewise","messages":[' + b",".join([message] * chance.randint(1, 60)) + b"]}"


def _mangled(chance: random.Random) -> bytes:
    body = bytearray(_object(chance))
    for _ in range(chance.randint(1, 4)):
        body[chance.randrange(len(body))] = chance.randrange(256)
    return bytes(body[: chance.randint(1, len(body))])


def _chunked(body: bytes, chance: random.Random) -> bytes:
    """Return *body* in chunks; now and then their sizes are lies."""
    size = max(1, len(body) // chance.randint(1, 5))
    pieces = [body[start : start + size] for start in range(0, len(body), size)]
    chunks = [_size(len(each), chance) + b"\r\n" + each + b"\r\n" for each in pieces]
    return b"".join(chunks) + b"0\r\n\r\n"


def _size(length: int, chance: random.Random) -> bytes:
    if chance.random() < 0.05:
        return chance.choice([b"zz", b"-1", b"fffffffffffffffff"])
    return f"{length:x}".encode()


_MAKERS: tuple[Callable[[random.Random], bytes], ...] = (
    _object,
    _object,
    _object,
    _messages,
    _mangled,
    lambda chance: chance.choice(BODIES),
    lambda chance: chance.randbytes(chance.randint(0, 300)),
)
