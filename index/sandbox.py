"""A child process in which files are parsed, so that a hostile one cannot hurt the run.

The child has limits on memory, processor time and file size, gets the bytes of a
file and gives back text; nothing else passes. It serves one file after the other
and is started again after one that it did not survive. A request is a line of JSON
followed by the bytes, a reply is a line of JSON.
"""

import contextlib
import json
import logging
import os
import subprocess
import sys
import time
from dataclasses import asdict
from threading import Timer
from typing import IO, Any, Self

from rag.index.readers import read
from rag.index.reading import MAX_CHARS, Reading, Unreadable
from rag.types import Mask, Page

__all__ = ["Sandbox"]

MEMORY_BYTES = 1 << 30
TIMEOUT_S = 30.0
# JSON writes a character in up to 12 bytes.
_MAX_REPLY_BYTES = 12 * MAX_CHARS + 1_000_000
_OUT_OF_MEMORY = 77


class Sandbox:
    """Reads files in a child process, which is started with the first of them.

    Args:
        timeout_s: Wall time for one file.
        memory_bytes: Address space of the child.
    """

    def __init__(self, timeout_s: float = TIMEOUT_S, memory_bytes: int = MEMORY_BYTES) -> None:
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._end()

    def read(self, data: bytes, suffix: str) -> Reading:
        """Read *data* as `rag.index.readers.read` does.

        Raises:
            Unreadable: It holds no text, or the parser failed, took too long or too much.
        """
        child = self._child = self._child or self._start()
        began = time.monotonic()
        killer = Timer(self._timeout_s, child.kill)
        killer.start()
        try:
            line = _exchange(child, data, suffix)
        finally:
            killer.cancel()
        is_late = time.monotonic() - began >= self._timeout_s
        if is_late or not line.endswith(b"\n"):
            status = self._end()
        if not line.endswith(b"\n"):
            raise Unreadable(self._cause(status, is_late=is_late))
        return _reading(json.loads(line))

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


def _exchange(child: subprocess.Popen[bytes], data: bytes, suffix: str) -> bytes:
    """Send a file and return the reply, cut short or empty if the child died."""
    requests = _open(child.stdin)
    with contextlib.suppress(OSError):
        requests.write(json.dumps({"suffix": suffix, "size": len(data)}).encode() + b"\n")
        requests.write(data)
        requests.flush()
    return _open(child.stdout).readline(_MAX_REPLY_BYTES)


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
    for line in iter(requests.readline, b""):
        request = json.loads(line)
        _limit_time(timeout_s)
        try:
            reply = _reply(requests.read(request["size"]), request["suffix"])
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


def _reply(data: bytes, suffix: str) -> dict[str, Any]:
    try:
        return asdict(read(data, suffix))
    except Unreadable as exc:
        return {"unreadable": str(exc)}


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
