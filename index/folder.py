"""Which files of a folder are to be indexed: found, named and hashed, but not read.

Left out without a word: hidden files, version control, installed packages, the scripts,
frames and pictures in the folder beside a saved web page, what a `.ragignore` names,
kinds of files that have no reader (counted). Left out with a reason: whatever is no
regular file inside the folder, too large or unreadable.
"""

import hashlib
import os
import re
import stat
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, TYPE_CHECKING
from unicodedata import normalize

from rag.errors import LoadError
from rag.index.encoding import decode
from rag.index.readers import FORMATS, MAX_BYTES, PICTURES
from rag.index.readers.kinds import HEAD, guess
from rag.index.reading import Unreadable
from rag.text.characters import clean_text

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

__all__ = ["Problem", "Scan", "Source", "is_hidden", "open_regular", "scan"]

IGNORE_FILE = ".ragignore"
# Folders are not followed through links, yet a mount can hold itself.
MAX_DEPTH = 64

# Made by programs for programs; "~$" begins the lock files of Word.
_HIDDEN_PREFIXES = (".", "~$")
_HIDDEN_FOLDERS = frozenset({"CVS", "_darcs", "__MACOSX", "__pycache__", "node_modules"})

_WEB_PAGES = (".html", ".htm", ".xhtml")
# What programs put behind the name of a saved page for the folder with its parts, by their language.
_COMPANION = re.compile(
    "(?P<page>.+)(?:[_-](?:files?|filer|Dateien|fichiers|archivos|arquivos|ficheiros|bestanden|pliki|soubory"
    r"|tiedostot|dosyalar|fajlovi|datoteke|elemei|bylos|fails|failid|fitxers|fitxategiak)|\.files)"
)
# What a page consists of. Anything else in its folder somebody put there to be read.
_PAGE_PARTS = PICTURES | {
    suffix for suffix, each in FORMATS.items() if each.module in ("html", "code", "json", "xml", "text")
}


