"""Files become documents: read within limits, with a title, a language and a date.

Which files there are is found by `scan`; what is boilerplate beyond the structure of
the file is decided in `rag.index.clean`. A bad file never stops the run: it is named,
with the reason.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import PurePosixPath

from rag.index.byline import byline
from rag.index.folder import Problem, Scan, Source, open_regular, scan
from rag.index.published import published
from rag.index.readers import MAX_BYTES, PLAIN, kind_of, read
from rag.index.reading import Options, Reading, Unreadable, content
from rag.index.sandbox import Sandbox
from rag.languages import detect
from rag.text import clean_text
from rag.types import UNDETERMINED, Document

__all__ = ["Problem", "Scan", "Source", "load", "scan"]

MAX_TITLE_CHARS = 200
_TAG = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")


def load(
    sources: Sequence[Source], options: Options | None = None, told: Callable[[str, int], None] | None = None
) -> Iterator[tuple[Source, Document | None, tuple[Problem, ...]]]:
    """Read *sources* in order; for each yield its document, or None and the reason.

    Args:
        sources: Files that were found.
        options: What a person chose about reading.
        told: Called with the id of a document and the page whose text is being recognised.

    A document may come with problems that are not `fatal`: it was read with a doubt.
    """
    with Sandbox(options=options) as sandbox:
        for source in sources:
            try:
                reading = _read(source, sandbox, partial(told, source.doc_id) if told else None)
            except Unreadable as exc:
                yield source, None, (Problem(source.doc_id, str(exc), fatal=True),)
                continue
            doubts = (Problem(source.doc_id, reading.doubt, fatal=False),) if reading.doubt else ()
            yield source, _document(source, reading), doubts


def _read(source: Source, sandbox: Sandbox, told: Callable[[int], None] | None) -> Reading:
    suffix = source.path.suffix.lower()
    data = _bytes(source, MAX_BYTES.get(suffix, max(MAX_BYTES.values())))
    kind = kind_of(data, suffix)
    reading = read(data, kind) if kind in PLAIN else sandbox.read(data, kind, told)
    if not reading.text.strip():
        raise Unreadable("holds no text")
    return reading


def _bytes(source: Source, max_bytes: int) -> bytes:
    """Return the bytes that were hashed, or none: half a file must not pass for the whole."""
    try:
        with open_regular(source.path) as file:
            data = file.read(max_bytes + 1)
    except OSError as exc:
        raise Unreadable(f"cannot be read ({exc.strerror}). Run it again") from exc
    if hashlib.sha256(data).hexdigest() != source.sha256:
        raise Unreadable("changed while the folder was being read. Run it again")
    return data


def _document(source: Source, reading: Reading) -> Document:
    stem = PurePosixPath(source.doc_id).stem
    title = " ".join(clean_text(reading.title).split()) or " ".join(stem.replace("_", " ").split()) or stem
    return Document(
        doc_id=source.doc_id,
        title=title[:MAX_TITLE_CHARS],
        text=reading.text,
        lang=_language(reading),
        date=published(reading.text, reading.masks, reading.published, stem),
        sha256=source.sha256,
        boilerplate=reading.masks,
        author=_author(reading)[:MAX_TITLE_CHARS],
        pages=reading.pages,
        left_out=reading.left_out,
    )


def _author(reading: Reading) -> str:
    declared = " ".join(clean_text(reading.author).split())
    return declared or byline(reading.text, reading.masks)


def _language(reading: Reading) -> str:
    """Return the language of the content; what the file declares counts only where that is unclear.

    Half of the pages that say lang="en" do so because their template did.
    """
    found = detect(content(reading.text, reading.masks).strip() or reading.text)
    if found != UNDETERMINED:
        return found
    declared = _TAG.match(reading.lang)
    return declared[0].lower() if declared else UNDETERMINED
