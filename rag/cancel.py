"""Whoever asked may go away: then what still works for them is cut short, wherever it waits.

A generator that is blocked in a socket cannot be closed from another thread. So
whoever waits says here how to be woken, and the service, which sees the client go,
calls `Cancellation.cancel`. Nothing here knows of sockets or HTTP.
"""

from collections.abc import Callable
from contextvars import ContextVar
from threading import Lock

__all__ = ["Cancellation", "Cancelled", "current", "on_cancel"]

Cut = Callable[[], None]


class Cancelled(Exception):
    """Nobody waits for the result any more. No `RagError`: there is nobody to tell, and nothing to bridge."""


class Cancellation:
    """Tells the threads that work for one request that its client is gone."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._cuts: list[Cut] = []
        self._cancelled = False

    @property
    def cancelled(self) -> bool:
        """Whether the client is gone."""
        return self._cancelled

    def cancel(self) -> None:
        """Cut all that waits now; what would begin to wait later raises `Cancelled`."""
        with self._lock:
            self._cancelled = True
            cuts, self._cuts = self._cuts, []
        for cut in cuts:
            cut()

    def add(self, cut: Cut) -> None:
        """Have *cut* called, from another thread, when the client goes.

        Raises:
            Cancelled: It has gone already.
        """
        with self._lock:
            if self._cancelled:
                raise Cancelled
            self._cuts.append(cut)

    def discard(self, cut: Cut) -> None:
        """Forget *cut*."""
        with self._lock:
            if cut in self._cuts:
                self._cuts.remove(cut)


current: ContextVar[Cancellation | None] = ContextVar("current", default=None)
"""Of the request that this thread works for."""


def on_cancel(cut: Cut) -> Cut:
    """Have *cut* called if the client goes; return what undoes this.

    Raises:
        Cancelled: It has gone already.
    """
    if (cancellation := current.get()) is None:
        return lambda: None
    cancellation.add(cut)
    return lambda: cancellation.discard(cut)
