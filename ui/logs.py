"""The log of the service: one JSON object a line on standard error, and no secret in it."""

import json
import logging
import re
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import IO

__all__ = ["JsonLines", "set_up"]

# What looks like a key, whoever logs it: the libraries below us log at DEBUG too.
_KEYS = re.compile(
    r"(?i)(?:bearer|basic)\s+[\w.~+/=-]{8,}|\bsk-[\w-]{8,}|(?<=authorization['\"]: b['\"])[^'\"]+"
    r"|(?<=x-api-key['\"], b['\"])[^'\"]+"
)
_MASK = "***"


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON; `fields` given by ``extra`` stand beside the message.

    Args:
        secrets: Never written, in whatever library's message they turn up.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        # In JSON, as it will stand in the line; the longest first, should one hold another.
        found = {form for secret in secrets if secret for form in (secret, json.dumps(secret)[1:-1])}
        self._secrets = sorted(found, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of *record*."""
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        line = json.dumps(entry, ensure_ascii=False, default=repr)
        # A lone surrogate in a message would end the log with an exception.
        line = line.encode("utf-8", "backslashreplace").decode()
        for secret in self._secrets:
            line = line.replace(secret, _MASK)
        return _KEYS.sub(_MASK, line)


def set_up(level: str, secrets: Iterable[str], stream: IO[str] | None = None) -> None:
    """Send every log of this process through `JsonLines`."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines(secrets))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)
    # It tells of each processor feature that it tries.
    logging.getLogger("faiss.loader").setLevel(max(logging.getLogger().level, logging.WARNING))
