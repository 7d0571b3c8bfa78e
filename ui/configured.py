"""Where the commands get their settings: one reading, with or without the project file."""

from collections.abc import Mapping
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from rag.settings import CONFIG_FILE, Settings, read_settings

__all__ = ["ignore_project", "read"]

_project: ContextVar[Path | None] = ContextVar("project", default=Path(CONFIG_FILE))


def ignore_project() -> None:
    """Leave the project file out from now on."""
    _project.set(None)


def read(options: Mapping[str, Any]) -> Settings:
    """Return the settings of a command. Raises `ConfigError`, as `read_settings` does."""
    return read_settings(options, config=_project.get())
