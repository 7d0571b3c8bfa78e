"""Signing in: the page that asks for the token, the session behind it, and its end, in two browsers."""

import base64
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from browser import MOBILE, axe
from chatting import ASKED, Chat, chatting
from firefox import firefox
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from served import SETTINGS, TOKEN, command, listening, service

from rag.errors import ConfigError
from rag.protocols import Embedder
from rag.settings import read_settings
from rag.ui.gate import Gate
from rag.ui.limits import limits
from rag.ui.strings import LANGUAGES, strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

HTML = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
# How many chats the browser keeps.
CHATS = """async () => {
  const open = indexedDB.open("citewise");
  await new Promise((resolve) => (open.onsuccess = resolve));
  const asked = open.result.transaction("chats").objectStore("chats").count();
  await new Promise((resolve) => (asked.onsuccess = resolve));
  return asked.result;
}"""
WEEK_S = 7 * 24 * 3600


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Chat]:
    """`rag serve` with a token."""
    with chatting(tmp_path_factory.mktemp("guarded"), embedder, CITEWISE_SERVE_TOKEN=TOKEN) as found:
        yield found


@pytest.fixture
def client(guarded: Chat) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=guarded.url, timeout=60) as each:
        yield each


def sign_in(client: httpx.Client, token: str = TOKEN, **headers: str) -> httpx.Response:
    return client.post("/sign-in", json={"token": token}, headers=headers)


# --- over HTTP -------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["/", "/docs", "/documents/ko/a.md", "/nothing/at/all", "/chat/chat.js"])
def test_a_person_gets_the_page_and_a_program_the_error(client: httpx.Client, path: str) -> None:
    """Both are 401 with Bearer and nothing else, which no browser asks a password for."""
    page, error = client.get(path, headers=HTML), client.get(path)

    for each in (page, error):
        assert each.status_code == 401
        assert each.headers.get_list("www-authenticate") == ['Bearer realm="citewise"']
        assert each.headers["cache-control"] == "no-store"
    assert error.json()["code"] == "unauthorized"
    assert page.headers["content-type"].startswith("text/html")
    assert "form-action 'none'" in page.headers["content-security-policy"]
    assert (
        "'unsafe-inline'"
        not in page.headers["content-security-policy"].partition("script-src")[2].split(";")[0]
    )
    # Its requests go to the service's own root, wherever the page stands.
    at = re.search('data-at="(.*?)"', page.text)
    assert at
    assert httpx.URL(f"http://h{path}").join(at[1]).path == "/sign-in"


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_page_speaks_the_language_of_the_browser(client: httpx.Client, lang: str) -> None:
    """In seven languages."""
    page = client.get("/", headers={**HTML, "Accept-Language": lang})

    assert f'<html lang="{lang}">' in page.text
    assert all(strings(lang)[key] in page.text for key in ("sign_in", "token"))
    # What fills in passwords for people can do so here.
    assert {'autocomplete="username"', 'autocomplete="current-password"'} <= set(page.text.split())


def test_a_session_opens_what_the_token_does_until_it_is_ended(client: httpx.Client) -> None:
    """The cookie is out of reach of scripts and other sites; once signed out, its value opens nothing."""
    before = client.get("/documents").status_code
    begun = sign_in(client)
    cookie = begun.headers["set-cookie"]
    session = dict(client.cookies)
    inside = [client.get(path).status_code for path in ("/documents", "/", "/sign-in", "/metrics")]
    asked = client.post("/search", json={"question": "도서관"}).status_code
    ended = client.post("/sign-out", json={})
    after = client.get("/documents").status_code
    stolen = httpx.get(client.base_url.join("/documents"), cookies=session).status_code

    assert (before, begun.status_code, begun.content) == (401, 204, b"")
    assert set(cookie.split("; ")[1:]) == {"HttpOnly", "SameSite=Strict", "Path=/", f"Max-Age={WEEK_S}"}
    assert cookie.startswith(f"citewise-{client.base_url.port}=")
    assert TOKEN not in cookie
    # 256 bits, six in a character.
    assert [len(value) for value in session.values()] == [43]
    assert inside == [200, 200, 204, 200]
    assert asked == 200
    assert (ended.status_code, after, stolen) == (204, 401, 401)
    assert "Max-Age=0" in ended.headers["set-cookie"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'{"token": 5}', b'{"token": ""}', b'{"token": "x", "y": 1}', b'{"token": "\\u0000"}']
    + [
        f'{{"token": "{wrong}"}}'.encode()
        for wrong in (TOKEN[:-1], TOKEN + "x", TOKEN.upper(), "토큰", "é" * 400)
    ],
)
def test_a_wrong_token_begins_nothing(client: httpx.Client, body: bytes) -> None:
    """No cookie, and no word of what was sent."""
    reply = client.post("/sign-in", content=body, headers={"Content-Type": "application/json"})

    assert reply.status_code in (401, 422)
    assert "set-cookie" not in reply.headers
    assert set(reply.json()) == {"code", "message", "request_id"}
    assert client.get("/documents").status_code == 401


