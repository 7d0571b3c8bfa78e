"""Chats that the browser keeps: addressed, shared between tabs, taken elsewhere, gone when asked."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from browser import DESKTOP, MOBILE, Visit, visiting
from chatting import ASKED, REPLY, Chat, all_kept, kept
from firefox import firefox

from rag.ui.strings import strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

SECOND = "가마 뚜껑은 언제 열어도 되나요?"
TEXTS = strings("en")


def rows(page: "Page") -> list[str]:
    """Return what the list of chats shows."""
    return page.locator(".chats .row:not([hidden] *)").all_text_contents()


def choose(page: "Page", item: str) -> None:
    """Choose from the menu of the chat."""
    page.locator(".menu summary").click()
    page.locator(".menu").get_by_role("button", name=item).click()


def agree(page: "Page", name: str) -> None:
    page.get_by_role("dialog").get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("viewport", [DESKTOP, MOBILE], ids=["desktop", "mobile"])
def test_a_chat_has_an_address_and_all_tabs_agree(
    chromium: "Browser", chat: Chat, viewport: dict[str, int]
) -> None:
    """Back and Forward lead through chats and sources; what one tab does, the other shows."""
    with visiting(chromium, chat.url, viewport=viewport) as visit:
        page = visit.page
        visit.ask(ASKED)
        first = page.url
        assert re.fullmatch(r".*/c/\w+", first)
        visit.ask(SECOND)
        page.locator(".claims .marker").first.click()
        page.locator(".source mark").wait_for()
        assert page.url == f"{first}#a1-1"
        page.go_back()
        page.locator(".source").wait_for(state="hidden")
        assert page.url == first
        page.go_forward()
        page.locator(".source mark").wait_for()
        page.get_by_role("button", name="Close", exact=True).click()
        page.wait_for_url(first)

        page.locator(".top .new-chat").click()
        page.locator(".welcome").wait_for()
        page.wait_for_url(f"{chat.url}/")
        page.go_back()
        page.locator(".question", has_text=SECOND).wait_for()

        other = Visit(page.context.new_page(), visit.origin)
        other.listen()
        other.page.goto(f"{first}#a2-1")
        other.page.locator(".source mark").wait_for()
        other.page.keyboard.press("Escape")
        choose(other.page, "Rename")
        other.page.get_by_role("dialog").get_by_role("textbox").fill("가마 🏺")
        agree(other.page, "Rename")
        other.page.locator("h1", has_text="가마 🏺").wait_for()
        page.locator("h1", has_text="가마 🏺").wait_for()
        assert page.title() == "가마 🏺 · Citewise"

        choose(other.page, "Delete")
        agree(other.page, "Cancel")
        choose(other.page, "Delete")
        agree(other.page, "Delete")
        page.locator(".welcome").wait_for()
        assert page.url == f"{chat.url}/"
        assert all_kept(visit) == {}
        page.goto(first)
        page.get_by_text(TEXTS["chat_not_here"]).wait_for()
        assert (other.strays, other.dialogs, other.faults) == ([], [], [])


def test_an_address_can_ask(visit: Visit) -> None:
    """Once: a reload shows the answer, and Back does not ask again. What is too long is said, and not cut."""
    page = visit.page
    page.goto(f"{visit.origin}/?q={quote(ASKED)}")
    page.locator(".claims .marker").wait_for()
    page.reload()
    page.locator(".claims .marker").wait_for()
    assert [each["question"] for each in kept(visit)] == [ASKED]

    page.locator("#question").fill("가" * 3999 + "🏺")
    assert page.locator(".notice").text_content() == ""
    page.locator("#question").fill("가" * 4000 + "🏺")
    page.keyboard.press("Enter")
    page.locator(".notice", has_text="4,001 characters").wait_for()
    assert len(page.locator("#question").input_value()) == 4001
    assert page.locator(".turn").count() == 1


def test_chats_are_found_taken_elsewhere_and_cleared(visit: Visit, tmp_path: Path) -> None:
    """By words of their answers; as Markdown in which nothing loads, as JSON, and on paper with quotes."""
    page = visit.page
    hostile = "How hot is it? ![a](http://127.0.0.1:9/x) <img src=x>"
    for question in (ASKED, SECOND, "港のフェリーは何時ですか？", "متى يفتح المتحف؟", hostile):
        page.locator(".top .new-chat").click()
        visit.ask(question)
    page.get_by_label("Search chats").fill("１２５０")
    assert rows(page) == []
    page.get_by_label("Search chats").fill("フェリー")
    assert rows(page) == ["港のフェリーは何時ですか？"]
    page.get_by_label("Search chats").fill("")

    files = {}
    for item in ("Save as Markdown", "Save as JSON"):
        with page.expect_download() as saved:
            choose(page, item)
        files[item] = saved.value.path().read_text(encoding="utf-8")
        assert saved.value.suggested_filename.startswith("How-hot-is-it-a-http")
    markdown, told = files.values()
    assert "![" not in markdown.replace("!\\[", "")
    assert "\\<img" in markdown
    assert f"{REPLY}\n\n[1] Kiln HK-55 🏺, en/kiln.md\n\n> “The kiln reaches" in markdown
    assert json.loads(told)["turns"][0]["answer"]["citations"][0]["doc_id"] == "en/kiln.md"

    page.emulate_media(media="print")
    shown = [page.locator(each).first.is_visible() for each in (".on-paper", ".composer", "#side", ".tools")]
    page.emulate_media(media="screen")
    assert shown == [True, False, False, False]

    page.get_by_role("button", name="Clear chats").click()
    agree(page, "Cancel")
    assert len(all_kept(visit)) == 5
    page.get_by_role("button", name="Clear chats").click()
    agree(page, "Clear chats")
    page.locator(".welcome").wait_for()
    assert all_kept(visit) == {}


def test_the_side_panel_gives_way(chromium: "Browser", chat: Chat) -> None:
    """A step leads past many documents, an unknown language has a name, and a narrow window closes it."""

    def unknown(route: "Route") -> None:
        found = route.fetch().json()
        found["library"]["languages"] = {"und": 2, "tlh": 1}
        route.fulfill(json=found)

    with visiting(chromium, chat.url) as visit:
        page = visit.page
        page.route("**/documents?*", unknown)
        page.reload()
        page.get_by_label("Unknown language 2").wait_for()
        page.locator("#filters input[type=search]").focus()
        page.keyboard.press("Tab")
        page.get_by_role("button", name="Skip the documents").press("Enter")
        assert page.evaluate("document.activeElement.labels[0].textContent") == "Unknown language 2"

        page.set_viewport_size({"width": 900, "height": 800})
        page.locator("#side").wait_for(state="hidden")
        page.get_by_role("button", name="Open the side panel").click()
        page.locator("#side .new").click()
        page.locator("#side").wait_for(state="hidden")
        visit.ask(ASKED)


@pytest.mark.parametrize("width", [1280, 390])
def test_firefox_keeps_addresses_and_deletes(chat: Chat, width: int) -> None:
    """The same way: a link asks, a reload and Back show what was, and what is deleted is gone."""
    with firefox() as browser:
        browser.resize(width, 844)
        browser.goto(f"{chat.url}/?q={quote(ASKED)}")
        browser.click(".claims .marker")
        browser.find(".source mark")
        address = browser.script("return location.href")
        assert re.fullmatch(r".*/c/\w+#a1-1", address)
        browser.command("WebDriver:Back")
        browser.find(".source[hidden]")
        browser.goto(address)
        assert browser.text(".source mark") == "The kiln reaches 1,250 degrees."
        browser.click(".source .close")
        browser.click(".menu summary")
        browser.click(".menu .items button:last-child")
        browser.click("dialog .yes")
        browser.find(".welcome")
        browser.goto(address)
        browser.find(".notice:not(:empty)")
        assert browser.text(".notice") == TEXTS["chat_not_here"]
