"""What PDFium knows of many characters or objects, asked at once.

Most of the time of a short call goes into checking its arguments. Here they are of types
that need no check: handles and addresses as `c_void_p`, numbers as they are. The loop over
the calls is `map`, which runs in C, and answers of several numbers go into room that is kept.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Sequence
from ctypes import PYFUNCTYPE, c_double, c_float, c_int, c_uint, c_ulong, c_void_p
from typing import Any

from rag.index.readers.pdf.engine import Box, Matrix, address_of

__all__ = [
    "Colour",
    "Corners",
    "Handles",
    "bounds",
    "boxes",
    "codes",
    "colours",
    "draw_modes",
    "fonts",
    "handles",
    "mark_counts",
    "marks",
    "matrices",
    "modes",
    "objects",
    "origins",
    "owners",
    "segments",
    "sizes",
    "types",
    "unmapped",
]

_MOST = 4096

Corners = tuple[float, float, float, float]
"""Left, top, right and bottom, as PDFium has them."""

Colour = tuple[int, int, int, int]
"""Red, green, blue and opacity, from 0 to 255."""

Places = Sequence[int]

Handles = list[c_void_p]


def _unchecked(name: str, result: Any) -> Callable[..., Any]:  # noqa: ANN401 - ctypes
    return PYFUNCTYPE(result)(address_of(name))


_BOUNDS = _unchecked("FPDFPageObj_GetBounds", c_int)
_BOX = _unchecked("FPDFText_GetLooseCharBox", c_int)
_CODE = _unchecked("FPDFText_GetUnicode", c_uint)
_COLOUR = _unchecked("FPDFPageObj_GetFillColor", c_int)
_CLOSES = _unchecked("FPDFPathSegment_GetClose", c_int)
_DRAWN = _unchecked("FPDFPath_GetDrawMode", c_int)
_FONT = _unchecked("FPDFTextObj_GetFont", c_void_p)
_KIND = _unchecked("FPDFPathSegment_GetType", c_int)
_MARK = _unchecked("FPDFPageObj_GetMark", c_void_p)
_MARKS = _unchecked("FPDFPageObj_CountMarks", c_int)
_MATRIX = _unchecked("FPDFText_GetMatrix", c_int)
_MODE = _unchecked("FPDFTextObj_GetTextRenderMode", c_int)
_OBJECT = _unchecked("FPDFPage_GetObject", c_void_p)
_ORIGIN = _unchecked("FPDFText_GetCharOrigin", c_int)
_OWNER = _unchecked("FPDFText_GetTextObject", c_void_p)
_POINT = _unchecked("FPDFPathSegment_GetPoint", c_int)
_SEGMENT = _unchecked("FPDFPath_GetPathSegment", c_void_p)
_SEGMENTS = _unchecked("FPDFPath_CountSegments", c_int)
_SIZE = _unchecked("FPDFText_GetFontSize", c_double)
_TYPE = _unchecked("FPDFPageObj_GetType", c_int)
_UNMAPPED = _unchecked("FPDFText_HasUnicodeMapError", c_int)


class _Room:
    """Numbers that PDFium writes, each at an address that is made once."""

    def __init__(self, kind: type[Any]) -> None:
        self._numbers = (kind * _MOST)()
        self._size = ctypes.sizeof(kind)
        start = ctypes.addressof(self._numbers)
        self._at = [c_void_p(start + n * self._size) for n in range(_MOST)]

    def asked(
        self, function: Callable[..., Any], width: int, *arguments: Sequence[Any], is_apart: bool = False
    ) -> list[Any]:
        """Call *function* with each of *arguments*, and return the *width* numbers that it writes each time.

        It is given the address of the first of them, or, if it *is_apart*, that of each. What it
        does not write is 0.
        """
        found: list[Any] = []
        most = _MOST // width
        for start in range(0, len(arguments[0]), most):
            part = [each[start : start + most] for each in arguments]
            count = width * len(part[0])
            ctypes.memset(self._numbers, 0, count * self._size)
            room = [self._at[n:count:width] for n in range(width if is_apart else 1)]
            deque(map(function, *part, *room), maxlen=0)
            found += zip(*[iter(self._numbers[:count])] * width, strict=True)
        return found


_FLOATS, _DOUBLES, _WHOLE = _Room(c_float), _Room(c_double), _Room(c_uint)


def handles(addresses: Sequence[int]) -> Handles:
    """Return *addresses* as the other functions here take them."""
    return list(map(c_void_p, addresses))


def owners(text: int, places: Places) -> list[int]:
    """Return the text object that each character is part of."""
    return list(map(_OWNER, _same(text, places), places))


def boxes(text: int, places: Places) -> list[Corners]:
    """Return the box of each character, as high as the font and as wide as the glyph."""
    return _FLOATS.asked(_BOX, 4, _same(text, places), places)


def origins(text: int, places: Places) -> list[tuple[float, float]]:
    """Return where each character stands."""
    return _DOUBLES.asked(_ORIGIN, 2, _same(text, places), places, is_apart=True)


def matrices(text: int, places: Places) -> list[Matrix]:
    """Return the matrix of each character."""
    return _FLOATS.asked(_MATRIX, 6, _same(text, places), places)


def sizes(text: int, places: Places) -> list[float]:
    """Return the size of each character's font, before its matrix."""
    return list(map(_SIZE, _same(text, places), places))


def unmapped(text: int, places: Places) -> list[int]:
    """Tell whether the font does not say which character each of these is."""
    return list(map(_UNMAPPED, _same(text, places), places))


def codes(text: int, places: Places) -> list[int]:
    """Return the Unicode value of each character, 0 where there is none."""
    return list(map(_CODE, _same(text, places), places))


def _same(text: int, places: Places) -> Handles:
    return [c_void_p(text)] * len(places)


def objects(page: int, count: int) -> list[int]:
    """Return the first *count* objects of a page."""
    return list(map(_OBJECT, [c_void_p(page)] * count, range(count)))


def types(of: Handles) -> list[int]:
    """Return what kind of object each of these is."""
    return list(map(_TYPE, of))


def mark_counts(of: Handles) -> list[int]:
    """Return how many marks of content each object has."""
    return list(map(_MARKS, of))


def fonts(of: Handles) -> list[int]:
    """Return the font of each text object."""
    return list(map(_FONT, of))


def modes(of: Handles) -> list[int]:
    """Return how each text object is drawn."""
    return list(map(_MODE, of))


def colours(of: Handles) -> list[Colour]:
    """Return the colour that each object is filled with."""
    return _WHOLE.asked(_COLOUR, 4, of, is_apart=True)


def bounds(of: Handles) -> list[Box]:
    """Return where each object lies, in the space of the page or form that it is part of."""
    return _FLOATS.asked(_BOUNDS, 4, of, is_apart=True)


def draw_modes(of: Handles) -> list[tuple[int, int]]:
    """Tell whether each path is filled, and whether it has an outline."""
    return _WHOLE.asked(_DRAWN, 2, of, is_apart=True)


def marks(of: Handles, numbers: Sequence[int]) -> list[int]:
    """Return the mark with each of these numbers, of the object beside it."""
    return list(map(_MARK, of, map(c_ulong, numbers)))


def segments(path: c_void_p, most: int) -> list[tuple[tuple[float, float], int, int]]:
    """Return the point of each segment of a path, its kind, and whether it closes the figure."""
    count = min(_SEGMENTS(path), most)
    of = handles([_SEGMENT(path, i) for i in range(count)])
    points = _FLOATS.asked(_POINT, 2, of, is_apart=True)
    return list(zip(points, map(_KIND, of), map(_CLOSES, of), strict=True))
