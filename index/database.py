"""One SQLite file, its rows under seal, and SQLite's errors in the words of ours.

Decides how the file is opened, by a writer, by a reader, on a read-only disk, and
that a row is never returned unless it is what was written: SQLite has no checksums
of its own. What the rows mean is for `rag.index.schema`.
"""

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, get_args

from rag.errors import IndexBusy, IndexDamaged, IndexMissing, LoadError, RagError, StoreFull

__all__ = [
    "DOCUMENT_TABLES",
    "STORE",
    "TABLES",
    "Database",
    "Table",
    "open_reader",
    "open_writable",
    "refused",
    "remedy",
]

STORE = "store.sqlite3"

Table = Literal["state", "roots", "documents", "texts", "vectors", "signs", "terms"]
TABLES: tuple[Table, ...] = get_args(Table)
DOCUMENT_TABLES: tuple[Table, ...] = ("documents", "texts", "vectors", "signs", "terms")

_PAGE = 500

# Failures of the disk or its permissions, as opposed to damage.
_REFUSALS = (
    "SQLITE_FULL",
    "SQLITE_READONLY",
    "SQLITE_CANTOPEN",
    "SQLITE_PERM",
    "SQLITE_IOERR_WRITE",
    "SQLITE_IOERR_FSYNC",
    "SQLITE_IOERR_DIR_FSYNC",
    "SQLITE_IOERR_TRUNCATE",
    "SQLITE_IOERR_SHM",
)


class Database:
    """One connection to a store.

    Args:
        path: Folder of the index.
        connection: In autocommit mode. Threads may share it: statements run one
            after the other.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._one_by_one = threading.Lock()

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Any]:
        """Run one statement and return its rows.

        Raises:
            IndexDamaged: SQLite cannot make sense of the file.
            StoreFull: The disk refused a write.
            IndexBusy: Another process holds SQLite's own lock.
        """
        try:
            with self._one_by_one:
                return self._connection.execute(sql, parameters).fetchall()
        except sqlite3.ProgrammingError:  # such as a closed connection: a wrong call, not damage
            raise
        except (sqlite3.Error, MemoryError, UnicodeDecodeError) as exc:
            # A damaged length asks for too much memory; a damaged name cannot even be reported.
            raise _translated(self.path, exc) from exc

    def read(self, table: Table, ids: Sequence[int] | None = None) -> Iterator[tuple[int, bytes]]:
        """Yield ``(id, body)`` of the rows with these distinct *ids*, or of all, in the order of id.

        Raises:
            IndexDamaged: A row is missing or is not what was written.
        """
        if ids is None:
            yield from self._read_all(table)
            return
        chosen = "id IN (SELECT value FROM json_each(?))"
        found = self.rows(
            f"SELECT id, body, seal FROM {table} WHERE {chosen} ORDER BY id",  # noqa: S608 (our own names)
            [json.dumps(ids)],
        )
        if len(found) != len(ids):
            raise self.damaged(f"{len(ids) - len(found)} rows of table {table!r} are missing")
        yield from self._checked(table, found)

    def _read_all(self, table: Table) -> Iterator[tuple[int, bytes]]:
        """Yield all rows, a page of them in memory at a time."""
        sql = f"SELECT id, body, seal FROM {table} WHERE id > ? ORDER BY id LIMIT {_PAGE}"  # noqa: S608
        last = -1
        # Where a damaged tree leads back to its beginning, the ids stop growing.
        while (page := self.rows(sql, [last])) and page[-1][0] > last:
            yield from self._checked(table, page)
            last = page[-1][0]

    def _checked(self, table: Table, found: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
        for row, body, seal in found:
            if not isinstance(body, bytes) or seal != _seal(table, row, body):
                raise self.damaged(f"row {row} of table {table!r} is not what was written")
            yield row, body

    def write(self, table: Table, row: int, body: bytes) -> None:
        """Insert or replace one row."""
        sealed = [row, body, _seal(table, row, body)]
        self.rows(f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)", sealed)  # noqa: S608

    def delete(self, table: Table, first: int, after: int) -> None:
        """Delete the rows from *first* up to, not including, *after*."""
        self.rows(f"DELETE FROM {table} WHERE id >= ? AND id < ?", [first, after])  # noqa: S608

    def pragma(self, name: str) -> int:
        """Return a number from the header of the file."""
        return int(self.rows(f"PRAGMA {name}")[0][0])

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Commit what is done inside, or nothing of it. On the disk when it returns."""
        self.rows("BEGIN IMMEDIATE")
        try:
            yield
            self.rows("COMMIT")
        except BaseException:
            if self._connection.in_transaction:  # a full disk makes SQLite roll back by itself
                self.rows("ROLLBACK")
            raise

    def close(self) -> None:
        """Release the file."""
        self._connection.close()

    def damaged(self, what: str) -> IndexDamaged:
        """Return the error that says *what* is wrong and what to do."""
        return _damaged(self.path, what)


