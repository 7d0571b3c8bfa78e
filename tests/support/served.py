"""The service on a free port of loopback: in a thread for speed, or as the command that people run."""

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from rag import wiring
from rag.assistant import Assistant
from rag.index.engines import View
from rag.protocols import LLM, Embedder
from rag.settings import Settings
from rag.ui.api import create_app
from rag.ui.connection import Connection, server
from rag.ui.serving import Service
from rag.ui.uploads import Uploads

RAG = str(Path(sys.executable).with_name("rag"))
SETTINGS = Settings(serve_port=0)
TOKEN = "t0ken-of-the-tests-and-of-nothing-else"

FILES = {
    "ko/도서관.txt": "은솔 도서관은 평일 오후 여섯 시에 문을 닫는다. 회원은 책을 다섯 권까지 빌릴 수 있다.",
    "en/kiln.md": "# Kiln HK-55\n\nThe kiln reaches 1,250 degrees. Wait nine hours before you open the lid.",
    "ja/港.txt": "青波港のフェリーは毎朝七時に出航します。切符は窓口で買えます。",
    "zh/茶.txt": "绿茶应该用八十度的水冲泡两分钟。红茶需要沸水。",
    "ar/متحف.txt": "يفتح المتحف أبوابه في التاسعة صباحا. الدخول مجاني يوم الجمعة.",
    "de/brot #1?.txt": "Der Teig ruht zwölf Stunden im Kühlhaus. Das Brot wird bei 250 Grad gebacken.",
}
QUESTION = {"question": "도서관은 몇 시에 닫나요?"}


def write_files(folder: Path) -> Path:
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


@contextmanager
def listening(
    service: Service,
    connection: type[Connection] = Connection,
    embedder: Embedder | None = None,
    mounts: Sequence[Callable[[FastAPI, Service], None]] = (),
) -> Iterator[str]:
    """Run *service*, which is closed at the end, and give its address; with *embedder* it takes files."""
    service.start()
    uploads = Uploads(service.settings, embedder, service.generations) if embedder else None
    app = create_app(service, uploads)
    for mount in mounts:
        mount(app, service)
    running = server(app, service.settings, connection)
    thread = threading.Thread(target=lambda: asyncio.run(running.serve()), daemon=True)
    thread.start()
    while not running.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    finally:
        running.should_exit = True
        thread.join()


def opener(index: Path, model: Embedder, llm: LLM | None = None) -> Callable[[], tuple[View, Assistant]]:
    """Return what opens *index*, with *llm* alone if one is given."""
    settings = SETTINGS.model_copy(update={"index": index})
    plain = wiring.generations(settings, model)

    def opened() -> tuple[View, Assistant]:
        snapshot, assistant = plain()
        if llm is not None:
            assistant = Assistant(assistant.retriever, llm, assistant.k)
        return snapshot, assistant

    return opened


def service(index: Path, model: Embedder, llm: LLM | None = None, **options: object) -> Service:
    settings = SETTINGS.model_copy(update={"index": index, **options})
    return Service(settings, opener(index, model, llm))


@dataclass
class Command:
    """`rag serve` in a process of its own; its log grows while it runs."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def handles(self) -> int:
        return len(list(Path(f"/proc/{self.process.pid}/fd").iterdir()))

    def stop(self) -> int:
        """Ask it to end, and wait until it has."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=60)


@contextmanager
def command(index: Path, log: Path, *options: str, **environ: str) -> Iterator[Command]:
    """Run the command until the block ends."""
    arguments = [RAG, "serve", "--index", str(index), "--port", "0", *options]
    with log.open("wb") as stream:
        process = subprocess.Popen(arguments, env={**os.environ, **environ}, stdout=stream, stderr=stream)
    try:
        yield Command(process, _address(process, log), log)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + 240
    while time.monotonic() < until and process.poll() is None:
        if found := re.search(r"running on (http://\S+)", log.read_text(encoding="utf-8")):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text(encoding="utf-8"))
