"""Both engines of an index under one form, and a real Milvus server as a process of its own."""

import hashlib
import importlib.util
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import pytest

from rag.index.dense import Transform
from rag.index.engines import View, Writer
from rag.index.engines.connection import Address
from rag.index.engines.examination import examine
from rag.index.engines.milvus import open_milvus
from rag.index.engines.view import open_view
from rag.index.integrity import check
from rag.index.schema import Identity
from rag.index.snapshot import open_snapshot
from rag.index.store import open_writer


class Engine(Protocol):
    """What holds the index that a path names; a test asks every `step`-th of its questions."""

    @property
    def step(self) -> int: ...
    def writer(
        self, path: Path, identity: Identity, transform: Transform, *, rebuild: bool = False
    ) -> Writer: ...
    def view(self, path: Path, identity: Identity | None, transform: Transform) -> View: ...
    def faults(self, path: Path, transform: Transform) -> list[str]: ...


class Sqlite:
    """The folder itself."""

    step = 1

    def writer(
        self, path: Path, identity: Identity, transform: Transform, *, rebuild: bool = False
    ) -> Writer:
        return open_writer(path, identity, transform, rebuild=rebuild)

    def view(self, path: Path, identity: Identity | None, transform: Transform) -> View:
        return open_snapshot(path, identity, transform)

    def faults(self, path: Path, transform: Transform) -> list[str]:
        return check(path, transform)


@dataclass(frozen=True)
class Milvus:
    """A collection on a server, named after the path."""

    url: str
    timeout_s: float = 60.0
    step: int = 5

    def address(self, path: Path) -> Address:
        name = f"t{hashlib.sha256(str(path).encode()).hexdigest()[:16]}"
        return Address(self.url, name, timeout_s=self.timeout_s)

    def writer(
        self, path: Path, identity: Identity, transform: Transform, *, rebuild: bool = False
    ) -> Writer:
        return open_milvus(self.address(path), path, identity, transform, rebuild=rebuild)

    def view(self, path: Path, identity: Identity | None, transform: Transform) -> View:
        return open_view(self.address(path), identity, transform)

    def faults(self, path: Path, transform: Transform) -> list[str]:
        return examine(self.address(path), transform)


SQLITE = Sqlite()


def has_milvus() -> bool:
    """Tell whether a server can be started here."""
    return bool(importlib.util.find_spec("milvus_lite") and importlib.util.find_spec("pymilvus"))


@dataclass
class Server:
    """``milvus-lite server``; killed and started again on the same port with the same data."""

    data: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.port = self.port or _free_port()
        options = ["--host", "127.0.0.1", "--port", str(self.port), "--data-dir", str(self.data)]
        with (self.data.parent / "server.log").open("ab") as log:
            command = [sys.executable, "-c", _COMMAND, "server", *options]
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        ends = time.monotonic() + 120
        while not _listens(self.port):
            assert self.process.poll() is None, (self.data.parent / "server.log").read_text()
            assert time.monotonic() < ends, "The server does not listen."
            time.sleep(0.05)

    def kill(self) -> None:
        assert self.process
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()


_COMMAND = "from milvus_lite.cmdline import main; main()"  # what the command `milvus-lite` does


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def running(folder: Path) -> Iterator[Server]:
    """Start a server; skip what needs it where there is none, fail in CI."""
    if not has_milvus():
        if os.environ.get("CI"):
            pytest.fail("milvus-lite is not installed. Install it with: pip install -e '.[dev]'")
        pytest.skip("There is no milvus-lite. Install it with: pip install -e '.[dev]'")
    server = Server(folder / "data")
    server.start()
    yield server
    server.kill()