def open_writable(path: Path) -> Database:
    """Open the store in *path* to change it; a missing file is created, blank, for its owner only."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        os.close(os.open(path / STORE, flags, 0o600))
    except OSError as exc:
        raise refused(path, exc) from exc
    database = _connected(path, "mode=rw")
    try:
        database.rows("PRAGMA journal_mode = WAL")
        database.rows("PRAGMA synchronous = FULL")  # on the disk when COMMIT returns
    except RagError:
        database.close()
        raise
    return database


def open_reader(path: Path) -> Database:
    """Open the store in *path* and begin the read transaction in which a snapshot lives.

    Raises:
        IndexMissing: There is none.
        IndexDamaged: It is no SQLite database, or a damaged one.
        LoadError: It may not be read.
    """
    if not (path / STORE).is_file():
        raise IndexMissing(path)
    try:
        return _reading(path, "mode=ro")
    except StoreFull as exc:
        # On a read-only file system SQLite cannot create the memory it shares with
        # writers. There is no writer then, and the file alone is the whole truth,
        # unless a killed writer left a log that was never merged.
        log = path / f"{STORE}-wal"
        if log.exists() and log.stat().st_size:
            raise LoadError(path / STORE, f"{exc.__cause__}, and {log.name!r} is not merged yet") from exc
    try:
        return _reading(path, "immutable=1")
    except StoreFull as exc:
        raise LoadError(path / STORE, f"{exc.__cause__}. Check its permissions.") from exc


def _reading(path: Path, mode: str) -> Database:
    database = _connected(path, mode)
    try:
        database.rows("BEGIN")
        database.rows("SELECT count(*) FROM sqlite_schema")  # a transaction begins with its first read
    except RagError:
        database.close()
        raise
    return database


def _connected(path: Path, mode: str) -> Database:
    address = f"{(path / STORE).absolute().as_uri()}?{mode}"
    try:
        connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
    except sqlite3.Error as exc:
        raise _translated(path, exc) from exc
    return Database(path, connection)


def _seal(table: Table, row: int, body: bytes) -> bytes:
    """Return what ties *body* to its place: a row that turns up elsewhere does not fit either."""
    salt = row.to_bytes(8, "big", signed=True)
    return hashlib.blake2b(body, digest_size=16, person=table.encode(), salt=salt).digest()


def _translated(path: Path, exc: Exception) -> RagError:
    name = getattr(exc, "sqlite_errorname", "")
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return IndexBusy(f"Another process is using {str(path / STORE)!r}. Try again when it has finished.")
    return refused(path, exc) if name.startswith(_REFUSALS) else _damaged(path, str(exc))


def refused(path: Path, exc: Exception) -> StoreFull:
    """Return the error for a disk that did not take a write."""
    return StoreFull(
        f"Cannot write the index in {str(path)!r}: {exc}. Nothing that was committed is lost. Free disk "
        f"space or make the folder writable, then run the same command again."
    )


def _damaged(path: Path, what: str) -> IndexDamaged:
    closer = f"Look closer with: rag doctor --index {path}"
    return IndexDamaged(f"{str(path / STORE)!r} is damaged: {what}. {closer}. {remedy(path)}")


def remedy(path: Path) -> str:
    """Return the sentence that names the command which always helps."""
    return f"Make it again with: rag index DIR --rebuild --index {path}"
