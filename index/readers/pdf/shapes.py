"""What is drawn on a page besides text: rules of tables, filled areas and pictures."""

import ctypes
from collections.abc import Iterator, Sequence
from ctypes import c_void_p
from dataclasses import dataclass, field
from itertools import pairwise, repeat

from rag.index.readers.pdf import bulk
from rag.index.readers.pdf.bulk import Colour
from rag.index.readers.pdf.engine import PDFIUM, Box, Matrix, Page

__all__ = ["Drawing", "Shape", "drawing", "turned"]

_TEXT, _PATH, _IMAGE, _SHADING, _FORM = 1, 2, 3, 4, 5
_LINE_TO, _MOVE_TO = 0, 2
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
# A filled strip as thin as this is a rule, in points.
_THIN = 3.0
_SHORT = 6.0
# What a map or a chart is made of is no table. Form XObjects may contain themselves.
_MOST_OBJECTS = 20_000
_MOST_SEGMENTS = 4_000
_DEEPEST = 8
_NAME_BYTES = 64


@dataclass(frozen=True, slots=True)
class Shape:
    """A picture or filled area; `order` is when it is drawn, `colour` None where it is not one."""

    box: Box
    order: int
    colour: Colour | None = None
    is_image: bool = False


@dataclass(slots=True)
class Drawing:
    """What is drawn on a page.

    Attributes:
        rules: Straight lines along the page, as boxes of almost no width or height.
        shapes: Pictures and filled areas, in the order of drawing.
        texts: When each text object is drawn, by its key.
        optional: Keys of text in a layer that may be switched off.
    """

    rules: list[Box] = field(default_factory=list)
    shapes: list[Shape] = field(default_factory=list)
    texts: dict[int, int] = field(default_factory=dict)
    optional: set[int] = field(default_factory=set)


def drawing(page: Page) -> Drawing:
    """Return what is drawn on *page*, in its forms too."""
    found = Drawing()
    listed = _objects(page)[:_MOST_OBJECTS]
    found.texts = {address: order for order, (address, kind, _) in enumerate(listed) if kind == _TEXT}
    found.optional = set(_optional(list(found.texts)))
    drawn = [(order, *each) for order, each in enumerate(listed) if each[1] != _TEXT]
    of = bulk.handles([address for _, address, _, _ in drawn])
    facts = zip(drawn, of, bulk.bounds(of), bulk.colours(of), bulk.draw_modes(of), strict=True)
    for (order, _, kind, matrix), handle, bounds, colour, mode in facts:
        box = _moved(bounds, matrix)
        if kind == _PATH:
            _add_path(found, handle, matrix, Shape(box, order, colour), mode)
        else:
            found.shapes.append(Shape(box, order, None, kind == _IMAGE))
    return found


def _objects(page: Page) -> list[tuple[int, int, Matrix]]:
    return _unfolded(bulk.objects(page.handle, PDFIUM.count_objects(page.handle)), _IDENTITY, 0)


def _unfolded(addresses: Sequence[int], matrix: Matrix, depth: int) -> list[tuple[int, int, Matrix]]:
    """Return objects with their kinds and the matrix of what they are in; forms as what they hold."""
    listed = list(zip(addresses, bulk.types(bulk.handles(addresses)), repeat(matrix)))
    if not any(kind == _FORM for _, kind, _ in listed):
        return listed
    found = []
    for address, kind, _ in listed:
        if kind != _FORM:
            found.append((address, kind, matrix))
        elif depth < _DEEPEST and len(found) < _MOST_OBJECTS:
            inner = [PDFIUM.object_in_form(address, i) for i in range(PDFIUM.count_in_form(address))]
            found += _unfolded(inner, _product(_matrix(address), matrix), depth + 1)
    return found


def _matrix(handle: int | c_void_p) -> Matrix:
    floats = (ctypes.c_float * 6)()
    PDFIUM.object_matrix(handle, ctypes.addressof(floats))
    return tuple(floats)


