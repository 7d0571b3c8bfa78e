"""Options that several commands share: one name, one meaning, one line of help."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from rag.types import Where

__all__ = [
    "AllowUpload",
    "AsJson",
    "Collapse",
    "Docs",
    "Embedder",
    "Folders",
    "Index",
    "K",
    "Langs",
    "Llm",
    "LlmModel",
    "LlmUrl",
    "Since",
    "Until",
    "where",
]

Index = Annotated[Path | None, typer.Option("--index", help="Folder of the index (default .citewise).")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON; the fields are documented in docs/json.md.")
]
Embedder = Annotated[
    str | None, typer.Option(help="'bundled', or a sentence-transformers model name or folder.")
]
Llm = Annotated[
    str | None, typer.Option(help="Backend that writes the answer, or 'auto'; see docs/backends.md.")
]
LlmModel = Annotated[str | None, typer.Option(help="Its model, as the backend names it.")]
LlmUrl = Annotated[str | None, typer.Option(help="Its address, for servers of your own.")]
K = Annotated[int | None, typer.Option("-k", help="How many passages to retrieve.")]
Collapse = Annotated[
    bool | None, typer.Option("--collapse", help="Leave out passages that nearly repeat a better one.")
]
Docs = Annotated[list[str] | None, typer.Option("--doc", help="Only this document (repeatable).")]
Folders = Annotated[list[str] | None, typer.Option("--folder", help="Only documents below this folder.")]
Langs = Annotated[list[str] | None, typer.Option("--lang", help="Only passages in this language.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on this day or later.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on this day or earlier.")
]

AllowUpload = Annotated[
    bool | None, typer.Option("--allow-upload", help="Let people add documents in the browser.")
]


def where(
    doc: Sequence[str] | None,
    folder: Sequence[str] | None,
    lang: Sequence[str] | None,
    since: datetime | None,
    until: datetime | None,
) -> Where:
    """Return what the options of a filter restrict."""

    def day(moment: datetime | None) -> date | None:
        return moment.date() if moment else None

    return Where(tuple(doc or ()), tuple(folder or ()), tuple(lang or ()), day(since), day(until))
