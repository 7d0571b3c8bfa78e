"""What the commands write with: standard output, standard error, and progress on the latter."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Bars", "Lines", "err", "out", "progress"]

_LINE_EVERY_S = 10.0

out = Console(highlight=False, markup=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


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
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        yield Bars(bars, {})
