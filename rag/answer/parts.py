"""What of a passage is quoted whole: a row, an item, a numbered clause, code, a sentence.

Parts that stand beside each other as equals (the rows of a table, the items of a list,
the clauses of a contract) form a run.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from rag.text.paragraphs import Code, code_blocks, is_ended, is_heading, is_list_item, is_table_row
from rag.text.sentences import sentences
from rag.types import Span

__all__ = ["Kind", "Part", "parts_of", "touched"]

Kind = Literal["heading", "row", "item", "clause", "code", "text"]
"""A formula counts as code: like code it is introduced by the sentence above it."""

# Questions with their answers are no list of equals.
_QUESTION = re.compile(r"\s*[QA][.:]")
# "Clause 3.", "§ 4", "3.2", "Step 2:", "제3조", "第三条" aside: what paragraphs are numbered by.
_LABEL = re.compile(
    r"(?:[^\W\d_]{1,15}\.? |[§#№] ?|[제第])?\d{1,4}(?:[.-]\d{1,4})*(?:[.:)]| ?[조항호장절条條項号號章節节])?"
)
# "High season: from April to September"
_PAIR = re.compile(r"[^:：.!?。\n]{1,60}[:：]\s*\S")
_NUMBER = re.compile(r"\d+(?:[.-]\d+)*")
# A longer clause is quoted by the sentence.
_LONG_CLAUSE = 400
_MATHS = re.compile(r"[=≈≤≥∝]")
_WORDS = re.compile(r"[^\W\d_]{3,} [^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a passage; those of one `run` stand beside each other as equals, 0 is none."""

    start: int
    end: int
    kind: Kind
    run: int = 0


def parts_of(text: str, lang: str) -> list[Part]:
    """Return the parts of *text* in order; white space and fences are in none."""
    blocks = list(_blocks(text, lang))
    labels = [_label(text[units[0][0] : units[-1][1]]) if kind == "text" else "" for kind, units in blocks]
    parts: list[Part] = []
    for n, (kind, units) in enumerate(blocks):
        if labels[n] and labels[n] in labels[max(0, n - 1) : n] + labels[n + 1 : n + 2]:
            parts.append(Part(units[0][0], units[-1][1], "clause"))
        elif kind == "text":
            parts += (Part(*unit, kind) for unit in units)
        else:
            parts.append(Part(units[0][0], units[-1][1], kind))
    return _with_runs(text, parts)


def touched(parts: Sequence[Part], span: Span) -> list[Part]:
    """Return the parts that hold some of *span*."""
    return [part for part in parts if part.start < span.end and span.start < part.end]


def _blocks(text: str, lang: str) -> Iterator[tuple[Kind, list[tuple[int, int]]]]:
    """Yield what stands on lines of its own, with its sentences."""
    code = list(code_blocks(text))
    kind: Kind = "text"
    block: list[tuple[int, int]] = []
    for start, end in sentences(text, lang):
        fresh = _kind(text, start, end, code)
        if block and _goes_on(text[block[-1][1] : start], kind, fresh, _block_of(code, start)):
            block.append((start, end))
            continue
        if block:
            yield kind, block
        kind, block = fresh, [(start, end)]
    if block:
        yield kind, block


def _kind(text: str, start: int, end: int, code: Sequence[Code]) -> Kind:
    line = text[start:end]
    if _block_of(code, start) or _is_formula(line):
        return "code"
    if text[:start].rstrip(" \t")[-1:] not in ("", "\n"):
        return "text"
    if is_heading(line):
        return "heading"
    if is_table_row(line):
        return "row"
    return "item" if is_list_item(line) and not _QUESTION.match(line) else "text"


def _block_of(code: Sequence[Code], offset: int) -> Code | None:
    place = bisect_right(code, offset, key=lambda each: each.start)
    return code[place - 1] if place and offset < code[place - 1].end else None


def _is_formula(line: str) -> bool:
    return bool(_MATHS.search(line)) and not is_ended(line) and not _WORDS.search(line)


def _goes_on(gap: str, kind: Kind, fresh: Kind, block: Code | None) -> bool:
    """Tell whether a sentence of kind *fresh* belongs to the block before the *gap*."""
    if "code" in (kind, fresh):
        return kind == fresh and block is not None and "`" not in gap and "~" not in gap
    if "\n" not in gap:
        return True
    # The lines of an item after its first are indented.
    return kind == "item" and fresh == "text" and gap.count("\n") == 1 and gap[-1] in " \t"


def _label(paragraph: str) -> str:
    """Return what *paragraph* is labelled by, "#" for a number and ":" for a word; empty if by nothing."""
    if len(paragraph) > _LONG_CLAUSE:
        return ""
    found = _LABEL.match(paragraph)
    label = _NUMBER.sub("#", found[0]) if found else "#"
    return label if label != "#" else ":" * bool(_PAIR.match(paragraph))


def _with_runs(text: str, parts: Sequence[Part]) -> list[Part]:
    """Number the runs: rows on adjoining lines, items and clauses that follow one another."""
    numbered = list(parts[:1])
    run = 0
    for before, part in pairwise(parts):
        is_equal = part.kind == before.kind and part.kind in ("row", "item", "clause")
        if is_equal and (part.kind != "row" or text.count("\n", before.end, part.start) == 1):
            run += not numbered[-1].run
            numbered[-1] = replace(before, run=run)
            numbered.append(replace(part, run=run))
        else:
            numbered.append(part)
    return numbered
