"""Form fields: what was filled in, beside the label that stands at the field."""

import ctypes
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from rag.index.readers.pdf.engine import PDFIUM, Box, Page, wide
from rag.index.readers.pdf.grids import Wall
from rag.index.readers.pdf.lines import Row, Segment
from rag.index.readers.pdf.shapes import turned

__all__ = ["Field", "fields", "filled"]

_FREE_TEXT, _WIDGET = 3, 20
_UNKNOWN, _BUTTON, _CHECKBOX, _RADIO, _CHOICE, _LIST, _SIGNATURE = 0, 1, 2, 3, 4, 5, 7
_HIDDEN = 2 | 32
_PASSWORD = 1 << 13
# How far from its field a label may stand: beside it in points, above it in sizes of its font.
_BESIDE = 220.0
_AFTER_BOX = 40.0
_ABOVE = 1.3
_TICKED, _UNTICKED = "☑", "☐"


@dataclass(frozen=True, slots=True)
class Field:
    """A field with its value.

    Attributes:
        value: What was filled in; for a box to tick, a ticked or an empty box.
        name: What the file calls it; for people if it does so.
        box: On the page.
        is_tick: It is a box to tick, so its label stands after it.
        is_text: It is text that was put on the page as a note, without a label.
    """

    value: str
    name: str
    box: Box
    is_tick: bool = False
    is_text: bool = False


def fields(page: Page) -> list[Field]:
    """Return the filled fields of *page*, and text that was put on it as a note."""
    found = []
    for i in range(PDFIUM.count_annotations(page.handle)):
        handle = PDFIUM.annotation(page.handle, i)
        if not handle:
            continue
        if not PDFIUM.annotation_flags(handle) & _HIDDEN and (field := _field(page, handle)):
            found.append(field)
        PDFIUM.close_annotation(handle)
    return found


def _field(page: Page, handle: int) -> Field | None:
    kind = PDFIUM.annotation_type(handle)
    if kind == _FREE_TEXT:
        text = wide(lambda buffer, size: PDFIUM.annotation_text(handle, b"Contents", buffer, size))
        return Field(_on_one_line(text), "", _rect(handle), is_text=True) if text.strip() else None
    if kind != _WIDGET:
        return None
    kind = PDFIUM.field_type(page.form, handle)
    is_secret = PDFIUM.field_flags(page.form, handle) & _PASSWORD and kind not in (_CHOICE, _LIST)
    if kind in (_UNKNOWN, _BUTTON, _SIGNATURE) or (is_secret and kind not in (_CHECKBOX, _RADIO)):
        return None
    label = wide(lambda buffer, size: PDFIUM.field_label(page.form, handle, buffer, size))
    name = (
        label or wide(lambda buffer, size: PDFIUM.field_name(page.form, handle, buffer, size)).split(".")[-1]
    )
    if kind in (_CHECKBOX, _RADIO):
        state = wide(lambda buffer, size: PDFIUM.annotation_text(handle, b"AS", buffer, size))
        mark = _UNTICKED if state in ("", "Off") else _TICKED
        return Field(mark, name, _rect(handle), is_tick=True)
    value = _on_one_line(_chosen(page, handle, kind))
    return Field(value, name, _rect(handle)) if value else None


def _chosen(page: Page, handle: int, kind: int) -> str:
    """Return the value of a field; of a list, what its chosen options are called."""
    count = PDFIUM.count_options(page.form, handle) if kind in (_CHOICE, _LIST) else 0
    chosen = (i for i in range(count) if PDFIUM.option_selected(page.form, handle, i))
    labels = [wide(partial(PDFIUM.option_label, page.form, handle, i)) for i in chosen]
    value = wide(lambda buffer, size: PDFIUM.field_value(page.form, handle, buffer, size))
    return ", ".join(filter(None, labels)) or value


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _rect(handle: int) -> Box:
    floats = (ctypes.c_float * 4)()
    PDFIUM.annotation_rect(handle, ctypes.addressof(floats))
    left, top, right, bottom = floats
    return (min(left, right), min(top, bottom), max(left, right), max(top, bottom))


