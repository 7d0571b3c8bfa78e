"""What a project file may say: ``rag.toml`` of the working folder.

The folder may be anybody's: a clone, an archive, a pull request under test. So its file may say how
questions are answered, and it may not say who reaches the service, which address gets the key, which
folder elsewhere is read, or which file is run as a model. Nor may it say which server holds the index:
documents of ours would go there, or answers come from an index that is private.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rag.errors import ConfigError

__all__ = ["ALLOWED", "MAX_BYTES", "check_allowed", "check_paths", "read_project"]

MAX_BYTES = 64 * 1024
"""A file of settings is never larger."""

ALLOWED = frozenset(
    {
        "index",
        "cache",
        "embedder",
        "llm",
        "llm_model",
        "llm_url",
        "llm_prompt",
        "llm_context_tokens",
        "llm_max_tokens",
        "llm_connect_s",
        "llm_first_token_s",
        "llm_idle_s",
        "llm_total_s",
        "k",
        "collapse",
        "rerank",
        "rerank_depth",
        "strict",
        "keep_boilerplate",
        "ocr",
        "serve_port",
        "serve_workers",
        "serve_queue",
        "serve_keep_alive_s",
        "serve_log_level",
    }
)
"""What a project file may set. What is not listed it may not: also a setting that somebody adds later."""


def read_project(config: Path) -> dict[str, Any]:
    """Return what *config* sets, nothing if there is no such file.

    Raises:
        ConfigError: It cannot be read, is too large, or is not TOML.
    """
    if not config.is_file():
        return {}
    try:
        with config.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise ConfigError(
                f"{str(config)!r} is larger than {MAX_BYTES // 1024} KB. Is it a file of settings?"
            )
        return tomllib.loads(text.decode("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"{str(config)!r} cannot be read as TOML: {exc}.") from exc
    except RecursionError:
        raise ConfigError(f"{str(config)!r} cannot be read as TOML: it is nested too deeply.") from None


def check_allowed(config: Path, project: Mapping[str, Any]) -> None:
    """Refuse what would open the service to others, write down what they ask, or hold the index.

    Raises:
        ConfigError: Names the first such setting and where it may be set.
    """
    for key in project:
        if key not in ALLOWED:
            raise ConfigError(
                f"{key} stands in {str(config)!r}. A project file cannot set what opens the service to "
                "others, reads secrets or holds the index, for the folder may be someone else's. Remove it "
                "there and set "
                f"CITEWISE_{key.upper()} in the environment, or pass the option of the command."
            )


def check_paths(config: Path, project: Mapping[str, Any], index: str | None, llm: str) -> None:
    """Refuse what leads out of the folder of *config*, and models that lie on this machine.

    An index elsewhere may be a private one, whose passages would go to the `llm_url` of the same file.
    A model that lies in the folder would be parsed, and in part run, as soon as somebody asks.

    Args:
        project: What the file sets and nothing else overrides.
        index: The index in use, None if the file has no say in it.
        llm: The backend in use.

    Raises:
        ConfigError: Names the setting and where it may be set.
    """
    for key, path in (("index", index), ("cache", project.get("cache"))):
        if isinstance(path, str) and not _is_inside(path, config.parent):
            raise ConfigError(
                f"{key} = {path!r} leads out of the folder of {str(config)!r}, which a project file may not "
                f"do. Set CITEWISE_{key.upper()} in the environment."
            )
    for key in ("embedder", "rerank", *(("llm_model",) if llm == "llamacpp" else ())):
        name = project.get(key)
        if isinstance(name, str) and name not in ("", "bundled") and _exists(name):
            raise ConfigError(
                f"{key} = {name!r} in {str(config)!r} is a model on this machine, which is not run because a "
                f"project file says so. Set CITEWISE_{key.upper()} in the environment if you trust it."
            )


def _is_inside(path: str, folder: Path) -> bool:
    try:
        return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))
    except ValueError:  # a NUL in the name
        return False


def _exists(path: str) -> bool:
    try:
        return Path(path).exists()
    except (OSError, ValueError):
        return False
