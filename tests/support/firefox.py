"""Firefox, as Debian has it, driven over its own remote protocol (Marionette): no driver, no download.

Messages are ``LENGTH:[0, number, command, parameters]`` and ``LENGTH:[1, number, error, result]``;
the commands are those of WebDriver. Names of other machines lead to a proxy that is not there.
"""

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from browser import missing

_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
_PATIENCE_MS = 60_000
_PREFERENCES: dict[str, object] = {
    "marionette.port": 0,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "intl.accept_languages": "en-US, en",
}


@dataclass
class Firefox:
    """A window of a browser that keeps nothing."""

    connection: socket.socket
    number: int = 0

    def command(self, name: str, **parameters: object) -> Any:  # noqa: ANN401 - it is JSON
        """Run a command of WebDriver. Raises `AssertionError` with what the browser says."""
        self.number += 1
        data = json.dumps([0, self.number, name, parameters]).encode()
        self.connection.sendall(f"{len(data)}:".encode() + data)
        _, _, error, result = self.message()
        assert error is None, error
        return result

    def message(self) -> Any:  # noqa: ANN401
        digits = b""
        while (char := self._read(1)) != b":":
            digits += char
        return json.loads(self._read(int(digits)))

    def _read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            piece = self.connection.recv(size - len(data))
            assert piece, "the browser is gone"
            data += piece
        return data

    def goto(self, url: str) -> None:
        self.command("WebDriver:Navigate", url=url)

    def find(self, selector: str) -> str:
        """Return the first element, as soon as there is one."""
        found = self.command("WebDriver:FindElement", using="css selector", value=selector)
        element: str = found["value"][_ELEMENT]
        return element

    def click(self, selector: str) -> None:
        self.command("WebDriver:ElementClick", id=self.find(selector))

    def write(self, selector: str, text: str) -> None:
        self.command("WebDriver:ElementSendKeys", id=self.find(selector), text=text)

    def script(self, code: str) -> Any:  # noqa: ANN401
        """Return what the body of a function gives."""
        return self.command("WebDriver:ExecuteScript", script=code, args=[])["value"]

    def text(self, selector: str) -> str:
        found: str = self.command("WebDriver:GetElementText", id=self.find(selector))["value"]
        return found

    def cookies(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.command("WebDriver:GetCookies")
        return found

    def resize(self, width: int, height: int) -> None:
        """Give the page so much room. No window is narrower than 500 pixels, so the page's place in it is."""
        self.command("WebDriver:SetWindowRect", width=width, height=height)
        self.command("Marionette:SetContext", value="chrome")
        self.script(f"gBrowser.selectedBrowser.style.maxWidth = '{width}px'")
        self.command("Marionette:SetContext", value="content")
        until = time.monotonic() + 60
        while (got := self.script("return innerWidth")) != width:
            assert time.monotonic() < until, f"the page is {got} pixels wide"
            time.sleep(0.05)


@contextmanager
def firefox() -> Iterator[Firefox]:
    """Run a browser until the block ends."""
    path = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), "")
    if not path:
        missing("Firefox", "apt-get install firefox-esr")
    with tempfile.TemporaryDirectory(prefix="citewise-firefox-", ignore_cleanup_errors=True) as profile:
        lines = [f"user_pref({json.dumps(key)}, {json.dumps(value)});" for key, value in _PREFERENCES.items()]
        Path(profile, "user.js").write_text("\n".join(lines), encoding="utf-8")
        arguments = [path, "--headless", "--marionette", "--no-remote", "--profile", profile]
        arguments.append("--remote-allow-system-access")  # for `resize`
        process = subprocess.Popen(
            arguments,
            env={**os.environ, "HOME": profile},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            with socket.create_connection(("127.0.0.1", _port(Path(profile), process)), 120) as connection:
                browser = Firefox(connection)
                browser.message()
                browser.command("WebDriver:NewSession", capabilities={})
                browser.command("WebDriver:SetTimeouts", implicit=_PATIENCE_MS)
                yield browser
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(timeout=20)
            process.kill()
            process.wait()


def _port(profile: Path, process: "subprocess.Popen[bytes]") -> int:
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError, ValueError):
            return int((profile / "MarionetteActivePort").read_text(encoding="ascii"))
        time.sleep(0.1)
    raise AssertionError("Firefox did not start")
