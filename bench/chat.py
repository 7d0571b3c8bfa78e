"""How long a person waits in the chat: for the page, the first word, and the answer.

Beside it the same for Gradio's own chat page, mounted under the same server: what the
page itself costs. Needs Chromium and Playwright, which `make test` installs.

    python bench/chat.py --rounds 5
"""

import argparse
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

from browser import launched  # noqa: E402
from served import SETTINGS, command  # noqa: E402

from rag import wiring  # noqa: E402
from rag.index.ingest import ingest  # noqa: E402

if TYPE_CHECKING:
    from playwright.sync_api import Browser

QUESTION = "When is Founders Day?"
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
BYTES = "performance.getEntriesByType('resource').reduce((sum, each) => sum + each.transferSize, 0)"


def chat(browser: "Browser", url: str) -> dict[str, float]:
    page = browser.new_context().new_page()
    started = time.perf_counter()
    page.goto(url)
    page.locator("#question").wait_for()
    ready = time.perf_counter()
    figures = {"painted ms": page.evaluate(PAINTED), "ready ms": (ready - started) * 1000}
    page.locator("#question").fill(QUESTION)
    asked = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(".unchecked:not(:empty), .claims").first.wait_for()
    figures["first word ms"] = (time.perf_counter() - asked) * 1000
    page.locator(".claims .marker").first.wait_for()
    figures["answer ms"] = (time.perf_counter() - asked) * 1000
    figures["kB"] = page.evaluate(BYTES) / 1000
    page.context.close()
    return figures


def plain(browser: "Browser", url: str) -> dict[str, float]:
    page = browser.new_context().new_page()
    started = time.perf_counter()
    page.goto(url)
    page.locator("textarea").first.wait_for()
    figures = {
        "painted ms": page.evaluate(PAINTED),
        "ready ms": (time.perf_counter() - started) * 1000,
        "kB": page.evaluate(BYTES) / 1000,
    }
    page.context.close()
    return figures


@contextmanager
def gradio_chat() -> Iterator[str]:
    """Run Gradio's chat page on a free port."""
    import gradio
    import uvicorn
    from fastapi import FastAPI

    app = FastAPI()
    gradio.mount_gradio_app(app, gradio.ChatInterface(lambda message, _: message), path="/")
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        settings = SETTINGS.model_copy(update={"index": Path(folder) / "index"})
        model = wiring.embedder(settings)
        with wiring.writer(settings, model) as writer:
            ingest([ROOT / "eval" / "corpus"], writer, model)
        with command(settings.index, Path(folder) / "log") as served, gradio_chat() as other:
            chat(browser, served.url)
            plain(browser, other)
            pairs = [(chat(browser, served.url), plain(browser, other)) for _ in range(rounds)]
    for name, runs in (
        ("citewise", [ours for ours, _ in pairs]),
        ("gradio.ChatInterface", [it for _, it in pairs]),
    ):
        middle = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
        print(name, {key: round(value) for key, value in middle.items()})


if __name__ == "__main__":
    main()
