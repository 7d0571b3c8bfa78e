"""A child process in which files are parsed, so that a hostile one cannot hurt the run.

The child has limits on memory, processor time and file size, gets the bytes of a
file and gives back text; nothing else passes. It serves one file after the other
and is started again after one that it did not survive. A request is a line of JSON
followed by the bytes, a reply is a line of JSON; before it, lines may name the page
that is read. A page that ends the child is left out, and the rest is read anew.
"""

import base64
import contextlib
import json
import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from threading import Timer
from typing import IO, TYPE_CHECKING, Any, Self

from rag.index.readers import read
from rag.index.reading import MAX_CHARS, Job, Options, Reading, Unreadable
from rag.types import Mask, Page

if TYPE_CHECKING:
    from rag.index.readers.pdf.picture import Rectangle

__all__ = ["Sandbox"]

MEMORY_BYTES = 1 << 30
TIMEOUT_S = 30.0
# For a page whose picture is read: two runs of text recognition with limits of their own.
_SLOW_S = 100.0
# A file whose pages end the child so often is not worth a further try.
_MOST_SKIPPED = 3
# However many pages a file has, without text recognition it is read for no more than so many timeouts.
_MOST_TIMEOUTS = 20
# JSON writes a character in up to 12 bytes.
_MAX_REPLY_BYTES = 12 * MAX_CHARS + 1_000_000
_OUT_OF_MEMORY = 77


@dataclass(slots=True)
class _Watch:
    """Ends a child that takes too long: for a page, or for a file without any.

    Attributes:
        page: The page that is being read, 0 before the first and after the last.
        seconds: How long it may take.
        is_late: It was ended.
    """

    child: subprocess.Popen[bytes]
    seconds: float
    began: float = field(default_factory=time.monotonic)
    slow_pages: int = 0
    page: int = 0
    is_late: bool = False
    timer: Timer | None = None

    def start(self, page: int, seconds: float) -> None:
        """Give *page* so many seconds, but no more than are left for the file."""
        self.stop()
        left = self.seconds * _MOST_TIMEOUTS + _SLOW_S * self.slow_pages - (time.monotonic() - self.began)
        self.page, self.timer = page, Timer(max(0.0, min(seconds, left)), self._end)
        self.timer.start()

    def stop(self) -> None:
        """Let the child live."""
        if self.timer:
            self.timer.cancel()

    def _end(self) -> None:
        self.is_late = True
        self.child.kill()


class _Ended(Exception):
    """The child ended at `page`, 0 if at none; `cause` is the rest of a sentence about the file."""

    def __init__(self, page: int, cause: str) -> None:
        super().__init__(cause)
        self.page, self.cause = page, cause


