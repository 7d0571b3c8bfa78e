"""`rag migrate`: an index moves to another engine, or is made anew on its own from what it holds."""

from contextlib import suppress
from typing import Literal, get_args

from rag import wiring
from rag.errors import ConfigError, IndexMissing
from rag.index.engines import View, Writer
from rag.index.engines.migration import OCCUPIED, migrate
from rag.index.engines.milvus import open_milvus
from rag.index.engines.view import open_view
from rag.index.snapshot import open_snapshot
from rag.index.store import open_writer
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.console import progress

__all__ = ["Engine", "move"]

Engine = Literal["sqlite", "milvus"]


def move(settings: Settings, source: str, target: str, *, rebuild: bool) -> tuple[int, int]:
    """Move the index from *source* to *target*, both an `Engine`; return its documents and generation there.

    Raises:
        ConfigError: There is no such engine, or an index in the target and no *rebuild*.
        IndexMismatch: The index was built with another embedder.
    """
    for name in (source, target):
        if name not in get_args(Engine):
            raise ConfigError(f"There is no engine {name!r}. Known are: {', '.join(get_args(Engine))}.")
    if source == target == "sqlite":
        raise ConfigError("The index is in SQLite already. Give --to milvus")
    model = wiring.embedder(settings)
    with (
        _source(settings, source, model) as view,
        _target(settings, target, model, rebuild=rebuild) as writer,
        progress() as bars,
    ):
        return view.document_count, migrate(view, writer, bars)


def _source(settings: Settings, engine: str, model: Embedder) -> View:
    identity = wiring.identity(settings, model)
    if engine == "milvus":
        return open_view(wiring.address(settings), identity, None)
    return open_snapshot(settings.index, identity, wiring.transform(model))


def _target(settings: Settings, engine: str, model: Embedder, *, rebuild: bool) -> Writer:
    """Open the target; what was there before stays in force until all is there."""
    identity, done = wiring.identity(settings, model), wiring.transform(model)
    if engine == "milvus":
        if not rebuild:
            _require_none(settings)
        return open_milvus(
            wiring.address(settings), settings.index, identity, wiring.by_row(done), staged=True
        )
    return open_writer(settings.index, identity, done, rebuild=rebuild)


def _require_none(settings: Settings) -> None:
    with suppress(IndexMissing), open_view(wiring.address(settings), None, None):
        raise ConfigError(OCCUPIED)
