"""Pictures (png, jpg, tiff) are read as scanned pages are."""

from collections.abc import Iterator
from io import BytesIO

import numpy as np

from rag.index.readers import ocr
from rag.index.readers.pdf.document import reading_of
from rag.index.readers.pdf.page import PageText
from rag.index.readers.pdf.scan import recognised
from rag.index.reading import Job, Reading, Unreadable

__all__ = ["read"]

_WHOLE = Job()
_MOST_FRAMES = 500
_MOST_PIXELS = 40_000_000
_USUAL_DPI = 300
_POINT = 72


def read(data: bytes, job: Job = _WHOLE) -> Reading:
    """Recognise the text of each page of a picture.

    Raises:
        Unreadable: There is no text recognition, or it is switched off, or finds no text; or the
            file is damaged or no picture.
    """
    if job.options.ocr == "off":
        raise Unreadable("is a picture, and text recognition is off (--ocr off)")
    if not ocr.is_installed():
        raise Unreadable(f"is a picture. {ocr.INSTALL.replace('them', 'it')}")
    pages = []
    for number, (picture, scale) in enumerate(_frames(data), start=1):
        if number in job.skipped:
            pages.append(PageText(left_out=[job.skipped[number]]))
            continue
        job.begin(number, is_slow=True)
        pages.append(recognised(picture, scale))
    job.begin(0)
    if not any(page.rows for page in pages):
        raise Unreadable("is a picture in which no text was recognised")
    return reading_of(pages)


def _frames(data: bytes) -> Iterator[tuple[ocr.Picture, float]]:
    """Yield each page in shades of gray, with how many of its pixels are a point."""
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    try:
        image = Image.open(BytesIO(data), formats=("PNG", "JPEG", "TIFF"))
        for number, frame in enumerate(ImageSequence.Iterator(image)):
            if number >= _MOST_FRAMES or frame.width * frame.height > _MOST_PIXELS:
                raise Unreadable(f"has more than {_MOST_FRAMES} pages or {_MOST_PIXELS:,} pixels. Split it")
            dpi = float(frame.info.get("dpi", (_USUAL_DPI,))[0]) or _USUAL_DPI
            gray = ImageOps.exif_transpose(frame).convert("L")
            yield np.asarray(gray, np.uint8), max(dpi, _POINT) / _POINT
    except (UnidentifiedImageError, Image.DecompressionBombError) as exc:
        raise Unreadable(f"is damaged or no picture ({exc})") from exc
