"""Chats that the service keeps: shown to their token only, bounded, and gone when they are deleted."""

import json
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from browser import Visit, visiting
from pydantic import SecretStr
from served import TOKEN, listening, service

from rag.errors import ConfigError
from rag.protocols import Embedder
from rag.ui import chat, kept_chats
from rag.ui.limits import MAX_CHAT, limits
from rag.ui.strings import strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

OTHER = "an0ther-token-of-the-tests-and-of-nothing-else"
TEXTS = strings("en")
QUESTIONS = (
    "도서관은 몇 시에 닫나요?",
    unicodedata.normalize("NFD", "회원은 몇 권을 빌리나요?"),
    "フェリーは何時に出ますか",
    "绿茶要泡多久？",
    "เปิดกี่โมง",
    "متى يفتح المتحف؟",
    "מתי נפתח הגן?",
    "भट्ठी कितनी गर्म होती है?",
    "Πότε ανοίγει; 🏺",
    "Когда откроется музей?",
)


@contextmanager
def keeping(index: Path, embedder: Embedder, token: str = TOKEN) -> Iterator[httpx.Client]:
    """Run a service that keeps chats, and give a program that has its token."""
    asked = service(index, embedder, chat_history="service", serve_token=SecretStr(token))
    headers = {"Authorization": f"Bearer {token}"}
    client = httpx.Client(headers=headers, timeout=60)
    with listening(asked, mounts=[chat.mount]) as url, client:
        client.base_url = httpx.URL(url)
        yield client


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "index"


@pytest.fixture
def client(index: Path, embedder: Embedder) -> Iterator[httpx.Client]:
    with keeping(index, embedder) as each:
        yield each
        each.delete("/chats")


def body(question: str, **changed: object) -> dict[str, Any]:
    return {"question": question, "words": question, "turns": [{"id": "1", "question": question}], **changed}


def put(client: httpx.Client, chat_id: str, question: str, **changed: object) -> httpx.Response:
    return client.put(f"/chats/{chat_id}", json=body(question, **changed))


def test_a_chat_is_shown_to_its_token_only(index: Path, embedder: Embedder) -> None:
    """Another token sees, changes and deletes nothing of it; nobody without one is told that it is there."""
    with keeping(index, embedder) as ours:
        for number, question in enumerate(QUESTIONS):
            assert put(ours, f"c{number}", question).status_code == 200
        nobody = [httpx.get(ours.base_url.join(each)).status_code for each in ("/chats", "/chats/c0")]
    with keeping(index, embedder, OTHER) as theirs:
        seen = theirs.get("/chats").json()["chats"]
        missing = theirs.get("/chats/c0").json()["code"]
        put(theirs, "c0", "Mine?")
        theirs.delete("/chats/c1")
        theirs.delete("/chats")
    with keeping(index, embedder) as ours:
        listed = ours.get("/chats").json()["chats"]
        turns = [ours.get(f"/chats/c{number}").json()["turns"] for number in range(len(QUESTIONS))]
        ours.delete("/chats")

    assert (nobody, seen, missing) == ([401, 401], [], "not_found")
    assert {each["id"] for each in listed} == {f"c{number}" for number in range(len(QUESTIONS))}
    assert [each["updated"] for each in listed] == sorted((each["updated"] for each in listed), reverse=True)
    assert [each[0]["question"] for each in turns] == list(QUESTIONS)
    file = index / "chats.sqlite"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert TOKEN.encode() not in file.read_bytes()


def test_what_is_deleted_is_gone(client: httpx.Client, index: Path) -> None:
    """One or all; not even its bytes are left in the file."""
    for chat_id in ("one", "two"):
        put(client, chat_id, f"xyzzy {chat_id}", words=f"xyzzy {chat_id}")

    statuses = [client.delete("/chats/one").status_code for _ in range(2)]
    left = [each["id"] for each in client.get("/chats").json()["chats"]]
    client.delete("/chats")

    assert (statuses, left) == ([204, 204], ["two"])
    assert client.get("/chats").json()["chats"] == []
    assert b"xyzzy" not in (index / "chats.sqlite").read_bytes()