class Sandbox:
    """Reads files in a child process, which is started with the first of them.

    Args:
        timeout_s: Wall time for one file, or for one page in formats that have pages.
        memory_bytes: Address space of the child.
        options: What a person chose about reading.
    """

    def __init__(
        self, timeout_s: float = TIMEOUT_S, memory_bytes: int = MEMORY_BYTES, options: Options | None = None
    ) -> None:
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._options = options or Options()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def read(self, data: bytes, suffix: str, told: Callable[[int], None] | None = None) -> Reading:
        """Read *data* as `rag.index.readers.read` does.

        Args:
            data: The file.
            suffix: Its format.
            told: Called with each page that may take long.

        Raises:
            Unreadable: It holds no text, or the parser failed, took too long or too much.
        """
        skipped: dict[int, str] = {}
        while True:
            try:
                reply = self._ask(data, {"task": "read", "suffix": suffix, "skipped": skipped}, told)
                return _reading(reply)
            except _Ended as exc:
                if not exc.page or exc.page in skipped or len(skipped) >= _MOST_SKIPPED:
                    raise Unreadable(exc.cause) from exc
                skipped[exc.page] = f"cannot be read: it {exc.cause}"

    def picture(self, data: bytes, page: int, scale: float) -> bytes:
        """Return a page of a PDF as PNG, as `rag.index.readers.pdf.picture.render` does.

        Raises:
            Unreadable: There is no such page, or it cannot be drawn.
        """
        return base64.b64decode(self._told(data, {"task": "picture", "page": page, "scale": scale}))

    def boxes(self, data: bytes, page: int, quote: str) -> "list[Rectangle]":
        """Return where a quote is on a page of a PDF, as `rag.index.readers.pdf.picture.boxes` does.

        Raises:
            Unreadable: There is no such page, or it cannot be read.
        """
        found = self._told(data, {"task": "boxes", "page": page, "quote": quote})
        return [(left, top, width, height) for left, top, width, height in found]

    def _told(self, data: bytes, request: dict[str, Any]) -> Any:  # noqa: ANN401 - as the task has it
        try:
            reply = self._ask(data, request)
        except _Ended as exc:
            raise Unreadable(exc.cause) from exc
        if "unreadable" in reply:
            raise Unreadable(reply["unreadable"])
        return reply["made"]

    def _ask(
        self, data: bytes, request: dict[str, Any], told: Callable[[int], None] | None = None
    ) -> dict[str, Any]:
        """Send a request and return the reply. Raises `_Ended` if the child did not survive it."""
        child = self._child = self._child or self._start()
        watch = _Watch(child, self._timeout_s)
        line = self._exchange(watch, data, request, told)
        if watch.is_late or not line.endswith(b"\n"):
            status = self._end()
        if line.endswith(b"\n"):
            reply: dict[str, Any] = json.loads(line)
            return reply
        raise _Ended(watch.page, self._cause(status, is_late=watch.is_late))

    def _exchange(
        self, watch: _Watch, data: bytes, request: dict[str, Any], told: Callable[[int], None] | None
    ) -> bytes:
        """Send a file and return the reply, cut short or empty if the child died."""
        watch.start(0, self._timeout_s)
        try:
            _send(watch.child, data, {**request, "options": asdict(self._options)})
            replies = _open(watch.child.stdout)
            while (line := replies.readline(_MAX_REPLY_BYTES)).startswith(b'{"page":'):
                begun = json.loads(line)
                watch.slow_pages += begun["is_slow"]
                watch.start(begun["page"], _SLOW_S if begun["is_slow"] else self._timeout_s)
                if told and begun["is_slow"]:
                    told(begun["page"])
            return line
        finally:
            watch.stop()

    def _start(self) -> subprocess.Popen[bytes]:
        # -P: the working directory may hold a "docx.py"; it is not ours to import.
        command = [sys.executable, "-P", "-m", "rag.index.sandbox"]
        return subprocess.Popen(
            [*command, str(self._memory_bytes), str(self._timeout_s)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            # On many cores NumPy's threads alone would reserve more memory than is allowed.
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )

    def _cause(self, status: int, *, is_late: bool) -> str:
        if is_late:
            return f"takes more than {self._timeout_s:g} s to parse. Split it, or save it in another format"
        if status == _OUT_OF_MEMORY:
            return f"takes more than {self._memory_bytes >> 20} MiB to parse. Split the file"
        return f"ended its parser (status {status}). Save it anew, or in smaller parts"

    def _end(self) -> int:
        """Stop the child and return its exit status; the next file starts another."""
        child, self._child = self._child, None
        if child is None:
            return 0
        # It may have died of itself a moment ago: let that be its status.
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(timeout=0.05)
        child.kill()
        for pipe in (child.stdin, child.stdout):
            with contextlib.suppress(OSError):
                _open(pipe).close()
        return child.wait()


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    assert pipe is not None  # Popen was asked for it.
    return pipe


def _send(child: subprocess.Popen[bytes], data: bytes, request: dict[str, Any]) -> None:
    requests = _open(child.stdin)
    with contextlib.suppress(OSError):
        requests.write(json.dumps({**request, "size": len(data)}).encode() + b"\n")
        requests.write(data)
        requests.flush()


def _reading(reply: dict[str, Any]) -> Reading:
    if "unreadable" in reply:
        raise Unreadable(reply["unreadable"])
    made = {
        "masks": tuple(Mask(**mask) for mask in reply["masks"]),
        "pages": tuple(Page(**page) for page in reply["pages"]),
        "left_out": tuple(reply["left_out"]),
    }
    return Reading(**{**reply, **made})


def _serve(memory_bytes: int, timeout_s: float) -> None:
    """Answer requests until there are no more; the child's whole life."""
    requests, replies = _private_pipes()
    logging.disable()
    _limit(memory_bytes)

    def begun(page: int, is_slow: bool) -> None:  # noqa: FBT001 - a callback
        _limit_time(_SLOW_S if is_slow else timeout_s)
        replies.write(json.dumps({"page": page, "is_slow": is_slow}).encode() + b"\n")
        replies.flush()

    for line in iter(requests.readline, b""):
        request = json.loads(line)
        _limit_time(timeout_s)
        try:
            reply = _reply(requests.read(request["size"]), request, begun)
            replies.write(json.dumps(reply).encode() + b"\n")
        except MemoryError:  # What is left of the process is not to be trusted.
            os._exit(_OUT_OF_MEMORY)
        replies.flush()


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Return the two pipes, out of reach of a parser that prints or reads."""
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDWR)
    os.dup2(nothing, 0)
    os.dup2(nothing, 1)
    return requests, replies


def _reply(data: bytes, request: dict[str, Any], begun: Callable[[int, bool], None]) -> dict[str, Any]:
    options = {**request["options"], "passwords": tuple(request["options"]["passwords"])}
    skipped = {int(page): why for page, why in request.get("skipped", {}).items()}
    job = Job(Options(**options), skipped, begun)
    try:
        if request["task"] != "read":
            return {"made": _pictured(data, request, job)}
        return asdict(read(data, request["suffix"], job))
    except Unreadable as exc:
        return {"unreadable": str(exc)}


def _pictured(data: bytes, request: dict[str, Any], job: Job) -> object:
    # Imported here: a child that reads no PDF starts without PDFium.
    from rag.index.readers.pdf.picture import boxes, render

    if request["task"] == "picture":
        return base64.b64encode(render(data, request["page"], request["scale"], job)).decode()
    return boxes(data, request["page"], request["quote"], job)


def _limit(memory_bytes: int) -> None:
    """Take from this process what a parser does not need. Not on Windows, which has no such limits."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))


def _limit_time(seconds: float) -> None:
    """Allow *seconds* of processor time from now on, should the parent not be there to end it."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time() + seconds) + 1, hard))


if __name__ == "__main__":
    _serve(int(sys.argv[1]), float(sys.argv[2]))
