"""Index some files, then many more, and print how much memory each run took at most (KiB)."""

import resource
import sys
from pathlib import Path

from doubles import HashEmbedder

from rag.index.chunk import FINGERPRINT
from rag.index.dense import Transform
from rag.index.ingest import ingest
from rag.index.store import Identity, open_writer

LINES = 1_500


def written(docs: Path, numbers: range) -> None:
    for number in numbers:
        lines = (
            f"{number}번 기록의 {line}째 줄에는 방문객이 {line * 7}명이라고 적혀 있다."
            for line in range(LINES)
        )
        (docs / f"{number}.txt").write_text("\n\n".join(lines), encoding="utf-8")


def main(root: Path) -> None:
    docs = root / "docs"
    docs.mkdir()
    for numbers in (range(3), range(3, 27)):
        written(docs, numbers)
        identity = Identity("hash", FINGERPRINT, 32)
        with open_writer(root / "index", identity, Transform("", lambda vectors, _: vectors)) as writer:
            ingest([docs], writer, HashEmbedder(max_tokens=512))
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
