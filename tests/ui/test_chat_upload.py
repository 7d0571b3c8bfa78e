"""Adding documents in the browser: by keyboard, with progress, and refusals in everyone's language."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browser import MOBILE, Visit, axe, visiting
from chatting import Chat
from served import SETTINGS, command

from rag import wiring
from rag.protocols import Embedder
from rag.ui.strings import strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, FileChooser, FilePayload

STATION = "# 청람역 안내\n\n청람역 승강장은 모두 네 개이며 2019년 5월 3일에 개통했다.\n"
OPENED = "청람역은 언제 개통했나요?"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("uploads")


@pytest.fixture(scope="module")
def url(root: Path) -> Iterator[str]:
    """A service that takes files."""
    with command(root / "index", root / "log", "--allow-upload") as served:
        yield served.url


def file(name: str, text: str) -> "FilePayload":
    return {"name": name, "mimeType": "", "buffer": text.encode()}


def open_library(visit: Visit) -> None:
    """Wait until it takes files, which the page has to ask the service for."""
    visit.page.locator("#library").evaluate("each => (each.open = true)")
    visit.page.locator("#library .plain").first.wait_for()


def add(visit: Visit, *files: "FilePayload") -> None:
    """Choose *files* in the library, as soon as it takes any."""
    open_library(visit)
    visit.page.locator("#library input[type=file]").first.set_input_files(list(files))


def rows(visit: Visit, text: str) -> Any:  # noqa: ANN401
    return visit.page.locator(".uploads li", has_text=text)


def test_a_korean_document_is_added_by_keyboard_and_answered_from(
    chromium: "Browser", tmp_path: Path
) -> None:
    """From no index to a checked citation, without a command and without a mouse."""
    fresh = command(tmp_path / "index", tmp_path / "log", "--allow-upload")
    with fresh as served, visiting(chromium, served.url, locale="ko-KR") as visit:
        page, texts = visit.page, strings("ko")
        # From the beginning: waiting for it only now, Playwright may miss what a key opens at once.
        opened: list[FileChooser] = []
        page.on("filechooser", lambda chooser: opened.append(chooser))  # noqa: PLW0108 - wants a function
        page.locator(".welcome", has_text=texts["index_empty_upload"]).wait_for()
        button = page.get_by_role("button", name=texts["upload_add"])
        page.locator("#question").focus()
        for _ in range(40):
            if button.evaluate("each => each === document.activeElement"):
                break
            page.keyboard.press("Shift+Tab")
        page.keyboard.press("Enter")
        while not opened:
            page.wait_for_timeout(20)
        opened[0].set_files([file("청람역.md", STATION)])
        rows(visit, texts["upload_added"]).wait_for()

        visit.ask(OPENED)
        page.locator(".claims .marker").first.click()
        page.locator(".source mark").wait_for()
        assert "2019년 5월 3일" in (page.locator(".source mark").text_content() or "")
        assert page.locator(".claim.unverified").count() == 0
        assert texts["documents_n"].replace("{n}", "1") in (page.locator("#library").text_content() or "")


def test_why_a_file_was_refused_is_said_in_the_language_of_the_interface(
    chromium: "Browser", url: str, root: Path, embedder: Embedder
) -> None:
    """Each in a line of its own, changed with the language; what may pass can be tried again."""
    texts = strings("ja")
    with visiting(chromium, url, locale="ja-JP") as visit:
        page = visit.page
        first, second = file("駅.md", STATION), file("港.md", "青波港のフェリーは毎朝七時に出航します。")
        add(visit, first, first, file("写真.gif", "x"), file("壊.pdf", "%PDF-1.7 and no more"))
        for name, key in (("駅", "exists"), ("写真", "unsupported_file"), ("壊", "unreadable")):
            said = texts[f"upload_error_{key}"].partition("{")[0]
            rows(visit, name).filter(has_text=said).wait_for()
        # Families of formats are named: there are over a hundred suffixes.
        assert texts["upload_kinds"] in (page.locator("#library").text_content() or "")
        assert page.locator(".uploads [lang=en]").count() == 1

        with wiring.writer(SETTINGS.model_copy(update={"index": root / "index"}), embedder):
            add(visit, second)
            waiting = rows(visit, "港").filter(has_text=texts["upload_publishing"])
            waiting.get_by_role("button", name=texts["upload_cancel"]).wait_for()
        rows(visit, "港").filter(has_text=texts["upload_added"]).wait_for()

        page.locator("#settings summary").click()
        page.get_by_label(texts["language"]).select_option("fr")
        rows(visit, "駅").filter(has_text=strings("fr")["upload_error_exists"]).wait_for()


def test_how_far_a_file_is_can_be_seen(chromium: "Browser", url: str) -> None:
    """While it is on its way a bar fills; a connection that broke can be tried again."""
    page_of = f"<p>Boats leave at one.</p><!--{'x' * 400_000}-->"
    with visiting(chromium, url) as visit:
        page = visit.page
        open_library(visit)
        page.context.set_offline(True)
        add(visit, file("boats.html", page_of))
        rows(visit, strings("en")["upload_error_offline"]).wait_for()
        page.context.set_offline(False)
        network = page.context.new_cdp_session(page)
        slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 100_000}
        network.send("Network.enable")
        network.send("Network.emulateNetworkConditions", slow)
        rows(visit, "boats").get_by_role("button", name="Try again").click()
        share = page.locator(".uploads progress[value]")
        while not 0 < float(share.get_attribute("value") or 0) < 1:
            page.wait_for_timeout(20)
        assert page.get_by_role("progressbar", name="Sending").is_visible()
        network.send("Network.emulateNetworkConditions", {**slow, "uploadThroughput": -1})

        rows(visit, strings("en")["upload_added"]).wait_for()
        assert page.locator(".uploads progress").count() == 0


def test_what_the_connection_broke_at_is_asked_for_again(chromium: "Browser", url: str) -> None:
    """Whoever opened the page on a train can add documents when the train has left the tunnel."""
    with visiting(chromium, url) as visit:
        page = visit.page
        page.route("**/chat/choices", lambda route: route.abort())
        with page.expect_event("requestfailed", lambda request: request.url.endswith("/chat/choices")):
            page.reload()
        page.unroute("**/chat/choices")
        page.evaluate("dispatchEvent(new Event('online'))")
        add(visit, file("train.md", "The train leaves the tunnel at noon.\n"))
        rows(visit, strings("en")["upload_added"]).wait_for()


def test_the_name_of_a_file_is_text(chromium: "Browser", url: str) -> None:
    """As every other text that is not ours."""
    hostile = '<img src=x onerror="window.pwned=1"> \u202e \u2067.md'
    with visiting(chromium, url) as visit:
        add(visit, file(hostile, STATION), file(hostile + ".svg", "<svg onload=window.pwned=1>"))
        rows(visit, strings("en")["upload_added"]).wait_for()

        assert visit.page.locator(".uploads img, .uploads svg").count() == 0
        assert visit.page.locator(".uploads .title").first.text_content() == hostile
        assert visit.page.evaluate("window.pwned") is None


def test_nothing_bars_people_from_adding(chromium: "Browser", url: str) -> None:
    """axe finds nothing, on a phone in the dark too, where the panel covers the page."""
    with visiting(chromium, url, viewport=MOBILE, color_scheme="dark") as visit:
        page = visit.page
        page.get_by_role("button", name="Open the side panel").click()
        add(visit, file("a.md", STATION), file("b.jpg", ""))
        rows(visit, strings("en")["upload_added"]).wait_for()
        page.evaluate(axe())
        found = page.evaluate("axe.run('#citewise')")

        assert [(each["id"], each["impact"]) for each in found["violations"]] == []
        assert page.evaluate("document.scrollingElement.scrollWidth") == MOBILE["width"]


def test_without_the_option_there_is_no_button(chromium: "Browser", chat: Chat) -> None:
    """Nobody is offered what would be refused."""
    with visiting(chromium, chat.url) as visit:
        visit.page.locator("#library summary").first.click()
        visit.page.locator(".welcome .example").first.wait_for()

        assert visit.page.get_by_role("button", name=strings("en")["upload_add"]).count() == 0
