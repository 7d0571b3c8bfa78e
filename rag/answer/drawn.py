"""The text of a document as blocks: what its readers wrote as lines is drawn as what it was.

Readers put headings behind ``#``, code between fences, and rows of tables as
"header: value; header: value" (`rag.text.paragraphs` knows all of them). Read without a
question, a document should look like itself; offsets play no part here.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import groupby

from rag.answer.markdown import Block, Kind, Run
from rag.text.paragraphs import code_blocks, is_heading, is_list_item, is_record, is_table_row, paragraphs

__all__ = ["drawn"]

_BULLET = re.compile(r"\s*[-*+–—•‣◦▪●○■□◆◇▶▷※★☆][ \t]+")
_BOLD = re.compile(r"\*\*(?=\S)([^*\n]+)(?<=\S)\*\*")
# A row is parted where the next header begins; a value may hold a semicolon of its own.
_NEXT = re.compile(r"; (?=[^:;.!?\n]{1,60}: \S)")
_BAR = re.compile(r"\s*\|\s*|\t+")
_PAIR = re.compile(r"([^:;.!?。！？\n|]{1,60}): (\S[^\n]{0,200})")

Row = Sequence[str]


def drawn(text: str) -> tuple[Block, ...]:
    """Return *text*, a document or a stretch of whole lines, as blocks."""
    found: list[Block] = []
    cursor = 0
    for code in code_blocks(text):
        found += _prose(text[cursor : code.start])
        found.append(Block("code", (Run(text[code.first : code.last].strip("\n"), code=True),)))
        cursor = code.end
    return (*found, *_prose(text[cursor:]))


def _prose(text: str) -> Iterator[Block]:
    parts = (text[start:end].strip() for start, end in paragraphs(text))
    for kind, group in groupby(parts, _kind):
        lines = list(group)
        match kind:
            case "heading":
                yield from (_heading(line) for line in lines)
            case "list" | "ordered":
                yield Block(kind, blocks=tuple(_item(line) for line in lines))
            case "record":
                yield from _records(lines)
            case "row":
                yield _table([_BAR.split(line.strip("| ")) for line in lines])
            case "pair" if len(lines) > 1:
                yield _table([match.groups() for line in lines if (match := _PAIR.fullmatch(line))], heads=1)
            case _:
                yield from (Block("paragraph", _runs(line)) for line in lines)


def _kind(part: str) -> str:
    if is_heading(part):
        return "heading"
    if is_record(part):
        return "record"
    if is_table_row(part):
        return "row"
    if is_list_item(part):
        return "list" if _BULLET.match(part) else "ordered"
    return "pair" if _PAIR.fullmatch(part) else "paragraph"


def _heading(line: str) -> Block:
    level = len(line) - len(line.lstrip("#"))
    return Block("heading", _runs(line.strip("# \t")), level=level)


def _item(line: str) -> Block:
    """Return an item; an enumerator stays in front of it, since texts refer to it."""
    return Block("item", blocks=(Block("paragraph", _runs(_BULLET.sub("", line, count=1))),))


def _records(lines: Sequence[str]) -> Iterator[Block]:
    """Yield tables of rows in which every value has its header; a row of other headers begins a new one.

    At most half of a row is empty, so a table is no larger than twice its text: lines that share one
    header, with another header in each, would make a cell of every line for every line.
    """
    rows: list[dict[str, str]] = []
    labels: set[str] = set()
    least = 0
    for line in lines:
        row = dict(_field(part) for part in _NEXT.split(line))
        shortest = min(least or len(row), len(row))
        if rows and (not row.keys() & rows[-1].keys() or 2 * shortest < len(labels | row.keys())):
            yield _labelled(rows)
            rows, labels, shortest = [], set(), len(row)
        rows.append(row)
        labels |= row.keys()
        least = shortest
    yield _labelled(rows)


def _field(part: str) -> tuple[str, str]:
    label, _, value = part.partition(": ")
    return (label, value) if value else ("", part)


def _labelled(rows: Sequence[dict[str, str]]) -> Block:
    labels = list(dict.fromkeys(label for row in rows for label in row))
    head = Block("row", blocks=tuple(Block("head", _runs(label)) for label in labels))
    body = _table([[row.get(label, "") for label in labels] for row in rows])
    return Block("table", blocks=(head, *body.blocks))


def _table(rows: Sequence[Row], heads: int = 0) -> Block:
    """Return a table; the first *heads* cells of a row name it."""
    kinds: tuple[Kind, Kind] = ("head", "cell")
    return Block(
        "table",
        blocks=tuple(
            Block("row", blocks=tuple(Block(kinds[n >= heads], _runs(cell)) for n, cell in enumerate(row)))
            for row in rows
        ),
    )


def _runs(text: str) -> tuple[Run, ...]:
    """Return *text*, with what plain text says to be bold."""
    pieces = _BOLD.split(text)
    return tuple(Run(piece, bold=n % 2 == 1) for n, piece in enumerate(pieces) if piece)
