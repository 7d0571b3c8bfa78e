"""`rag serve` as people run it, over a few documents, with a model that does what a question tells it to."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from browser import Visit
from fault_server import OPENAI, Exchange, FaultServer, serve
from served import SETTINGS, command

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder

MODEL = "mimic"
ASKED = "How hot does the kiln get?"
REPLY = "The kiln reaches 1,250 degrees. [1]"
_OLD = "# 해솔연구소 출장비 규정 (제1판)\n\n시행 2022년 3월 1일\n\n국내 숙박비의 상한은 1박 9만 원이다.\n"
_NEW = "# 해솔연구소 출장비 규정 (제2판)\n\n시행 2025년 3월 1일\n\n국내 숙박비의 상한은 1박 14만 원이다.\n"
FILES = {
    # Code points, UTF-16 units and bytes count differently here.
    "en/kiln.md": "# Kiln HK-55 🏺\n\n🔥🔥 Café notes. The kiln reaches 1,250 degrees. "
    "Wait nine hours before you open the lid.\n\n## How do I clean the kiln?\n\nBrush the shelves and "
    "wash the spy hole with vinegar once a month.\n",
    "ko/규정-2022-03-01.md": _OLD,
    "ko/규정-2025-03-01.md": _NEW,
    "ja/港.txt": "青波港のフェリーは毎朝七時に出航します。切符は窓口で買えます。",
    "ar/متحف.txt": "يفتح متحف الزيتون أبوابه في التاسعة صباحا. الدخول مجاني يوم الجمعة.",
    "he/גן.txt": "הגן הבוטני נפתח בשמונה בבוקר. הכניסה לילדים חינם.",
}
BROKEN = "%PDF-1.7 and no more than that"


@dataclass
class Chat:
    """The running service, its index, and the model it asks."""

    url: str
    index: Path
    model: FaultServer

    def ratings(self) -> list[dict[str, Any]]:
        text = (self.index / "feedback.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]


@contextmanager
def chatting(root: Path, embedder: Embedder, **environ: str) -> Iterator[Chat]:
    """Index `FILES` and a file that cannot be read below *root*, and serve them."""
    docs = root / "docs"
    for name, text in {**FILES, "en/broken.pdf": BROKEN}.items():
        (docs / name).parent.mkdir(parents=True, exist_ok=True)
        (docs / name).write_text(text, encoding="utf-8")
    settings = SETTINGS.model_copy(update={"index": root / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([docs], writer, embedder)
    with serve(mimic) as model:
        backend = {
            "CITEWISE_LLM": "openai",
            "CITEWISE_LLM_URL": model.url,
            "CITEWISE_LLM_MODEL": MODEL,
            **environ,
        }
        with command(settings.index, root / "log", **backend) as served:
            yield Chat(served.url, settings.index, model)


def mimic(exchange: Exchange) -> None:
    """Do what the question says: decline, write without end, break off, make something up, or answer."""
    asked = exchange.body["messages"][-1]["content"]
    exchange.head()
    if "decline" in asked:
        exchange.send(OPENAI.stream("NO_ANSWER"))
    elif "for ever" in asked:
        while True:
            exchange.send(OPENAI.piece("The kiln is hot. "))
            time.sleep(0.05)
    elif "break off" in asked:
        exchange.send(OPENAI.piece("The kiln reaches 1,250 degr"))
        exchange.reset()
        exchange.connection.close()
    elif "make something up" in asked:
        exchange.send(
            OPENAI.stream("The kiln reaches 1,250 degrees [1]. It was built by 400 monks in 1312 [1].")
        )
    else:
        exchange.send(OPENAI.stream(REPLY))


def choose(visit: Visit, label: str, option: str) -> None:
    """Choose an option of the settings in the side panel."""
    settings = visit.page.locator("#settings")
    if settings.get_attribute("open") is None:
        settings.locator("summary").click()
    settings.get_by_label(label).select_option(option)


_KEPT = """async () => {
  const open = indexedDB.open("citewise");
  const database = await new Promise((resolve) => (open.onsuccess = () => resolve(open.result)));
  const asked = database.transaction("turns").objectStore("turns").getAll();
  await new Promise((resolve) => (asked.onsuccess = resolve));
  database.close();
  return Object.fromEntries(asked.result.map(({ id, turns }) => [id, turns]));
}"""


def all_kept(visit: Visit) -> dict[str, list[dict[str, Any]]]:
    """Return the turns of each chat, as the browser keeps them."""
    found: dict[str, list[dict[str, Any]]] = visit.page.evaluate(_KEPT)
    return found


def kept(visit: Visit) -> list[dict[str, Any]]:
    """Return the turns of the chat on the page."""
    return all_kept(visit)[urlsplit(visit.page.url).path.removeprefix("/c/")]
