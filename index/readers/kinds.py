"""What a file is, by its bytes: names lie, and programs name files as they please.

A docx may be called report.doc, a page of HTML table.xls, a PDF nothing at all. The
marks are those of the formats themselves; without one the name is believed.
"""

import re
from io import BytesIO
from zipfile import ZipFile

from rag.index.readers.archive import DAMAGED
from rag.index.reading import Unreadable

__all__ = ["HEAD", "guess", "kind_of"]

HEAD = 4096
"""How many of the first bytes `guess` looks at."""

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HTML = re.compile(
    rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--.{0,1000}?-->\s*)*<(?:!doctype\s+html|html)\b",
    re.IGNORECASE | re.DOTALL,
)
_MAIL = re.compile(
    rb"^(?:From [^\n]{1,200}\n)?(?:[A-Za-z][A-Za-z0-9-]{1,40}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n)*){0,60}?"
    rb"(?:MIME-Version|Message-ID|Received|Return-Path):", re.I
)  # fmt: skip
# The first bytes of other kinds, and what to do with them.
_OTHERS = {
    b"\x89PNG\r\n\x1a\n": ".png",
    b"\xff\xd8\xff": ".jpg",
    b"GIF8": ".gif",
    b"II*\0": ".tif",
    b"MM\0*": ".tif",
    b"{\\rtf": ".rtf",
    b"7z\xbc\xaf\x27\x1c": ".7z",
    b"Rar!\x1a\x07": ".rar",
    b"\x1f\x8b": ".gz",
    b"HWP Document File V": ".hwp3",
}
_PACKED = {".7z", ".rar", ".gz", ".zip"}
# The `mimetype` of packages that have one, and a part of those that have none.
_MIMETYPES = {
    "application/vnd.oasis.opendocument.text": ".odt",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.oasis.opendocument.presentation": ".odp",
    "application/epub+zip": ".epub",
    "application/hwp+zip": ".hwpx",
    "application/owpml": ".hwpx",
}
_PARTS = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
# Streams of OLE files; names are UTF-16.
_STREAMS = {
    "EncryptedPackage": ".locked",
    "BodyText": ".hwp",
    "WordDocument": ".doc",
    "PowerPoint Document": ".ppt",
    "Workbook": ".xls",
    "Book": ".xls",
    "__substg1.0_": ".msg",
}
# Kinds that the name may claim with right although the bytes look like HTML or a letter.
_SOFT = frozenset({"", ".txt", ".doc", ".xls", ".xlsx", ".docx", ".pdf", ".rtf", ".log"})
_REFUSED = {
    ".locked": "is encrypted. Save a copy without a password",
    ".doc": "is an old Word document (.doc). Save it as .docx",
    ".ppt": "is an old PowerPoint file (.ppt). Save it as .pptx",
    ".msg": "is a message of Outlook (.msg). Save it as .eml",
    ".hwp3": "is written by an old Hangul word processor (HWP 3). Save it as .hwpx",
    ".xlsb": "is a binary workbook (.xlsb). Save it as .xlsx",
}


def guess(head: bytes) -> str:
    """Return the kind of a file without a suffix by its first bytes, empty if they do not tell.

    Packages and OLE files are told apart when they are read; here a common one stands for them.
    """
    if head.startswith(b"PK\x03\x04"):
        return ".docx"
    return ".hwp" if head.startswith(OLE) else _by_magic(head, "")


def kind_of(data: bytes, suffix: str) -> str:
    """Return the suffix whose reader is to read *data*: its own kind if it shows one, else *suffix*.

    Raises:
        Unreadable: It is of a kind that has no reader; says what to save it as.
    """
    kind = _kind(data, suffix)
    if kind in _REFUSED:
        raise Unreadable(_REFUSED[kind])
    if kind in _PACKED:
        raise Unreadable(f"is a packed archive ({kind}). Unpack it into the folder")
    return kind


def _kind(data: bytes, suffix: str) -> str:
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _package(data, suffix)
    if data.startswith(OLE):
        return _ole(data, suffix)
    found = _by_magic(data[:HEAD], suffix)
    if not found and suffix in (".xls", ".doc") and b"\0" not in data[:HEAD]:
        return ".csv" if suffix == ".xls" else ".txt"
    return found or suffix


def _by_magic(head: bytes, suffix: str) -> str:
    if head.startswith(b"%PDF-") or (suffix == ".pdf" and b"%PDF-" in head):
        return ".pdf"
    for magic, kind in _OTHERS.items():
        if head.startswith(magic):
            return kind
    if suffix in _SOFT and _HTML.search(head):
        return ".html"
    return ".eml" if suffix in _SOFT and _MAIL.match(head) else ""


def _package(data: bytes, suffix: str) -> str:
    try:
        with ZipFile(BytesIO(data)) as package:
            names = package.namelist()
            stated = package.read("mimetype")[:100].decode("ascii", "replace") if "mimetype" in names else ""
    except DAMAGED:
        return suffix
    for mimetype, kind in _MIMETYPES.items():
        if stated.strip().startswith(mimetype):
            return kind
    if "xl/workbook.bin" in names:
        return ".xlsb"
    by_part = (kind for folder, kind in _PARTS.items() if any(name.startswith(folder) for name in names))
    if any(name.startswith("Contents/section") for name in names):
        return ".hwpx"
    return next(by_part, suffix if suffix in _PACKAGES else ".zip")


_PACKAGES = frozenset((*_MIMETYPES.values(), *_PARTS.values()))


def _ole(data: bytes, suffix: str) -> str:
    found = (kind for name, kind in _STREAMS.items() if name.encode("utf-16-le") in data)
    return next(found, suffix if suffix in _REFUSED else ".doc")
