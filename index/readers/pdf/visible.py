"""Text that is in the file and cannot be seen on the page.

White letters on white, letters under a picture or outside of the page are how files are
made to say to a machine what they do not say to a person. Size, place and drawing mode
are read off; for the rest, what is suspect is taken away and the page drawn with and
without it: letters whose absence changes nothing were not seen.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence

from rag.index.readers.pdf import bulk
from rag.index.readers.pdf.bulk import Colour
from rag.index.readers.pdf.engine import PDFIUM, Box, Page, gray_picture
from rag.index.readers.pdf.glyphs import Run
from rag.index.readers.pdf.shapes import Drawing, Shape

__all__ = ["hidden"]

_SMALLEST = 2.0
_INVISIBLE, _CLIP = 3, 7
# Of 255: letters nearer to their background than this cannot be read, and lighter ones are looked at.
_CONTRAST = 14
_LIGHT = 200
_FAINT = 60
# The longer side of the picture, in pixels: one for a point of a page of usual size, or two.
_PIXELS = 1600


def hidden(page: Page, found: Sequence[Run], drawn: Drawing) -> dict[int, str]:
    """Return why each run cannot be seen, by its id; those that can be seen are not in it."""
    keys = list(dict.fromkeys([run.key for run in found]))
    of = bulk.handles(keys)
    unshown = {key for key, mode in zip(keys, bulk.modes(of), strict=True) if mode in (_INVISIBLE, _CLIP)}
    odd = (r for r in found if r.size < _SMALLEST or r.key in unshown or not _meets(r.box, page.box))
    why = {id(run): reason for run in odd if (reason := _plain_reason(page, run, drawn))}
    doubtful = _doubtful(dict(zip(keys, bulk.colours(of), strict=True)), drawn)
    suspects = [
        run
        for run in (found if doubtful else ())
        if run.key in doubtful
        and id(run) not in why
        and any(each is None or _covers(each.box, run.box) for each in doubtful[run.key])
    ]
    if suspects:
        unseen = _unseen(page, suspects)
        why.update({id(run): "text that cannot be seen" for run in suspects if id(run) in unseen})
    return why


def _plain_reason(page: Page, run: Run, drawn: Drawing) -> str:
    if run.size < _SMALLEST:
        return f"text smaller than {_SMALLEST:g} points"
    if not _meets(run.box, page.box):
        return "text outside of the page"
    # Over a scan such text is what was recognised in it.
    if not any(s.is_image and _covers(s.box, run.box) for s in drawn.shapes):
        return "text drawn invisibly"
    return ""


def _meets(one: Box, other: Box) -> bool:
    left, bottom, right, top = one
    return other[0] <= (left + right) / 2 <= other[2] and other[1] <= (bottom + top) / 2 <= other[3]


def _covers(shape: Box, text: Box) -> bool:
    """Tell whether most of *text* lies in *shape*."""
    width = min(shape[2], text[2]) - max(shape[0], text[0])
    height = min(shape[3], text[3]) - max(shape[1], text[1])
    area = (text[2] - text[0]) * (text[3] - text[1])
    return width > 0 and height > 0 and width * height >= 0.5 * area


def _doubtful(colours: Mapping[int, Colour], drawn: Drawing) -> dict[int, list[Shape | None]]:
    """Return the text objects of which some may not be seen, with the shapes that hide what they cover.

    None stands for all of an object: it is light or faint, or in a layer.
    """
    orders = [shape.order for shape in drawn.shapes]
    last = orders[-1] if orders else -1
    used = set(colours.values())
    pale = {own for own in used if min(own[:3]) > _LIGHT or own[3] < _FAINT}
    like = {own: [shape for shape in drawn.shapes if _is_like(shape, own)] for own in used}
    found: dict[int, list[Shape | None]] = {}
    for key, own in colours.items():
        order = drawn.texts.get(key, last)
        if own in pale or key in drawn.optional:
            found[key] = [None]
        elif order < last or like[own]:
            found[key] = [*like[own], *drawn.shapes[bisect_right(orders, order) :]]
    return found


def _is_like(shape: Shape, own: Colour) -> bool:
    return shape.colour is not None and all(
        abs(one - other) < 3 * _CONTRAST for one, other in zip(shape.colour[:3], own[:3], strict=True)
    )


def _unseen(page: Page, suspects: Sequence[Run]) -> set[int]:
    """Return the ids of runs without which the page looks the same."""
    left, bottom, right, top = page.box
    scale = _PIXELS / max(right - left, top - bottom, 1.0)
    keys = {run.key for run in suspects}
    with_text = gray_picture(page, scale)
    _switch(keys, to=0)
    without = gray_picture(page, scale)
    _switch(keys, to=1)
    return {id(run) for run in suspects if not _differs(with_text, without, page, run.box, scale)}


def _switch(keys: set[int], to: int) -> None:
    for key in keys:
        PDFIUM.object_active(key, to)


def _differs(
    one: tuple[bytes, int, int], other: tuple[bytes, int, int], page: Page, box: Box, scale: float
) -> bool:
    pixels, stride, height = one
    left, right = (max(0, int((x - page.box[0]) * scale)) for x in (box[0], box[2]))
    first, last = (min(height, max(0, int((page.box[3] - y) * scale))) for y in (box[3], box[1]))
    for row in range(first, max(last, first + 1)):
        span = slice(row * stride + left, row * stride + max(right, left + 1))
        mine, others = pixels[span], other[0][span]
        if mine != others and max(abs(a - b) for a, b in zip(mine, others, strict=True)) > _CONTRAST:
            return True
    return False