@dataclass(frozen=True, slots=True)
class Source:
    """A file that is to be indexed, before it is read.

    Attributes:
        path: Absolute.
        doc_id: NFC, relative to the folder, with ``/``.
        sha256: Of the bytes, hexadecimal.
        size: In bytes.
    """

    path: Path
    doc_id: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that was left out (`fatal`) or read with a doubt.

    Attributes:
        reason: Follows the name of the file in a sentence. A `doc_id` that ends
            in ``/`` stands for everything below that folder.
    """

    doc_id: str
    reason: str
    fatal: bool


@dataclass(frozen=True, slots=True)
class Scan:
    """What a folder holds.

    Attributes:
        sources: By `doc_id`.
        problems: Files that were left out for a reason.
        skipped: How many files have a suffix without a reader, by suffix in lower case.
    """

    sources: tuple[Source, ...]
    problems: tuple[Problem, ...]
    skipped: Mapping[str, int]


def scan(folder: Path, *, with_pictures: bool = False) -> Scan:
    """Find and hash the files of *folder* that have a reader; *folder* may be a single file.

    Args:
        folder: Searched with all below it.
        with_pictures: Their text can be recognised; else they count as of a kind that is not read.

    Raises:
        LoadError: *folder* is neither, or cannot be listed.
    """
    root = folder.resolve()
    found = _Found(kinds=frozenset(MAX_BYTES) - (frozenset() if with_pictures else PICTURES))
    if root.is_file():
        _add_file(found, root, _readable(root.name))
    else:
        _list(root, folder)
        _visit(found, root, "", (), depth=0)
    sources = sorted(found.sources.values(), key=lambda source: source.doc_id)
    return Scan(tuple(sources), tuple(found.problems), dict(sorted(found.skipped.items())))


def _list(root: Path, folder: Path) -> None:
    try:
        os.scandir(root).close()
    except NotADirectoryError as exc:
        raise LoadError(folder, "is no folder and no file. Give the folder of the documents.") from exc
    except OSError as exc:
        raise LoadError(folder, f"cannot be listed ({exc.strerror}).") from exc


def open_regular(path: Path) -> IO[bytes]:
    """Open *path* for reading if it is a regular file and no link to one.

    What it is is asked of the open file: a name may be replaced in the meantime.
    Opening a named pipe would wait for its writer, hence O_NONBLOCK.

    Raises:
        OSError: It cannot be opened, or is something else.
    """
    flags = os.O_RDONLY
    for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_BINARY"):  # absent on some systems
        flags |= getattr(os, name, 0)
    file = os.fdopen(os.open(path, flags), "rb")
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        file.close()
        raise OSError(0, "not a regular file")
    return file


@dataclass(slots=True)
class _Found:
    kinds: frozenset[str]
    sources: dict[str, Source] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def leave_out(self, doc_id: str, reason: str) -> None:
        self.problems.append(Problem(doc_id, reason, fatal=True))


@dataclass(frozen=True, slots=True)
class _Ignore:
    """The globs of a `.ragignore` and the folder it stands in, as a doc_id prefix."""

    prefix: str
    spec: "GitIgnoreSpec"

    def verdict(self, name: str) -> bool | None:
        """Tell whether *name* is left out (True), brought back (False) or not meant (None)."""
        return self.spec.check_file(name.removeprefix(self.prefix)).include


def _visit(
    found: _Found,
    folder: Path,
    prefix: str,
    ignores: tuple[_Ignore, ...],
    *,
    depth: int,
    of_page: bool = False,
) -> None:
    if depth > MAX_DEPTH:
        found.leave_out(prefix, f"is nested deeper than {MAX_DEPTH} folders")
        return
    try:
        with os.scandir(folder) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as exc:
        found.leave_out(prefix, f"cannot be listed ({exc.strerror}). Give yourself the right to read it")
        return
    ignores += _ignore_file(found, folder, prefix)
    pages = {Path(each.name).stem for each in entries if each.name.lower().endswith(_WEB_PAGES)}
    for entry in entries:
        doc_id = prefix + _readable(entry.name)
        if is_hidden(entry) or _is_ignored(ignores, doc_id, is_folder=_is_folder(entry)):
            continue
        if _is_folder(entry):
            companion = _COMPANION.fullmatch(entry.name)
            inside = of_page or (companion is not None and companion["page"] in pages)
            _visit(found, Path(entry.path), doc_id + "/", ignores, depth=depth + 1, of_page=inside)
        elif not (of_page and _kind(Path(entry.path)) in _PAGE_PARTS):
            _add(found, entry, doc_id)


def _readable(name: str) -> str:
    """Return a file name as text: NFC on every system, without controls and stray bytes."""
    text = os.fsencode(name).decode("utf-8", "replace")
    return clean_text(text).replace("\n", " ").replace("\t", " ")


def _is_folder(entry: os.DirEntry[str]) -> bool:
    return entry.is_dir(follow_symlinks=False)


def is_hidden(entry: os.DirEntry[str]) -> bool:
    """Tell whether a name says that it is not for readers; nothing below such a folder is looked at."""
    return entry.name.startswith(_HIDDEN_PREFIXES) or (_is_folder(entry) and entry.name in _HIDDEN_FOLDERS)


def _is_ignored(ignores: Iterable[_Ignore], doc_id: str, *, is_folder: bool) -> bool:
    """As in git, the last pattern that speaks of a file decides."""
    verdicts = [ignore.verdict(doc_id + "/" * is_folder) for ignore in ignores]
    return next((verdict for verdict in reversed(verdicts) if verdict is not None), False)


def _ignore_file(found: _Found, folder: Path, prefix: str) -> tuple[_Ignore, ...]:
    path = folder / IGNORE_FILE
    if not path.exists():
        return ()
    from pathspec import GitIgnoreSpec

    try:
        with open_regular(path) as file:
            lines = normalize("NFC", decode(file.read()).text).splitlines()
        return (_Ignore(prefix, GitIgnoreSpec.from_lines(lines)),)
    except (OSError, Unreadable, ValueError) as exc:
        reason = f"is not obeyed: it cannot be read ({exc})"
        found.problems.append(Problem(prefix + IGNORE_FILE, reason, fatal=False))
        return ()


def _add(found: _Found, entry: os.DirEntry[str], doc_id: str) -> None:
    if entry.is_symlink():
        found.leave_out(doc_id, "is a symbolic link, which is not followed. Put the file itself here")
        return
    if not entry.is_file(follow_symlinks=False):
        found.leave_out(doc_id, "is a device, socket or named pipe, not a file")
        return
    _add_file(found, Path(entry.path), doc_id)


def _add_file(found: _Found, path: Path, doc_id: str) -> None:
    kind = _kind(path)
    if kind not in found.kinds:
        found.skipped[path.suffix.lower()] += 1
    elif doc_id in found.sources:
        found.leave_out(
            doc_id,
            f"has the same name as {found.sources[doc_id].path.name!r} but for the way it is encoded."
            " Rename one of the two",
        )
    else:
        _add_source(found, path, doc_id, MAX_BYTES[kind])


def _kind(path: Path) -> str:
    """Return the suffix of a file, or what it is by its first bytes; empty if they do not tell."""
    if path.suffix:
        return path.suffix.lower()
    try:
        with open_regular(path) as file:
            return guess(file.read(HEAD))
    except OSError:
        return ""


def _add_source(found: _Found, path: Path, doc_id: str, max_bytes: int) -> None:
    try:
        with open_regular(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > max_bytes:
                found.leave_out(doc_id, f"has {size:,} bytes; up to {max_bytes:,} are read. Split the file")
                return
            sha256 = _sha256(file)
    except OSError as exc:
        found.leave_out(doc_id, f"cannot be read ({exc.strerror}). Give yourself the right to read it")
        return
    found.sources[doc_id] = Source(path, doc_id, sha256, size)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    for part in iter(partial(file.read, 1 << 20), b""):
        digest.update(part)
    return digest.hexdigest()
