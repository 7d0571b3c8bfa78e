"""The full examination of an index, for `rag doctor`: every fault named, with its file and remedy.

Opening a snapshot already refuses what would make an answer wrong. Here every page
and row is read besides, so that damage is found before a question meets it.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from rag.errors import IndexDamaged, RagError
from rag.index import cache
from rag.index.database import Database, Table, open_reader
from rag.index.dense import Transform
from rag.index.schema import check_header, read_records, read_roots, read_state

__all__ = ["check"]

_PAGE = 1000


def check(path: Path, transform: Transform) -> list[str]:
    """Return every fault of the index in *path* as a sentence; none when it is sound.

    A FAISS file that is missing or damaged is a fault; one that was never published,
    after a killed run, is not.
    """
    try:
        database = open_reader(path)
    except RagError as exc:
        return [str(exc)]
    try:
        return list(_faults(database, transform))
    finally:
        database.close()


def _faults(database: Database, transform: Transform) -> Iterator[str]:
    try:
        check_header(database)
        for (fault,) in database.rows("PRAGMA integrity_check(10)"):
            if fault != "ok":
                yield str(database.damaged(fault))
        state = read_state(database)
        read_roots(database, state)
        records = read_records(database, state)
    except RagError as exc:
        yield str(exc)
        return
    firsts = [record.first for record in records]
    numbers = [record.first + place for record in records for place in range(len(record.passages))]
    yield from _table_faults(database, "texts", firsts)
    for table in ("vectors", "signs", "terms"):
        yield from _table_faults(database, table, numbers)
    if fault := cache.fault(database.path, state, transform):
        yield fault


def _table_faults(database: Database, table: Table, ids: Sequence[int]) -> Iterator[str]:
    for start in range(0, len(ids), _PAGE):
        try:
            for _ in database.read(table, ids[start : start + _PAGE]):
                pass
        except IndexDamaged as exc:
            yield str(exc)
    ((count,),) = database.rows(f"SELECT count(*) FROM {table}")  # noqa: S608 (our own names)
    if count != len(ids):
        yield str(database.damaged(f"table {table!r} has {count} rows instead of {len(ids)}"))
