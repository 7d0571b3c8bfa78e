"""The real chat in a real browser, where everything that a page asks for, says and breaks is written down.

Chromium is the system's (Debian's package `chromium`), driven by Playwright; no
browser is downloaded. Where either is missing tests are skipped, in CI they fail.
"""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page, Request

AXE = Path(sys.prefix) / "axe" / "node_modules" / "axe-core" / "axe.min.js"
DESKTOP = {"width": 1280, "height": 800}
MOBILE = {"width": 390, "height": 844}

# Names other than addresses lead nowhere, so that no look-up leaves the machine either.
_FLAGS = ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", "--disable-background-networking"]

# A slow machine is not a wrong program.
_PATIENCE_MS = 60_000


def missing(what: str, remedy: str) -> NoReturn:
    """Skip the test for want of *what*; fail where it has to be."""
    reason = f"{what} is not installed: {remedy}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def chromium_path() -> str:
    """Return where Chromium is, empty if it is not installed."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), "")


@contextmanager
def launched() -> Iterator["Browser"]:
    """Run a browser. While it does, no event loop can run in this thread: one for a module, not a session."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        missing("Playwright", "pip install playwright")
    if not (path := chromium_path()):
        missing("Chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@dataclass
class Visit:
    """A page, and what it did that no page of ours may.

    Attributes:
        strays: Requests to anything but the service.
        dialogs: Windows that a script opened.
        faults: Errors that no script caught, and what the page's policy had to stop.
    """

    page: "Page"
    origin: str
    strays: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def ask(self, question: str) -> None:
        """Ask, and wait until what comes of it is drawn."""
        turns = self.page.locator("#citewise .turn")
        before = turns.count()
        box = self.page.locator("#question")
        box.fill(question)
        box.press("Enter")
        self.page.locator("#citewise .turn .answer").nth(before).wait_for()

    def _on_request(self, request: "Request") -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and f"{parts.scheme}://{parts.netloc}" != self.origin:
            self.strays.append(request.url)

    def _on_dialog(self, dialog: "Dialog") -> None:
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    def _on_console(self, message: "ConsoleMessage") -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            self.faults.append(message.text)

    def listen(self) -> None:
        """Write down what the page does from now on."""
        self.page.context.on("request", self._on_request)
        self.page.on("dialog", self._on_dialog)
        self.page.on("console", self._on_console)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))


@contextmanager
def visiting(browser: "Browser", url: str, **options: Any) -> Iterator[Visit]:  # noqa: ANN401
    """Open the chat at *url*; nothing of what `Visit` writes down may have happened at the end.

    Args:
        options: Of the browser's context: `viewport`, `color_scheme`, `locale` and more.
    """
    context = browser.new_context(**{"viewport": DESKTOP, "locale": "en-US", **options})
    context.set_default_timeout(_PATIENCE_MS)
    parts = urlsplit(url)
    visit = Visit(context.new_page(), f"{parts.scheme}://{parts.netloc}")
    visit.listen()
    try:
        visit.page.goto(url)
        visit.page.locator("#question").wait_for()
        yield visit
        assert (visit.strays, visit.dialogs, visit.faults) == ([], [], [])
    finally:
        context.close()


def axe() -> str:
    """Return the script that looks for what bars people from a page (npm's axe-core)."""
    if not AXE.is_file():
        missing("axe-core", f"npm install --prefix {AXE.parents[2]} axe-core")
    return AXE.read_text(encoding="utf-8")
