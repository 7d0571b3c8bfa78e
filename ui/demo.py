"""`rag demo`: the sample documents, which come with the package, and three questions about them."""

import shutil
from collections.abc import Iterator
from importlib.resources import as_file, files
from pathlib import Path

from rag import wiring
from rag.errors import ConfigError
from rag.index.ingest import Progress, ingest
from rag.settings import Settings
from rag.types import Answer

__all__ = ["INDEX", "demonstrate"]

QUESTIONS = (
    "오픈AI 한국 법인의 이름은?",
    "When is Founders Day?",
    "サンテルモ灯台博物館は何曜日に開いていますか？",
)
INDEX = ".citewise"
"""Where the index lies in the folder of the demonstration."""


def demonstrate(folder: Path, settings: Settings, progress: Progress) -> Iterator[Answer]:
    """Copy the sample documents to *folder*, index them there, and yield an answer to each question.

    Raises:
        ConfigError: *folder* is there already: nothing of it is touched.
    """
    if folder.exists():
        raise ConfigError(f"{str(folder)!r} is there already. Name another folder: rag demo FOLDER.")
    with as_file(files("rag.eval") / "corpus") as corpus:
        shutil.copytree(corpus, folder)
    there = settings.model_copy(update={"index": folder / INDEX})
    model = wiring.embedder(there)
    with wiring.writer(there, model) as writer:
        ingest([folder], writer, model, progress=progress)
    with wiring.open_assistant(there) as assistant:
        yield from map(assistant.ask, QUESTIONS)
