"""Files that were received and are on their way into the index, each with a record on the disk.

They lie in a hidden folder of the uploads, which no run of `rag index` looks into. A
record is written when the file is whole and on the disk, and again when the job has
ended: what a killed process leaves is either whole, and goes on, or nobody's, and goes.
"""

import errno
import fcntl
import hashlib
import json
import os
import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Literal
from unicodedata import normalize

from pydantic import TypeAdapter

from rag.errors import ConfigError
from rag.index.folder import open_regular
from rag.ui.schemas import Problem
from rag.ui.upload_names import file_name, suffix_of

__all__ = ["ENDED", "Failure", "Job", "Jobs", "Stage", "now", "sync_folder"]

Stage = Literal["queued", "reading", "embedding", "publishing", "done", "failed"]
ENDED = frozenset({"done", "failed"})

_FOLDER = ".jobs"
_LOCK = "lock"
# A suffix of no document.
_RECORD = ".job"
# Everything else in the folder is somebody's mistake, and stays.
_OURS = re.compile(r"[0-9a-f]{32}\.")
_MOST_RECORD = 1_000_000
# Records of ended jobs that are kept for those who come back to look.
_KEPT = 500
# A file with which the process was ended so often is what ended it.
_TRIES = 3


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a file was not taken: as in an error, without the id of a request."""

    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Job:
    """A file on its way.

    Attributes:
        client: Who sent it.
        created: ISO 8601, in UTC.
        done, total: Passages that are embedded, of how many; 0 while that is not known.
        doc_ids: Of the documents that came of it, once they are in service.
        doubts: What its reading left unsure, as sentences follow a name.
        generation: The first that has it, 0 before.
        tries: How many processes have begun with it and were ended before it was.
    """

    upload_id: str
    name: str
    client: str
    size: int
    sha256: str
    created: str
    stage: Stage = "queued"
    done: int = 0
    total: int = 0
    doc_ids: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    generation: int = 0
    error: Failure | None = None
    tries: int = 0


_RECORDS = TypeAdapter(Job)


class Jobs:
    """All jobs of one folder of uploads. Threads may share it; processes may not.

    Raises:
        ConfigError: Another process takes files for this index.
        OSError: The folder cannot be written.
    """

    def __init__(self, uploads: Path) -> None:
        self._uploads = uploads
        self._folder = uploads / _FOLDER
        self._folder.mkdir(parents=True, exist_ok=True)
        for folder in (uploads, self._folder):
            if folder.is_symlink():
                raise ConfigError(f"{str(folder)!r} is a link to another folder. Remove it and start again.")
            folder.chmod(0o700)
        self._held = _alone(self._folder)
        self.changed: threading.Condition = threading.Condition()
        self._jobs = {job.upload_id: job for job in self._recorded()}
        self._sweep()

    def close(self) -> None:
        """Let another process take files. That this one has ended is no fault of what was begun."""
        with self.changed, suppress(OSError):
            for job in self.unended():
                if job.stage != "queued":
                    self._record(replace(job, tries=job.tries - 1))
        os.close(self._held)

    def get(self, upload_id: str) -> Job:
        """Return a job. Raises `Problem` if there is none of that id."""
        with self.changed:
            try:
                return self._jobs[upload_id]
            except KeyError:
                raise Problem("not_found", "There is no such upload.") from None

    def of(self, client: str) -> list[Job]:
        """Return the jobs of a client, the oldest first."""
        with self.changed:
            return [job for job in self._jobs.values() if job.client == client]

    def unended(self) -> list[Job]:
        """Return the jobs that are on their way, the oldest first."""
        with self.changed:
            return [job for job in self._jobs.values() if job.stage not in ENDED]

    def file(self, job: Job) -> Path:
        """Return where the file of *job* lies until it is published."""
        return self._folder / f"{job.upload_id}{suffix_of(job.name)}"

    @contextmanager
    def incoming(self, name: str) -> Iterator[tuple[str, IO[bytes]]]:
        """Yield a new id and the file to write to; without a record at the end the file is removed."""
        upload_id = secrets.token_hex(16)
        path = self._folder / f"{upload_id}{suffix_of(name)}"
        with os.fdopen(_created(path, os.O_EXCL), "wb") as file:
            try:
                yield upload_id, file
            finally:
                if upload_id not in self._jobs:
                    path.unlink(missing_ok=True)

    def add(self, job: Job) -> None:
        """Remember *job*, whose file is on the disk: from now on it outlives the process."""
        with self.changed:
            self._record(job)
            self._jobs[job.upload_id] = job
            self.changed.notify_all()

    def begin(self, upload_id: str) -> None:
        """Count a try, on the disk before it is made: what ends the process is not tried for ever."""
        with self.changed:
            job = self._jobs.get(upload_id)
            if job and self.change(upload_id, tries=job.tries + 1):
                self._record(self._jobs[upload_id])

    def change(self, upload_id: str, **values: Any) -> bool:  # noqa: ANN401 - fields of Job
        """Change a job that has not ended; return whether it had not. Its end is recorded."""
        with self.changed:
            job = self._jobs.get(upload_id)
            if job is None or job.stage in ENDED:
                return False
            changed = replace(job, **values)
            if changed.stage in ENDED:
                self._end(changed)
            self._jobs[upload_id] = changed
            self._forget_oldest()
            self.changed.notify_all()
            return True

    def _end(self, job: Job) -> None:
        """Record an end. Without room for it nothing is recorded: the next process would do the job again."""
        try:
            self._record(job)
        except OSError:
            with suppress(OSError):
                self._path(job.upload_id).unlink(missing_ok=True)
        with suppress(OSError):
            self.file(job).unlink(missing_ok=True)

    def forget(self, upload_id: str) -> None:
        """Remove a job with its record and its file. Raises `Problem` if there is none of that id."""
        with self.changed:
            job = self.get(upload_id)
            # The record first: without its file it would be swept away, the other way round it would go on.
            self._path(upload_id).unlink(missing_ok=True)
            self.file(job).unlink(missing_ok=True)
            del self._jobs[upload_id]
            self.changed.notify_all()

    def _forget_oldest(self) -> None:
        ended = [job.upload_id for job in self._jobs.values() if job.stage in ENDED]
        for upload_id in ended[:-_KEPT]:
            self.forget(upload_id)

    def _path(self, upload_id: str) -> Path:
        return self._folder / f"{upload_id}{_RECORD}"

    def _record(self, job: Job) -> None:
        """Write the record whole or not at all."""
        path = self._path(job.upload_id)
        fresh = path.with_suffix(".new")
        with os.fdopen(_created(fresh, os.O_TRUNC), "w", encoding="utf-8") as file:
            json.dump(asdict(job), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_folder(self._folder)

    def _recorded(self) -> list[Job]:
        """Return what an earlier process has recorded; what had not ended begins again."""
        found = []
        for path in self._folder.glob(f"*{_RECORD}"):
            with suppress(OSError, ValueError, Problem):
                found.append(_job(path))
        return sorted((_again(job) for job in found), key=lambda job: job.created)

    def _sweep(self) -> None:
        """Remove files that were half received, and records of files that are gone."""
        for job in self.unended():
            if not self.file(job).exists() and self._is_placed(job):
                # Its job goes on, or is given up: either way it has no place in the index yet.
                (self._uploads / job.name).rename(self.file(job))
            if not self.file(job).exists():
                del self._jobs[job.upload_id]
        kept = {self._path(each).name for each in self._jobs}
        kept |= {self.file(job).name for job in self._jobs.values() if job.stage not in ENDED}
        for path in self._folder.iterdir():
            if path.name not in kept and _OURS.match(path.name):
                path.unlink(missing_ok=True)

    def _is_placed(self, job: Job) -> bool:
        """Tell whether an earlier process was ended when the file had its place already."""
        path = self._uploads / job.name
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == job.sha256

    def names(self) -> set[str]:
        """Return the names that are taken, in the form in which they are compared."""
        there = (normalize("NFC", each.name) for each in self._uploads.iterdir())
        return {name.casefold() for name in (*there, *(job.name for job in self.unended()))}

    def bytes(self) -> int:
        """Return how much all files have that are there or on their way."""
        there = (each for each in self._uploads.iterdir() if not each.name.startswith("."))
        placed = {each.name: each.stat().st_size for each in there}
        coming = sum(job.size for job in self.unended() if job.name not in placed)
        return sum(placed.values()) + coming


def _again(job: Job) -> Job:
    if job.stage in ENDED:
        return job
    if job.tries >= _TRIES:
        error = Failure("unreadable", f"The service was ended {_TRIES} times while it worked on this file.")
        return replace(job, stage="failed", error=error)
    return replace(job, stage="queued", done=0, total=0)


def _job(path: Path) -> Job:
    """Return the job of a record, which may have come with somebody else's index.

    Raises:
        OSError, ValueError, Problem: It is none, or names a file that no upload would be called.
    """
    with open_regular(path) as file:
        job = _RECORDS.validate_json(file.read(_MOST_RECORD))
    if job.upload_id != path.stem or not _OURS.match(path.name) or file_name(job.name) != job.name:
        raise ValueError("not a record of this folder")
    return job


def _alone(folder: Path) -> int:
    """Take the lock of *folder*, which the kernel gives back when the process dies."""
    lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as exc:
        os.close(lock)
        if exc.errno not in (errno.EAGAIN, errno.EACCES):
            raise
        raise ConfigError(
            f"Another service takes files for the index in {str(folder.parents[1])!r}. "
            "Stop it, or serve without --allow-upload."
        ) from None
    return lock


def _created(path: Path, flag: int) -> int:
    """Open a new file that only its owner may read: nobody else on this machine was asked for a token."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC | flag, 0o600)


def sync_folder(folder: Path) -> None:
    """Let a new name outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def now() -> str:
    """Return the time as records have it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")
