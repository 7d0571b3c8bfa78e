"""What is drawn on a page besides text: rules of tables, filled areas and pictures."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from rag.index.readers.pdf.engine import PDFIUM, Box, Matrix, Page, bounds

__all__ = ["Drawing", "Shape", "colour", "drawing", "turned"]

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

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, from 0 to 255."""


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
    order = 0
    for order, (handle, kind, matrix) in enumerate(_objects(page)):
        if kind == _TEXT:
            found.texts[handle] = order
            if PDFIUM.count_marks(handle) and _is_optional(handle):
                found.optional.add(handle)
        elif kind == _PATH:
            _add_path(found, handle, matrix, order)
        else:
            found.shapes.append(Shape(_moved(bounds(handle), matrix), order, None, kind == _IMAGE))
        if order > _MOST_OBJECTS:
            break
    return found


def _objects(page: Page) -> Iterator[tuple[int, int, Matrix]]:
    for i in range(PDFIUM.count_objects(page.handle)):
        yield from _unfolded(PDFIUM.object(page.handle, i), _IDENTITY, 0)


def _unfolded(handle: int, matrix: Matrix, depth: int) -> Iterator[tuple[int, int, Matrix]]:
    kind = PDFIUM.object_type(handle)
    if kind != _FORM:
        yield handle, kind, matrix
    elif depth < _DEEPEST:
        inner = _product(_matrix(handle), matrix)
        for i in range(PDFIUM.count_in_form(handle)):
            yield from _unfolded(PDFIUM.object_in_form(handle, i), inner, depth + 1)


def _matrix(handle: int) -> Matrix:
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


def colour(handle: int) -> Colour:
    """Return the colour that an object is filled with."""
    parts = (ctypes.c_uint * 4)()
    start = ctypes.addressof(parts)
    PDFIUM.object_fill(handle, start, start + 4, start + 8, start + 12)
    return tuple(parts)


def _is_optional(handle: int) -> bool:
    """Tell whether an object is marked as content of a layer."""
    name = ctypes.create_string_buffer(_NAME_BYTES)
    length = ctypes.c_ulong()
    for i in range(PDFIUM.count_marks(handle)):
        mark = PDFIUM.mark(handle, i)
        PDFIUM.mark_name(mark, name, _NAME_BYTES, ctypes.addressof(length))
        if name.raw[: length.value].decode("utf-16-le", "replace").rstrip("\0") == "OC":
            return True
    return False


def _add_path(found: Drawing, handle: int, matrix: Matrix, order: int) -> None:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    PDFIUM.draw_mode(handle, ctypes.addressof(fill), ctypes.addressof(stroke))
    box = _moved(bounds(handle), matrix)
    width, height = box[2] - box[0], box[3] - box[1]
    if min(width, height) <= _THIN:
        if max(width, height) >= _SHORT and (fill.value or stroke.value):
            found.rules.append(box)
        return
    if fill.value:
        found.shapes.append(Shape(box, order, colour(handle)))
    if stroke.value and len(found.rules) < _MOST_SEGMENTS:
        found.rules += _edges(handle, _product(_matrix(handle), matrix))


def _edges(handle: int, matrix: Matrix) -> Iterator[Box]:
    """Yield the straight pieces of a path that run along the page."""
    points = [_segment(handle, i, matrix) for i in range(min(PDFIUM.count_segments(handle), _MOST_SEGMENTS))]
    start = points[0][0] if points else (0.0, 0.0)
    for (one, _, closes), (other, kind, closes_too) in pairwise([*points, (start, _MOVE_TO, False)]):
        if kind == _LINE_TO:
            yield from _straight(one, other)
        if closes and kind == _MOVE_TO:
            yield from _straight(one, start)
        if kind == _MOVE_TO and not closes_too:
            start = other


def _segment(handle: int, i: int, matrix: Matrix) -> tuple[tuple[float, float], int, bool]:
    segment = PDFIUM.segment(handle, i)
    floats = (ctypes.c_float * 2)()
    PDFIUM.segment_point(segment, ctypes.addressof(floats), ctypes.addressof(floats) + 4)
    kind, closes = PDFIUM.segment_type(segment), bool(PDFIUM.segment_closes(segment))
    return _point(floats[0], floats[1], matrix), kind, closes


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
