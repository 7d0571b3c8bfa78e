"""Who writes an index on a server: one at a time, by a lock in the folder and a lease on the server.

The lock of the folder (`rag.index.store.locked`) tells the processes of one machine apart, and dies with
them. The lease tells machines apart: a row that says until when it holds, renewed while its writer lives.
A lease of this machine and folder is void for whoever holds the lock, so a writer that was killed is followed
at once; one of another machine is waited for until it ends. Clocks of machines may differ by seconds only.
"""

import socket
import threading
import time
import uuid
from contextlib import suppress
from pathlib import Path

from rag.errors import EngineRefused, EngineUnreachable, IndexBusy
from rag.index.engines.expressions import key
from rag.index.engines.tables import Tables

__all__ = ["Lease"]

LASTS_S = 60.0
_RENEWED_S = 15.0
_LOOKS, _PAUSE_S = 20, 0.05


class Lease:
    """The right to write, from its making to `release`.

    Raises:
        IndexBusy: Another has it.
    """

    def __init__(self, tables: Tables, folder: Path) -> None:
        self._tables = tables
        self._owner = key(f"{socket.gethostname()}:{folder.resolve()}")
        self._number = -(uuid.uuid4().int >> 66)
        self._until = 0.0
        self._ended = threading.Event()
        self._renewing = threading.Thread(target=self._go_on, name="lease", daemon=True)
        tables.connection.delete(tables.rows, f'kind == "writer" and name == "{self._owner}"')
        self._renew()
        try:
            self._win()
        except BaseException:
            self.release()
            raise
        self._renewing.start()

    def check(self) -> None:
        """Raise `IndexBusy` if the lease could not be renewed in time: another may be writing by now."""
        if time.monotonic() > self._until:
            raise self._busy("was not renewed in time")

    def release(self) -> None:
        """Let the next writer in."""
        self._ended.set()
        if self._renewing.ident is not None:
            self._renewing.join()
        # A server that is away forgets the lease when it ends.
        with suppress(EngineUnreachable, EngineRefused):
            self._tables.connection.delete(self._tables.rows, f"number in [{self._number}]")

    def _win(self) -> None:
        """Wait for later comers to give way; give way to whoever else is there.

        Each puts its row first and looks then, so of two that come at once both see the other,
        and the one with the smaller number stays.
        """
        for _ in range(_LOOKS):
            others = self._others()
            if not others:
                return
            if min(others) < self._number:
                break
            time.sleep(_PAUSE_S)
        raise self._busy("is held by another process")

    def _others(self) -> list[int]:
        rows = self._tables.connection.query(self._tables.rows, 'kind == "writer"', ["number", "first"])
        now_ms = time.time() * 1000
        return [row["number"] for row in rows if row["number"] != self._number and row["first"] > now_ms]

    def _renew(self) -> None:
        started = time.monotonic()
        ends_ms = int((time.time() + LASTS_S) * 1000)
        row = {
            "number": self._number,
            "kind": "writer",
            "build": 0,
            "born": 0,
            "died": 0,
            "name": self._owner,
            "first": ends_ms,
            "piece": 0,
            "body": "",
            "unused": [1.0, 0.0],
        }
        self._tables.connection.upsert(self._tables.rows, [row])
        self._until = started + LASTS_S

    def _go_on(self) -> None:
        while not self._ended.wait(_RENEWED_S):
            with suppress(EngineUnreachable, EngineRefused):
                self._renew()

    def _busy(self, what: str) -> IndexBusy:
        return IndexBusy(
            f"Another process is writing the index {self._tables.connection.address}: the lease {what}. "
            f"Run the command again when it is done; one that died is forgotten after {LASTS_S:.0f} s."
        )
