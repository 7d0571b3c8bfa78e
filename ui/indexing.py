"""`rag index`: one run, or one after the other for as long as folders are watched.

Decides which errors end a watch: those of its first run, which are mistakes in the
command; later ones, and a lock that another process holds, are told and tried again.
"""

import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from rag import wiring
from rag.errors import IndexBusy, LoadError, RagError
from rag.index.activity import Announcement, announced
from rag.index.folder import Problem
from rag.index.ingest import Progress, Report, Wishes, ingest
from rag.index.watch import Pace, View, emptied, look
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.console import err, progress

__all__ = ["Indexing", "index_once", "watch"]

Show = Callable[[Report], None]

_POLL_S = 1.0
# Looking takes at most one part in so many of the time: 10,000 local files take 70 ms,
# on a slow mount it may be seconds.
_SHARE = 20


@dataclass(slots=True)
class Indexing:
    """What is to be indexed, and how.

    Attributes:
        folders: All that the index knows if there are none.
        rebuild: Start over, once.
        wishes: About folders that moved or are empty; once, too.
    """

    settings: Settings
    embedder: Embedder
    folders: Sequence[Path]
    rebuild: bool = False
    wishes: Wishes = field(default_factory=Wishes)

    def run(self, shown: Progress, announcement: Announcement) -> Report:
        """Bring the index up to date. Raises as `ingest` and `wiring.writer` do."""

        def tell(stage: str, done: int, total: int) -> None:
            shown(stage, done, total)
            announcement(stage, done, total)

        keep = self.settings.keep_boilerplate
        with wiring.writer(self.settings, self.embedder, rebuild=self.rebuild) as writer:
            self.rebuild = False
            report = ingest(
                self.folders,
                writer,
                self.embedder,
                keep_boilerplate=keep,
                wishes=self.wishes,
                progress=tell,
                options=wiring.reading_options(self.settings),
            )
            self.wishes = Wishes()
            return report

    def watched(self) -> Sequence[Path]:
        """Return the folders that a run reads. Raises `IndexMissing` if it could not know."""
        if self.folders:
            return self.folders
        with wiring.open_stored(self.settings) as snapshot:
            return [Path(root.path) for root in snapshot.roots]


def index_once(indexing: Indexing, show: Show) -> None:
    """Index, and *show* what was done. Raises as `Indexing.run` does.

    Raises:
        LoadError: Folders are empty or gone; all others were indexed.
    """
    with announced(indexing.settings.index) as announcement, progress() as bars:
        report = indexing.run(bars, announcement)
    show(report)
    if report.withheld:
        first, *others = report.withheld
        besides = f" So are: {', '.join(each.doc_id for each in others)}." if others else ""
        raise LoadError(first.doc_id, f"{first.reason}.{besides}")


def watch(indexing: Indexing, show: Show) -> None:
    """Index now and after each change until Ctrl-C or SIGTERM. Raises as `Indexing.run` does, at first."""
    # A run may be interrupted anywhere: what is committed stays, the next one goes on from there.
    # Both are named: a shell starts what runs in the background with Ctrl-C ignored.
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    with suppress(KeyboardInterrupt), announced(indexing.settings.index) as announcement:
        _Watch(indexing, show, announcement).go_on()
    err.print("stopped watching")


@dataclass(slots=True)
class _Watch:
    indexing: Indexing
    show: Show
    announcement: Announcement
    pace: Pace = field(default_factory=Pace)
    complaint: str = ""
    failed: str = ""
    problems: list[Problem] = field(default_factory=list)
    is_first: bool = True

    def go_on(self) -> None:
        folders = self.indexing.watched()
        while True:
            began = time.monotonic()
            view = look(folders)
            took_s = time.monotonic() - began
            if gone := emptied(self.pace.indexed or {}, view, self.indexing.settings.index.resolve()):
                self._complain(
                    f"{str(gone[0])!r} holds no document any more. If it is not a mount that is gone, "
                    f"remove its documents with: rag index --allow-empty {gone[0]}"
                )
            elif self.pace.is_due(view, began):
                self._run(view)
            self.announcement.wait(self.failed)
            time.sleep(max(_POLL_S, _SHARE * took_s))

    def _run(self, view: View) -> None:
        try:
            with progress(in_lines=True) as bars:
                report = self.indexing.run(bars, self.announcement)
        except (RagError, OSError) as exc:
            if self.is_first and not isinstance(exc, IndexBusy):
                raise
            self.failed = type(exc).__name__
            self._complain(f"{exc} It is tried again.")
        else:
            self.failed = ""
            self._complain(" ".join(f"{each.doc_id!r} {each.reason}." for each in report.withheld))
            self._tell(report, sum(map(len, view.values())))
            self.is_first = False
        self.pace.ran(view, time.monotonic(), ok=not self.failed)

    def _tell(self, report: Report, files: int) -> None:
        """Show what a run did, unless it did nothing: the file that changed may be one that is ignored."""
        did = report.added or report.changed or report.moved or report.removed or report.recleaned
        if did or self.is_first or report.problems != self.problems:
            self.show(report)
            err.print(f"{datetime.now():%H:%M:%S} watching {files} files; Ctrl-C ends it")
        self.problems = report.problems

    def _complain(self, complaint: str) -> None:
        """Say once what is wrong, not with every try."""
        if complaint and complaint != self.complaint:
            err.print(f"rag: {complaint}")
        self.complaint = complaint
