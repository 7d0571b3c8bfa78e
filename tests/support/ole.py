"""OLE files (compound files) and the records of hwp 5, written byte by byte."""

import struct
import zlib
from collections.abc import Mapping, Sequence

__all__ = ["control", "hwp", "ole", "paragraph", "record"]

_SECTOR, _FREE, _END, _FAT = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def ole(streams: Mapping[str, bytes]) -> bytes:
    """Return a compound file of *streams*, named with ``/`` for the storage they are in.

    Each is filled up with zeros to 4,096 bytes: shorter ones would need a file within the file.
    """
    paths = sorted({*streams, *(name.partition("/")[0] for name in streams if "/" in name)})
    children: dict[str, list[str]] = {"": [p for p in paths if "/" not in p]}
    for path in paths:
        if "/" in path:
            children.setdefault(path.partition("/")[0], []).append(path)
    number = {path: n for n, path in enumerate(paths, start=1)}
    body, fat = b"", list[int]()

    def place(data: bytes) -> int:
        nonlocal body
        first, count = len(fat), -(-len(data) // _SECTOR)
        fat.extend([*range(first + 1, first + count), _END])
        body += data.ljust(count * _SECTOR, b"\0")
        return first

    starts = {path: place(data.ljust(4096, b"\0")) for path, data in streams.items()}
    entries = [_entry("Root Entry", 5, _first(children[""], number), _FREE, _END, 0)]
    for path in paths:
        siblings = children[path.partition("/")[0] if "/" in path else ""]
        right = _first(siblings[siblings.index(path) + 1 :], number)
        if path in streams:
            size = max(4096, len(streams[path]))
            entries.append(_entry(path.rpartition("/")[2], 2, _FREE, right, starts[path], size))
        else:
            entries.append(_entry(path, 1, _first(children[path], number), right, 0, 0))
    directory = place(b"".join(entries))
    sectors = -(-(len(fat) + 1) // 127)
    first_fat = len(fat)
    table = [*fat, *[_FAT] * sectors]
    packed = struct.pack(f"<{len(table)}I", *table).ljust(sectors * _SECTOR, b"\xff")
    difat = [*range(first_fat, first_fat + sectors), *[_FREE] * (109 - sectors)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6)
    header += bytes(6) + struct.pack("<IIIIIIIII", 0, sectors, directory, 0, 4096, _END, 0, _END, 0)
    return header + struct.pack("<109I", *difat) + body + packed


def _first(names: Sequence[str], number: Mapping[str, int]) -> int:
    return number[names[0]] if names else _FREE


def _entry(name: str, kind: int, child: int, right: int, start: int, size: int) -> bytes:
    encoded = (name + "\0").encode("utf-16-le")
    return (
        encoded.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(encoded), kind, 1, _FREE, right, child)
        + bytes(36)
        + struct.pack("<IQ", start, size)
    )


def record(tag: int, level: int, data: bytes = b"") -> bytes:
    """Return a record of hwp 5."""
    if len(data) < 0xFFF:
        return struct.pack("<I", tag | level << 10 | len(data) << 20) + data
    return struct.pack("<II", tag | level << 10 | 0xFFF << 20, len(data)) + data


def paragraph(
    text: str, level: int = 0, shape: int = 0, runs: Sequence[tuple[int, int]] = ((0, 0),)
) -> bytes:
    """Return the records of a paragraph; *runs* are places where another letter shape begins.

    A control letter (below 32) in *text* is written with the seven that follow it, if its kind has them.
    """
    letters = b"".join(_letter(char) for char in text) + b"\r\0"
    marks = b"".join(struct.pack("<II", *run) for run in runs)
    head = struct.pack("<IIHBBHHH", len(letters) // 2, 0, shape, 0, 0, len(runs), 0, 0)
    return record(66, level, head) + record(67, level + 1, letters) + record(68, level + 1, marks)


def _letter(char: str) -> bytes:
    encoded = char.encode("utf-16-le", "surrogatepass")
    return (
        encoded + bytes(12) + encoded if ord(char) < 32 and ord(char) not in (10, 13, 24, 30, 31) else encoded
    )


def control(name: str, level: int, data: bytes = b"") -> bytes:
    """Return the head of a control, such as ``tbl ``."""
    return record(71, level, name.encode("ascii")[::-1] + data)


def hwp(*sections: bytes, info: bytes = b"", flags: int = 1, **more: bytes) -> bytes:
    """Return an hwp 5 file of body *sections* and document *info*; bit 0 of *flags* packs them."""

    def packed(data: bytes) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(data) + packer.flush() if flags & 1 else data

    head = b"HWP Document File".ljust(32, b"\0") + struct.pack("<II", 0x05010100, flags) + bytes(216)
    streams = {"FileHeader": head, "DocInfo": packed(info)}
    streams |= {f"BodyText/Section{n}": packed(section) for n, section in enumerate(sections)}
    return ole({**streams, **more})
