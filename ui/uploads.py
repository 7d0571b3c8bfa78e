"""Files that people add over HTTP: received within limits, read, embedded, and put into the index.

They lie in a folder beside the store that is a root of the index like any other, so
`rag index` keeps them. A file is a job from the moment it is on the disk: two lanes,
one for small files, read and embed without anybody waiting for the writer of the
index; then one thread publishes all that is ready in one run. A job is done when the
service answers from it.
"""

import asyncio
import errno
import hashlib
import logging
import os
import shutil
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO
from unicodedata import normalize

from rag import wiring
from rag.cancel import Cancelled
from rag.errors import ConfigError, IndexBusy
from rag.index.ahead import Ahead, prepared
from rag.index.engines import Writer
from rag.index.folder import IGNORE_FILE
from rag.index.load import Source
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.generations import Generations
from rag.ui.index_writing import AGAIN_S, IndexWriting
from rag.ui.reindexing import Reindexing
from rag.ui.schemas import Problem, problem_of
from rag.ui.seats import Seats
from rag.ui.upload_jobs import ENDED, Failure, Job, Jobs, now, sync_folder
from rag.ui.upload_names import check_size, file_name, is_small

__all__ = ["FOLDER", "Uploads"]

_log = logging.getLogger(__name__)

FOLDER = "uploads"
# Bodies that are received at a time, in all and of one client, and jobs that it may have on their way.
_AT_ONCE = 32
_OF_ONE = 4
_OF_CLIENT = 100
# Files wait for the writer with their vectors in memory: past so many bytes of it none is begun. As many may
# be with the writer meanwhile, and each lane has one file in its hands.
_READY_BYTES = 100_000_000
# How often it is tried to take a document back while something else is put into the index: ten seconds.
_TRIES = 50
_LEAVE_S = 20.0
# The index of a text is several times as large; an answer needs a little room, too.
_GROWTH = 4
_RESERVE_BYTES = 50_000_000
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Uploads:
    """Takes files in. `start` it after the service, `close` it before.

    Args:
        generations: Of the service, which must have taken up what is called done.
        free: Bytes that are free on the disk of a folder.

    Raises:
        ConfigError: The folder cannot be written, or another process takes files for this index.
    """

    def __init__(
        self,
        settings: Settings,
        embedder: Embedder,
        generations: Generations,
        free: Callable[[Path], int] = lambda folder: shutil.disk_usage(folder).free,
    ) -> None:
        self._settings = settings
        self._embedder = embedder
        self._generations = generations
        self._free = free
        self._folder = settings.index.resolve() / FOLDER
        try:
            _prepare(self._folder)
            self._jobs = Jobs(self._folder)
        except OSError as exc:
            reason = f"{str(self._folder)!r} cannot be written ({exc.strerror})"
            raise ConfigError(f"{reason}. Serve without --allow-upload, or give the right to write.") from exc
        self._ready: dict[str, Ahead] = {}
        self._taken: set[str] = set()
        self._writing = IndexWriting(settings, embedder, generations)
        self.reindexing: Reindexing = Reindexing(self._writing, generations)
        self._ended = threading.Event()
        self._coming = Seats(_AT_ONCE, _OF_ONE)
        lanes = (lambda: self._lane(small=True), lambda: self._lane(small=False), self._publisher)
        self._threads = [threading.Thread(target=each, name="uploads", daemon=True) for each in lanes]

    def start(self) -> None:
        """Begin to work; what an earlier process left unfinished is first."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Leave what is unfinished to the next process."""
        self._ended.set()
        self.reindexing.close()
        with self._jobs.changed:
            self._jobs.changed.notify_all()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join(_LEAVE_S)
        self._jobs.close()

    # --- what a client may ask ------------------------------------------------------

    async def add(self, client: str, sent_name: str, length: int, pieces: AsyncIterator[bytes]) -> Job:
        """Receive a file. When it is on the disk it is a job, whatever becomes of client and process.

        Args:
            client: Who sends it.
            sent_name: As the client calls the file; see `file_name`.
            length: Of the body in bytes as declared, 0 if it is not.
            pieces: Of the body, which is counted too.

        Raises:
            Problem: The file is refused.
        """
        name = file_name(sent_name)
        self._check(client, name, length)
        if not self._coming.take(client):
            raise Problem("busy", "Too many files are being sent.", {"Retry-After": "5"})
        try:
            with self._jobs.incoming(name) as (upload_id, file):
                size, sha256 = await _received(file, pieces, self._size_check(name))
                job = Job(upload_id, name, client, size, sha256, now())
                return await asyncio.to_thread(self._accept, job)
        except OSError as exc:
            raise _told(exc) from exc
        finally:
            self._coming.leave(client)

    def job(self, upload_id: str) -> Job:
        """Return how far a file is. Raises `Problem` if there is none of that id."""
        return self._jobs.get(upload_id)

    def jobs(self, client: str) -> list[Job]:
        """Return the jobs of a client, the oldest first."""
        return self._jobs.of(client)

    def cancel(self, upload_id: str) -> None:
        """Give a file up that is on its way, or forget one that failed.

        Raises:
            Problem: There is none of that id, or it is in the index.
        """
        with self._jobs.changed:
            job = self._jobs.get(upload_id)
            if job.stage == "done" or (upload_id in self._taken and job.stage not in ENDED):
                raise Problem("too_late")
            self._ready.pop(upload_id, None)
            self._jobs.forget(upload_id)

    async def remove(self, doc_id: str) -> None:
        """Take back a document that was uploaded, with its file.

        Raises:
            Problem: It is not one that was uploaded.
            IndexBusy: The index is being written.
            RagError: As `remove` of `rag.index.ingest`.
        """
        path = self._path_of(doc_id)
        for _ in range(_TRIES):
            # Whoever waits holds no thread: answers are sent from them.
            with suppress(IndexBusy):
                return await asyncio.to_thread(self._remove, doc_id, path)
            await asyncio.sleep(AGAIN_S)
        raise IndexBusy("The service is writing the index.")

    def _remove(self, doc_id: str, path: Path) -> None:
        with self._writing.writer() as writer:
            path.unlink(missing_ok=True)
            self._writing.remove(writer, doc_id)

    def _path_of(self, doc_id: str) -> Path:
        """Return the file of a document that was uploaded, whatever normal form its name has there."""
        with self._generations.hold() as opened:
            path = opened.index.source(doc_id)
        if not path.parent.resolve().is_relative_to(self._folder):
            raise Problem("not_uploaded")
        there = path.parent.iterdir() if path.parent.is_dir() else ()
        return next((each for each in there if normalize("NFC", each.name) == path.name), path)

    # --- limits ---------------------------------------------------------------------

    def _check(self, client: str, name: str, length: int) -> None:
        if sum(job.client == client for job in self._jobs.unended()) >= _OF_CLIENT:
            raise Problem("too_many_uploads", headers={"Retry-After": "10"})
        if name.casefold() in self._jobs.names():
            raise Problem("exists")
        self._size_check(name)(length)
        if self._free(self._folder) < _RESERVE_BYTES + _GROWTH * length:
            raise Problem("no_room", "The disk of the index is nearly full.")

    def _size_check(self, name: str) -> Callable[[int], None]:
        """Return what refuses a size that is too much for one file, or for all together."""
        room = self._settings.serve_upload_mb * 1_000_000 - self._jobs.bytes()

        def check(size: int) -> None:
            check_size(name, size)
            if size > room:
                raise Problem("no_room")

        return check

    def _accept(self, job: Job) -> Job:
        """Remember a file that is on the disk, if all is still allowed now that its size is known."""
        with self._jobs.changed:
            self._check(job.client, job.name, job.size)
            self._jobs.add(job)
        return job

    # --- reading and embedding --------------------------------------------------------

    def _lane(self, *, small: bool) -> None:
        while (job := self._next(small=small)) is not None:
            try:
                self._prepare(job)
            except Cancelled:
                continue
            except Exception as exc:
                self._fail(job, exc)

    def _next(self, *, small: bool) -> Job | None:
        """Return the smallest file that waits in a lane, as soon as there is one; None at the end."""

        def waiting() -> list[Job]:
            if sum(ahead.size for ahead in self._ready.values()) >= _READY_BYTES:
                return []
            queued = (job for job in self._jobs.unended() if job.stage == "queued")
            return [job for job in queued if is_small(job.name, job.size) == small]

        with self._jobs.changed:
            self._jobs.changed.wait_for(lambda: self._ended.is_set() or waiting())
            if self._ended.is_set():
                return None
            return min(waiting(), key=lambda job: job.size)

    def _prepare(self, job: Job) -> None:
        def told(done: int, total: int) -> None:
            stage = "embedding" if total else "reading"
            is_wanted = self._jobs.change(job.upload_id, stage=stage, done=done, total=total)
            if self._ended.is_set() or not is_wanted:
                raise Cancelled

        self._jobs.begin(job.upload_id)
        source = Source(self._jobs.file(job), job.name, job.sha256, job.size)
        ahead = prepared(source, self._embedder, wiring.reading_options(self._settings), told)
        if ahead.document is None:
            raise Problem("unreadable", f"The file {ahead.problems[0].reason}.")
        with self._jobs.changed:
            doubts = tuple(each.reason for each in ahead.problems)
            if self._jobs.change(job.upload_id, stage="publishing", doubts=doubts):
                self._ready[job.upload_id] = ahead

    def _fail(self, job: Job, exc: Exception) -> None:
        problem = problem_of(_told(exc))
        if problem.code == "internal":
            _log.error("An upload failed.", exc_info=exc)
        self._jobs.change(job.upload_id, stage="failed", error=Failure(problem.code, problem.message))

    # --- publishing -------------------------------------------------------------------

    def _publisher(self) -> None:
        while self._wait_for_ready():
            ready: dict[Job, Ahead] = {}
            try:
                with self._writing.writer() as writer:
                    ready = self._take_ready()
                    generation, doc_ids = self._publish(writer, ready)
                self._writing.serve(generation, self._ended)
                for upload_id, doc_id in doc_ids.items():
                    self._jobs.change(upload_id, stage="done", doc_ids=(doc_id,), generation=generation)
            except IndexBusy:
                with self._jobs.changed:
                    self._ready |= {job.upload_id: ahead for job, ahead in ready.items()}
                self._ended.wait(AGAIN_S)
            except Cancelled:
                return
            except Exception as exc:
                for job in ready or self._take_ready():
                    self._fail(job, exc)
            finally:
                self._taken.clear()

    def _wait_for_ready(self) -> bool:
        with self._jobs.changed:
            self._jobs.changed.wait_for(lambda: self._ended.is_set() or self._ready)
        return not self._ended.is_set()

    def _take_ready(self) -> dict[Job, Ahead]:
        """Return what is ready now; from here on it cannot be cancelled."""
        with self._jobs.changed:
            ready = {self._jobs.get(upload_id): ahead for upload_id, ahead in self._ready.items()}
            self._taken.update(self._ready)
            self._ready.clear()
            self._jobs.changed.notify_all()
        return ready

    def _publish(self, writer: Writer, ready: dict[Job, Ahead]) -> tuple[int, dict[str, str]]:
        """Put files in their places and index them; return the generation, and the document of each job.

        What the run left out after all has failed: another program may have touched the file.
        """
        for job in list(ready):
            if (self._folder / job.name).exists():
                # Somebody has put a file there by hand.
                self._fail(job, Problem("exists"))
                del ready[job]
        with self._placed(ready):
            ahead = {self._folder / job.name: each for job, each in ready.items()}
            report = self._writing.run(writer, [self._folder], ahead=ahead)
        prefix = writer.roots()[str(self._folder)]
        left_out = {each.doc_id: each.reason for each in report.problems if each.fatal}
        for job in ready:
            if reason := left_out.get(prefix + job.name):
                (self._folder / job.name).unlink(missing_ok=True)
                self._fail(job, Problem("unreadable", f"The file {reason}."))
        return report.generation, {job.upload_id: prefix + job.name for job in ready}

    @contextmanager
    def _placed(self, jobs: Iterable[Job]) -> Iterator[None]:
        """Put the files of *jobs* where they are indexed, and take them away again if that came to nothing.

        A file that stayed would be indexed by some later run, though its job has failed or was given up.
        """
        try:
            for job in jobs:
                self._jobs.file(job).rename(self._folder / job.name)
            sync_folder(self._folder)
            yield
        except BaseException:
            for job in jobs:
                if not self._jobs.file(job).exists():
                    with suppress(OSError):
                        (self._folder / job.name).rename(self._jobs.file(job))
            raise


def _told(exc: Exception) -> Exception:
    return Problem("no_room") if isinstance(exc, OSError) and exc.errno in _FULL else exc


def _prepare(folder: Path) -> None:
    """Make *folder*. Where a folder of documents holds the index, uploads are not indexed again with it."""
    folder.mkdir(parents=True, exist_ok=True)
    ignore = folder.parent / IGNORE_FILE
    if not ignore.exists():
        ignore.write_text(f"{FOLDER}/\n", encoding="utf-8")


async def _received(
    file: IO[bytes], pieces: AsyncIterator[bytes], check: Callable[[int], None]
) -> tuple[int, str]:
    """Write *pieces* down as they come, none of them past the limit; return their size and SHA-256."""
    digest, size = hashlib.sha256(), 0
    async for piece in pieces:
        size += len(piece)
        check(size)
        digest.update(piece)
        await asyncio.to_thread(file.write, piece)
    await asyncio.to_thread(_flush, file)
    return size, digest.hexdigest()


def _flush(file: IO[bytes]) -> None:
    file.flush()
    os.fsync(file.fileno())
