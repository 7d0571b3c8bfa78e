"""Files that people add over HTTP: named, received within limits, read on trial, then indexed.

They lie in a folder beside the store that is a root of the index like any other, so
`rag index` keeps them, and who may delete files there may take a document back. A
file is acknowledged when it is in the index, and one that is refused leaves nothing.
"""

import asyncio
import errno
import hashlib
import os
import re
import tempfile
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import IO
from unicodedata import normalize

from rag.errors import ConfigError
from rag.index.activity import announced
from rag.index.engines import Writer
from rag.index.folder import IGNORE_FILE
from rag.index.ingest import Report, ingest
from rag.index.load import Source, load
from rag.index.readers import MAX_BYTES
from rag.protocols import Embedder
from rag.settings import Settings
from rag.text import clean_text
from rag.types import Document
from rag.ui import build
from rag.ui.schemas import Problem

__all__ = ["FOLDER", "MAX_NAME_BYTES", "Added", "Uploads", "file_name"]

FOLDER = "uploads"
MAX_NAME_BYTES = 200

# What separates folders on some system, or means something to its file system.
_SEPARATORS = re.compile(r'[/\\:*?"<>|]')
# To Windows these are devices in every folder, whatever their suffix.
_DEVICES = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)", re.IGNORECASE)
_INCOMING = ".incoming-"
# Bodies that are received at a time; they are indexed one after the other.
_AT_ONCE = 4
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Added:
    """A file that is in the index now; `doubts` are what its reading left unsure."""

    document: Document
    doubts: tuple[str, ...]
    generation: int


def file_name(sent: str) -> str:
    """Return *sent* as the name of a visible file that every system takes, in NFC.

    Raises:
        Problem: Nothing is left of it, it is too long, or no file of its kind is read.
    """
    name = " ".join(_SEPARATORS.sub("_", clean_text(sent)).split()).lstrip(".~$ ").rstrip(". ")
    if not name or len(name.encode()) > MAX_NAME_BYTES:
        raise Problem("bad_name")
    if _suffix(name) not in MAX_BYTES:
        raise Problem("unsupported_file")
    return f"_{name}" if _DEVICES.match(name) else name


class Uploads:
    """Takes files in. Tasks may share it; of several processes one writes at a time.

    Raises:
        ConfigError: The folder cannot be written.
    """

    def __init__(self, settings: Settings, embedder: Embedder) -> None:
        self._settings = settings
        self._embedder = embedder
        self._folder = settings.index.resolve() / FOLDER
        self._indexing = threading.Lock()
        self._coming = 0
        try:
            _prepare(self._folder)
        except OSError as exc:
            reason = f"{str(self._folder)!r} cannot be written ({exc.strerror})"
            raise ConfigError(f"{reason}. Serve without --allow-upload, or give the right to write.") from exc

    async def add(self, sent_name: str, length: int, pieces: AsyncIterator[bytes]) -> Added:
        """Take a file in and index it.

        Args:
            sent_name: As the client calls the file; see `file_name`.
            length: Of the body in bytes as declared, 0 if it is not.
            pieces: Of the body, which is counted too.

        Raises:
            Problem: The file is refused.
            IndexBusy: Another process is writing the index.
            RagError: As `ingest`.
        """
        name = file_name(sent_name)
        self._check_free(name)
        check = self._size_check(name)
        check(length)
        if self._coming >= _AT_ONCE:
            raise Problem("busy", "Too many files are being sent.", {"Retry-After": "5"})
        self._coming += 1
        try:
            with _incoming(self._folder, _suffix(name)) as file:
                sha256 = await _receive(file, pieces, check)
                return await asyncio.to_thread(self._add, Path(file.name), name, sha256)
        except OSError as exc:
            if exc.errno in _FULL:
                raise Problem("no_room") from exc
            raise
        finally:
            self._coming -= 1

    def _add(self, fresh: Path, name: str, sha256: str) -> Added:
        size = fresh.stat().st_size
        [(_, document, problems)] = load(
            [Source(fresh, name, sha256, size)], build.reading_options(self._settings)
        )
        if document is None:
            raise Problem("unreadable", f"The file {problems[0].reason}.")
        with self._indexing, build.writer(self._settings, self._embedder) as writer:
            # Whoever writes an index is alone with it, so what is free now stays free.
            self._check_free(name)
            self._size_check(name)(size)
            generation, doc_id = self._index(writer, fresh, name)
        return Added(replace(document, doc_id=doc_id), tuple(each.reason for each in problems), generation)

    def _index(self, writer: Writer, fresh: Path, name: str) -> tuple[int, str]:
        """Put the file in its place and index it there; return the generation, and the id it has."""
        path = self._folder / name
        fresh.replace(path)
        try:
            _sync(self._folder)
            with announced(self._settings.index) as announcement:
                keep = self._settings.keep_boilerplate
                report = ingest(
                    [self._folder],
                    writer,
                    self._embedder,
                    keep_boilerplate=keep,
                    progress=announcement,
                    options=build.reading_options(self._settings),
                )
            doc_id = writer.roots()[str(self._folder)] + name
            _check_read(report, doc_id)
        except BaseException:
            path.unlink(missing_ok=True)
            raise
        return report.generation, doc_id

    def _check_free(self, name: str) -> None:
        """Refuse the name of a file that is there, however the system tells names apart."""
        if name.casefold() in {normalize("NFC", each.name).casefold() for each in self._folder.iterdir()}:
            raise Problem("exists")

    def _size_check(self, name: str) -> Callable[[int], None]:
        """Return what refuses a size that is too much for one file, or for all together."""
        at_most = MAX_BYTES[_suffix(name)]
        kept = sum(each.stat().st_size for each in self._folder.iterdir() if not each.name.startswith("."))
        room = self._settings.serve_upload_mb * 1_000_000 - kept

        def check(size: int) -> None:
            if size > at_most:
                raise Problem("too_large", f"A file of this kind may have {at_most:,} bytes. Split it.")
            if size > room:
                raise Problem("no_room")

        return check


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def _prepare(folder: Path) -> None:
    """Make *folder*, without what an earlier process left half received.

    A folder of documents may hold the index: seen from there, the uploads are not indexed again.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    ignore = folder.parent / IGNORE_FILE
    if not ignore.exists():
        ignore.write_text(f"{FOLDER}/\n", encoding="utf-8")
    for left in folder.glob(f"{_INCOMING}*"):
        left.unlink(missing_ok=True)


@contextmanager
def _incoming(folder: Path, suffix: str) -> Iterator[IO[bytes]]:
    """Yield a hidden file in *folder*, which no run of `rag index` sees; remove it if it is still there."""
    with tempfile.NamedTemporaryFile(dir=folder, prefix=_INCOMING, suffix=suffix, delete=False) as file:
        try:
            yield file
        finally:
            Path(file.name).unlink(missing_ok=True)


async def _receive(file: IO[bytes], pieces: AsyncIterator[bytes], check: Callable[[int], None]) -> str:
    """Write *pieces* down as they come, none of them past the limit; return their SHA-256."""
    digest, size = hashlib.sha256(), 0
    async for piece in pieces:
        size += len(piece)
        check(size)
        digest.update(piece)
        await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(_flush, file)
    return digest.hexdigest()


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Let a new name outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _check_read(report: Report, doc_id: str) -> None:
    """Refuse what the run left out after all: another program may have touched the file."""
    if reasons := [each.reason for each in report.problems if each.doc_id == doc_id and each.fatal]:
        raise Problem("unreadable", f"The file {reasons[0]}.")
