"""Files become documents: read within limits, with a title, a language and a date.

Which files there are is found by `scan`; what is boilerplate beyond the structure of
the file is decided in `rag.index.clean`. A bad file never stops the run: it is named,
with the reason.
"""

import hashlib
import os
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from itertools import islice
from pathlib import PurePosixPath
from queue import Queue

from rag.index.byline import byline
from rag.index.folder import Problem, Scan, Source, open_regular, scan
from rag.index.published import published
from rag.index.readers import MAX_BYTES, PLAIN, kind_of, read
from rag.index.reading import Options, Reading, Unreadable, content
from rag.index.sandbox import Sandbox
from rag.text.characters import clean_text
from rag.text.languages import detect
from rag.types import UNDETERMINED, Document

__all__ = ["Loaded", "Problem", "Scan", "Source", "load", "scan"]

Loaded = tuple[Source, Document | None, tuple[Problem, ...]]
"""A file with its document, or None, and what was wrong with it."""

Told = Callable[[str, int], None]

MAX_TITLE_CHARS = 200
# Files that are read at a time. One core is left to the model, which takes ten times as long.
_READERS = max(1, min(4, (os.cpu_count() or 1) - 1))
_TAG = re.compile(r"[A-Za-z]{2,3}(?![A-Za-z])")


def load(
    sources: Iterable[Source], options: Options | None = None, told: Told | None = None
) -> Iterator[Loaded]:
    """Read *sources* in order; for each yield its document, or None and the reason.

    Some are read ahead, each in a process of its own, while the caller is busy with those
    before; no more, so that memory does not grow with their number. A document may come
    with problems that are not `fatal`: it was read with a doubt.

    Args:
        sources: Files that were found.
        options: What a person chose about reading.
        told: Called with the id of a document and the page whose text is being recognised.
    """
    coming = iter(sources)
    with ExitStack() as stack:
        idle: Queue[Sandbox] = Queue()
        for _ in range(_READERS):
            idle.put(stack.enter_context(Sandbox(options=options)))
        pool = stack.enter_context(ThreadPoolExecutor(_READERS, "reader"))
        ahead = deque(pool.submit(_loaded, source, idle, told) for source in islice(coming, 2 * _READERS))
        try:
            while ahead:
                done = ahead.popleft().result()
                ahead.extend(pool.submit(_loaded, source, idle, told) for source in islice(coming, 1))
                yield done
        finally:
            for each in ahead:
                each.cancel()


def _loaded(source: Source, idle: "Queue[Sandbox]", told: "Told | None") -> Loaded:
    sandbox = idle.get()
    try:
        reading = _read(source, sandbox, partial(told, source.doc_id) if told else None)
    except Unreadable as exc:
        return source, None, (Problem(source.doc_id, str(exc), fatal=True),)
    finally:
        idle.put(sandbox)
    doubts = (Problem(source.doc_id, reading.doubt, fatal=False),) if reading.doubt else ()
    return source, _document(source, reading), doubts


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
