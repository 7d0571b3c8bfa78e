"""The full examination of an index on a server, for `rag doctor`: every fault named, with its remedy."""

from collections.abc import Iterator

from rag.errors import RagError
from rag.index.dense import Transform
from rag.index.engines.connection import Address, Connection
from rag.index.engines.expressions import alive
from rag.index.engines.tables import Head, Tables
from rag.index.engines.view import open_view

__all__ = ["examine"]

_ANEW = "Make it again with: rag migrate --from milvus --to milvus --rebuild"


def examine(address: Address, transform: Transform | None) -> list[str]:
    """Return every fault of the index at *address* as a sentence; none when it is sound."""
    tables = Tables(Connection(address))
    try:
        return list(_faults(tables, transform))
    except RagError as exc:
        return [str(exc)]
    finally:
        tables.connection.close()


def _faults(tables: Tables, transform: Transform | None) -> Iterator[str]:
    head, address = tables.head(), tables.connection.address
    tables.connection.load(tables.passages(head.build))
    if transform and head.transform != transform.name:
        yield (
            f"The index {address} was built with transform {head.transform!r}; the one in force is "
            f"{transform.name!r}. {_ANEW}"
        )
    if head.index_type != address.index_type:
        yield (
            f"The index {address} searches vectors by {head.index_type}; engine_index is "
            f"{address.index_type}. {_ANEW}"
        )
    yield from _counts(tables, head)
    _read_all(address)


def _counts(tables: Tables, head: Head) -> Iterator[str]:
    records = list(tables.records(head))
    found = {
        "documents": (len(records), head.documents),
        "passages": (
            tables.connection.count(tables.passages(head.build), alive(head.generation)),
            head.passages,
        ),
        "passages of documents": (sum(len(record.passages) for record in records), head.passages),
    }
    for what, (count, wanted) in found.items():
        if count != wanted:
            yield str(tables.damaged(f"it holds {count} {what}, not {wanted}"))


def _read_all(address: Address) -> None:
    """Read everything once, which raises what is wrong with it: each body has a checksum."""
    with open_view(address, None, None) as view:
        view.idf(["word"])
        for _ in view.entries():
            pass
