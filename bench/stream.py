"""Index much text with an embedder that costs nothing, and tell how much memory that takes.

usage: python bench/stream.py [MEGABYTES] [FOLDER]     (500 by default; the text stays in FOLDER)

Parsing, cleaning, cutting and storing are those of `rag index`; only the vectors are
made of hashed words, since embedding 500 MB takes hours and holds no more than a batch.
"""

import resource
import sys
import tempfile
import time
from pathlib import Path

from rag.index.chunk import FINGERPRINT
from rag.index.dense import Transform
from rag.index.ingest import ingest
from rag.index.store import Identity, open_writer

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from doubles import HashEmbedder

FILE_BYTES = 200_000
PLACES = ("the mill", "der Hafen", "도서관", "図書館", "ห้องสมุด", "библиотека")


def text(number: int) -> str:
    lines, size = [f"# Register {number}"], 0
    while size < FILE_BYTES:
        place = PLACES[len(lines) % len(PLACES)]
        lines.append(
            f"Entry {number}.{len(lines)}: {place} counted {number * 7 + len(lines)} visitors that day."
        )
        size += len(lines[-1].encode()) + 2
    return "\n\n".join(lines)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 500
    root = Path(sys.argv[2] if len(sys.argv) > 2 else tempfile.mkdtemp())
    docs = root / "docs"
    docs.mkdir(parents=True, exist_ok=True)
    for number in range(megabytes * 1_000_000 // FILE_BYTES):
        (docs / f"{number}.txt").write_text(text(number), encoding="utf-8")
    before, began = peak_mb(), time.perf_counter()
    embedder = HashEmbedder(dim=32, max_tokens=512)
    with open_writer(
        root / "index", Identity("hash", FINGERPRINT, 32), Transform("", lambda v, _: v)
    ) as writer:
        report = ingest([docs], writer, embedder)
    took = time.perf_counter() - began
    print(
        f"{len(report.added)} files, {megabytes} MB, {report.embedded} passages, {megabytes / took:.2f} MB/s"
    )
    print(f"resident at most {peak_mb():.0f} MB, {before:.0f} MB of it before the run")


if __name__ == "__main__":
    main()
