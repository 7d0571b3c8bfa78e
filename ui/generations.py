"""The generation of the index that is being served, exchanged for the next one while questions run.

A request holds one generation from beginning to end; the last to let go of an old
one closes it. What a writer commits before it has published is not served: its
vectors would have to be arranged in memory again for each batch.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rag import wiring
from rag.assistant import Assistant
from rag.errors import IndexMissing, RagError
from rag.index.engines import View
from rag.settings import Settings
from rag.ui.metrics import Metrics

__all__ = ["Generations", "Opened"]

_log = logging.getLogger(__name__)

POLL_S = 0.5


@dataclass(slots=True)
class Opened:
    """One generation: the view, who answers from it, and how many hold it.

    The one who serves it counts as a holder too.
    """

    index: View
    assistant: Assistant
    holders: int = 1


class Generations:
    """Gives out the current generation and looks for the next.

    Args:
        settings: Say where the index is.
        open_current: Opens what is on the disk now; raises `RagError`.
    """

    def __init__(
        self, settings: Settings, open_current: Callable[[], tuple[View, Assistant]], metrics: Metrics
    ) -> None:
        self._settings = settings
        self._open = open_current
        self._metrics = metrics
        self._lock = threading.Lock()
        self._looking = threading.Lock()
        self._current: Opened | None = None
        self._published: object = None
        self._complaint = ""
        self._ended = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="generations", daemon=True)

    def start(self) -> None:
        """Open the first generation, and begin to look for others.

        An index that is not there yet may come later.

        Raises:
            RagError: There is one and it cannot be used.
        """
        try:
            self._published = wiring.published(self._settings)
            self._exchange()
        except IndexMissing as exc:
            _log.warning("%s", exc)
        self._watcher.start()

    def close(self) -> None:
        """Stop looking; whoever holds the last generation closes it."""
        self._ended.set()
        if self._watcher.ident is not None:
            self._watcher.join()
        with self._lock:
            last, self._current = self._current, None
        if last:
            self._release(last)

    @contextmanager
    def hold(self) -> Iterator[Opened]:
        """Keep the current generation open. Raises `IndexMissing` while there is none."""
        with self._lock:
            opened = self._current
            if opened is None:
                raise IndexMissing(self._settings.index)
            opened.holders += 1
        try:
            yield opened
        finally:
            self._release(opened)

    def _release(self, opened: Opened) -> None:
        with self._lock:
            opened.holders -= 1
            is_last = opened.holders == 0
        if is_last:
            opened.index.close()

    def look(self) -> None:
        """Take up what was published since, now: whoever wrote it need not wait for the next look.

        What cannot be taken is said in the log, and the old generation is served on.
        """
        with self._looking:
            try:
                published = wiring.published(self._settings)
                if published is not None and published != self._published:
                    self._exchange()
                    self._published = published
                self._complaint = ""
            except RagError as exc:
                self._complain(str(exc))
            except Exception:  # a watcher that died would serve yesterday's documents for ever
                _log.exception("The index cannot be looked at.")

    def taken_up(self) -> int:
        """Look, and return the generation that is served then; 0 if there is none."""
        self.look()
        with self._lock:
            return self._current.index.generation if self._current else 0

    def _watch(self) -> None:
        while not self._ended.wait(POLL_S):
            self.look()

    def _complain(self, complaint: str) -> None:
        """Say once why the next generation cannot be served; the old one still is."""
        if complaint != self._complaint and self._current is not None:
            self._metrics.reloads.labels("refused").inc()
            _log.error("The published index is not taken: %s", complaint)
        self._complaint = complaint

    def _exchange(self) -> None:
        index, assistant = self._open()
        try:
            # The first search reads the vectors; no question has to wait for that.
            assistant.retriever.retrieve("ready", 1)
        except BaseException:
            index.close()
            raise
        new = Opened(index, assistant)
        with self._lock:
            old, self._current = self._current, new
        self._metrics.generation.set(index.generation)
        self._metrics.documents.set(index.document_count)
        self._metrics.passages.set(len(index))
        self._metrics.reloads.labels("taken").inc()
        _log.info("serving", extra={"fields": {"generation": index.generation, "passages": len(index)}})
        if old:
            self._release(old)
