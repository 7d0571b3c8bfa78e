"""The picture of a PDF page beside the answer: a button of the source panel, in a real browser."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Visit, visiting
from hardpdf import made, write
from served import SETTINGS, command

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.ui.strings import strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = [
    ["The company was founded by seven fishermen and a", "baker, who paid for the boat together."],
    ["The ferry Osprey carries ninety passengers and", "twelve cars across the sound every hour."],
]
STATION = "<h1>청람역 안내</h1><p>청람역 승강장은 모두 네 개이며 2019년 5월 3일에 개통했다.</p>"
CARRIES = "How many passengers does the ferry Osprey carry?"
# Of the canvas: how many points are there, and how many of them are marked, as parts of the page.
_MARKED = """each => {
  const { width, height } = each;
  const { data } = each.getContext("2d").getImageData(0, 0, width, height);
  const rows = [];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [red, , blue] = data.subarray(4 * (y * width + x), 4 * (y * width + x) + 3);
      if (red > 200 && blue < 160) { rows.push(y / height); break; }
    }
  return { width, height, rows };
}"""


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    drawn = made(*(lambda canvas, lines=lines: write(canvas, lines) for lines in PAGES))
    (folder / "report #1?.pdf").write_bytes(drawn)
    (folder / "station.html").write_text(STATION, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(docs: Path, tmp_path_factory: pytest.TempPathFactory, embedder: Embedder) -> Iterator[str]:
    root = tmp_path_factory.mktemp("served")
    settings = SETTINGS.model_copy(update={"index": root / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([docs], writer, embedder)
    with command(settings.index, root / "log") as served:
        yield served.url


def open_source(visit: Visit, question: str, words: str) -> None:
    visit.ask(question)
    visit.page.locator(".claims .marker").last.click()
    visit.page.locator(".source mark", has_text=words).wait_for()


def test_the_page_of_a_quote_is_drawn_with_the_quote_marked(
    chromium: "Browser", address: str, docs: Path
) -> None:
    """In the place of the text, which comes back; why it cannot be drawn is said; without pages no button."""
    texts = strings("en")
    with visiting(chromium, address) as visit:
        page = visit.page
        open_source(visit, CARRIES, "ninety")
        button = page.locator(".source").get_by_role("button", name=texts["page"], exact=True)
        button.click()
        canvas = page.locator(".source canvas")
        canvas.wait_for()
        seen = canvas.evaluate(_MARKED)
        width, across = (each.bounding_box() for each in (canvas, page.locator(".source .document")))

        assert seen["width"] > 800 and seen["rows"]
        assert max(seen["rows"]) < 0.3, "the quote stands in the upper part of the page"
        assert width and across and width["width"] <= across["width"]
        assert (canvas.get_attribute("aria-label") or "").endswith(", p. 2")
        assert button.get_attribute("aria-pressed") == "true"
        page.locator(".source .open").click()
        page.locator(".source mark", has_text="ninety passengers").wait_for()
        assert button.get_attribute("aria-pressed") == "false"

        whole = (docs / "report #1?.pdf").read_bytes()
        (docs / "report #1?.pdf").write_bytes(whole + b"\n")
        button.click()
        page.locator(".source .document .note").wait_for()
        button.click()
        page.locator(".source mark").wait_for()
        (docs / "report #1?.pdf").write_bytes(whole)

        open_source(visit, "청람역은 언제 개통했나요?", "2019년 5월 3일")
        assert button.count() == 0
