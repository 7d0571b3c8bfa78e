"""Time limits that hold: a socket is cut when its reply is later than allowed.

A read timeout starts anew with every byte, so a server that sends a comment a second
would hold a request for ever. A watchdog counts from the last word instead, and it
does so while the reader is blocked.
"""

import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from threading import Condition, Thread
from types import TracebackType
from typing import Any, Self

from rag.cancel import on_cancel

__all__ = ["Watchdog"]


class Watchdog:
    """Watches the one connection whose httpcore trace it is given."""

    def __init__(self, deadline: float) -> None:
        """Take the monotonic time after which nothing is waited for any more."""
        self.expired: bool = False
        self._cancelled = False
        self._deadline = deadline
        self._limit = deadline
        self._socket: socket.socket | None = None
        self._ended = False
        self._changed = Condition()
        self._thread = Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._forget = on_cancel(self._cancel)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._forget()
        with self._changed:
            self._ended = True
            self._changed.notify()
        self._thread.join()

    def allow(self, seconds: float) -> None:
        """Wait at most *seconds* from now for the next word, within the deadline."""
        with self._changed:
            sooner = (limit := min(self._deadline, time.monotonic() + seconds)) < self._limit
            self._limit = limit
            if sooner:
                self._changed.notify()

    def rest(self) -> None:
        """Stop counting: it is the reader who takes time now, not the server."""
        with self._changed:
            self._limit = float("inf")

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Learn the socket; an httpcore trace. TLS wraps the first one in a second."""
        if event.endswith(("connect_tcp.complete", "start_tls.complete")):
            with self._changed:
                self._socket = info["return_value"].get_extra_info("socket")
                if self.expired or self._cancelled:
                    self._cut()

    def _cancel(self) -> None:
        """Cut the connection because nobody waits for the reply any more; called from another thread."""
        with self._changed:
            self._cancelled = True
            self._cut()

    def _watch(self) -> None:
        with self._changed:
            while not self._ended:
                if (left := self._limit - time.monotonic()) <= 0:
                    self.expired = True
                    self._cut()
                    return
                self._changed.wait(min(left, 3600.0))

    def _cut(self) -> None:
        if self._socket is not None:
            # Of the base class: that of an SSL socket would pull the rug from under the reader.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)
