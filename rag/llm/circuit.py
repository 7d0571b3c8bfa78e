"""Whether a backend is asked at all: after repeated faults, or one silence, it is left alone a while."""

import time
from collections import deque
from collections.abc import Callable
from threading import Lock

from rag.errors import BackendPaused

__all__ = ["Circuit"]

FAILURES = 5
WITHIN_S = 30.0
REST_S = 15.0


class Circuit:
    """Opens after `FAILURES` within `WITHIN_S`, or one silence; after `REST_S` one caller may try.

    A silence has cost a reader all the patience there is: the next request, which may be
    the same reader's, does not wait as long again.

    Shared by the threads that use one backend.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._lock = Lock()
        self._failures: deque[float] = deque(maxlen=FAILURES)
        self._opened: float | None = None
        self._why = ""

    def admit(self, who: str) -> None:
        """Let a request pass. Raises `BackendPaused` while the circuit is open."""
        with self._lock:
            if self._opened is None:
                return
            if (rest := self._opened + REST_S - self._now()) > 0:
                raise BackendPaused(f"{who} {self._why}; it is asked again in {rest:.0f} s.")
            # Half-open: this caller tries, the others wait for its outcome or as long again.
            self._opened = self._now()

    def failed(self, *, silent: bool = False) -> None:
        """Record that the server did not answer as a server should, or not in time."""
        with self._lock:
            now = self._now()
            self._failures.append(now)
            full = len(self._failures) == FAILURES and now - self._failures[0] <= WITHIN_S
            if full or silent or self._opened is not None:
                self._opened = now
                self._why = "was silent for too long" if silent else f"failed {FAILURES} times"

    def succeeded(self) -> None:
        """Record a reply: whatever was wrong is over."""
        with self._lock:
            self._failures.clear()
            self._opened = None
