"""Pictures of the chat and the library, made of the sample corpus by the real service and browser.

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
    """A state of the chat, or of the library if there is no question.

    Attributes:
        shows: What must be on the page, a selector.
        then: What is done after the answer, or on the other page.
        options: Of the browser.
        serve: Options of the service.
    """

    name: str
    question: str
    shows: str
    then: Callable[[Visit], object] = lambda _: None
    options: dict[str, Any] = field(default_factory=dict)
    serve: tuple[str, ...] = ()


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
    visit.page.goto(f"{visit.origin}/library?d=lab/chemical-store-safety.md")


PICTURES = (
    Picture("answer", "Where does Korea rank for paying ChatGPT users?", ".source mark", source),
    Picture("conflict", "On which days is the San Telmo museum open?", ".conflict"),
    Picture("abstention", "源氏物語の作者は誰ですか？", ".calm", options={"locale": "ja-JP"}),
    Picture("dark", "When is Founders Day?", ".source mark", source, {"color_scheme": "dark"}),
    Picture("mobile", "When is Founders Day?", ".claims .marker", options={"viewport": MOBILE}),
    Picture("page", "What pressure does the Corvid Duo brew at?", "canvas.page", page),
    Picture("chats", "When is Founders Day?", ".menu .items", chats),
    Picture("korean", "오픈AI 한국 법인의 이름은?", ".source mark", source, {"locale": "ko-KR"}),
    Picture("library", "", ".document .text table", library, serve=("--allow-upload",)),
)


def taken(visit: Visit, picture: Picture, path: Path) -> None:
    if picture.question:
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
        for options in dict.fromkeys(each.serve for each in PICTURES):
            with command(index, Path(folder) / "log", *options) as served, launched() as browser:
                for picture in (each for each in PICTURES if each.serve == options):
                    path = IMAGES / f"{picture.name}.png"
                    if wanted is None or picture.name in wanted:
                        with visiting(browser, served.url, **picture.options) as visit:
                            taken(visit, picture, path)
                        sys.stdout.write(f"{path.relative_to(ROOT)} {path.stat().st_size // 1000} KB\n")


if __name__ == "__main__":
    main()
