"""The library in real browsers: found, sorted, opened, added and removed; nothing of a document is alive."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import DESKTOP, MOBILE, Visit, axe, visiting
from documents import pdf
from firefox import firefox
from payloads import Canary, canary
from served import SETTINGS, command, write_files

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.ui.strings import strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

TEXTS = strings("en")
HANDBOOK = (
    "# 가마 안내\n\n2024-05-01 게시\n\n## 準備\n\n- 장갑\n- ถุงมือ\n\n"
    "1. Load the shelves.\n2. Close the lid.\n\n"
    "| Glaze | Hours |\n|---|---|\n| Celadon | 11 |\n| Shino | 14 |\n\n"
    "```python\n# no heading\nwait(9)\n```\n\n**Never** open it before it is cold.\n"
)
STATION = "# 청람역 안내\n\n청람역 승강장은 모두 네 개이며 2019년 5월 3일에 개통했다.\n"
# What draws something, loads something or leads somewhere. Our own drawings are paths.
ALIVE = (
    "img, picture, image, use, video, audio, iframe, object, embed, style, script, base, meta, form, "
    "[srcdoc], [background], [style], a[href]"
)


@dataclass
class Library:
    url: str
    docs: Path
    cage: Canary


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[Library]:
    """A service that takes files, over documents of several kinds, one of them hostile, one broken."""
    root = tmp_path_factory.mktemp("library")
    docs = write_files(root / "docs")
    with canary() as cage:
        hostile = "\n\n".join([f"# {cage.payloads()[36]}", *cage.payloads()])
        (docs / "hostile<img src=x onerror=alert(1)>.txt").write_text(hostile, encoding="utf-8")
        (docs / unicodedata.normalize("NFD", "가마.md")).write_text(HANDBOOK, encoding="utf-8")
        (docs / "plan.pdf").write_bytes(pdf([["Boats leave at one."], ["Boats are back at two."]]))
        (docs / "broken.pdf").write_bytes(b"%PDF-1.7 and no more")
        (docs / "long.txt").write_text("\n\n".join(f"Ferry {n} leaves at noon." for n in range(800)), "utf-8")
        settings = SETTINGS.model_copy(update={"index": root / "index"})
        with wiring.writer(settings, embedder) as writer:
            ingest([docs], writer, embedder)
        with command(settings.index, root / "log", "--allow-upload") as served:
            yield Library(served.url, docs, cage)


def enter(visit: Visit, url: str, query: str = "") -> None:
    visit.page.goto(f"{url}/library{query}")
    visit.page.locator("#documents table").wait_for()


def titles(visit: Visit) -> list[str]:
    return visit.page.locator("#documents button.title").all_inner_texts()


def issues(visit: Visit) -> list[str]:
    found = visit.page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {[node['html'][:120] for node in each['nodes'][:2]]}" for each in found]


def test_documents_are_found_sorted_and_opened_without_a_question(
    chromium: "Browser", library: Library
) -> None:
    """From the chat into the library; the address says what is shown, so Back and a reload lead there."""
    with visiting(chromium, library.url) as visit:
        page = visit.page
        page.locator("#library summary").first.click()
        page.get_by_role("link", name=TEXTS["library_open"]).click()
        page.locator("#documents table").wait_for()
        assert len(titles(visit)) == 10
        assert "broken.pdf" in page.locator(".problems").inner_text()
        assert TEXTS["problems_remedy"] in page.locator(".problems").inner_text()

        page.get_by_role("button", name=TEXTS["sort_pages"]).click()
        page.locator("th[aria-sort=ascending]", has_text=TEXTS["sort_pages"]).wait_for()
        assert titles(visit)[0] == "plan"
        page.get_by_role("button", name=TEXTS["sort_date"]).click()
        page.locator("th[aria-sort=ascending]", has_text=TEXTS["sort_date"]).wait_for()
        assert titles(visit)[0] == "가마 안내"

        page.get_by_role("searchbox").fill(unicodedata.normalize("NFD", "가마"))
        page.locator("[role=status]", has_text="1 of 1").wait_for()
        page.keyboard.press("Tab")
        page.get_by_role("button", name="가마 안내").press("Enter")
        text = page.locator(".document .text")
        text.locator("h4", has_text="準備").wait_for()
        assert text.locator("h3").count() == 0
        assert text.locator("ul li").all_inner_texts() == ["장갑", "ถุงมือ"]
        assert text.locator("ol li").first.inner_text() == "1. Load the shelves."
        assert text.locator("th").all_inner_texts() == ["Glaze", "Hours"]
        assert text.locator("pre code").inner_text() == "# no heading\nwait(9)"
        assert not any(sign in text.inner_text() for sign in ("##", "**", "Glaze:", "```"))

        page.reload()
        page.locator(".document h2", has_text="가마 안내").wait_for()
        page.keyboard.press("Escape")
        page.locator(".document").wait_for(state="hidden")
        page.go_back()
        page.locator(".document h2", has_text="가마 안내").wait_for()


def test_nothing_of_a_document_is_alive(chromium: "Browser", library: Library) -> None:
    """Sixty payloads in a text, its title and its name are text; a long one is shown a stretch at a time."""
    with visiting(chromium, library.url) as visit:
        page = visit.page
        enter(visit, library.url, "?q=hostile")
        page.locator("#documents button.title").first.click()
        page.locator(".document .text p").nth(20).wait_for()
        shown = page.locator(".document").inner_text()
        assert page.locator(f":is(main, .document) :is({ALIVE})").count() == 0
        assert all(word in shown for word in ("<script>window.pwned=1", "onerror=alert(1)>.txt", "![a]("))
        assert page.evaluate("window.pwned") is None

        page.goto(f"{library.url}/library?d=long.txt")
        page.get_by_role("button", name=TEXTS["show_more"]).click()
        page.locator(".document .text p", has_text="Ferry 799 ").wait_for()
        assert page.locator(".document .text p", has_text="leaves at noon").count() == 800

        page.goto(f"{library.url}/library?d=%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E")
        page.locator(".document [role=alert]", has_text=TEXTS["error_document"]).wait_for()
    assert library.cage.calls == []


@pytest.mark.parametrize(
    ("viewport", "scheme"), [(DESKTOP, "light"), (MOBILE, "dark")], ids=["wide", "phone"]
)
def test_a_folder_is_added_followed_and_taken_back(
    chromium: "Browser", library: Library, tmp_path: Path, viewport: dict[str, int], scheme: str
) -> None:
    """Of a folder what can be read, by jobs that outlive the page; removed only when that is meant."""
    folder = tmp_path / "trip"
    (folder / ".git").mkdir(parents=True)
    (folder / "청람역.md").write_text(STATION, encoding="utf-8")
    (folder / "photo.gif").write_bytes(b"x")
    (folder / ".git" / "config.txt").write_text("hidden", encoding="utf-8")
    with visiting(chromium, library.url, viewport=viewport, color_scheme=scheme) as visit:
        page = visit.page
        enter(visit, library.url)
        page.evaluate(axe())
        assert issues(visit) == []
        page.locator("input[webkitdirectory]").set_input_files(folder)
        page.locator(".upload [role=status]", has_text="2").wait_for()
        row = page.locator(".uploads li", has_text="청람역.md")
        row.filter(has_text=TEXTS["upload_added"]).wait_for()
        assert page.locator(".uploads li").count() == 1
        page.locator("#documents button.title", has_text="청람역 안내").click()
        page.locator(".document .text p", has_text="2019년").wait_for()
        assert issues(visit) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") == viewport["width"]

        page.get_by_role("button", name=TEXTS["remove"]).press("Enter")
        page.get_by_role("dialog").wait_for()
        assert issues(visit) == []
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="detached")
        page.get_by_role("button", name=TEXTS["remove"]).press("Enter")
        page.get_by_role("dialog").get_by_role("button", name=TEXTS["remove"]).click()
        page.locator(".document").wait_for(state="hidden")
        page.locator("#documents button.title", has_text="청람역 안내").wait_for(state="detached")
        page.get_by_role("button", name="Kiln HK-55").click()
        page.locator(".document .text p").first.wait_for()
        assert page.get_by_role("button", name=TEXTS["remove"]).count() == 0


def test_dropped_files_are_jobs_that_outlive_the_page(
    chromium: "Browser", library: Library, embedder: Embedder
) -> None:
    """Dropped anywhere on the page; after a reload it goes on telling of them, and they can be given up."""
    drop = """() => {
      const data = new DataTransfer();
      data.items.add(new File(["Boats leave quay nine at noon."], "quay nine.md"));
      const options = { dataTransfer: data, bubbles: true, cancelable: true };
      for (const type of ["dragover", "drop"]) document.body.dispatchEvent(new DragEvent(type, options));
    }"""
    settings = SETTINGS.model_copy(update={"index": library.docs.parent / "index"})
    with visiting(chromium, library.url) as visit, wiring.writer(settings, embedder):
        page = visit.page
        enter(visit, library.url)
        page.get_by_role("button", name=TEXTS["upload_add"]).wait_for()
        page.evaluate(drop)
        row = page.locator(".uploads li", has_text="quay nine.md")
        row.filter(has_text=TEXTS["upload_publishing"]).wait_for()
        page.reload()
        row.get_by_role("button", name=TEXTS["upload_cancel"]).click()
        row.filter(has_text=TEXTS["upload_cancelled"]).wait_for()


def test_all_folders_are_indexed_again_by_a_button(
    chromium: "Browser", library: Library, embedder: Embedder
) -> None:
    """It says how far that is and what came of it; while another run has the index it says that."""
    settings = SETTINGS.model_copy(update={"index": library.docs.parent / "index"})
    with visiting(chromium, library.url, viewport=MOBILE) as visit:
        page = visit.page
        enter(visit, library.url)
        button = page.get_by_role("button", name=TEXTS["reindex"])
        status = page.locator(".reindex [role=status]")
        with wiring.writer(settings, embedder):
            button.click()
            status.filter(has_text=TEXTS["reindex_indexing"]).wait_for()
        (library.docs / "청람역.md").write_text(STATION, encoding="utf-8")
        button.press("Enter")
        added = TEXTS["reindex_done"].format(added=1, changed=0, removed=0)
        status.filter(has_text=added).wait_for()
        page.locator("#documents button.title", has_text="청람역 안내").wait_for()
        assert page.evaluate("document.activeElement.textContent") == TEXTS["reindex"]
        page.evaluate(axe())
        assert issues(visit) == []
        assert page.evaluate("document.scrollingElement.scrollWidth") == MOBILE["width"]
        (library.docs / "청람역.md").unlink()
        button.click()
        status.filter(has_text=TEXTS["reindex_done"].format(added=0, changed=0, removed=1)).wait_for()


@pytest.mark.parametrize("width", [1280, 390])
def test_firefox_finds_opens_and_closes(library: Library, width: int) -> None:
    """The same page, on a phone and on a desk."""
    with firefox() as browser:
        browser.resize(width, 844)
        browser.goto(f"{library.url}/library?q=hk-55")
        browser.click("#documents button.title")
        assert "1,250 degrees" in browser.text(".document .text p")
        assert browser.text(".document h2") == "Kiln HK-55"
        browser.click(".document .close")
        assert browser.script("return document.querySelector('.document').hidden")
        assert browser.script("return document.activeElement.textContent") == "Kiln HK-55"
        assert browser.script("return document.scrollingElement.scrollWidth <= innerWidth")
