"""PDFium as this project calls it: documents, pages, and its functions with plain numbers as handles.

This is the only file that imports pypdfium2. Its own prototypes check every pointer,
which costs more than the calls themselves where there is one for each character; those
here take an address as it is. All of PDFium is for one thread at a time.
"""

import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from ctypes import POINTER, c_bool, c_char_p, c_int, c_size_t, c_ulong, c_void_p
from dataclasses import dataclass
from typing import Any

import pypdfium2  # Sets PDFium up.
from pypdfium2 import raw

from rag.index.reading import Unreadable

__all__ = [
    "DAMAGED",
    "PDFIUM",
    "Box",
    "Matrix",
    "Page",
    "Pdf",
    "address_of",
    "colour_picture",
    "gray_picture",
    "metadata",
    "opened",
    "page",
    "page_alone",
    "page_count",
    "page_size",
    "shown",
    "sound_page",
    "wide",
]

Box = tuple[float, float, float, float]
"""Left, bottom, right, top, in points from the lower left corner of the page."""

Matrix = tuple[float, float, float, float, float, float]

DAMAGED = "is damaged: PDFium cannot open it. Save it anew"
_PASSWORD_ERROR = 4
_OBJECT = re.compile(rb"(\d+)\s+(\d+)\s+obj\b")
_HEAD_BYTES = 4096
_GRAY = 1
_RGB = 2
_WHITE = 0xFFFFFFFF
_FINE = 1_000_000


_Call = Callable[..., Any]


def address_of(name: str) -> int:
    """Return where a function of PDFium is."""
    return ctypes.cast(getattr(raw, name), c_void_p).value or 0


def _bound(name: str, result: Any, *arguments: Any) -> _Call:  # noqa: ANN401 - ctypes
    # PYFUNCTYPE keeps the interpreter's lock: these calls are shorter than giving it up and taking it.
    return ctypes.PYFUNCTYPE(result, *arguments)(address_of(name))


class PDFIUM:
    """The functions that are called often; names and arguments are those of PDFium's headers."""

    load_page: _Call = _bound("FPDF_LoadPage", c_void_p, c_void_p, c_int)
    close_page: _Call = _bound("FPDF_ClosePage", None, c_void_p)
    load_text: _Call = _bound("FPDFText_LoadPage", c_void_p, c_void_p)
    close_text: _Call = _bound("FPDFText_ClosePage", None, c_void_p)
    count_chars: _Call = _bound("FPDFText_CountChars", c_int, c_void_p)
    text: _Call = _bound("FPDFText_GetText", c_int, c_void_p, c_int, c_int, c_void_p)
    font_name: _Call = _bound("FPDFFont_GetBaseFontName", c_size_t, c_void_p, c_char_p, c_size_t)
    font_flags: _Call = _bound("FPDFFont_GetFlags", c_int, c_void_p)
    font_weight: _Call = _bound("FPDFFont_GetWeight", c_int, c_void_p)
    count_objects: _Call = _bound("FPDFPage_CountObjects", c_int, c_void_p)
    count_in_form: _Call = _bound("FPDFFormObj_CountObjects", c_int, c_void_p)
    object_in_form: _Call = _bound("FPDFFormObj_GetObject", c_void_p, c_void_p, c_ulong)
    object_matrix: _Call = _bound("FPDFPageObj_GetMatrix", c_int, c_void_p, c_void_p)
    object_active: _Call = _bound("FPDFPageObj_SetIsActive", c_int, c_void_p, c_bool)
    mark_name: _Call = _bound("FPDFPageObjMark_GetName", c_int, c_void_p, c_void_p, c_ulong, c_void_p)
    count_annotations: _Call = _bound("FPDFPage_GetAnnotCount", c_int, c_void_p)
    annotation: _Call = _bound("FPDFPage_GetAnnot", c_void_p, c_void_p, c_int)
    close_annotation: _Call = _bound("FPDFPage_CloseAnnot", None, c_void_p)
    annotation_type: _Call = _bound("FPDFAnnot_GetSubtype", c_int, c_void_p)
    annotation_flags: _Call = _bound("FPDFAnnot_GetFlags", c_int, c_void_p)
    annotation_rect: _Call = _bound("FPDFAnnot_GetRect", c_int, c_void_p, c_void_p)
    annotation_text: _Call = _bound(
        "FPDFAnnot_GetStringValue", c_ulong, c_void_p, c_char_p, c_void_p, c_ulong
    )
    field_type: _Call = _bound("FPDFAnnot_GetFormFieldType", c_int, c_void_p, c_void_p)
    field_flags: _Call = _bound("FPDFAnnot_GetFormFieldFlags", c_int, c_void_p, c_void_p)
    field_value: _Call = _bound("FPDFAnnot_GetFormFieldValue", c_ulong, *[c_void_p] * 3, c_ulong)
    field_label: _Call = _bound("FPDFAnnot_GetFormFieldAlternateName", c_ulong, *[c_void_p] * 3, c_ulong)
    field_name: _Call = _bound("FPDFAnnot_GetFormFieldName", c_ulong, *[c_void_p] * 3, c_ulong)
    count_options: _Call = _bound("FPDFAnnot_GetOptionCount", c_int, c_void_p, c_void_p)
    option_selected: _Call = _bound("FPDFAnnot_IsOptionSelected", c_int, c_void_p, c_void_p, c_int)
    option_label: _Call = _bound(
        "FPDFAnnot_GetOptionLabel", c_ulong, c_void_p, c_void_p, c_int, c_void_p, c_ulong
    )


