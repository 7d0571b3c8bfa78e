"""What can be set: ``rag.toml`` < ``RAG_*`` environment < command-line options.

Read once by the command line and passed down as plain arguments; nothing else
looks at the environment. An unknown key is an error that names the known ones.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import ConfigError

__all__ = ["CONFIG_FILE", "Settings", "read_settings"]

CONFIG_FILE = "rag.toml"
_PREFIX = "RAG_"


class Settings(BaseModel):
    """Everything a person may choose, validated.

    Attributes:
        index: Folder of the index.
        cache: Folder for the prepared model, shared by all indexes of a user.
        embedder: ``bundled``, or a sentence-transformers model name or folder.
        llm: Backend that writes the answer.
        k: How many passages are retrieved.
        keep_boilerplate: Index menus, copyright lines and the like too.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    index: Path = Path(".citewise")
    cache: Path = Field(default_factory=lambda: user_cache_path("citewise", appauthor=False))
    embedder: str = Field(default="bundled", min_length=1)
    llm: str = Field(default="extractive", pattern="^extractive$")
    k: int = Field(default=8, ge=1, le=100)
    keep_boilerplate: bool = False


def read_settings(
    options: Mapping[str, Any],
    environ: Mapping[str, str] | None = None,
    config: Path = Path(CONFIG_FILE),
) -> Settings:
    """Merge the three sources into `Settings`.

    Args:
        options: From the command line; None means not given.
        environ: Defaults to the process environment.
        config: Read if it exists.

    Raises:
        ConfigError: A key is unknown or a value is not allowed; names its source.
    """
    layers = {
        f"{str(config)!r}": _from_file(config),
        "the environment": _from_environment(os.environ if environ is None else environ),
        "the command line": {key: value for key, value in options.items() if value is not None},
    }
    for source, values in layers.items():
        _reject_unknown(values, source)
    merged = {key: value for values in layers.values() for key, value in values.items()}
    try:
        return Settings.model_validate(merged)
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        key = str(problem["loc"][0])
        source = next(name for name in reversed(layers) if key in layers[name])
        raise ConfigError(f"{key} = {problem['input']!r} from {source}: {problem['msg']}.") from exc


def _from_file(config: Path) -> dict[str, Any]:
    if not config.is_file():
        return {}
    try:
        return tomllib.loads(config.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise ConfigError(f"{str(config)!r} cannot be read as TOML: {exc}.") from exc


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        key.removeprefix(_PREFIX).lower(): value for key, value in environ.items() if key.startswith(_PREFIX)
    }


def _reject_unknown(values: Mapping[str, Any], source: str) -> None:
    for key in values:
        if key not in Settings.model_fields:
            known = ", ".join(sorted(Settings.model_fields))
            raise ConfigError(f"Unknown setting {key!r} from {source}. Known are: {known}.")
