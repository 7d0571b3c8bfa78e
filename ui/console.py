"""What the commands write with: standard output, standard error, and progress bars on the latter."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

__all__ = ["Bars", "err", "out", "progress"]

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


@contextmanager
def progress() -> Iterator[Bars]:
    """Show bars until the work is done."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bars:
        yield Bars(bars, {})