def test_of_two_who_change_a_chat_the_slower_reads_it_again(client: httpx.Client) -> None:
    """What it did not know of is not overwritten, a chat that is new to both included."""
    first = put(client, "c", "First?").json()["updated"]
    new = put(client, "c", "Another first?")
    second = put(client, "c", "Second?", updated=first, name="가마 🏺").json()["updated"]
    late = put(client, "c", "Late?", updated=first)

    assert second > first
    assert [(each.status_code, each.json()["code"]) for each in (new, late)] == [(409, "chat_changed")] * 2
    assert client.get("/chats/c").json() | {"request_id": ""} == {
        "id": "c",
        "updated": second,
        "name": "가마 🏺",
        "request_id": "",
        "turns": body("Second?")["turns"],
    }


def test_a_token_has_room_for_so_many_chats(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Too many, too large, or too large together are refused with what helps; a kept one may still change."""
    monkeypatch.setattr(kept_chats, "MAX_CHATS", 2)
    kept = [put(client, chat_id, "?a").json()["updated"] for chat_id in ("a", "b")]
    third = put(client, "c", "?c")
    again = put(client, "b", "?b", updated=kept[1])
    monkeypatch.setattr(kept_chats, "MAX_CHATS_BYTES", 100)
    together = put(client, "a", "?" * 90, updated=kept[0])
    large = put(client, "a", "a", turns=[{"text": "가" * (MAX_CHAT // 3)}], updated=kept[0])

    assert [each.status_code for each in (third, again, together, large)] == [507, 200, 507, 413]
    assert "Delete some." in third.json()["message"]


@pytest.mark.parametrize(
    ("content", "status"),
    [
        ('{"question": "a?", "turns": []}', 422),
        ('{"question": "", "turns": [{}]}', 422),
        ('{"question": "a?", "turns": [1]}', 422),
        ('{"question": "a?", "turns": [{"score": NaN}]}', 422),
        ('{"question": "a?", "turns": [{}], "updated": "1"}', 422),
        ('{"question": "a?", "turns": [{}], "owner": "b"}', 422),
        ('{"question": "a?", "turns": [{"a": ' + "[" * 100_000 + "]" * 100_000 + "}]}", 400),
        ('{"question": "a?", "turns": [{"a": ' + "[" * 900 + "]" * 900 + "}]}", None),
        ('{"question": "a?", "turns": [{"text": "\\ud83d"}]}', 200),
    ],
)
def test_what_is_no_chat_is_refused(client: httpx.Client, content: str, status: int | None) -> None:
    """What was taken comes back as it was, however deep; the rest gets the one form of all errors."""
    response = client.put("/chats/c", content=content, headers={"Content-Type": "application/json"})

    assert response.status_code == status or status is None
    assert response.status_code < 500
    if response.status_code == 200:
        assert json.loads(client.get("/chats/c").text)["turns"] == json.loads(content)["turns"]
    else:
        assert set(response.json()) == {"code", "message", "request_id"}


def test_chats_are_guarded_as_questions_are(client: httpx.Client) -> None:
    """No page of another origin, no form and no odd name reaches them."""
    foreign = {"Origin": "http://evil.example"}
    form = {"Content-Type": "text/plain"}
    refused = [
        client.get("/chats", headers=foreign),
        client.put("/chats/c", json=body("a?"), headers=foreign),
        client.delete("/chats", headers=foreign),
        client.put("/chats/c", content=json.dumps(body("a?")), headers=form),
        put(client, "C..", "a?"),
        put(client, "c" * 41, "a?"),
        client.post("/chats", json={}),
    ]

    assert [each.status_code for each in refused] == [403, 403, 403, 415, 422, 422, 405]
    assert client.get("/chats").json()["chats"] == []


def test_they_are_kept_only_where_that_was_asked_for(client: httpx.Client, url: str) -> None:
    """The routes are documented, and not there otherwise; without a token nobody starts."""
    there = client.get("/openapi.json").json()["paths"]
    usual = httpx.get(f"{url}/openapi.json").json()["paths"]
    settings = service(Path("none"), None, chat_history="service").settings  # type: ignore[arg-type]

    assert {"/chats", "/chats/{chat_id}"} <= set(there)
    for path in ("/chats", "/chats/{chat_id}"):
        for operation in there[path].values():
            errors = {status for status in operation["responses"] if int(status) >= 400}
            assert {"400", "401", "403", "409", "429"} <= errors
    assert not [path for path in usual if path.startswith("/chats")]
    assert httpx.get(f"{url}/chats").status_code == 404
    with pytest.raises(ConfigError, match="CITEWISE_SERVE_TOKEN"):
        limits(settings)


def test_generated_requests_are_answered_as_documented(client: httpx.Client) -> None:
    """schemathesis finds no response of these routes that is not described."""
    schemathesis = str(Path(sys.executable).with_name("schemathesis"))
    command = [schemathesis, "--config-file", "tests/ui/schemathesis.toml"]
    options = ["--include-path-regex", "^/chats", "--phases", "coverage", "--seed", "20", "--no-color"]
    token = ["-H", f"Authorization: Bearer {TOKEN}", "--generation-database", "none"]
    done = subprocess.run(
        [*command, "run", *options, *token, str(client.base_url.join("/openapi.json"))],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout[-6000:]
    assert "5 passed" in done.stdout


@pytest.mark.parametrize("make", [Path.mkdir, lambda path: path.symlink_to(path.with_name("far"))])
def test_what_stands_in_the_place_of_the_file_is_left_alone(make: Any, tmp_path: Path) -> None:  # noqa: ANN401
    """A folder or a link cannot hold chats, and nothing is written where the link leads."""
    make(tmp_path / "chats.sqlite")

    with pytest.raises(ConfigError, match=r"chats\.sqlite"):
        kept_chats.KeptChats(tmp_path / "chats.sqlite", SecretStr(TOKEN))
    assert [each.name for each in tmp_path.iterdir()] == ["chats.sqlite"]


def test_two_machines_show_the_same_chats(chromium: "Browser", library: Path, embedder: Embedder) -> None:
    """Asked on one, found, continued and renamed on the other; signing out leaves them, deleting does not."""
    with keeping(library, embedder) as client, signed_in(chromium, client) as one:
        one.ask(QUESTIONS[0])
        one.page.get_by_text(TEXTS["history_kept_service"]).wait_for()
        with signed_in(chromium, client) as other:
            other.page.locator(".chats .row", has_text=QUESTIONS[0]).click()
            other.ask(QUESTIONS[2])
            one.ask("When may the kiln be opened?")
            one.page.locator(".turn").nth(2).wait_for()
            other.page.locator("#settings summary").click()
            other.page.get_by_role("button", name="Sign out").click()
            other.page.get_by_text(TEXTS["sign_out_ask_service"]).wait_for()
            other.page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
            other.page.get_by_label("Access token").wait_for()
        [kept] = client.get("/chats").json()["chats"]
        assert one.page.url.endswith(f"/c/{kept['id']}")
        assert len(client.get(f"/chats/{kept['id']}").json()["turns"]) == 3

        second = one.page.context.new_page()
        second.goto(one.page.url)
        second.locator(".menu summary").click()
        second.locator(".menu").get_by_role("button", name="Rename").click()
        second.get_by_role("dialog").get_by_role("textbox").fill("가마 🏺")
        second.get_by_role("dialog").get_by_role("button", name="Rename", exact=True).click()
        one.page.locator("h1", has_text="가마 🏺").wait_for()
        second.locator(".menu summary").click()
        second.locator(".menu").get_by_role("button", name="Delete").click()
        second.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
        one.page.locator(".welcome").wait_for()
        assert client.get("/chats").json()["chats"] == []
        assert one.page.evaluate("indexedDB.databases().then((all) => all.length)") == 0


@contextmanager
def signed_in(chromium: "Browser", client: httpx.Client) -> Iterator[Visit]:
    """Open the chat in a browser of its own."""
    url = str(client.base_url).rstrip("/")
    [(name, value)] = httpx.post(f"{url}/sign-in", json={"token": TOKEN}).cookies.items()
    cookie = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "sameSite": "Strict"}
    with visiting(chromium, url, storage_state={"cookies": [cookie], "origins": []}) as visit:
        yield visit
