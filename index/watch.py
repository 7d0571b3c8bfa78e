"""When a watched folder has changed and come to rest, by looking at it again and again.

Decides when it is time for a run, never what has changed: that is for
`rag.index.ingest`, which compares contents. Every file is asked for its size and
times, since no kernel tells of changes on a network mount (docs/decisions/0016-watch.md).
"""

import math
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.index.folder import IGNORE_FILE, MAX_DEPTH, is_hidden
from rag.index.readers import MAX_BYTES

__all__ = ["Pace", "View", "emptied", "look"]

View = Mapping[Path, frozenset[tuple[str, int, int, int, int]]]
"""By folder, each file with its size, the times of change of content and of entry (ns), and its inode."""

_RETRY_S = 5.0
# A file that is always being written, such as a log, is indexed as it is by then.
_RESTLESS_S = 30.0


def look(folders: Sequence[Path]) -> View:
    """Return the files of *folders* that would be read, and what a change of them would change.

    A folder that cannot be listed holds none.
    """
    return {folder: frozenset(_single(folder) or _files(os.fspath(folder), 0)) for folder in folders}


def _single(path: Path) -> list[tuple[str, int, int, int, int]]:
    """Return *path* if it is a file itself."""
    try:
        found = path.stat()
    except OSError:
        return []
    is_file = stat.S_ISREG(found.st_mode)
    return [(str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino)] if is_file else []


def _files(folder: str, depth: int) -> Iterator[tuple[str, int, int, int, int]]:
    try:
        with os.scandir(folder) as listing:
            entries = list(listing)
    except OSError:
        return
    for entry in entries:
        if entry.name == IGNORE_FILE or not is_hidden(entry):
            if not entry.is_dir(follow_symlinks=False):
                yield from _file(entry)
            elif depth < MAX_DEPTH:
                yield from _files(entry.path, depth + 1)


def _file(entry: os.DirEntry[str]) -> Iterator[tuple[str, int, int, int, int]]:
    if entry.name == IGNORE_FILE or Path(entry.name).suffix.lower() in MAX_BYTES:
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError:  # gone since the folder was listed
            return
        # Some programs put the old time back: the time of the entry cannot be set.
        yield entry.path, found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino


def emptied(before: View, now: View, index: Path) -> list[Path]:
    """Return the folders that held files and hold none: rather a mount that is gone than a wish.

    Those inside the folder of the *index* are on its disk, which is there.
    """
    return [
        folder
        for folder, files in now.items()
        if before.get(folder) and not files and index not in folder.resolve().parents
    ]


@dataclass(slots=True)
class Pace:
    """Tells when to run: at first, after a change that has come to rest, and again after a failure.

    Attributes:
        indexed: What the last run that succeeded may have seen; None before it.
    """

    indexed: View | None = None
    _seen: View | None = None
    _restless_since_s: float | None = None
    _retry_at_s: float = -math.inf

    def is_due(self, view: View, now_s: float) -> bool:
        """Tell whether to run now. To be asked at each look.

        Args:
            now_s: Of a clock that does not jump.
        """
        at_rest, self._seen = view == self._seen, view
        if self.indexed is None:
            return now_s >= self._retry_at_s
        if view == self.indexed:
            self._restless_since_s = None
            return False
        if self._restless_since_s is None:
            self._restless_since_s = now_s
        return at_rest or now_s - self._restless_since_s >= _RESTLESS_S

    def ran(self, view: View, now_s: float, *, ok: bool) -> None:
        """Remember a run that began after *view* was taken; what changed since is for the next one."""
        self.indexed = view if ok else None
        self._restless_since_s = None
        self._retry_at_s = now_s + _RETRY_S
