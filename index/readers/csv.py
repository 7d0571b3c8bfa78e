"""Values separated by commas, semicolons, tabs or bars (csv, tsv) become lines, one a row.

The separator is the one that cuts the lines into equally many fields; whether the
first line is a header, its words tell. Quotes and line breaks in fields are RFC 4180's.
"""

import csv
import re
from collections import Counter
from collections.abc import Sequence
from io import StringIO

from rag.index.readers.rows import Cell, rows
from rag.index.readers.sheets import MAX_CELLS
from rag.index.readers.text import decoded
from rag.index.reading import Block, Reading, Unreadable, compose

__all__ = ["read"]

_SEPARATORS = ",;\t|"
_SAMPLE_LINES = 50
# "sep=;" tells Excel what separates the fields.
_STATED = re.compile(r"sep=(.)\n")
_VALUE = re.compile(r"[^\w\s]?\s?[-+]?\d[\d\s.,:/-]*\s?[^\s\d]{0,3}")


def read(data: bytes) -> Reading:
    """Read a table.

    Raises:
        Unreadable: It is too long, or holds too many cells.
    """
    text, doubt = decoded(data)
    csv.field_size_limit(len(text) + 1)
    stated = _STATED.match(text)
    body = text[stated.end() :] if stated else text
    separator = stated[1] if stated else _separator(body)
    table = [
        [" ".join(field.split()) for field in line]
        for line in csv.reader(StringIO(body), delimiter=separator)
    ]
    table = [line for line in table if any(line)]
    if sum(map(len, table)) > MAX_CELLS:
        raise Unreadable(f"holds more than {MAX_CELLS:,} cells. Split it, or save it as a database")
    made = compose(_blocks(table))
    return Reading(made.text, doubt=doubt)


def _blocks(table: Sequence[Sequence[str]]) -> list[Block]:
    """Return the rows; lines of one field above the table are its title."""
    first = 0
    while first < len(table) and sum(map(bool, table[first])) == 1:
        first += 1
    if first == len(table):
        return [Block(" ".join(filter(None, line))) for line in table]
    head = int(_is_header(table[first:]))
    grid = [[Cell(field) for field in line] for line in table[first:]]
    titles = [Block(" ".join(filter(None, line))) for line in table[:first]]
    return [*titles, *(Block(line, kind="row") for line in rows(grid, head))]


def _is_header(table: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first line names the columns: words, each once, none of them a value further down."""
    head, body = [field for field in table[0] if field], table[1 : 1 + _SAMPLE_LINES]
    if not body or len(set(head)) < len(head) or any(_VALUE.fullmatch(field) for field in head):
        return False
    below = {field for line in body for field in line}
    return below.isdisjoint(head)


def _separator(text: str) -> str:
    """Return the separator by which most lines have the same number of fields, more than one."""
    lines = text.splitlines()[:_SAMPLE_LINES]
    scores = {each: _evenness(lines, each) for each in _SEPARATORS}
    best = max(scores, key=lambda each: scores[each])
    return best if scores[best] > 0 else ","


def _evenness(lines: Sequence[str], separator: str) -> float:
    counts = Counter(len(line) for line in csv.reader(lines, delimiter=separator) if line)
    fields, often = max(counts.items(), key=lambda each: (each[0] > 1, each[1]), default=(1, 0))
    # "1,5;2,5" has as many commas as semicolons: what cuts into more fields does not win by that alone.
    return often / counts.total() + min(fields, 20) / 1000 if fields > 1 else 0.0
