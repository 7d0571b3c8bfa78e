"""Blocks of an answer as a terminal shows them: lists, columns, code set in; no signs of Markdown."""

from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len

from rag.answer.markdown import Block, Run, blocks
from rag.protocols import QUOTING
from rag.types import Answer

__all__ = ["drawn", "printed"]

Remark = Callable[[int], str]


def drawn(answer: Answer) -> tuple[tuple[Block, ...], str]:
    """Return the blocks of what a model wrote in *answer*, and what stands below it; no blocks of quotes.

    A document's own words are shown as they stand: "2. 3." may be a date there.
    """
    if answer.model == QUOTING or not answer.answered:
        return (), answer.text
    end = 0
    for claim in answer.claims:
        at = answer.text.find(claim.text, end)
        end = at + len(claim.text) if at >= 0 else end
    # What follows the line of the last claim are the conflicts, in words of ours.
    below = answer.text.find("\n", end) if answer.conflicts else -1
    cut = below if below >= 0 else len(answer.text)
    return blocks(answer.text[:cut], answer.claims), answer.text[cut:]


def printed(found: Sequence[Block], remark: Remark) -> str:
    """Return *found* as lines; *remark* gives what is said behind a claim, empty for nothing."""
    return "\n".join(_Printer(found, remark).lines(found))


class _Printer:
    def __init__(self, found: Sequence[Block], remark: Remark) -> None:
        self._remark = remark
        self._last = {run.claim: run for run in _runs(found) if run.claim >= 0}

    def lines(self, found: Sequence[Block]) -> Iterator[str]:
        for block in found:
            match block.kind:
                case "list" | "ordered":
                    yield from self._items(block)
                case "table":
                    yield from self._table(block)
                case "quote":
                    yield from (f"> {line}" for line in self.lines(block.blocks))
                case "code":
                    yield from (f"    {line}" for line in self._words(block.runs).split("\n"))
                case _:
                    yield self._words(block.runs)

    def _items(self, found: Block) -> Iterator[str]:
        for number, item in enumerate(found.blocks, start=1):
            sign = f"{number}. " if found.kind == "ordered" else "- "
            for place, line in enumerate(self.lines(item.blocks)):
                yield (" " * len(sign) if place else sign) + line

    def _table(self, table: Block) -> Iterator[str]:
        rows = [[self._words(cell.runs).strip() for cell in row.blocks] for row in table.blocks]
        widths = [max(map(cell_len, column)) for column in zip(*rows, strict=False)]
        for row in rows:
            cells = (cell + " " * (width - cell_len(cell)) for cell, width in zip(row, widths, strict=False))
            yield " | ".join(cells).rstrip()

    def _words(self, runs: Sequence[Run]) -> str:
        said = ""
        for run in runs:
            said += f"[{run.marker}]" if run.marker else run.text
            if run.claim >= 0 and self._last[run.claim] is run:
                said = said.rstrip() + self._remark(run.claim)
        return said


def _runs(found: Sequence[Block]) -> Iterator[Run]:
    for block in found:
        yield from block.runs
        yield from _runs(block.blocks)
