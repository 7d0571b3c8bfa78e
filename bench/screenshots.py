"""Pictures of the chat for the README, made of the sample corpus by the real service and browser.

    make screenshots

Indexes eval/corpus, starts `rag serve`, asks one question for each state and writes
docs/images/*.png, in 256 colours so that the repository stays small. A state that does
not come about is an error: a picture never shows something else than its name says.
"""

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from browser import MOBILE, Visit, launched, visiting
from PIL import Image
from served import RAG, command

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"


@dataclass(frozen=True)
class Picture:
    """A state of the chat.

    Attributes:
        shows: What must be on the page, a selector.
        then: What is done after the answer.
        options: Of the browser.
    """

    name: str
    question: str
    shows: str
    then: Callable[[Visit], object] = lambda _: None
    options: dict[str, Any] = field(default_factory=dict)


def source(visit: Visit) -> None:
    """Open the source of the first sentence."""
    visit.page.locator(".claims .marker").first.click()


def page(visit: Visit) -> None:
    """Open the source, and its page."""
    source(visit)
    visit.page.locator("button.page").click()


def chats(visit: Visit) -> None:
    """Hold some more chats, look for one, and open the menu of the last."""
    for question in (
        "오픈AI 한국 법인의 이름은?",
        "青波町立美術館は何時に開きますか？",
        "Wann ist Ruhetag?",
        "Who is the author of Hamlet?",
    ):
        visit.page.locator(".top .new-chat").click()
        visit.ask(question)
    visit.page.get_by_label("Search chats").fill("a")
    visit.page.locator(".menu summary").click()


def library(visit: Visit) -> None:
    """Open a document in the library."""
    visit.page.goto(f"{visit.origin}/library")
    visit.page.get_by_role("button", name="Corvid Duo").first.click()


PICTURES = (
    Picture("answer", "Where does Korea rank for paying ChatGPT users?", ".source mark", source),
    Picture("conflict", "On which days is the San Telmo museum open?", ".conflict"),
    Picture("abstention", "源氏物語の作者は誰ですか？", ".calm", options={"locale": "ja-JP"}),
    Picture("dark", "When is Founders Day?", ".source mark", source, {"color_scheme": "dark"}),
    Picture("mobile", "When is Founders Day?", ".claims .marker", options={"viewport": MOBILE}),
    Picture("page", "What pressure does the Corvid Duo brew at?", "canvas.page", page),
    Picture("chats", "When is Founders Day?", ".menu .items", chats),
    Picture("library", "When is Founders Day?", ".document .text", library),
    Picture("korean", "오픈AI 한국 법인의 이름은?", ".source mark", source, {"locale": "ko-KR"}),
)


def taken(visit: Visit, picture: Picture, path: Path) -> None:
    visit.ask(picture.question)
    picture.then(visit)
    visit.page.locator(picture.shows).first.wait_for()
    visit.page.evaluate("document.activeElement.blur()")
    visit.page.mouse.move(0, 0)
    # Colours fade in, and a panel scrolls to the quoted words.
    visit.page.wait_for_timeout(500)
    visit.page.screenshot(path=path)
    Image.open(path).convert("RGB").quantize(256).save(path, optimize=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=[each.name for each in PICTURES], action="append")
    wanted = parser.parse_args().only
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        index = Path(folder) / "index"
        arguments = [RAG, "index", str(ROOT / "eval" / "corpus"), "--index", str(index)]
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)
        with command(index, Path(folder) / "log") as served, launched() as browser:
            for picture in PICTURES:
                path = IMAGES / f"{picture.name}.png"
                if wanted is None or picture.name in wanted:
                    with visiting(browser, served.url, **picture.options) as visit:
                        taken(visit, picture, path)
                    sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size // 1000} KB\n")


if __name__ == "__main__":
    main()
