"""What an index is on a Milvus server: two collections and one row that says what of them counts.

`NAME` holds documents, texts, statistics and who writes; `NAME_7` the passages of the seventh time that
the index was built anew. Every row says in which generation it began and in which it ended, and the
newest row of kind ``state`` which generation is in force. So a commit is one row, which is there or not,
whatever it adds to either collection; an alias of Milvus could exchange one of them only
(docs/decisions/0061-milvus.md).
"""

import base64
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from rag.errors import IndexDamaged, IndexMismatch, IndexMissing
from rag.index.engines.connection import Connection, Field
from rag.index.engines.expressions import FOREVER, alive, key, one_of
from rag.index.schema import Identity, Record, Root, decode_record, decode_root, decoded, encoded

__all__ = ["Head", "Kind", "Row", "Tables", "made", "packed", "unpacked"]

Kind = Literal["state", "document", "text", "words", "root", "writer"]

_FORMAT = 1
# Bytes of a Milvus string, the longest there is; of those a body may have without its last piece.
_LONGEST = 65_535
_PIECE = 60_000
_STRING: Mapping[str, object] = {"max_length": _LONGEST}
_ROWS: Sequence[Field] = (
    ("number", "INT64", {}),
    ("kind", "VARCHAR", {"max_length": 16}),
    ("build", "INT64", {}),
    ("born", "INT64", {}),
    ("died", "INT64", {}),
    ("name", "VARCHAR", _STRING),
    ("first", "INT64", {}),
    ("piece", "INT64", {}),
    ("body", "VARCHAR", _STRING),
    ("unused", "FLOAT_VECTOR", {"dim": 2}),  # no collection may be without
)
_PASSAGES: Sequence[Field] = (
    ("number", "INT64", {}),
    ("born", "INT64", {}),
    ("died", "INT64", {}),
    ("doc", "VARCHAR", _STRING),
    ("start", "INT64", {}),
    ("stop", "INT64", {}),
    ("lang", "VARCHAR", {"max_length": 1024}),
    ("day", "INT64", {}),
    ("body", "VARCHAR", _STRING),
    ("signs", "VARCHAR", _STRING),
    ("raw", "VARCHAR", _STRING),
    ("sparse", "SPARSE_FLOAT_VECTOR", {}),
)


