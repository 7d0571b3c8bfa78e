"""Models that sentence-transformers runs: from a folder, from this machine's cache, or once from the hub.

The library and torch are loaded here and only here. Code that comes with a model is never run.
"""

import importlib
from pathlib import Path
from typing import Any, Literal

from rag.errors import ConfigError

__all__ = ["opened"]

_SAFE: dict[str, Any] = {"trust_remote_code": False, "model_kwargs": {"use_safetensors": True}}
_FAILURES = (OSError, ValueError)
_PROBE_S = 10.0


def opened(
    kind: Literal["SentenceTransformer", "CrossEncoder"],
    role: str,
    name: str,
    wanted: str,
    **options: object,
) -> Any:  # noqa: ANN401 (its class is loaded here)
    """Return the model called *name*.

    Args:
        kind: Class of sentence-transformers.
        role: What the model is for, as an error begins: ``Embedder``.
        name: A folder, or a model name on the Hugging Face hub, which is downloaded
            unless it has been before.
        wanted: What *name* may be besides, as an error ends: ``a folder with a cross-encoder``.
        options: Of the class besides.

    Raises:
        ConfigError: The model cannot be found or read, or what runs it is not installed.
    """
    try:
        make = getattr(importlib.import_module("sentence_transformers"), kind)
    except ImportError as exc:
        raise ConfigError(
            f"{role} {name!r} needs sentence-transformers. Install it with: pip install 'citewise[models]'"
        ) from exc
    try:
        # What is on this machine is used without asking the hub whether there is something newer.
        return make(name, local_files_only=True, **_SAFE, **options)
    except _FAILURES as exc:
        reason: Exception = exc
    if not Path(name).is_dir():
        try:
            _probe(name)
            return make(name, **_SAFE, **options)
        except _FAILURES as exc:
            reason = exc
    raise ConfigError(
        f"{role} {name!r} cannot be loaded: {reason}\nIt must be {wanted} in safetensors,"
        " or a hub name, which needs the network once."
    ) from reason


def _probe(name: str) -> None:
    """Ask the hub for *name* once: a download would ask for each of its files, again and again, for 80 s."""
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(name, timeout=_PROBE_S)
    # Whatever HTTP library it brings along this year.
    except Exception as exc:
        raise OSError(f"the hub was asked for it: {exc}") from exc
