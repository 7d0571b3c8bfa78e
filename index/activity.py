"""What a run of `rag index` is doing just now, told to the other processes that use the index.

A file beside the store, replaced as the run goes on and removed at its end. It is
for people who wait, so it may be lost; what is indexed stands in the store alone.
A process that was killed leaves it behind, hence a file that has not been touched
for a while says nothing.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

__all__ = ["Activity", "Announcement", "announced", "read_activity"]

Stage = Literal["reading", "embedding", "waiting"]

_FILE = "activity.json"
_EVERY_S = 0.5
_STALE_S = 60.0


@dataclass(frozen=True, slots=True)
class Activity:
    """What is being done.

    Attributes:
        stage: `reading` files, `embedding` passages, or `waiting` for a folder to change.
        done, total: How many files or passages.
        failed: Kind of the error that ended the last round of a watch, else empty.
    """

    stage: Stage
    done: int = 0
    total: int = 0
    failed: str = ""


@dataclass(slots=True)
class Announcement:
    """Tells of a run, as the `Progress` of `rag.index.ingest.ingest`; `path` is the folder of the index."""

    path: Path
    _stage: str = ""
    _at_s: float = 0.0

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Tell how far a stage is, not more often than anyone would look."""
        is_soon = stage == self._stage and time.monotonic() - self._at_s < _EVERY_S
        if stage in get_args(Stage) and not is_soon:
            self._write({"stage": stage, "done": done, "total": total})

    def wait(self, failed: str = "") -> None:
        """Tell that folders are watched; *failed* as in `Activity`. To be repeated while that is so."""
        if self._stage != "waiting" or time.monotonic() - self._at_s >= _STALE_S / 4:
            self._write(asdict(Activity("waiting", failed=failed)))

    def _write(self, fields: dict[str, object]) -> None:
        self._stage, self._at_s = str(fields["stage"]), time.monotonic()
        fresh = self.path / f"{_FILE}.{os.getpid()}"
        with suppress(OSError):  # a full disk stops the run at the store, with a sentence
            fresh.write_text(json.dumps(fields), encoding="utf-8")
            fresh.replace(self.path / _FILE)


@contextmanager
def announced(path: Path) -> Iterator[Announcement]:
    """Tell what is being done to the index in *path* until the block ends."""
    try:
        yield Announcement(path)
    finally:
        with suppress(OSError):
            (path / _FILE).unlink(missing_ok=True)


def read_activity(path: Path) -> Activity | None:
    """Return what is being done to the index in *path*, None if nothing is."""
    try:
        if time.time() - (path / _FILE).stat().st_mtime > _STALE_S:
            return None
        return Activity(**json.loads((path / _FILE).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
