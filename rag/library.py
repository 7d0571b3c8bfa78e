"""The Python door: index a folder, ask it, in three lines.

    from rag import build_index, open_assistant

    build_index("docs/", "my.citewise")
    with open_assistant("my.citewise") as assistant:
        print(assistant.ask("When does the library close?").text)

Settings are those of the command line and its environment, by the same names; no
project file is read. Own objects may stand for an embedder, a model or a reranker:
anything with the methods of the protocols of that name.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from rag import wiring
from rag.assistant import Assistant
from rag.index.ingest import Progress, Report, ingest
from rag.protocols import LLM, Embedder, Reranker
from rag.settings import Settings, read_settings

__all__ = ["build_index", "open_assistant"]

_Path = str | Path


def build_index(
    docs: _Path | Sequence[_Path],
    index: _Path,
    *,
    embedder: str | Embedder = "bundled",
    progress: Progress | None = None,
    **settings: Any,  # noqa: ANN401 - checked by pydantic
) -> Report:
    """Bring the index in the folder *index* up to date with *docs*; only what changed is read.

    Args:
        docs: Folders and files.
        index: Made if it does not exist.
        embedder: ``bundled``, a sentence-transformers model, or an object of your own.
        progress: Called with stage, done and total.
        settings: As `keep_boilerplate=True` or `ocr="off"`.

    Returns:
        What was added, changed, removed and left out, and why.

    Raises:
        RagError: A folder is missing, a setting is unknown, another process writes the index.
    """
    chosen, model = _read(index, embedder, settings)
    folders = [docs] if isinstance(docs, str | Path) else docs
    with wiring.writer(chosen, model) as writer:
        return ingest(
            [Path(folder) for folder in folders],
            writer,
            model,
            keep_boilerplate=chosen.keep_boilerplate,
            progress=progress,
            options=wiring.reading_options(chosen),
        )


@contextmanager
def open_assistant(
    index: _Path,
    *,
    llm: str | LLM = "extractive",
    embedder: str | Embedder = "bundled",
    reranker: Reranker | None = None,
    **settings: Any,  # noqa: ANN401 - checked by pydantic
) -> Iterator[Assistant]:
    """Open the index for questions; threads may share what is returned.

    Args:
        index: A folder that `build_index` or `rag index` made.
        llm: ``extractive`` quotes the documents, without any model; another backend by its name
            with `llm_model` and `llm_url`; or an object of your own.
        embedder: The one that the index was made with.
        reranker: Puts the passages in order; none by default.
        settings: As `k=5`, `strict=True` or `lang="ko"`.

    Raises:
        RagError: There is no index, it was made with other settings, or a setting is unknown.
    """
    lang = settings.pop("lang", "")
    named = {"llm": llm} if isinstance(llm, str) else {}
    chosen, model = _read(index, embedder, {**named, **settings})
    backend = wiring.backend(chosen) if isinstance(llm, str) else llm
    with wiring.open_index(chosen, model) as snapshot:
        found = wiring.retriever(chosen, snapshot, model, reranker or wiring.reranker(chosen))
        yield wiring.assistant(chosen, found, backend, lang)


def _read(index: _Path, embedder: str | Embedder, settings: dict[str, Any]) -> tuple[Settings, Embedder]:
    named = {"embedder": embedder} if isinstance(embedder, str) else {}
    chosen = read_settings({**settings, **named, "index": Path(index)}, config=None)
    return chosen, wiring.embedder(chosen) if isinstance(embedder, str) else embedder
