"""The writer of the index, as the parts of the service that change it share it: one run at a time.

Nobody waits for it in a thread that answers are given from: who finds it taken is told so, and comes back.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from rag import wiring
from rag.cancel import Cancelled
from rag.errors import IndexBusy
from rag.index.activity import announced
from rag.index.ahead import Ahead
from rag.index.engines import Writer
from rag.index.ingest import Progress, Report, ingest, remove
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.generations import Generations
from rag.ui.schemas import Problem

__all__ = ["AGAIN_S", "IndexWriting"]

AGAIN_S = 0.2
# What is published is taken up within a second; a service that cannot do it says so in its log.
_LOOKS = 150


class IndexWriting:
    """Changes the index that is served. Threads may share it."""

    def __init__(self, settings: Settings, embedder: Embedder, generations: Generations) -> None:
        self._settings = settings
        self._embedder = embedder
        self._generations = generations
        self._lock = threading.Lock()

    @contextmanager
    def writer(self, wait_s: float = 0.0) -> Iterator[Writer]:
        """Hold the writer. Raises `IndexBusy` when somebody else holds it, here for longer than *wait_s*."""
        if not self._lock.acquire(timeout=wait_s):
            raise IndexBusy("The service is writing the index.")
        try:
            with wiring.writer(self._settings, self._embedder) as writer:
                yield writer
        finally:
            self._lock.release()

    def run(
        self,
        writer: Writer,
        folders: Sequence[Path],
        told: Progress | None = None,
        ahead: Mapping[Path, Ahead] | None = None,
    ) -> Report:
        """Bring the index up to date with *folders*, or with all that it knows. Raises as `ingest`."""
        with announced(self._settings.index) as announcement:

            def tell(stage: str, done: int, total: int) -> None:
                announcement(stage, done, total)
                if told:
                    told(stage, done, total)

            return ingest(
                folders,
                writer,
                self._embedder,
                keep_boilerplate=self._settings.keep_boilerplate,
                progress=tell,
                options=wiring.reading_options(self._settings),
                ahead=ahead,
            )

    def remove(self, writer: Writer, doc_id: str) -> None:
        """Take one document out of the index, and no other: no folder is looked at."""
        remove([doc_id], writer, self._embedder, keep_boilerplate=self._settings.keep_boilerplate)
        self._generations.taken_up()

    def serve(self, generation: int, ended: threading.Event) -> None:
        """Return when the service answers from *generation*.

        Raises:
            Cancelled: The service has *ended* before.
            Problem: It cannot take it up.
        """
        for _ in range(_LOOKS):
            if self._generations.taken_up() >= generation:
                return
            if ended.wait(AGAIN_S):
                raise Cancelled
        raise Problem("internal", "The new index cannot be taken into service. The log says why.")