def filled(rows: list[Row], found: Sequence[Field], turn: int, walls: Sequence[Wall]) -> list[Row]:
    """Write the values of fields into the lines of a page: "label: value".

    A field in a cell of its own stands there by itself: then the table names it.
    """
    boxes = [(turned(field.box, turn), field) for field in found]
    ticks: list[Row] = []
    for box, field in sorted(boxes, key=lambda each: (each[0][1], each[0][0])):
        label = None if field.is_text else _label(rows, box, field)
        if label is None or _is_walled(label, box, walls):
            _insert(rows, box, field, named=label is None)
        else:
            _write(label, box, field)
        if field.is_tick:
            ticks += [row for row in rows if label in row and row not in ticks]
    for row in ticks:
        row[:] = [_merged(row)]
    return sorted(rows, key=lambda row: row[0].base)


def _write(label: Segment, box: Box, field: Field) -> None:
    if field.is_tick and box[0] < label.x0:
        label.text = f"{field.value} {label.text}"
    elif label.field or field.is_tick:
        label.text = f"{label.text} {field.value}"
    else:
        label.text = f"{label.text.rstrip(':：_. ')}: {field.value}"
    label.x0, label.x1, label.field = min(label.x0, box[0]), max(label.x1, box[2]), True


def _label(rows: Sequence[Row], box: Box, field: Field) -> Segment | None:
    """Return the text that labels a field: after a box to tick, else before the field, else above it."""
    beside = [
        segment
        for row in rows
        for segment in row
        if box[1] - 3 < segment.base - 0.35 * segment.size < box[3] + 3
    ]
    after = [segment for segment in beside if -2 < segment.x0 - box[2] < _AFTER_BOX]
    before = [segment for segment in beside if -4 < box[0] - segment.x1 < _BESIDE or _is_grown(segment, box)]
    if field.is_tick and after:
        return min(after, key=lambda segment: segment.x0)
    if before:
        return max(before, key=lambda segment: segment.x1)
    return max(_above(rows, box), key=lambda segment: segment.base, default=None)


def _is_grown(segment: Segment, box: Box) -> bool:
    """Tell whether a label has already been joined with a field that ends where this one begins."""
    return segment.field and segment.x0 < box[0] and box[0] - segment.x1 < 10 < box[2] - segment.x1


def _above(rows: Sequence[Row], box: Box) -> Iterator[Segment]:
    for row in rows:
        for segment in row:
            overlap = min(segment.x1, box[2]) - max(segment.x0, box[0])
            if overlap > 0 and -3 < box[1] - segment.bottom < _ABOVE * segment.size and not segment.field:
                yield segment


def _is_walled(label: Segment, box: Box, walls: Sequence[Wall]) -> bool:
    middle = (box[1] + box[3]) / 2
    return any(label.x1 - 2 <= x <= box[0] + 2 and top <= middle <= bottom for x, top, bottom in walls)


def _insert(rows: list[Row], box: Box, field: Field, *, named: bool) -> None:
    """Put a field into the line that it stands on, or on one of its own; without a label, with its name."""
    name = re.sub(r"[_\s]+", " ", field.name).strip()
    text = f"{name}: {field.value}" if named and name and not field.is_text else field.value
    size = min(12.0, max(6.0, 0.6 * (box[3] - box[1])))
    base = (box[1] + box[3]) / 2 + 0.35 * size
    segment = Segment(text, box[0], box[2], base, size, field=named and not field.is_text)
    for row in rows:
        if abs(row[0].base - base) < 0.5 * size and not any(s.x0 < box[2] and box[0] < s.x1 for s in row):
            row.append(segment)
            row.sort(key=lambda each: each.x0)
            return
    rows.append([segment])


def _merged(row: Row) -> Segment:
    """Return a line with boxes to tick as one piece: they answer the question that stands before them."""
    first = min(row, key=lambda segment: segment.x0)
    text = " ".join(segment.text for segment in sorted(row, key=lambda segment: segment.x0))
    return Segment(text, first.x0, max(segment.x1 for segment in row), first.base, first.size, field=True)