def test_pages_of_others_can_neither_sign_in_nor_use_a_session(client: httpx.Client) -> None:
    """The origin and the media type are checked as everywhere; a cookie changes nothing about that."""
    foreign = [{"Origin": "http://evil.example"}, {"Origin": "null"}]
    foreign += [{"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}]
    for headers in foreign:
        assert sign_in(client, **headers).status_code == 403
    assert sign_in(client).status_code == 204
    for headers in foreign:
        for path in ("/ask", "/sign-out", "/search", "/feedback"):
            assert client.post(path, json={"question": "왜?"}, headers=headers).status_code == 403
        assert client.get("/documents", headers=headers).status_code == 403
    assert client.post("/sign-out", data={"a": "b"}).status_code == 415
    assert client.get("/documents").status_code == 200


def test_behind_tls_the_cookie_is_for_tls_only(client: httpx.Client) -> None:
    """The browser's Origin says so, also where no proxy is believed; a foreign one is refused before."""
    secure = sign_in(client, Origin=f"https://{client.base_url.netloc.decode()}")

    assert secure.headers["set-cookie"].startswith("__Host-citewise=")
    assert {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= set(
        secure.headers["set-cookie"].split("; ")
    )
    value = secure.headers["set-cookie"].partition(";")[0]
    assert client.get("/documents", headers={"Cookie": f"a=b; {value}; c=d"}).status_code == 200


def test_a_person_who_is_signed_in_is_led_to_the_chat(client: httpx.Client) -> None:
    """From /sign-in; scripts are told with an empty reply."""
    sign_in(client)

    assert client.get("/sign-in", headers=HTML).headers["location"] == "./"
    assert client.get("/sign-in").status_code == 204


def test_without_a_token_there_is_nothing_to_sign_in_to(url: str) -> None:
    """The route is not there, and the chat offers no way out."""
    assert httpx.post(f"{url}/sign-in", json={"token": "x"}).status_code == 404


def test_wrong_tokens_are_counted(library: Path, embedder: Embedder) -> None:
    """Whoever guesses is told to wait, and still has to when the guess is right."""
    limited = listening(service(library, embedder, serve_token=SecretStr(TOKEN), serve_rate=4))
    with limited as url, httpx.Client(base_url=url) as client:
        codes = [sign_in(client, f"guess-number-{number}").status_code for number in range(6)]
        right = sign_in(client).status_code

    assert codes == [401, 401, 401, 401, 429, 429]
    assert right == 429


def test_basic_is_still_a_way_for_programs(client: httpx.Client) -> None:
    """`curl -u any:TOKEN` works, though nobody is asked for it."""
    basic = base64.b64encode(f"any:{TOKEN}".encode()).decode()

    assert client.get("/documents", headers={"Authorization": f"Basic {basic}"}).status_code == 200


# --- the end of a token -----------------------------------------------------------------


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@given(st.floats(1, 3 * WEEK_S), st.floats(0, 4 * WEEK_S))
def test_a_session_ends_with_its_token_and_after_a_week(lasts_s: float, later_s: float) -> None:
    """Whichever comes first; the cookie says the same to the browser."""
    clock = Clock()
    gate = Gate(SecretStr(TOKEN), datetime.fromtimestamp(clock.now + lasts_s, UTC), clock)
    cookie = gate.begin("localhost:8000", secure=False)
    value = cookie.partition(";")[0]

    clock.now += later_s

    ends_s = min(WEEK_S, lasts_s)
    assert abs(int(cookie.rpartition("=")[2]) - ends_s) <= 1
    if abs(later_s - ends_s) > 0.01:
        assert gate.admits("", [value], "localhost:8000") == (later_s < ends_s)
    if abs(later_s - lasts_s) > 0.01:
        assert gate.admits(f"Bearer {TOKEN}", [], "localhost:8000") == (later_s < lasts_s)
    assert not gate.admits("", [value], "localhost:9000")


@given(st.text(max_size=60))
def test_no_other_cookie_opens_anything(value: str) -> None:
    """Whatever it holds; and so many sessions do not fill the memory."""
    gate = Gate(SecretStr(TOKEN))
    gate.begin("localhost", secure=True)

    assert not gate.admits("", [value, f"citewise-80={value}", f"__Host-citewise={value}"], "localhost")
    assert not gate.admits(value, [], "localhost")


def test_many_sessions_push_out_the_oldest() -> None:
    """Ten thousand are kept."""
    gate = Gate(SecretStr(TOKEN))
    cookies = [gate.begin("localhost", secure=False).partition(";")[0] for _ in range(10_001)]

    assert not gate.admits("", cookies[:1], "localhost")
    assert all(gate.admits("", [each], "localhost") for each in cookies[1:])


def test_an_end_needs_a_zone_and_a_future() -> None:
    """It is said where the service is started."""
    with pytest.raises(ConfigError, match="serve_token_expires"):
        read_settings({}, {"CITEWISE_SERVE_TOKEN_EXPIRES": "2030-01-01"}, None)
    past = SETTINGS.model_copy(update={"serve_token_expires": datetime.now(UTC) - timedelta(seconds=1)})
    with pytest.raises(ConfigError, match="is past"):
        limits(past)
    future = read_settings({}, {"CITEWISE_SERVE_TOKEN_EXPIRES": "2999-01-01T00:00:00+09:00"}, None)
    assert limits(future).token_expires == datetime(2998, 12, 31, 15, tzinfo=UTC)


# --- in browsers --------------------------------------------------------------------------


def test_chromium_signs_in_asks_and_signs_out(chromium: "Browser", guarded: Chat) -> None:
    """What is wrong is said; the question that was asked is gone with the session."""
    options: dict[str, Any] = {"viewport": MOBILE, "locale": "en-US"}
    context = chromium.new_context(**options)
    faults: list[str] = []
    try:
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(guarded.url)
        page.get_by_label("Access token").fill("a-token-that-is-wrong")
        page.get_by_role("button", name="Sign in").click()
        page.get_by_text("This token does not let you in.").wait_for()
        assert barriers(page) == []
        page.get_by_label("Access token").fill(TOKEN)
        page.keyboard.press("Enter")
        page.locator("#question").wait_for(timeout=60_000)
        assert TOKEN not in page.evaluate(
            "document.cookie + JSON.stringify({...localStorage, ...sessionStorage})"
        )
        [cookie] = context.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        page.locator("#question").fill(ASKED)
        page.keyboard.press("Enter")
        page.locator("#citewise .turn .answer").wait_for(timeout=60_000)
        page.reload()
        page.locator("#citewise .turn .answer").wait_for(timeout=60_000)

        page.get_by_role("button", name="Open the side panel").click()
        page.locator("#settings summary").click()
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("dialog").get_by_role("button", name="Sign out").click()
        page.get_by_label("Access token").wait_for(timeout=60_000)
        assert page.evaluate(CHATS) == 0
        assert context.cookies() == []
        page.goto("about:blank")
        page.go_back()
        page.get_by_label("Access token").wait_for(timeout=60_000)
    finally:
        context.close()
    assert faults == []


def barriers(page: "Page") -> list[str]:
    page.evaluate(axe())
    found: list[str] = page.evaluate("axe.run().then(found => found.violations.map(each => each.id))")
    return found


def test_a_link_of_another_site_finds_the_browser_signed_in(chromium: "Browser", guarded: Chat) -> None:
    """Its request comes without the cookie; the page notices, and nobody signs in twice."""
    context = chromium.new_context()
    try:
        page = context.new_page()
        page.goto(guarded.url)
        page.get_by_label("Access token").fill(TOKEN)
        page.keyboard.press("Enter")
        page.locator("#question").wait_for(timeout=60_000)
        page.evaluate("sessionStorage.clear()")
        page.goto("about:blank")
        page.set_content(f'<a href="{guarded.url}">to the chat</a>')
        page.get_by_role("link").click()
        page.locator("#question").wait_for(timeout=60_000)
        assert page.get_by_label("Access token").count() == 0
    finally:
        context.close()


def test_a_service_that_started_anew_says_that_one_is_signed_out(
    chromium: "Browser", tmp_path: Path, library: Path
) -> None:
    """The chats stay, and signing in brings back what was asked."""
    context = chromium.new_context(locale="en-US")
    try:
        with command(library, tmp_path / "log", CITEWISE_SERVE_TOKEN=TOKEN) as served:
            page = context.new_page()
            page.goto(served.url)
            page.get_by_label("Access token").fill(TOKEN)
            page.keyboard.press("Enter")
            page.locator("#question").wait_for(timeout=60_000)
            context.clear_cookies()
            page.locator("#question").fill("도서관은 몇 시에 닫나요?")
            page.keyboard.press("Enter")
            page.get_by_role("alert").filter(has_text="You are signed out.").wait_for(timeout=60_000)
            page.reload()
            page.get_by_label("Access token").fill(TOKEN)
            page.keyboard.press("Enter")
            page.get_by_text("도서관은 몇 시에 닫나요?").first.wait_for(timeout=60_000)
    finally:
        context.close()


@pytest.mark.parametrize("width", [1280, 390])
def test_firefox_signs_in_asks_and_signs_out(guarded: Chat, width: int) -> None:
    """The same way, with the same cookie."""
    with firefox() as browser:
        browser.resize(width, 844)
        browser.goto(guarded.url)
        browser.write("#token", "a-token-that-is-wrong")
        browser.click("form button")
        browser.find("[role=alert]:not(:empty)")
        assert browser.text("[role=alert]").startswith("This token does not let you in.")
        browser.script("document.querySelector('#token').value = ''")
        browser.write("#token", TOKEN)
        browser.click("form button")
        browser.write("#question", ASKED)
        browser.click("#citewise .send button")
        assert "1,250 degrees" in browser.text("#citewise .turn .answer .claims")
        [cookie] = browser.cookies()
        assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
        browser.script(
            "document.querySelector('#side').hidden && document.querySelector('.top button').click()"
        )
        browser.click("#settings summary")
        browser.script("document.querySelector('#settings .link').click()")
        browser.click("dialog .yes")
        browser.find("#token")
        assert browser.cookies() == []
        assert browser.script(f"return ({CHATS})()") == 0
