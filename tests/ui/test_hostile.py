"""Whatever a client sends, the service neither breaks nor repeats it.

`CITEWISE_HOSTILE` sets how many requests are sent, `CITEWISE_SCHEMATHESIS` how many cases are tried at
most for each operation; a release sets them to 10000 and 150, which makes more than 2,000 cases.
"""

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
import raw
from hostile import BODIES, HEADERS, MARK, PATHS, VALUES, Attack, attack, attack_on_chats
from payloads import PAYLOADS
from pydantic import SecretStr
from served import TOKEN, listening, service

from rag.protocols import Embedder
from rag.ui import chat, library_page
from rag.ui.connection import Connection

REQUESTS = int(os.environ.get("CITEWISE_HOSTILE", "1500"))
EXAMPLES = os.environ.get("CITEWISE_SCHEMATHESIS", "12")


class Impatient(Connection):
    """A request whose length is a lie never ends; a second is enough to know."""

    receive_s = 1.0


@pytest.fixture(scope="module")
def target(library: Path, embedder: Embedder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with every route there is, over an index of its own: it takes files."""
    index = tmp_path_factory.mktemp("target") / "index"
    shutil.copytree(library, index)
    taking = service(index, embedder, serve_upload=True)
    with listening(taking, Impatient, embedder, [chat.mount, library_page.mount]) as url:
        yield url


def fault(url: str, sent: Attack) -> tuple[int, str]:
    """Send a request; return the status and what is wrong with the response, empty when nothing is."""
    with raw.connect(url, 60) as connection:
        with suppress(OSError):  # refused before all of it was sent
            connection.sendall(sent.data)
        reply = raw.receive(connection, head=sent.method == "HEAD")
    return reply.status, _wrong(sent, reply)


def _wrong(sent: Attack, reply: raw.Reply) -> str:
    if reply.status == 0 or reply.status >= 500:
        return f"status {reply.status}"
    if reply.headers.get("x-content-type-options") != "nosniff":
        return "no security headers"
    if any(MARK in value for value in reply.headers.values()):
        return "a header repeats what was sent"
    if reply.status < 400 or sent.method == "HEAD":
        return ""
    if MARK.encode() in reply.body or len(reply.body) > 1000:
        return "the error repeats what was sent"
    if list(json.loads(reply.body)) not in (["code", "message", "request_id"], ["error"]):
        return "the error has another form"
    return ""


def faults(url: str, attacks: list[Attack]) -> tuple[Counter[int], list[str]]:
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(lambda each: fault(url, each), attacks))
    wrong = [f"{what}: {sent.data[:300]!r}" for sent, (_, what) in zip(attacks, results, strict=True) if what]
    return Counter(status for status, _ in results), wrong


def test_every_piece_of_the_corpus_is_survived(target: str) -> None:
    """Each hostile value, body, path and header once, on the route where it hurts most."""
    as_json = [(b"Content-Type", b"application/json")]
    fields = ("question", "k", "where", "history", "stream")
    bodies = [f'{{"question":"왜?","{name}":'.encode() + value + b"}" for value in VALUES for name in fields]
    posts = [("/ask", body) for body in [*BODIES, *bodies]]
    attacks = [Attack(raw.request("POST", path.encode(), as_json, body), "POST") for path, body in posts]
    attacks += [Attack(raw.request("GET", path, []), "GET") for path in PATHS]
    attacks += [Attack(raw.request("GET", b"/documents", [header]), "GET") for header in HEADERS]

    _, wrong = faults(target, attacks)

    assert wrong == []


def test_hostile_files_and_names_leave_no_trace(target: str) -> None:
    """Payloads as files, under names that lead elsewhere: each is a job, and a document in its folder."""
    names = ["../../a.txt", "a\0.md", "con.html", ".jobs/x.txt", "\u202ea.csv", "가/../나.xml"]
    files = [text.encode() for text in PAYLOADS[::4]]
    with httpx.Client(base_url=target, timeout=60) as client:
        sent = [
            client.post(
                "/uploads",
                params={"name": f"{number}{names[number % len(names)]}"},
                content=content,
                headers={"Content-Type": "application/octet-stream"},
            )
            for number, content in enumerate(files)
        ]
        ids = {each.json()["upload_id"] for each in sent if each.status_code == 202}
        while waiting := [
            each for each in ids if client.get(f"/uploads/{each}").json()["stage"] not in ("done", "failed")
        ]:
            client.get(f"/uploads/{waiting[0]}")
        failed = [client.get(f"/uploads/{each}").json()["error"] for each in ids]
        listed = client.get("/documents?limit=1000").json()["documents"]

    assert {each.status_code for each in sent} == {202}
    assert {each["code"] for each in failed if each} <= {"unreadable"}
    assert not any(".." in each["doc_id"].split("/") or "/." in each["doc_id"] for each in listed)


def test_generated_requests_break_nothing(target: str) -> None:
    """Any combination of them on any route: no 5xx, no echo, one form of errors, and it still answers."""
    statuses, wrong = faults(target, [attack(number) for number in range(REQUESTS)])

    print(f"{REQUESTS} hostile requests: {dict(sorted(statuses.items()))}")
    assert wrong == []
    assert len(statuses) >= 8
    assert httpx.post(f"{target}/ask", json={"question": "도서관은 몇 시에 닫나요?"}).json()["answered"]


def test_chats_that_the_service_keeps_survive_them_too(
    library: Path, embedder: Embedder, tmp_path: Path
) -> None:
    """By someone who has the token: the service still keeps what it is given."""
    index = tmp_path / "index"
    shutil.copytree(library, index)
    keeping = service(index, embedder, serve_token=SecretStr(TOKEN), chat_history="service")
    with listening(keeping, Impatient, embedder, [chat.mount]) as url:
        statuses, wrong = faults(url, [attack_on_chats(number, TOKEN) for number in range(REQUESTS // 5)])

        headers = {"Authorization": f"Bearer {TOKEN}"}
        body = {"question": "왜?", "words": "왜?", "turns": [{"id": "1", "question": "왜?"}]}
        kept = httpx.put(f"{url}/chats/last", json=body, headers=headers)

    print(f"{REQUESTS // 5} hostile requests to chats: {dict(sorted(statuses.items()))}")
    assert wrong == []
    assert kept.status_code == 200, kept.text


def test_the_openapi_document_is_honest(target: str) -> None:
    """schemathesis finds no response that is not described, and no request that is described and refused."""
    schemathesis = str(Path(sys.executable).with_name("schemathesis"))
    command = [schemathesis, "--config-file", str(Path(__file__).with_name("schemathesis.toml")), "run"]
    options = ["--no-color", "--seed", "20", "--max-examples", EXAMPLES]
    options += ["--generation-database", "none", "--suppress-health-check", "all"]
    done = subprocess.run(
        [*command, *options, f"{target}/openapi.json"], capture_output=True, text=True, timeout=900
    )

    print(*[line for line in done.stdout.splitlines() if " generated" in line])
    assert done.returncode == 0, "\n".join(line[:300] for line in done.stdout.splitlines())[-6000:]
