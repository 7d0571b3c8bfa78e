"""What the commands write with: standard output, standard error, and progress on the latter.

Text is written as it is. A library for terminals takes ``:100:`` for a picture, ``[b]`` for an order and
a tab for spaces, and a quote is then no quote any more; so rich draws the bars and nothing else.
"""

import json
import re
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Literal

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Bars", "Lines", "err", "out", "print_json", "progress"]

_LINE_EVERY_S = 10.0

_BOLD, _NOT_BOLD = "\x1b[1m", "\x1b[22m"
# Names of files and words of servers may hold orders to the terminal; documents never do (`clean_text`).
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class _Stream:
    """Standard output or error, whichever it is at the moment of writing."""

    name: Literal["stdout", "stderr"]

    @property
    def is_terminal(self) -> bool:
        """Tell whether a person may be watching."""
        return bool(getattr(sys, self.name).isatty())

    def print(self, text: str, strong: Sequence[tuple[int, int]] = ()) -> None:
        """Write *text* and a line end: controls, and what the stream cannot encode, as escapes.

        Args:
            text: As it is to be read.
            strong: Start and end of words that a terminal shows in bold type, in order, apart.
        """
        stream = getattr(sys, self.name)
        cursor = 0
        for start, end in strong if self.is_terminal else ():
            words = self._shown(text[start:end])
            stream.write(f"{self._shown(text[cursor:start])}{_BOLD}{words}{_NOT_BOLD}")
            cursor = end
        stream.write(self._shown(text[cursor:]) + "\n")
        stream.flush()

    def _shown(self, text: str) -> str:
        encoding = getattr(sys, self.name).encoding or "utf-8"
        escaped = _CONTROLS.sub(lambda match: f"\\x{ord(match[0]):02x}", text)
        return escaped.encode(encoding, "backslashreplace").decode(encoding)


out: _Stream = _Stream("stdout")
err: _Stream = _Stream("stderr")


def print_json(text: str) -> None:
    """Write *text*, one JSON document; in ASCII where the stream cannot encode it."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        text = json.dumps(json.loads(text))
    sys.stdout.write(text.rstrip("\n") + "\n")
    sys.stdout.flush()


@dataclass(slots=True)
class Bars:
    """One progress bar per stage; silent when standard error is not a terminal."""

    bars: Progress
    tasks: dict[str, TaskID]

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Move the bar of *stage*."""
        if stage not in self.tasks:
            self.tasks[stage] = self.bars.add_task(stage, total=total)
        self.bars.update(self.tasks[stage], completed=done, total=total)


@dataclass(slots=True)
class Lines:
    """A line now and then while it takes long: for logs."""

    _at_s: float = field(default_factory=time.monotonic)

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Say how far *stage* is."""
        now = time.monotonic()
        if now - self._at_s >= _LINE_EVERY_S:
            self._at_s = now
            err.print(f"{stage}: {done} of {total}")


@contextmanager
def progress(*, in_lines: bool = False) -> Iterator[Bars | Lines]:
    """Show bars until the work is done; where there is no terminal, nothing, or lines if they are wanted."""
    if in_lines and not err.is_terminal:
        yield Lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(
        *columns, console=Console(stderr=True), transient=True, disable=not err.is_terminal
    ) as bars:
        yield Bars(bars, {})
