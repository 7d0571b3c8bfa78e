"""Zip packages (docx, xlsx, odt, epub, hwpx and others), opened within limits.

What a package may unpack to is checked before anything is unpacked, and its XML is
parsed without entities, so that neither a small file nor a short one becomes large.
"""

import posixpath
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from rag.index.reading import Unreadable

__all__ = ["DAMAGED", "Archive", "Part", "dublin_core", "parse_xml"]

DAMAGED = (BadZipFile, OSError, EOFError, RuntimeError, NotImplementedError, ValueError, zlib.error)
"""What a part of a damaged zip may raise when it is read."""

# What a package may unpack to. Real ones stay below 20 times; text of one letter reaches 1,000.
MAX_UNPACKED_BYTES = 200_000_000
MAX_UNPACKED_RATIO = 200
MAX_ENTRIES = 10_000

# lxml's elements; its stubs disagree with each other about the class.
_Element = Any

# Office programs write the Strict variant of their formats with other names for the same things.
_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/([A-Za-z]+)/")
_TRANSITIONAL = rb"http://schemas.openxmlformats.org/\1/2006/"
_SAFE: Mapping[str, Any] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "remove_comments": True,
    "remove_pis": True,
}
# Names that programs and fresh installations put where an author's is meant to stand.
_PROGRAM = re.compile(
    r"openpyxl|python-(?:docx|pptx)|apache poi|xlsxwriter|(?:microsoft )?office(?: user)?"
    r"|windows user|unknown|admin(?:istrator)?|user|사용자|관리자|un-named",
    re.IGNORECASE,
)
_DUBLIN_CORE = "{http://purl.org/dc/elements/1.1/}"


@dataclass(frozen=True, slots=True)
class Part:
    """What a part of an Office package refers to: `kind` is the last word of the type, as "footnotes"."""

    kind: str
    name: str


@dataclass(slots=True)
class Archive:
    """A package; parts are named from its root, without a leading slash.

    Args:
        data: The bytes of the file.
        kind: What it is called in messages, such as "docx".

    Raises:
        Unreadable: It is no zip, has a password, or unpacks to too much.
    """

    data: bytes
    kind: str
    _zip: ZipFile = field(init=False)
    _names: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        try:
            self._zip = ZipFile(BytesIO(self.data))
        except BadZipFile as exc:
            raise Unreadable(f"is not a {self.kind}, or damaged ({exc}). Open it and save it again") from exc
        self._check()
        self._names = {name.lstrip("/").lower(): name for name in self._zip.namelist()}

    def _check(self) -> None:
        entries, size = self._zip.infolist(), len(self.data)
        unpacked = sum(entry.file_size for entry in entries)
        if len(entries) > MAX_ENTRIES:
            raise Unreadable(f"is packed from {len(entries):,} parts; up to {MAX_ENTRIES:,} are read")
        if unpacked > min(MAX_UNPACKED_BYTES, max(MAX_UNPACKED_RATIO * size, 1_000_000)):
            raise Unreadable(
                f"unpacks from {size:,} to {unpacked:,} bytes; up to {MAX_UNPACKED_BYTES:,} and"
                f" {MAX_UNPACKED_RATIO} times its size are read"
            )
        if any(entry.flag_bits & 1 for entry in entries):
            raise Unreadable("is encrypted. Save a copy without a password")

    def names(self) -> list[str]:
        """Return the names of the parts in the order of the package."""
        return self._zip.namelist()

    def bytes(self, name: str) -> bytes:
        """Return a part, empty if there is none. Letter case does not count."""
        found = self._names.get(name.lstrip("/").lower())
        try:
            return self._zip.read(found) if found else b""
        except DAMAGED as exc:
            raise Unreadable(f"is a damaged {self.kind} ({exc}). Open it and save it again") from exc

    def xml(self, name: str) -> _Element | None:
        """Return the root of a part, or None if there is none."""
        data = self.bytes(name)
        return parse_xml(_STRICT.sub(_TRANSITIONAL, data)) if data else None

    def each(self, name: str, *tags: str) -> Iterator[_Element]:
        """Yield the elements of some tags of a large part; each is emptied when the next is asked for."""
        from lxml import etree

        data = _STRICT.sub(_TRANSITIONAL, self.bytes(name))
        try:
            for _, element in etree.iterparse(BytesIO(data), tag=tags, **_SAFE):
                yield element
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        except etree.XMLSyntaxError as exc:
            raise Unreadable(f"holds damaged XML ({exc.msg}). Open it and save it again") from exc

    def parts(self, name: str = "") -> dict[str, Part]:
        """Return what the part *name* of an Office package refers to, by relation id."""
        folder, base = posixpath.split(name)
        root = self.xml(posixpath.join(folder, "_rels", f"{base}.rels"))
        return {
            each.get("Id", ""): Part(
                each.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, unquote(each.get("Target", ""))))[1:],
            )
            for each in (root if root is not None else ())
            if isinstance(each.tag, str) and each.get("TargetMode") != "External"
        }

    def part(self, kind: str, of: str = "") -> str:
        """Return the name of the first part of that kind, empty if there is none."""
        return next((part.name for part in self.parts(of).values() if part.kind == kind), "")

    def about(self) -> dict[str, str]:
        """Return the core properties of an Office package: title, creator, language."""
        root = self.xml(self.part("core-properties") or "docProps/core.xml")
        found = dublin_core(root) if root is not None else {}
        if _PROGRAM.fullmatch(found.get("creator", "")):
            del found["creator"]
        return found


def dublin_core(root: _Element) -> dict[str, str]:
    """Return the first of each Dublin Core element below *root*, by its name: "title", "creator"."""
    found: dict[str, str] = {}
    for element in root.iter(f"{_DUBLIN_CORE}*"):
        text = " ".join("".join(element.itertext()).split())
        if text:
            found.setdefault(element.tag.removeprefix(_DUBLIN_CORE), text)
    return found


def parse_xml(data: bytes) -> _Element:
    """Return the root element of *data*; entities stand for nothing, and nothing is fetched.

    Raises:
        Unreadable: It is not well-formed, or nested or written to exhaust a parser.
    """
    from lxml import etree

    try:
        return etree.fromstring(data, etree.XMLParser(**_SAFE))
    except etree.XMLSyntaxError as exc:
        raise Unreadable(f"holds damaged XML ({exc.msg}). Open it and save it again") from exc
