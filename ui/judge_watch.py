"""`rag eval watch`: judge now, and again whenever documents, pairs, thresholds or the baseline change."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from rag import wiring
from rag.errors import EvalDataError, IndexBusy, RagError
from rag.eval.baseline import Baseline
from rag.eval.report import Report
from rag.index.watch import Pace, View, look
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.console import err, progress
from rag.ui.judge import Order, evaluate

__all__ = ["watch"]

_POLL_S = 1.0


def watch(settings: Settings, order: Callable[[], Order], show: Callable[[Report], None]) -> None:
    """Judge and *show* until Ctrl-C or SIGTERM.

    Args:
        order: Asked before each run: thresholds may have come since. Without a
            baseline, each run is compared with the one before.

    Raises:
        RagError: The first run met an error that is none of the data's.
    """
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _Watch(settings, order, show, wiring.embedder(settings)).go_on()
    err.print("stopped watching")


@dataclass(slots=True)
class _Watch:
    settings: Settings
    order: Callable[[], Order]
    show: Callable[[Report], None]
    model: Embedder
    pace: Pace = field(default_factory=Pace)
    earlier: Baseline | None = None
    is_first: bool = True

    def go_on(self) -> None:
        while True:
            order = self.order()
            view = _look(order)
            if self.pace.is_due(view, time.monotonic()):
                self.pace.ran(view, time.monotonic(), ok=self._run(order))
                self.is_first = False
            time.sleep(_POLL_S)

    def _run(self, order: Order) -> bool:
        """Judge once. Returns whether to wait for a change; if not, it is tried again soon."""
        try:
            with progress(in_lines=True) as bars:
                report = evaluate(self.settings, order, bars, self.model, self.earlier)
        except RagError as exc:
            if self.is_first and not isinstance(exc, (EvalDataError, IndexBusy)):
                raise
            err.print(f"rag: {exc}")
            return not isinstance(exc, IndexBusy)
        self.show(report)
        # Without a pair there is nothing to compare with.
        self.earlier = Baseline.of(report.subject, report.run.scored) or self.earlier
        err.print(f"watching {order.docs} and {order.pairs}; Ctrl-C ends it")
        return True


def _look(order: Order) -> View:
    given = [order.pairs, *order.pairs.glob("*.jsonl"), order.gate, order.baseline]
    return {**look([order.docs]), Path(): frozenset(_states(path for path in given if path))}


def _states(paths: Iterator[Path]) -> Iterator[tuple[str, int, int, int, int]]:
    for path in paths:
        with suppress(OSError):
            found = path.stat()
            yield str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino
