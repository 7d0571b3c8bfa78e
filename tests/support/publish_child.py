"""Publishes an index again and again, as `rag index` does, in a process that loads the model once.

Arguments: folder of the documents, folder of the index, how many generations, seconds between them.
"""

import sys
import time
from pathlib import Path

from rag import wiring
from rag.index.ingest import ingest
from rag.settings import Settings

STATIONS = ("북쪽", "East", "南")


def write_version(docs: Path, version: int) -> None:
    docs.mkdir(parents=True, exist_ok=True)
    for station in STATIONS:
        text = f"The tide report of station {station} is version {version}. 조수 보고서 {version}판이다."
        (docs / f"{station}.txt").write_text(text, encoding="utf-8")


def publish(docs: Path, index: Path, versions: range, pause_s: float) -> None:
    settings = Settings(index=index)
    model = wiring.embedder(settings)
    for version in versions:
        write_version(docs, version)
        with wiring.writer(settings, model) as writer:
            ingest([docs], writer, model)
        time.sleep(pause_s)


if __name__ == "__main__":
    publish(Path(sys.argv[1]), Path(sys.argv[2]), range(1, int(sys.argv[3]) + 1), float(sys.argv[4]))
