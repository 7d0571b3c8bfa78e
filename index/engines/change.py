"""What one commit adds to an index on a server, and what it ends there."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from rag.index.dense import Transform
from rag.index.engines import passages, vocabulary
from rag.index.engines.expressions import FOREVER, alive
from rag.index.engines.tables import Head, Kind, Tables, made
from rag.index.engines.vocabulary import Vocabulary
from rag.index.entry import Entry
from rag.index.schema import Record, encode_record

__all__ = ["Change", "undo"]

# Blocks of statistics that a reader adds up, before a writer makes one of them.
_MOST_BLOCKS = 16
_NAMED = 500


@dataclass(slots=True)
class Change:
    """A commit in the making.

    Attributes:
        head: As it will be; its numbers grow with the rows.
        records: All documents as they will be, by id.
        ended: Documents that end with all they have, and those whose own row alone is another.
        rows: Of the collection of rows.
        entries: Documents to come, with the packed tokens of their passages and the number of the first.
    """

    head: Head
    records: dict[str, Record]
    ended: list[Record] = field(default_factory=list)
    rewritten: list[Record] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)
    entries: list[tuple[Entry, list[bytes], int]] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Add a document, or replace the one of the same id."""
        self.end(entry.document.doc_id)
        record = entry.record(self.head.next_passage)
        self.entries.append((entry, passages.terms(entry), record.first))
        self.head = replace(self.head, next_passage=record.after)
        self._write(record)
        self.make("text", record.first, entry.document.text.encode())

    def end(self, doc_id: str) -> None:
        """Remove a document, if it is there."""
        if (record := self.records.pop(doc_id, None)) is not None:
            self.ended.append(record)

    def rewrite(self, record: Record) -> None:
        """Replace what the index lists of a document, whose passages stay as they are."""
        self.rewritten.append(record)
        self._write(record)

    def make(self, kind: Kind, first: int, body: bytes, name: str = "") -> None:
        """Add a body to the collection of rows."""
        new = made(kind, self.head, first, body, name)
        self.rows += new
        self.head = replace(self.head, next_row=self.head.next_row + len(new))

    def _write(self, record: Record) -> None:
        self.records[record.doc_id] = record
        self.make("document", record.first, encode_record(record), record.doc_id)

    def carry_out(self, tables: Tables, before: Head, transform: Transform) -> Head:
        """Add and end the rows, and return the head that puts them in force."""
        connection, target = tables.connection, tables.passages(before.build)
        numbers = [record.first + place for record in self.ended for place in range(len(record.passages))]
        gone = [passages.shown(row).terms for row in connection.numbered(target, numbers, passages.SHOWN)]
        come = [held for _, terms, _ in self.entries for held in terms]
        counts = {record.doc_id: len(record.passages) for record in self.records.values()}
        self.head = replace(
            self.head,
            documents=len(counts),
            passages=sum(counts.values()),
            tokens=before.tokens + sum(map(_length, come)) - sum(map(_length, gone)),
        )
        self._count(tables, before, come, gone)
        generation, mean = self.head.generation, self.head.mean
        made_of = (passages.rows(*each, generation, mean, transform) for each in self.entries)
        connection.upsert(target, chain.from_iterable(made_of))
        connection.upsert(tables.rows, self.rows)
        _end(tables, target, numbers, self.head.generation)
        _end(tables, tables.rows, self._ended_rows(tables, before), self.head.generation)
        return self.head

    def _count(self, tables: Tables, before: Head, come: list[bytes], gone: list[bytes]) -> None:
        """Make the block of statistics; now and then one of all there are."""
        changes: Counter[str] = Counter()
        for sign, bodies in ((1, come), (-1, gone)):
            for body in bodies:
                changes.update(dict.fromkeys(set(body.decode().split()), sign))
        block = vocabulary.pack(changes)
        if before.blocks >= _MOST_BLOCKS:
            old = list(tables.read("words", before))
            block = Vocabulary([*(row.body for row in old), block]).packed()
            _end(tables, tables.rows, [number for row in old for number in row.numbers], self.head.generation)
        self.head = replace(self.head, blocks=before.blocks % _MOST_BLOCKS + 1)
        self.make("words", self.head.generation, block)

    def _ended_rows(self, tables: Tables, before: Head) -> list[int]:
        found: list[int] = []
        firsts: list[tuple[int, tuple[str, ...]]] = [
            (record.first, ("document", "text")) for record in self.ended
        ]
        firsts += [(record.first, ("document",)) for record in self.rewritten]
        for start in range(0, len(firsts), _NAMED):
            kinds = dict(firsts[start : start + _NAMED])
            listed = ", ".join(map(str, kinds))
            condition = f"first in [{listed}] and build == {before.build} and {alive(before.generation)}"
            rows = tables.connection.query(tables.rows, condition, ["number", "kind", "first"])
            found += [row["number"] for row in rows if row["kind"] in kinds[row["first"]]]
        return found


def _length(body: bytes) -> int:
    return len(body.split())


def _end(tables: Tables, collection: str, numbers: list[int], generation: int) -> None:
    """Let rows end in *generation*; with `FOREVER` they go on."""
    rows = [{"number": number, "died": generation} for number in numbers]
    tables.connection.upsert(collection, rows, partial=True)


def undo(tables: Tables, head: Head) -> None:
    """Remove what a writer that died left of a commit that never came."""
    for collection in (tables.rows, tables.passages(head.build)):
        tables.connection.delete(collection, f"born > {head.generation}")
        condition = f"died > {head.generation} and died < {FOREVER}"
        while rows := tables.connection.query(collection, condition, ["number"]):
            _end(tables, collection, [row["number"] for row in rows], FOREVER)