def _product(one: Matrix, other: Matrix) -> Matrix:
    a, b, c, d, e, f = one
    p, q, r, s, t, u = other
    return (a * p + b * r, a * q + b * s, c * p + d * r, c * q + d * s, e * p + f * r + t, e * q + f * s + u)


def _moved(box: Box, matrix: Matrix) -> Box:
    if matrix == _IDENTITY:
        return box
    corners = [_point(x, y, matrix) for x in box[::2] for y in box[1::2]]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return (min(xs), min(ys), max(xs), max(ys))


def _point(x: float, y: float, matrix: Matrix) -> tuple[float, float]:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


def _optional(texts: Sequence[int]) -> Iterator[int]:
    """Yield the objects of *texts* that are marked as content of a layer."""
    of = bulk.handles(texts)
    counts = bulk.mark_counts(of)
    if not any(counts):
        return
    marked = [
        (text, handle, count) for text, handle, count in zip(texts, of, counts, strict=True) if count > 0
    ]
    handles = [handle for _, handle, count in marked for _ in range(count)]
    marks = bulk.marks(handles, [n for *_, count in marked for n in range(count)])
    layers = {mark for mark in set(marks) if _is_layer(mark)}
    owners = (text for text, _, count in marked for _ in range(count))
    yield from (text for text, mark in zip(owners, marks, strict=True) if mark in layers)


def _is_layer(mark: int) -> bool:
    name = ctypes.create_string_buffer(_NAME_BYTES)
    length = ctypes.c_ulong()
    PDFIUM.mark_name(mark, name, _NAME_BYTES, ctypes.addressof(length))
    return name.raw[: length.value].decode("utf-16-le", "replace").rstrip("\0") == "OC"


def _add_path(found: Drawing, handle: c_void_p, matrix: Matrix, shape: Shape, mode: tuple[int, int]) -> None:
    """Add a path to the rules and shapes; *mode* tells whether it is filled and whether it has an outline."""
    left, bottom, right, top = shape.box
    is_filled, is_outlined = map(bool, mode)
    if min(right - left, top - bottom) <= _THIN:
        if max(right - left, top - bottom) >= _SHORT and (is_filled or is_outlined):
            found.rules.append(shape.box)
        return
    if is_filled:
        found.shapes.append(shape)
    if is_outlined and len(found.rules) < _MOST_SEGMENTS:
        found.rules += _edges(handle, _product(_matrix(handle), matrix))


def _edges(handle: c_void_p, matrix: Matrix) -> Iterator[Box]:
    """Yield the straight pieces of a path that run along the page."""
    points = [
        (_point(x, y, matrix), kind, closes) for (x, y), kind, closes in bulk.segments(handle, _MOST_SEGMENTS)
    ]
    start = points[0][0] if points else (0.0, 0.0)
    for (one, _, closes), (other, kind, closes_too) in pairwise([*points, (start, _MOVE_TO, False)]):
        if kind == _LINE_TO:
            yield from _straight(one, other)
        if closes and kind == _MOVE_TO:
            yield from _straight(one, start)
        if kind == _MOVE_TO and not closes_too:
            start = other


def _straight(one: tuple[float, float], other: tuple[float, float]) -> Iterator[Box]:
    width, height = abs(one[0] - other[0]), abs(one[1] - other[1])
    if min(width, height) < 1 and max(width, height) >= _SHORT:
        yield (min(one[0], other[0]), min(one[1], other[1]), max(one[0], other[0]), max(one[1], other[1]))


def turned(box: Box, turn: int) -> Box:
    """Return a box of the page as (x0, top, x1, bottom), for a reader who holds it with *turn* upright."""
    left, bottom, right, top = box
    return {
        90: (bottom, left, top, right),
        180: (-right, bottom, -left, top),
        270: (-top, -right, -bottom, -left),
    }.get(turn, (left, -top, right, -bottom))