@dataclass(frozen=True, slots=True)
class Pdf:
    """An open document, and its form, by their addresses.

    Attributes:
        is_repaired: The file was cut short, and what it has lost may be more than is seen.
    """

    handle: int
    form: int
    is_repaired: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """An open page.

    Attributes:
        handle: Of PDFium.
        form: Of the document's form.
        text: The handle of its text.
        box: What of it is shown.
    """

    handle: int
    form: int
    text: int
    box: Box


@contextmanager
def opened(data: bytes, passwords: Sequence[str] = ()) -> Iterator[Pdf]:
    """Open a document; an encrypted one without a password first, then with each of *passwords*.

    Raises:
        Unreadable: It is damaged, or none of the passwords opens it.
    """
    document, error = _loaded(data, passwords)
    is_repaired = not document and error != _PASSWORD_ERROR
    if is_repaired:
        data = _with_trailer(data)
        document, error = _loaded(data, passwords)
    if not document:
        raise Unreadable(_why_closed(error, tried=len(passwords)))
    info = raw.FPDF_FORMFILLINFO(version=2)  # PDFium keeps its address: it must live as long as the form.
    form = raw.FPDFDOC_InitFormFillEnvironment(document, info)
    try:
        yield Pdf(_address(document), _address(form), is_repaired)
    finally:
        raw.FPDFDOC_ExitFormFillEnvironment(form)
        raw.FPDF_CloseDocument(document)


def _loaded(data: bytes, passwords: Sequence[str]) -> tuple[Any, int]:
    """Return a document or nothing, and the last error."""
    error = 0
    for password in ("", *passwords):
        if document := raw.FPDF_LoadMemDocument64(data, len(data), password.encode()):
            return document, 0
        error = raw.FPDF_GetLastError()
        if error != _PASSWORD_ERROR:
            break
    return None, error


def _with_trailer(data: bytes) -> bytes:
    """Return a file that was cut short with what it has lost: the name of its first object."""
    catalog = data.rfind(b"/Catalog")
    heads = _OBJECT.findall(data, max(0, catalog - _HEAD_BYTES), max(0, catalog))
    return data + b"\ntrailer\n<< /Root %s %s R >>\nstartxref\n0\n%%%%EOF\n" % heads[-1] if heads else data


def _address(pointer: Any) -> int:  # noqa: ANN401 - ctypes
    return ctypes.cast(pointer, c_void_p).value or 0


def _why_closed(error: int, *, tried: int) -> str:
    if error != _PASSWORD_ERROR:
        return DAMAGED
    if tried:
        return "is encrypted, and no password given opens it. Add its own as a line of the password file"
    return "is encrypted. Write its password into a file and give that with --password-file"


def page_count(document: Pdf) -> int:
    """Return the number of pages, damaged ones too."""
    return int(raw.FPDF_GetPageCount(ctypes.cast(document.handle, raw.FPDF_DOCUMENT)))


@contextmanager
def page(document: Pdf, number: int) -> Iterator[Page | None]:
    """Open page *number*, counted from 0; give None if it is damaged."""
    handle = PDFIUM.load_page(document.handle, number)
    text = PDFIUM.load_text(handle) if handle else None
    try:
        yield Page(handle, document.form, text, _page_box(handle)) if handle and text else None
    finally:
        if text:
            PDFIUM.close_text(text)
        if handle:
            PDFIUM.close_page(handle)


def page_alone(document: Pdf, number: int) -> bytes:
    """Return page *number*, counted from 0, as a document of its own, its streams as they were."""
    pieces: list[bytes] = []
    info = raw.FPDF_FILEWRITE(version=1)

    def write(_info: Any, start: int, size: int) -> int:  # noqa: ANN401 - ctypes
        pieces.append(ctypes.string_at(start, size))
        return 1

    info.WriteBlock = type(info.WriteBlock)(write)
    made = raw.FPDF_CreateNewDocument()
    try:
        source = ctypes.cast(document.handle, raw.FPDF_DOCUMENT)
        if raw.FPDF_ImportPagesByIndex(made, source, (c_int * 1)(number), 1, 0):
            raw.FPDF_SaveAsCopy(made, info, 0)
    finally:
        raw.FPDF_CloseDocument(made)
    return b"".join(pieces)


