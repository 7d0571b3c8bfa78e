"""What people thought of answers, one JSON line each, next to the index.

A question is remembered in memory only, and written down only when its answer is
rated: then a person wants it to be looked at, and can make a pair of it with
``rag eval new``.
"""

import json
import logging
import os
import threading
from collections import OrderedDict
from datetime import UTC, datetime
from pathlib import Path

from rag.types import Answer
from rag.ui.schemas import Feedback, Problem

__all__ = ["FeedbackFile"]

_log = logging.getLogger(__name__)

_REMEMBERED = 1000


class FeedbackFile:
    """Appends ratings of recent answers to the file at *path*."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._recent: OrderedDict[str, dict[str, object]] = OrderedDict()

    def remember(self, request_id: str, answer: Answer) -> None:
        """Keep what a rating of *answer* will need; the oldest of many is forgotten."""
        entry: dict[str, object] = {
            "question": answer.question,
            "lang": answer.lang,
            "answer": answer.text,
            "answered": answer.answered,
            "docs": list(dict.fromkeys(citation.doc_id for citation in answer.citations)),
            "model": answer.model,
            "generation": answer.generation,
        }
        with self._lock:
            self._recent[request_id] = entry
            if len(self._recent) > _REMEMBERED:
                self._recent.popitem(last=False)

    def append(self, feedback: Feedback) -> None:
        """Write *feedback* down with the question and answer it is about.

        Raises:
            Problem: The answer is none of the recent ones, or the file cannot be written.
        """
        with self._lock:
            entry = self._recent.get(feedback.request_id)
        if entry is None:
            raise Problem("not_found", "No recent answer has this request_id.")
        line = {"time": datetime.now(UTC).isoformat(timespec="seconds"), **feedback.model_dump(), **entry}
        data = (json.dumps(line, ensure_ascii=False) + "\n").encode("utf-8", "backslashreplace")
        try:
            _append(self._path, data)
        except OSError as exc:
            _log.error("%s: %s", type(exc).__name__, exc)
            raise Problem("not_kept") from exc


def _append(path: Path, line: bytes) -> None:
    """Write *line* at once and in append mode: lines of two processes do not mix."""
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    try:
        os.write(descriptor, line)
    finally:
        os.close(descriptor)
