"""What the doors of the service share: a generation, workers, a queue with an end, and cancellation.

Questions run in threads, so many at a time as the backend and the cores bear; so
many more may wait, and the rest is told at once to come back. Nothing here knows
of HTTP.
"""

import asyncio
import contextvars
import os
import time
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, closing, suppress
from dataclasses import dataclass, replace
from typing import TypeVar

from rag.assistant import Assistant, Event
from rag.cancel import Cancellation, Cancelled, current
from rag.errors import BackendError
from rag.index.engines import View
from rag.settings import Settings
from rag.types import Answer, Hit, Turn, Where
from rag.ui.feedback import FeedbackFile
from rag.ui.generations import Generations, Opened
from rag.ui.metrics import Metrics
from rag.ui.schemas import Problem

__all__ = ["Options", "Service"]

T = TypeVar("T")
Work = Callable[[Opened], Generator[T, None, None]]

_FEEDBACK = "feedback.jsonl"
_LOCAL_BACKENDS = ("extractive", "llamacpp")
# A backend on a server is waited for, not worked for.
_REMOTE_WORKERS = 16


@dataclass(frozen=True, slots=True)
class Options:
    """What one question may ask for; see `Assistant`.

    Attributes:
        backend: `model_id` of the one to begin with; those before it in the chain are not asked.
        wishes: What the program that asks says of form and tone.
    """

    k: int | None = None
    lang: str = ""
    strict: bool = False
    backend: str = ""
    wishes: str = ""

    def applied(self, assistant: Assistant) -> Assistant:
        """Return *assistant* as this question wants it. Raises `Problem` if it has no such backend."""
        chain = (assistant.llm, *assistant.stand_ins)
        names = [each.model_id for each in chain]
        if self.backend and self.backend not in names:
            raise Problem("not_found", "backend: none of that name is configured here.")
        llm, *stand_ins = chain[names.index(self.backend) if self.backend else 0 :]
        k, strict = self.k or assistant.k, self.strict or assistant.strict
        chain_from = replace(assistant, llm=llm, stand_ins=tuple(stand_ins))
        return replace(chain_from, k=k, lang=self.lang, strict=strict, wishes=self.wishes)


DEFAULT = Options()


class Service:
    """Answers questions from the current generation. `start` it before, `close` it after.

    Args:
        open_current: Opens the generation on the disk; see `rag.wiring.generations`.
    """

    def __init__(self, settings: Settings, open_current: Callable[[], tuple[View, Assistant]]) -> None:
        self.settings = settings
        self.metrics: Metrics = Metrics()
        self.generations: Generations = Generations(settings, open_current, self.metrics)
        self.feedback: FeedbackFile = FeedbackFile(settings.index / _FEEDBACK)
        workers = settings.serve_workers or _workers(settings.llm)
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._free = asyncio.Semaphore(workers)
        self._waiting = 0

    def start(self) -> None:
        """Open the index. Raises `RagError` when there is one that cannot be used."""
        self.generations.start()

    def close(self) -> None:
        """Finish what runs and let go of the index."""
        self._pool.shutdown()
        self.generations.close()

    async def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        where: Where | None = None,
        options: Options = DEFAULT,
    ) -> AsyncGenerator[Event, None]:
        """Yield what `Assistant.stream` does; when the consumer leaves, the backend is cut off.

        Raises:
            Problem: Too many are waiting.
            RagError: As `Assistant.stream`, or there is no index.
        """

        def events(opened: Opened) -> Generator[Event, None, None]:
            yield from options.applied(opened.assistant).stream(question, history, where)

        try:
            async with aclosing(self._run(events)) as results:
                async for event, wait_ms in results:
                    yield self._counted(event, wait_ms) if isinstance(event, Answer) else event
        except BackendError as exc:
            self.metrics.backend_errors.labels(type(exc).__name__).inc()
            raise

    async def search(
        self, question: str, where: Where | None = None, options: Options = DEFAULT
    ) -> tuple[tuple[Hit, ...], int]:
        """Return the passages nearest to *question*, and the generation. Raises as `stream` does."""

        def found(opened: Opened) -> Generator[tuple[tuple[Hit, ...], int], None, None]:
            assistant = options.applied(opened.assistant)
            hits = assistant.retriever.retrieve(question, assistant.k, where).hits
            yield hits, opened.index.generation

        [(result, _)] = [each async for each in self._run(found)]
        return result

    def _counted(self, answer: Answer, wait_ms: float) -> Answer:
        timed = replace(answer, timings_ms={"wait": wait_ms, **answer.timings_ms})
        self.metrics.answered(timed)
        return timed

    async def _run(self, work: Work[T]) -> AsyncGenerator[tuple[T, float], None]:
        """Yield what *work* yields in a worker, with the milliseconds it had to wait for one."""
        started = time.perf_counter()
        await self._worker()
        wait_ms = round((time.perf_counter() - started) * 1000, 1)
        results: asyncio.Queue[tuple[T] | Exception | None] = asyncio.Queue()
        cancellation = Cancellation()
        try:
            self._submit(work, results, cancellation)
            while (result := await results.get()) is not None:
                if isinstance(result, Exception):
                    raise result
                yield result[0], wait_ms
        finally:
            cancellation.cancel()

    def _submit(
        self,
        work: Work[T],
        results: "asyncio.Queue[tuple[T] | Exception | None]",
        cancellation: Cancellation,
    ) -> None:
        """Let a worker put what *work* yields into *results*, then its error or None."""
        loop = asyncio.get_running_loop()

        def put(result: tuple[T] | Exception | None) -> None:
            with suppress(RuntimeError):  # the loop is closed: the process ends
                loop.call_soon_threadsafe(results.put_nowait, result)

        def job() -> None:
            outcome: Exception | None = None
            try:
                with self.generations.hold() as opened, closing(work(opened)) as found:
                    for result in found:
                        if cancellation.cancelled:
                            break
                        put((result,))
            except Cancelled:
                pass
            except Exception as exc:  # it is raised again where the result is awaited
                outcome = exc
            with suppress(RuntimeError):
                loop.call_soon_threadsafe(self._release)
            put(outcome)

        context = contextvars.copy_context()
        context.run(current.set, cancellation)
        self._pool.submit(context.run, job)

    async def _worker(self) -> None:
        """Wait for a worker to be free. Raises `Problem` when too many wait already."""
        if self._free.locked() and self._waiting >= self.settings.serve_queue:
            raise Problem("busy", headers={"Retry-After": "2"})
        self._waiting += 1
        self.metrics.waiting.inc()
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
            self.metrics.waiting.dec()
        self.metrics.active.inc()

    def _release(self) -> None:
        self.metrics.active.dec()
        self._free.release()


def _workers(llm: str) -> int:
    if llm not in _LOCAL_BACKENDS:
        return _REMOTE_WORKERS
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
