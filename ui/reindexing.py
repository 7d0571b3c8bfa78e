"""All folders of the index read again because somebody asked for it: one run, followed and told its end."""

import asyncio
import logging
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from rag.cancel import Cancelled
from rag.errors import IndexBusy
from rag.index.ingest import Report
from rag.ui.generations import Generations
from rag.ui.index_writing import IndexWriting
from rag.ui.schemas import Problem, problem_of
from rag.ui.upload_jobs import Failure

__all__ = ["Reindexing", "Run"]

_log = logging.getLogger(__name__)

# Files that are just put into the index are in it sooner.
_PATIENCE_S = 5.0
_LEAVE_S = 20.0


@dataclass(frozen=True, slots=True)
class Run:
    """A run over all folders. Numbers of what it did are those of documents, 0 until it is done.

    Attributes:
        stage: `none` if there was no run since the service was started.
        done, total: Of the stage, 0 while that is not known.
        left_out: Files that cannot be read.
        withheld: Folders that are empty or gone; their documents stay.
    """

    stage: Literal["none", "reading", "embedding", "done", "failed"] = "none"
    done: int = 0
    total: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    left_out: int = 0
    withheld: int = 0
    error: Failure | None = None


class Reindexing:
    """Runs over all folders of the index, one at a time. `close` it with the service."""

    def __init__(self, writing: IndexWriting, generations: Generations) -> None:
        self._writing = writing
        self._generations = generations
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.run: Run = Run()

    async def start(self) -> Run:
        """Begin a run; return when it has begun.

        Raises:
            Problem: One is going on, here or in another process.
            RagError: As `ingest`.
        """
        with self._generations.hold():
            begun: Future[None] = Future()
        if self._thread and self._thread.is_alive():
            raise Problem("indexing")
        self._thread = threading.Thread(target=self._work, args=(begun,), name="reindexing", daemon=True)
        self._thread.start()
        # Who leaves meanwhile takes nothing with him: the run is for all.
        await asyncio.shield(asyncio.wrap_future(begun))
        return self.run

    def close(self) -> None:
        """End a run between two documents; what it has read stays."""
        self._ended.set()
        if self._thread:
            self._thread.join(_LEAVE_S)

    def _work(self, begun: Future[None]) -> None:
        try:
            with self._writing.writer(_PATIENCE_S) as writer:
                self.run = Run("reading")
                begun.set_result(None)
                report = self._writing.run(writer, (), self._tell)
            self._writing.serve(report.generation, self._ended)
            self.run = _done(report)
        except Cancelled:
            return
        except Exception as exc:
            if begun.done():
                self._fail(exc)
            else:
                begun.set_exception(Problem("indexing") if isinstance(exc, IndexBusy) else exc)

    def _tell(self, stage: str, done: int, total: int) -> None:
        if self._ended.is_set():
            raise Cancelled
        # That a page of a picture is recognised is reading, too.
        self.run = Run("embedding" if stage == "embedding" else "reading", done, total)

    def _fail(self, exc: Exception) -> None:
        problem = problem_of(exc)
        _log.error("The documents could not be indexed again.", exc_info=exc)
        self.run = Run("failed", error=Failure(problem.code, problem.message))


def _done(report: Report) -> Run:
    left_out = sum(each.fatal for each in report.problems)
    counts = (len(report.added), len(report.changed), len(report.removed))
    return Run("done", 0, 0, *counts, left_out=left_out, withheld=len(report.withheld))