@contextmanager
def sound_page(document: Pdf, number: int) -> Iterator[Page]:
    """Open page *number*, counted from 0. Raises `Unreadable` if it is damaged."""
    with page(document, number) as opened_page:
        if opened_page is None:
            raise Unreadable(f"has a damaged page {number + 1}")
        yield opened_page


def _page_box(handle: int) -> Box:
    rect = raw.FS_RECTF()
    if not raw.FPDF_GetPageBoundingBox(ctypes.cast(handle, raw.FPDF_PAGE), rect):
        return (0.0, 0.0, 612.0, 792.0)
    return (rect.left, rect.bottom, rect.right, rect.top)


def metadata(document: Pdf, key: str) -> str:
    """Return what the document says of itself under *key* ("Title", "Author", "Lang"), or nothing."""
    handle = ctypes.cast(document.handle, raw.FPDF_DOCUMENT)
    if key == "Lang":
        return wide(lambda buffer, size: raw.FPDFCatalog_GetLanguage(handle, _shorts(buffer), size))
    return wide(lambda buffer, size: raw.FPDF_GetMetaText(handle, key.encode(), buffer, size))


def _shorts(buffer: Any) -> Any:  # noqa: ANN401 - ctypes
    return ctypes.cast(buffer, POINTER(ctypes.c_ushort)) if buffer else None


def wide(fill: Callable[[Any, int], int]) -> str:
    """Return the UTF-16 text that a function of PDFium writes when it is told a buffer and its size."""
    size = fill(None, 0)
    if size <= 2:
        return ""
    buffer = ctypes.create_string_buffer(size)
    fill(buffer, size)
    return buffer.raw.decode("utf-16-le", "replace").rstrip("\0")


def page_size(of: Page) -> tuple[float, float]:
    """Return the width and height of a page as it is shown, in points."""
    handle = ctypes.cast(of.handle, raw.FPDF_PAGE)
    return raw.FPDF_GetPageWidthF(handle), raw.FPDF_GetPageHeightF(handle)


def shown(of: Page, box: Box) -> tuple[float, float, float, float]:
    """Return left, top, width and height of *box* on the page as it is shown, as fractions."""
    handle = ctypes.cast(of.handle, raw.FPDF_PAGE)
    x, y = c_int(), c_int()
    corners = []
    for left, bottom in (box[:2], box[2:]):
        raw.FPDF_PageToDevice(handle, 0, 0, _FINE, _FINE, 0, left, bottom, x, y)
        corners.append((x.value / _FINE, y.value / _FINE))
    (x0, y0), (x1, y1) = corners
    return (min(x0, x1), min(y0, y1), abs(x1 - x0), abs(y1 - y0))


def gray_picture(of: Page, scale: float) -> tuple[bytes, int, int]:
    """Draw a page in shades of gray; return its bytes, bytes a row, and height."""
    return _drawn(of, scale, _GRAY, 0)


def colour_picture(of: Page, scale: float) -> tuple[bytes, int, int]:
    """Draw a page with its notes and form fields, in red, green and blue; return as `gray_picture`."""
    return _drawn(of, scale, _RGB, raw.FPDF_ANNOT | raw.FPDF_REVERSE_BYTE_ORDER)


def _drawn(of: Page, scale: float, form: int, flags: int) -> tuple[bytes, int, int]:
    width, height = (max(1, round(side * scale)) for side in page_size(of))
    bitmap = raw.FPDFBitmap_CreateEx(width, height, form, None, 0)
    if not bitmap:
        raise MemoryError
    try:
        handle = ctypes.cast(of.handle, raw.FPDF_PAGE)
        raw.FPDFBitmap_FillRect(bitmap, 0, 0, width, height, _WHITE)
        raw.FPDF_RenderPageBitmap(bitmap, handle, 0, 0, width, height, 0, flags)
        if flags & raw.FPDF_ANNOT:
            raw.FPDF_FFLDraw(
                ctypes.cast(of.form, raw.FPDF_FORMHANDLE), bitmap, handle, 0, 0, width, height, 0, flags
            )
        stride = raw.FPDFBitmap_GetStride(bitmap)
        return ctypes.string_at(raw.FPDFBitmap_GetBuffer(bitmap), stride * height), stride, height
    finally:
        raw.FPDFBitmap_Destroy(bitmap)


assert pypdfium2
