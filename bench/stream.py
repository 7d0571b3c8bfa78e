"""Tell how much memory indexing takes at most, with an embedder that costs nothing.

usage: python bench/stream.py text [MEGABYTES] [FOLDER]      files (500 MB), read as by `rag index`
       python bench/stream.py passages [COUNT] [FOLDER]      passages put into a store (640,000), published

Parsing, cleaning, cutting and storing are those of `rag index`; vectors are made of hashed
words, since embedding 500 MB takes hours and holds no more than a batch. 500 MB of text
are about 640,000 passages; what grows with them is the same whatever they say, so the
second measure gives the peak of a large run in minutes. The files are text, Markdown and HTML in
words that nobody has written, as common as words are, in seven scripts; the peak counts the
processes that read them, too. Without FOLDER all is removed at the end.
"""

import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import numpy as np

from rag.index.chunk import FINGERPRINT
from rag.index.dense import Transform
from rag.index.ingest import ingest
from rag.index.store import Entry, Identity, Writer, open_writer
from rag.types import Chunk, Document

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))
from doubles import HashEmbedder

FILE_BYTES = 200_000
WORDS = 40_000
ALPHABETS = ("az", "az", "αω", "ая", "가힣", "ぁん", "一丿", "กฮ", "את")
SUFFIXES = (".txt", ".md", ".html")
PLACES = ("the mill", "der Hafen", "도서관", "図書館", "ห้องสมุด", "библиотека")
DIM = 384
PASSAGES_PER_DOCUMENT = 5_000


@cache
def vocabulary(alphabet: str) -> list[str]:
    chance = np.random.default_rng(len(alphabet))
    letters = np.array([chr(code) for code in range(ord(alphabet[0]), ord(alphabet[1]) + 1)])
    return ["".join(chance.choice(letters, size)) for size in chance.integers(2, 9, WORDS)]


def text(number: int) -> str:
    chance = np.random.default_rng(number)
    words = vocabulary(ALPHABETS[number % len(ALPHABETS)])
    paragraphs, size = [f"# Register {number}"], 0
    while size < FILE_BYTES:
        ranks = chance.zipf(1.1, 60) % WORDS
        ends = np.cumsum(chance.integers(6, 20, 6))
        told = [" ".join(words[rank] for rank in part) for part in np.split(ranks, ends[ends < 60])]
        paragraphs.append(f"{' '.join(f'{each}.' for each in told)} {chance.integers(10_000)}.")
        size += len(paragraphs[-1].encode()) + 2
    return "\n\n".join(paragraphs)


def written(folder: Path, number: int) -> None:
    suffix = SUFFIXES[number % len(SUFFIXES)]
    made = text(number)
    if suffix == ".html":
        head, *rest = made.split("\n\n")
        made = f"<title>{head[2:]}</title>" + "".join(f"<p>{each}</p>\n" for each in rest)
    (folder / f"{number}{suffix}").write_text(made, encoding="utf-8")


def resident_mb() -> float:
    """Return what this process and those that it started hold now; what they share counts for each."""
    kibibytes = 0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
        except OSError:  # it has ended
            continue
        if os.getpid() in (int(fields["Pid"]), int(fields["PPid"])):
            kibibytes += int(fields.get("VmRSS", "0 kB").split()[0])
    return kibibytes / 1024


class Watch(threading.Thread):
    """Looks four times a second at what is resident."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peak = 0.0
        self.over = threading.Event()

    def run(self) -> None:
        while not self.over.wait(0.25):
            self.peak = max(self.peak, resident_mb())


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def read_texts(writer: Writer, megabytes: int, docs: Path) -> None:
    docs.mkdir(parents=True, exist_ok=True)
    for number in range(megabytes * 1_000_000 // FILE_BYTES):
        written(docs, number)
    watch = Watch()
    watch.start()
    marks: list[str] = []

    def told(_stage: str, done: int, total: int) -> None:
        # The time of each tenth: it must not grow with what is indexed already.
        if total and done * 10 // total > len(marks):
            marks.append(f"{time.perf_counter() - began:.0f}")

    began = time.perf_counter()
    report = ingest([docs], writer, HashEmbedder(dim=DIM, max_tokens=512), progress=told)
    took = time.perf_counter() - began
    watch.over.set()
    print(
        f"{len(report.added)} files, {megabytes} MB, {report.embedded} passages, {megabytes / took:.2f} MB/s;"
        f" tenths done after {', '.join(marks)} of {took:.0f} s; all processes {watch.peak:.0f} MB"
    )


def put_passages(writer: Writer, count: int) -> None:
    writer.add_root("/documents", "")
    for entry in entries(count):
        writer.put([entry])
    print(f"{count} passages are stored: resident at most {peak_mb():.0f} MB", flush=True)
    began = time.perf_counter()
    writer.publish()
    print(f"published in {time.perf_counter() - began:.0f} s")


def entries(count: int) -> Iterator[Entry]:
    chance = np.random.default_rng(1)
    for number in range(count // PASSAGES_PER_DOCUMENT):
        vectors = chance.standard_normal((PASSAGES_PER_DOCUMENT, DIM)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        lines = [f"{number}.{n}: {PLACES[n % len(PLACES)]} {n * 7}\n" for n in range(PASSAGES_PER_DOCUMENT)]
        starts = np.cumsum([0, *map(len, lines)]).tolist()
        name = f"{number}.txt"
        chunks = tuple(
            Chunk(f"{name}#{start}-{end}", name, start, end, line, "en", f"Register {number}")
            for start, end, line in zip(starts, starts[1:], lines, strict=False)
        )
        document = Document(name, name, "".join(lines), "en", None, str(number))
        yield Entry(document, chunks, vectors, (b"",) * len(chunks), "/documents")


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "text"
    amount = int(sys.argv[2]) if len(sys.argv) > 2 else {"text": 500, "passages": 640_000}[what]
    with tempfile.TemporaryDirectory() as made:
        root = Path(sys.argv[3] if len(sys.argv) > 3 else made)
        identity = Identity("hash", FINGERPRINT, DIM)
        with open_writer(root / "index", identity, Transform("", lambda v, _: v, by_row=True)) as writer:
            before = peak_mb()
            if what == "text":
                read_texts(writer, amount, root / "docs")
            else:
                put_passages(writer, amount)
    print(f"resident at most {peak_mb():.0f} MB, {before:.0f} MB of it before the run")


if __name__ == "__main__":
    main()
