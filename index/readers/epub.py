"""A book (epub) becomes text: its chapters in reading order, each read as the page that it is."""

import posixpath
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from rag.index.readers import read as read_any
from rag.index.readers.archive import Archive, dublin_core
from rag.index.reading import Reading, Unreadable, joined

__all__ = ["read"]

_Element = Any

_OPF = "{http://www.idpf.org/2007/opf}"
_CONTAINER = "{urn:oasis:names:tc:opendocument:xmlns:container}"
_ENCRYPTION = "{http://www.w3.org/2001/04/xmlenc#}"
# Fonts may be scrambled in a book that anybody may read.
_SCRAMBLED_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")


def read(data: bytes) -> Reading:
    """Read a book.

    Raises:
        Unreadable: It is protected, damaged, or holds no text.
    """
    archive = Archive(data, "epub")
    _check_protection(archive.xml("META-INF/encryption.xml"))
    name = _package_name(archive)
    package = archive.xml(name)
    if package is None:
        raise Unreadable("is not an epub: it names no chapters")
    about = dublin_core(package)
    made = joined(_chapters(archive, package, posixpath.dirname(name)))
    return Reading(
        made.text,
        made.masks,
        about.get("title", ""),
        about.get("language", ""),
        about.get("date", ""),
        author=about.get("creator", ""),
        pages=made.pages,
    )


def _check_protection(encryption: _Element | None) -> None:
    methods = encryption.iter(f"{_ENCRYPTION}EncryptionMethod") if encryption is not None else ()
    if any(method.get("Algorithm") not in _SCRAMBLED_FONTS for method in methods):
        raise Unreadable("is protected (DRM) and cannot be read")


def _package_name(archive: Archive) -> str:
    root = archive.xml("META-INF/container.xml")
    found = root.iter(f"{_CONTAINER}rootfile") if root is not None else ()
    stated = next((each.get("full-path", "") for each in found), "")
    return stated or next((name for name in archive.names() if name.endswith(".opf")), "")


def _chapters(archive: Archive, package: _Element, folder: str) -> Iterator[tuple[Reading, str]]:
    """Yield the chapters with their names; the table of contents that links to them is left out."""
    items = {each.get("id"): each for each in package.iter(f"{_OPF}item")}
    number = 0
    for reference in package.iter(f"{_OPF}itemref"):
        item = items.get(reference.get("idref"))
        if item is None or "nav" in item.get("properties", "").split():
            continue
        if item.get("media-type", "") not in ("application/xhtml+xml", "text/html"):
            continue
        page = archive.bytes(posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "")))))
        reading = _page(page) if page else None
        if reading and reading.text.strip():
            number += 1
            yield reading, f"chapter {number}"


def _page(data: bytes) -> Reading | None:
    try:
        return read_any(data, ".xhtml")
    except Unreadable:  # A chapter of nothing but a picture.
        return None
