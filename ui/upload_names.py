"""What a file that is sent may be called, and how large it may be."""

import re
from pathlib import PurePosixPath

from rag.index.readers import MAX_BYTES
from rag.text.characters import clean_text
from rag.ui.schemas import Problem

__all__ = ["MAX_NAME_BYTES", "check_size", "file_name", "is_small", "suffix_of"]

MAX_NAME_BYTES = 200

# What separates folders on some system, or means something to its file system.
_SEPARATORS = re.compile(r'[/\\:*?"<>|]')
# To Windows these are devices in every folder, whatever their suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
# Of the most that its reader takes: 250 KB of text, 1 MB of PDF. Such a file is embedded in seconds.
_SMALL_SHARE = 200


def file_name(sent: str) -> str:
    """Return *sent* as the name of a visible file that every system takes, in NFC.

    Raises:
        Problem: Nothing is left of it, it is too long, or no file of its kind is read.
    """
    name = " ".join(_SEPARATORS.sub("_", clean_text(sent)).split()).lstrip(".~$ ").rstrip(". ")
    if not name or len(name.encode()) > MAX_NAME_BYTES:
        raise Problem("bad_name")
    if suffix_of(name) not in MAX_BYTES:
        raise Problem("unsupported_file")
    return f"_{name}" if _DEVICES.match(name) else name


def suffix_of(name: str) -> str:
    """Return the suffix that tells what kind of file *name* is."""
    return PurePosixPath(name).suffix.lower()


def check_size(name: str, size: int) -> None:
    """Raise `Problem` for a file that its reader would not take."""
    at_most = MAX_BYTES[suffix_of(name)]
    if size > at_most:
        raise Problem("too_large", f"A file of this kind may have {at_most:,} bytes. Split it.")


def is_small(name: str, size: int) -> bool:
    """Tell whether a file is so small that it should not wait for others."""
    return size * _SMALL_SHARE <= MAX_BYTES[suffix_of(name)]