@dataclass(frozen=True, slots=True)
class Head:
    """What the newest row of kind ``state`` says.

    Attributes:
        transform: Name of what was done to the vectors that are searched.
        index_type: How they are searched.
        build: Which collection of passages counts.
        generation: As in `rag.index.schema.State`.
        published: The last generation that a run ended with.
        tokens: Of all passages together.
        blocks: How many blocks of statistics there are to add up.
        next_row, next_passage: Numbers that nothing has yet.
        roots: Numbers of the rows of the indexed folders, in the order in which they came.
        superseded: Generations that are not in force any more, with the time (s) at which they ceased to be.
    """

    identity: Identity
    transform: str
    index_type: str
    build: int = 1
    generation: int = 0
    published: int = 0
    documents: int = 0
    passages: int = 0
    tokens: int = 0
    blocks: int = 0
    next_row: int = 1
    next_passage: int = 1
    roots: tuple[int, ...] = ()
    updated: str = ""
    settled: bool = True
    superseded: tuple[tuple[int, float], ...] = ()
    form: int = _FORMAT

    @property
    def mean(self) -> float:
        """Mean number of tokens of a passage."""
        return self.tokens / self.passages if self.passages else 1.0


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the collection `NAME`; a long body takes several, which are one here."""

    first: int
    body: bytes
    numbers: tuple[int, ...] = field(default=(), compare=False)


class Tables:
    """Reads and writes both collections of one index. Threads may share it."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.rows: str = connection.address.collection

    def passages(self, build: int) -> str:
        """Return the name of a collection of passages."""
        return f"{self.rows}_{build}"

    def builds(self) -> list[int]:
        """Return the numbers of all collections of passages that are there."""
        prefix = f"{self.rows}_"
        names = (
            name.removeprefix(prefix) for name in self.connection.collections() if name.startswith(prefix)
        )
        return sorted(int(number) for number in names if number.isdecimal())

    def create(self) -> None:
        """Make `NAME`, unless it is there."""
        self.connection.create(self.rows, _ROWS, {"unused": "FLAT"})

    def create_passages(self, build: int, dim: int) -> None:
        """Make the collection of passages *build*."""
        fields = (*_PASSAGES, ("dense", "FLOAT_VECTOR", {"dim": dim}))
        indexes = {"dense": self.connection.address.index_type, "sparse": "SPARSE_INVERTED_INDEX"}
        self.connection.create(self.passages(build), fields, indexes)

    def head(self) -> Head:
        """Return what is in force.

        Raises:
            IndexMissing: Nothing was ever committed.
            IndexMismatch: It has another format.
        """
        rows = (
            self.connection.query(self.rows, 'kind == "state"', ["number", "body"])
            if self._is_there()
            else []
        )
        if not rows:
            raise IndexMissing(str(self.connection.address), "rag index DIR")
        fields = decoded(self._body([max(rows, key=lambda row: int(row["number"]))]))
        if fields.get("form") != _FORMAT:
            raise IndexMismatch(
                f"The index {self.connection.address} has format {fields.get('form')!r}; this version reads "
                f"{_FORMAT}. Make it again with: rag index DIR --rebuild"
            )
        return Head(
            **fields
            | {
                "identity": Identity(**fields["identity"]),
                "roots": tuple(fields["roots"]),
                "superseded": tuple((generation, since) for generation, since in fields["superseded"]),
            }
        )

    def _is_there(self) -> bool:
        return self.connection.has(self.rows)

    def commit(self, head: Head) -> Head:
        """Put *head* in force by one row, and return it as it is from now on."""
        number = head.next_row
        head = replace(head, next_row=number + 1)
        body = packed(encoded(asdict(head)))
        self.connection.upsert(self.rows, [_row("state", number, body, head, "", 0, 0)])
        self.connection.delete(self.rows, f'kind == "state" and number < {number}')
        return head

    def read(self, kind: Kind, head: Head, *more: str) -> Iterator[Row]:
        """Yield the rows of *kind* that *head* has and for which *more* holds, a page at a time."""
        condition = _joined(kind, head, more)
        fields = ["number", "first", "piece", "body"]
        found = (
            self.connection.query(self.rows, condition, fields)
            if more
            else self.connection.scan(self.rows, head.next_row, condition, fields)
        )
        pieces: dict[int, list[Mapping[str, Any]]] = {}
        for row in found:
            pieces.setdefault(int(row["first"]), []).append(row)
        for first, rows in sorted(pieces.items()):
            yield Row(first, self._body(rows), tuple(int(row["number"]) for row in rows))

    def records(self, head: Head, doc_ids: Sequence[str] | None = None) -> Iterator[Record]:
        """Yield the documents with these ids, or all."""
        more = [] if doc_ids is None else [one_of("name", map(key, doc_ids))]
        for row in self.read("document", head, *more):
            yield decode_record(row.first, row.body)

    def texts(self, head: Head, records: Sequence[Record]) -> dict[int, str]:
        """Return the texts of some documents by `Record.first`."""
        named = f"first in [{', '.join(str(record.first) for record in records)}]"
        found = {row.first: row.body.decode() for row in self.read("text", head, named)}
        if missing := [record.doc_id for record in records if record.first not in found]:
            raise self.damaged(f"the text of {missing[0]!r} is missing")
        return found

    def roots(self, head: Head) -> list[tuple[int, Root]]:
        """Return the indexed folders with the number of their rows, in the order in which they came."""
        if not head.roots:
            return []
        condition = f'kind == "root" and first in [{", ".join(map(str, head.roots))}]'
        rows = self.connection.query(self.rows, condition, ["first", "piece", "body"])
        found = [(first, [row for row in rows if row["first"] == first]) for first in head.roots]
        if not all(pieces for _, pieces in found):
            raise self.damaged("an indexed folder is missing")
        return [(first, decode_root(self._body(pieces))) for first, pieces in found]

    def damaged(self, what: str) -> IndexDamaged:
        """Return the error that says *what* is wrong and what to do."""
        return IndexDamaged(
            f"The index {self.connection.address} is damaged: {what}. Look closer with: rag doctor. "
            "Make it again with: rag index DIR --rebuild"
        )

    def _body(self, rows: Iterable[Mapping[str, Any]]) -> bytes:
        pieces = sorted(rows, key=lambda row: int(row.get("piece", 0)))
        try:
            return unpacked("".join(str(row["body"]) for row in pieces))
        except ValueError as exc:
            raise self.damaged(str(exc)) from exc


def _joined(kind: Kind, head: Head, more: Iterable[str]) -> str:
    return " and ".join([f'kind == "{kind}"', f"build == {head.build}", alive(head.generation), *more])


def _row(kind: Kind, number: int, body: str, head: Head, name: str, first: int, piece: int) -> dict[str, Any]:
    return {
        "number": number,
        "kind": kind,
        "build": head.build,
        "born": head.generation,
        "died": FOREVER,
        "name": name,
        "first": first,
        "piece": piece,
        "body": body,
        "unused": [1.0, 0.0],
    }


def made(kind: Kind, head: Head, first: int, data: bytes, name: str = "") -> list[dict[str, Any]]:
    """Return the rows of a body, numbered from `Head.next_row` of *head*, to be in force with *head*."""
    body = packed(data)
    pieces = [body[start : start + _PIECE] for start in range(0, len(body), _PIECE)]
    return [
        _row(kind, head.next_row + place, piece, head, key(name), first, place)
        for place, piece in enumerate(pieces)
    ]


def packed(data: bytes) -> str:
    """Return *data* as a string, which is the only kind of bytes that Milvus keeps; with a checksum."""
    return base64.b64encode(zlib.compress(data, 1)).decode("ascii")


def unpacked(body: str) -> bytes:
    """Return what `packed` was given. Raises `ValueError` if it is not what was written."""
    try:
        return zlib.decompress(base64.b64decode(body, validate=True))
    except (zlib.error, ValueError) as exc:
        raise ValueError(f"a row is not what was written: {exc}") from exc
