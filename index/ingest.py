"""A folder becomes an index, and stays one: only what changed is read, cleaned and embedded.

What the index holds depends on the folders alone, not on the order of the runs:
a line that has become boilerplate because it now recurs in other documents is
masked in the older ones too. Documents pass through one after the other, read ahead
by a few while others are embedded; what is kept of each is a few numbers.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from rag.index.ahead import Ahead, Remembering
from rag.index.chunk import chunks, embedded_text
from rag.index.clean import REASONS, Recurring, line_keys, masks
from rag.index.engines import Writer
from rag.index.entry import Entry, Known
from rag.index.load import Loaded, Problem, Source, load
from rag.index.readers import ocr
from rag.index.reading import Options
from rag.index.roots import Wishes, chosen, forgotten
from rag.protocols import Embedder
from rag.types import Chunk, Document, Matrix

__all__ = ["Progress", "Report", "Wishes", "forget", "ingest", "remove"]

Progress = Callable[[str, int, int], None]
"""Called with (stage, documents done, total)."""

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
        withheld: Indexed folders that are empty or gone and were left as they were, by path.
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
    withheld: list[Problem] = field(default_factory=list)


@dataclass(slots=True)
class _Ingest:
    """A run.

    Attributes:
        roots: Of the documents to come, by id.
        batch: Documents with their passages that are not embedded yet.
        order: When each document of this run was cleaned, as `Recurring.since` counts.
        ahead: Files that are ready, by where they lie.
    """

    writer: Writer
    embedder: Embedder
    keep_boilerplate: bool
    progress: Progress
    options: Options = field(default_factory=Options)
    report: Report = field(default_factory=Report)
    recurring: Recurring = field(default_factory=Recurring)
    roots: dict[str, str] = field(default_factory=dict)
    batch: list[tuple[Document, list[Chunk]]] = field(default_factory=list)
    order: dict[str, int] = field(default_factory=dict)
    ahead: Mapping[Path, Ahead] = field(default_factory=dict)


def ingest(
    folders: Sequence[Path],
    writer: Writer,
    embedder: Embedder,
    *,
    keep_boilerplate: bool = False,
    wishes: Wishes | None = None,
    progress: Progress | None = None,
    options: Options | None = None,
    ahead: Mapping[Path, Ahead] | None = None,
) -> Report:
    """Bring the index up to date with *folders* and files; without any, with all it knows.

    Documents are on disk as soon as their batch is reported as done; a killed run
    is continued by the next one. A known folder that is gone or empty keeps its
    documents and is reported as withheld. Files that *ahead* has, by their path, are not
    read and embedded again.

    Raises:
        LoadError: A folder does not exist, or seems to be one that moved. Nothing was changed.
        ConfigError: No folder was ever given.
    """
    if ahead:
        embedder = Remembering(embedder, list(ahead.values()))
    run = _Ingest(writer, embedder, keep_boilerplate, progress or _silent, options or Options())
    run.ahead = ahead or {}
    with_pictures = run.options.ocr != "off" and ocr.is_installed()
    choice = chosen(folders, writer, wishes or Wishes(), with_pictures=with_pictures)
    run.report.withheld = choice.withheld
    sources = {source.doc_id: source for found in choice.scans.values() for source in found.sources}
    run.roots = {each.doc_id: root for root, found in choice.scans.items() for each in found.sources}
    problems = {root: list(found.problems) for root, found in choice.scans.items()}
    run.report.problems = [problem for found in problems.values() for problem in found]
    for found in choice.scans.values():
        for suffix, count in found.skipped.items():
            run.report.skipped[suffix] = run.report.skipped.get(suffix, 0) + count
    known = {doc_id: each for doc_id, each in writer.known().items() if each.root in choice.scans}
    _update(run, sources, known, problems)
    for root, found_problems in problems.items():
        doubts = _doubts(writer, root, run.report.unchanged)
        writer.set_problems(root, list(dict.fromkeys([*found_problems, *doubts])))
    run.report.generation = writer.publish()
    return run.report


def forget(folder: Path, writer: Writer, embedder: Embedder, *, keep_boilerplate: bool = False) -> Report:
    """Take a folder and its documents out of the index, whether it is still there or not.

    Raises:
        LoadError: It is not an indexed folder.
    """
    root = forgotten(folder, writer)
    doc_ids = [doc_id for doc_id, each in writer.known().items() if each.root == root]
    return _without(doc_ids, writer, embedder, lambda: writer.forget(root), keep_boilerplate=keep_boilerplate)


def remove(
    doc_ids: Sequence[str], writer: Writer, embedder: Embedder, *, keep_boilerplate: bool = False
) -> Report:
    """Take documents out of the index, and no others: neither their files nor any other are looked at."""

    def removed() -> None:
        writer.remove(doc_ids)
        for root in writer.roots():
            left = [each for each in writer.problems(root) if each.doc_id not in doc_ids]
            writer.set_problems(root, left)

    known = [each for each in doc_ids if each in writer.known()]
    return _without(known, writer, embedder, removed, keep_boilerplate=keep_boilerplate)


def _without(
    doc_ids: list[str],
    writer: Writer,
    embedder: Embedder,
    removed: Callable[[], None],
    *,
    keep_boilerplate: bool,
) -> Report:
    """Do what takes *doc_ids* away, and mask again what they made boilerplate in others."""
    run = _Ingest(writer, embedder, keep_boilerplate, _silent)
    run.report.removed = doc_ids
    before = _counted(run, set(doc_ids))
    removed()
    _settle(run, before)
    run.report.generation = writer.publish()
    return run.report


def _doubts(writer: Writer, root: str, unchanged: Sequence[str]) -> list[Problem]:
    """Return what earlier runs left unsure of documents that this one did not read again."""
    same = set(unchanged)
    return [each for each in writer.problems(root) if not each.fatal and each.doc_id in same]


def _silent(_stage: str, _done: int, _total: int) -> None:
    """Show no progress."""


def _update(
    run: _Ingest,
    sources: Mapping[str, Source],
    known: Mapping[str, Known],
    problems: Mapping[str, list[Problem]],
) -> None:
    unread = {problem.doc_id for problem in run.report.problems if problem.fatal}
    fresh = {doc_id: each for doc_id, each in sources.items() if _is_fresh(doc_id, each, known)}
    gone = [doc_id for doc_id in known if doc_id not in sources and not _is_among(doc_id, unread)]
    run.report.unchanged = [doc_id for doc_id in known if doc_id in sources and doc_id not in fresh]
    if not (fresh or gone or not run.writer.is_settled):
        return
    moves = _moves(fresh, known, gone)
    # What moved is counted where it was: its lines are the same.
    before = _counted(run, {*(each for each in fresh if each in known), *gone} - set(moves.values()))
    _read(run, fresh, known, moves, problems)
    run.report.removed = [doc_id for doc_id in gone if doc_id not in moves.values()]
    run.writer.remove(gone)
    _settle(run, before)


def _is_among(doc_id: str, unread: set[str]) -> bool:
    """Tell whether a file, or a folder above it, could not be read: then it is not gone."""
    return doc_id in unread or any(name.endswith("/") and doc_id.startswith(name) for name in unread)


def _is_fresh(doc_id: str, source: Source, known: Mapping[str, Known]) -> bool:
    return doc_id not in known or known[doc_id].sha256 != source.sha256


def _moves(fresh: Mapping[str, Source], known: Mapping[str, Known], gone: Sequence[str]) -> dict[str, str]:
    """Pair each new file with a vanished one of the same bytes: {new: old}."""
    left: dict[str, list[str]] = {}
    for doc_id in gone:
        left.setdefault(known[doc_id].sha256, []).append(doc_id)
    return {
        doc_id: left[source.sha256].pop(0)
        for doc_id, source in fresh.items()
        if doc_id not in known and left.get(source.sha256)
    }


def _counted(run: _Ingest, replaced: set[str]) -> set[int]:
    """Count the lines of what stays; return those that were repeated before, none if that is not known."""
    if run.keep_boilerplate:
        return set()
    for document in run.writer.documents():
        run.recurring.add(document.text)
    before = set(run.recurring.since) if run.writer.is_settled else set()
    for doc_id in replaced:
        run.recurring.remove(run.writer.document(doc_id).text)
    return before


def _read(
    run: _Ingest,
    fresh: Mapping[str, Source],
    known: Mapping[str, Known],
    moves: Mapping[str, str],
    problems: Mapping[str, list[Problem]],
) -> None:
    """Read, clean and store what is new, one document after the other."""
    done = 0

    def told(doc_id: str, page: int) -> None:
        run.progress(f"recognising page {page} of {doc_id}", done, len(fresh))

    for done, (source, document, found) in enumerate(_loaded(run, fresh, told), start=1):
        problems[run.roots[source.doc_id]].extend(found)
        run.report.problems += found
        if document:
            (run.report.changed if source.doc_id in known else run.report.added).append(source.doc_id)
            _take(run, document, moves.get(source.doc_id, ""))
        run.progress("reading", done, len(fresh))
        _store(run, done, len(fresh), least=_BATCH)
    _store(run, len(fresh), len(fresh), least=1)


def _loaded(run: _Ingest, fresh: Mapping[str, Source], told: Callable[[str, int], None]) -> Iterator[Loaded]:
    """Yield each file with its document, those first that are ready."""
    unread = []
    for source in fresh.values():
        ready = run.ahead.get(source.path)
        if ready and ready.document and ready.document.sha256 == source.sha256:
            yield (source, *ready.named(source.doc_id))
        else:
            unread.append(source)
    if unread:
        yield from load(unread, run.options, told)


def _take(run: _Ingest, document: Document, old: str) -> None:
    """Clean a document and put it into the batch, or rename what a move leaves as it was.

    A title or a date may come from the file name: then the document is another.
    """
    if not old and not run.keep_boilerplate:
        run.recurring.add(document.text)
    run.order[document.doc_id] = run.recurring.added
    cleaned = _masked(run, document)
    if old:
        run.report.added.pop()
        run.report.moved.append((old, document.doc_id))
        if replace(run.writer.document(old), doc_id=document.doc_id) == cleaned:
            run.writer.move(old, document.doc_id, run.roots[document.doc_id])
            return
    run.batch.append((cleaned, _chunks(run, cleaned)))


def _masked(run: _Ingest, document: Document) -> Document:
    """Return *document* with the masks of its reader, and those that all documents together give."""
    if run.keep_boilerplate:
        return replace(document, boilerplate=())
    read = tuple(mask for mask in document.boilerplate if mask.reason not in REASONS)
    return replace(document, boilerplate=masks(replace(document, boilerplate=read), run.recurring.since))


def _settle(run: _Ingest, before: set[int]) -> None:
    """Mask again where other documents have made a line boilerplate, or no longer do."""
    if run.keep_boilerplate:
        return
    changed = before ^ run.recurring.since.keys()
    stale = [each.doc_id for each in run.writer.documents() if _may_change(run, each, changed)]
    for doc_id in stale:
        document = run.writer.document(doc_id)
        cleaned = _masked(run, document)
        if cleaned != document:
            run.roots.setdefault(doc_id, run.writer.known()[doc_id].root)
            run.batch.append((cleaned, _chunks(run, cleaned)))
            if doc_id not in run.order:
                run.report.recleaned.append(doc_id)
            _store(run, 0, 0, least=_BATCH)
    _store(run, 0, 0, least=1)


def _may_change(run: _Ingest, document: Document, changed: Iterable[int]) -> bool:
    """Tell whether a line of *document* became boilerplate, or ceased to be, after it was cleaned."""
    order = run.order.get(document.doc_id)
    if order is None:
        return not line_keys(document.text).isdisjoint(changed)
    return any(run.recurring.since.get(key or 0, 0) > order for key in line_keys(document.text))


def _chunks(run: _Ingest, document: Document) -> list[Chunk]:
    for each in run.ahead.values():
        if (found := each.passages(document)) is not None:
            return found
    return chunks(document, run.embedder.count_tokens, run.embedder.max_tokens)


def _store(run: _Ingest, done: int, total: int, *, least: int) -> None:
    """Embed and commit the batch if it holds so many passages and documents at least."""
    if sum(len(found) + 1 for _, found in run.batch) >= least:
        run.writer.put(list(_entries(run)))
        run.batch.clear()
        if total:
            run.progress("embedding", done, total)


def _entries(run: _Ingest) -> Iterator[Entry]:
    texts = [embedded_text(document.title, chunk) for document, found in run.batch for chunk in found]
    vectors, signs = _embedded(run, texts, [chunk.lang for _, found in run.batch for chunk in found])
    start = 0
    for document, found in run.batch:
        rows = slice(start, start + len(found))
        yield Entry(document, tuple(found), vectors[rows], tuple(signs[rows]), run.roots[document.doc_id])
        start += len(found)


def _embedded(run: _Ingest, texts: Sequence[str], langs: Sequence[str]) -> tuple[Matrix, list[bytes]]:
    rows, signs = [np.zeros((0, run.embedder.dim), np.float32)], list[bytes]()
    for start in range(0, len(texts), _BATCH):
        part = slice(start, start + _BATCH)
        vectors, each = run.embedder.read_passages(texts[part], langs[part])
        rows.append(vectors)
        signs += each
        run.report.embedded += len(each)
    return np.concatenate(rows), signs
