"""A folder becomes an index, and stays one: only what changed is read, cleaned and embedded.

What the index holds depends on the folders alone, not on the order of the runs:
a line that has become boilerplate because it now recurs in other documents is
masked in the older ones too.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from rag.errors import ConfigError, LoadError
from rag.index.chunk import chunks, embedded_text
from rag.index.clean import masks, repeated_lines
from rag.index.load import Problem, Source, load, scan
from rag.index.readers import ocr
from rag.index.reading import Options
from rag.index.store import Entry, Known, Writer
from rag.protocols import Embedder
from rag.text import fold
from rag.types import Chunk, Document, Matrix

__all__ = ["Progress", "Report", "ingest"]

Progress = Callable[[str, int, int], None]
"""Called with (stage, done, total)."""

# Passages that are embedded and committed together: a kill loses at most this
# much work (about 3 s), and sorting them by length saves padding.
_BATCH = 64


@dataclass(slots=True)
class Report:
    """What one run did. Lists hold document ids, in order.

    Attributes:
        recleaned: Unchanged files whose boilerplate changed because of others.
        problems: Files that were left out (`fatal`) or read with a doubt.
        skipped: Files of kinds that are not read, by suffix.
        embedded: Passages that went through the model.
    """

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    moved: list[tuple[str, str]] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    recleaned: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    skipped: dict[str, int] = field(default_factory=dict)
    embedded: int = 0
    generation: int = 0


@dataclass(frozen=True, slots=True)
class _Ingest:
    writer: Writer
    embedder: Embedder
    keep_boilerplate: bool
    progress: Progress
    report: Report
    options: Options


def ingest(
    folders: Sequence[Path],
    writer: Writer,
    embedder: Embedder,
    *,
    keep_boilerplate: bool = False,
    progress: Progress | None = None,
    options: Options | None = None,
) -> Report:
    """Bring the index up to date with *folders*; without any, with all it knows.

    Documents are on disk as soon as their batch is reported as done; a killed run
    is continued by the next one.

    Raises:
        LoadError: A folder does not exist. Nothing was changed.
        ConfigError: No folder was ever given.
    """
    run = _Ingest(writer, embedder, keep_boilerplate, progress or _silent, Report(), options or Options())
    _update(run, _roots(folders, writer))
    run.report.generation = writer.publish()
    return run.report


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def _roots(folders: Sequence[Path], writer: Writer) -> dict[str, str]:
    """Return the folders of this run with the prefix of their document ids."""
    known = writer.roots()
    if not folders and not known:
        raise ConfigError("No folder is given and the index knows none. Name one: rag index DIR")
    paths = [folder.resolve() for folder in folders] or [Path(root) for root in known]
    for path in paths:
        if not path.is_dir():
            raise LoadError(path, "is not a folder. Give the folder that holds the documents.")
    prefixes = dict(known)
    for path in paths:
        if str(path) not in prefixes:
            prefixes[str(path)] = _prefix(path.name, set(prefixes.values()))
            writer.add_root(str(path), prefixes[str(path)])
    return {str(path): prefixes[str(path)] for path in paths}


def _prefix(name: str, taken: set[str]) -> str:
    """Return what sets the ids of a folder apart: nothing for the first, its name for others."""
    if not taken:
        return ""
    candidates = (f"{name}{suffix}/" for suffix in ("", *(f"-{n}" for n in range(2, len(taken) + 3))))
    return next(candidate for candidate in candidates if candidate not in taken)


def _update(run: _Ingest, roots: Mapping[str, str]) -> None:
    known = {doc_id: each for doc_id, each in run.writer.known().items() if each.root in roots}
    sources, unread = _scan(run, roots)
    fresh = {doc_id: root for doc_id, root in sources.items() if _is_fresh(doc_id, root[0], known)}
    gone = [doc_id for doc_id in known if doc_id not in sources and not _is_among(doc_id, unread)]
    run.report.unchanged = [doc_id for doc_id in known if doc_id in sources and doc_id not in fresh]
    if fresh or gone:
        loaded = _load(run, [source for source, _ in fresh.values()])
        stale = _reclean(run, sources, {*loaded, *gone}, loaded)
        moves = _moves(loaded, known, gone)
        kept = _move(run, moves, loaded, sources)
        changed = [document for doc_id, document in loaded.items() if doc_id not in kept]
        _store(run, [*stale, *changed], {doc_id: root for doc_id, (_, root) in sources.items()})
        _classify(run, loaded, known, moves)
        run.report.removed = [doc_id for doc_id in gone if doc_id not in moves.values()]
        run.writer.remove(gone)
    for root in roots:
        mine = [each for each in run.report.problems if _owner(each.doc_id, roots) == root]
        run.writer.set_problems(root, mine)


def _owner(doc_id: str, roots: Mapping[str, str]) -> str:
    """Return the folder with the longest prefix that *doc_id* begins with."""
    return max((root for root in roots if doc_id.startswith(roots[root])), key=lambda root: len(roots[root]))


def _scan(run: _Ingest, roots: Mapping[str, str]) -> tuple[dict[str, tuple[Source, str]], set[str]]:
    """Return each file to index with its root, and the ids that could not be read."""
    sources: dict[str, tuple[Source, str]] = {}
    for root, prefix in roots.items():
        found = scan(Path(root), with_pictures=run.options.ocr != "off" and ocr.is_installed())
        for source in found.sources:
            sources[prefix + source.doc_id] = replace(source, doc_id=prefix + source.doc_id), root
        run.report.problems += [replace(each, doc_id=prefix + each.doc_id) for each in found.problems]
        for suffix, count in found.skipped.items():
            run.report.skipped[suffix] = run.report.skipped.get(suffix, 0) + count
    return sources, {problem.doc_id for problem in run.report.problems if problem.fatal}


def _is_among(doc_id: str, unread: set[str]) -> bool:
    """Tell whether a file, or a folder above it, could not be read: then it is not gone."""
    return doc_id in unread or any(name.endswith("/") and doc_id.startswith(name) for name in unread)


def _is_fresh(doc_id: str, source: Source, known: Mapping[str, Known]) -> bool:
    return doc_id not in known or known[doc_id].sha256 != source.sha256


def _load(run: _Ingest, sources: Sequence[Source]) -> dict[str, Document]:
    loaded: dict[str, Document] = {}

    def told(doc_id: str, page: int) -> None:
        run.progress(f"recognising page {page} of {doc_id}", len(loaded), len(sources))

    for done, (source, document, problems) in enumerate(load(sources, run.options, told), start=1):
        run.report.problems += problems
        if document:
            loaded[source.doc_id] = document
        run.progress("reading", done, len(sources))
    return loaded


def _reclean(
    run: _Ingest,
    sources: Mapping[str, tuple[Source, str]],
    replaced: set[str],
    loaded: dict[str, Document],
) -> list[Document]:
    """Mask *loaded* in place; return the unchanged documents whose masks changed with them."""
    if run.keep_boilerplate:
        loaded.update({doc_id: replace(document, boilerplate=()) for doc_id, document in loaded.items()})
        return []
    before = repeated_lines(document.text for document in run.writer.documents())
    after = repeated_lines(_texts(run.writer, replaced, loaded))
    stale = [
        document.doc_id
        for document in run.writer.documents()
        if document.doc_id not in replaced
        and document.doc_id in sources
        and not (before ^ after).isdisjoint(map(fold, document.text.splitlines()))
    ]
    run.report.recleaned = stale
    again = [sources[doc_id][0] for doc_id in stale]
    reread = [document for _, document, _ in load(again, run.options) if document]
    loaded.update({doc_id: _masked(document, after) for doc_id, document in loaded.items()})
    return [_masked(document, after) for document in reread]


def _texts(writer: Writer, replaced: set[str], loaded: Mapping[str, Document]) -> Iterator[str]:
    yield from (document.text for document in writer.documents() if document.doc_id not in replaced)
    yield from (document.text for document in loaded.values())


def _masked(document: Document, repeated: frozenset[str]) -> Document:
    return replace(document, boilerplate=masks(document, repeated))


def _moves(loaded: Mapping[str, Document], known: Mapping[str, Known], gone: Sequence[str]) -> dict[str, str]:
    """Pair each new document with a vanished one of the same bytes: {new: old}."""
    left: dict[str, list[str]] = {}
    for doc_id in gone:
        left.setdefault(known[doc_id].sha256, []).append(doc_id)
    return {
        doc_id: left[document.sha256].pop(0)
        for doc_id, document in loaded.items()
        if doc_id not in known and left.get(document.sha256)
    }


def _move(
    run: _Ingest,
    moves: Mapping[str, str],
    loaded: Mapping[str, Document],
    sources: Mapping[str, tuple[Source, str]],
) -> set[str]:
    """Rename what a move leaves as it was; return the new ids.

    A title or a date may come from the file name: then the document is another.
    """
    news = {old: new for new, old in moves.items()}
    same = [
        document.doc_id
        for document in run.writer.documents()
        if document.doc_id in news
        and replace(document, doc_id=news[document.doc_id]) == loaded[news[document.doc_id]]
    ]
    for old in same:
        run.writer.move(old, news[old], sources[news[old]][1])
    run.report.moved = sorted(news.items())
    return {news[old] for old in same}


def _classify(
    run: _Ingest, loaded: Mapping[str, Document], known: Mapping[str, Known], moves: Mapping[str, str]
) -> None:
    run.report.changed = [doc_id for doc_id in loaded if doc_id in known]
    run.report.added = [doc_id for doc_id in loaded if doc_id not in known and doc_id not in moves]


def _store(run: _Ingest, documents: Sequence[Document], roots: Mapping[str, str]) -> None:
    """Chunk, embed and commit, about `_BATCH` passages at a time."""
    cut = [(document, _chunks(run, document)) for document in documents]
    total = sum(len(found) for _, found in cut)
    batch: list[tuple[Document, list[Chunk]]] = []
    for place, item in enumerate(cut, start=1):
        batch.append(item)
        if place == len(cut) or sum(len(found) for _, found in batch) >= _BATCH:
            run.writer.put(_entries(run, batch, roots, total))
            batch = []


def _chunks(run: _Ingest, document: Document) -> list[Chunk]:
    return chunks(document, run.embedder.count_tokens, run.embedder.max_tokens)


def _entries(
    run: _Ingest, batch: Sequence[tuple[Document, list[Chunk]]], roots: Mapping[str, str], total: int
) -> list[Entry]:
    texts = [embedded_text(document.title, chunk) for document, found in batch for chunk in found]
    vectors, signs = _read(run, texts, [chunk.lang for _, found in batch for chunk in found], total)
    entries = []
    start = 0
    for document, found in batch:
        rows = slice(start, start + len(found))
        entries.append(
            Entry(document, tuple(found), vectors[rows], tuple(signs[rows]), roots[document.doc_id])
        )
        start += len(found)
    return entries


def _read(run: _Ingest, texts: Sequence[str], langs: Sequence[str], total: int) -> tuple[Matrix, list[bytes]]:
    rows, signs = [np.zeros((0, run.embedder.dim), np.float32)], list[bytes]()
    for start in range(0, len(texts), _BATCH):
        part = slice(start, start + _BATCH)
        vectors, each = run.embedder.read_passages(texts[part], langs[part])
        rows.append(vectors)
        signs += each
        run.report.embedded += len(each)
        run.progress("embedding", run.report.embedded, total)
    return np.concatenate(rows), signs
