"""Which folders and files a run reads, and which it had better leave as they are.

An indexed folder that is suddenly empty or gone is rather a disk that is not there
than a wish: its documents stay until somebody says so. One inside the index itself (of
files that were uploaded) is on the disk of the index, which is there. One that has moved is
asked about, because indexed anew it would be there twice.
"""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from rag.errors import ConfigError, LoadError
from rag.index.engines import Writer
from rag.index.entry import Known
from rag.index.folder import Problem, Scan, scan

__all__ = ["Choice", "Wishes", "chosen", "forgotten"]

Look = Callable[[Path], Scan]

# A new folder that holds so many of the documents of one that is gone is that one.
_MOVED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person said about folders that are not as they were.

    Attributes:
        allow_empty: Folders that hold nothing any more lose their documents.
        moved_from: The one new folder is this old one, elsewhere.
        as_new: The new folders are none of the old ones.
    """

    allow_empty: bool = False
    moved_from: Path | None = None
    as_new: bool = False


@dataclass(slots=True)
class Choice:
    """What a run reads.

    Attributes:
        scans: By path of the root; document ids are those of the index.
        withheld: Roots that are left as they are, each with the reason and the remedy.
    """

    scans: dict[str, Scan] = field(default_factory=dict)
    withheld: list[Problem] = field(default_factory=list)


def chosen(paths: Sequence[Path], writer: Writer, wishes: Wishes, *, with_pictures: bool = False) -> Choice:
    """Return what to read for *paths*, or for all that the index knows; new roots are remembered.

    Raises:
        LoadError: A path is not there, or seems to be a known folder that moved. Nothing was changed.
        ConfigError: No path was ever given, or `moved_from` does not fit.
    """
    known = writer.roots()
    if not paths and not known:
        raise ConfigError("No folder is given and the index knows none. Name one: rag index DIR")
    wanted = list(dict.fromkeys(_root(path.resolve(), known) for path in paths)) or list(known)
    look = partial(scan, with_pictures=with_pictures)
    fresh = {path: _scanned(Path(path), look) for path in wanted if path not in known}
    if wishes.moved_from is not None:
        _relocate(writer, wishes.moved_from.resolve(), list(fresh))
    elif not wishes.as_new:
        for path, found in fresh.items():
            _ask_if_moved(path, found, writer)
    for path in fresh:
        if path not in writer.roots():
            writer.add_root(path, _prefix(Path(path), writer))
    return _choice(wanted, fresh, writer, look, allow_empty=wishes.allow_empty)


def forgotten(path: Path, writer: Writer) -> str:
    """Return the known root that *path* names, there or not. Raises `LoadError` if there is none."""
    for candidate in (str(path.resolve()), os.path.abspath(path), str(path)):  # noqa: PTH100 - links may be gone
        if candidate in writer.roots():
            return candidate
    named = ", ".join(writer.roots()) or "none"
    raise LoadError(path, f"is not an indexed folder or file. Indexed are: {named}.")


def _root(path: Path, known: Mapping[str, str]) -> str:
    """Return *path*, or for a file the known folder that holds it."""
    if path.is_file() and str(path) not in known:
        above = [each for each in known if Path(each) in path.parents and Path(each).is_dir()]
        return max(above, key=len, default=str(path))
    return str(path)


def _scanned(path: Path, look: Look) -> Scan:
    if not path.exists():
        raise LoadError(path, "is not there. Give the folder that holds the documents, or a file.")
    found = look(path)
    if path.is_file() and not found.sources:
        what = found.problems[0].reason if found.problems else "is of a kind that is not read."
        raise LoadError(path, what)
    return found


def _relocate(writer: Writer, old: Path, fresh: Sequence[str]) -> None:
    if len(fresh) != 1:
        raise ConfigError("--moved-from needs the one new folder: rag index --moved-from OLD NEW")
    writer.relocate(forgotten(old, writer), fresh[0])


def _ask_if_moved(path: str, found: Scan, writer: Writer) -> None:
    held = {source.sha256 for source in found.sources}
    for root in writer.roots():
        if Path(root).exists():
            continue
        shas = [each.sha256 for each in writer.known().values() if each.root == root]
        if shas and sum(sha in held for sha in shas) >= _MOVED_SHARE * len(shas):
            raise LoadError(
                path,
                f"holds the documents of {root!r}, which is gone. If it was moved, say so with: "
                f"rag index --moved-from {root!r} {path!r}. "
                f"If it is another folder, add it with: rag index --as-new {path!r}",
            )


def _prefix(path: Path, writer: Writer) -> str:
    """Return what sets the ids of a root apart: nothing for the first folder, its name for others.

    Files have their name as id, and that of their folder before it where the name is taken.
    """
    taken = set(writer.roots().values())
    if not taken or (path.is_file() and _is_free(path.name, writer)):
        return ""
    name = path.parent.name if path.is_file() else path.name
    numbered = (f"{name}{suffix}/" for suffix in ("", *(f"-{n}" for n in range(2, len(taken) + 3))))
    return next(each for each in numbered if each not in taken)


def _is_free(name: str, writer: Writer) -> bool:
    """Tell whether the roots without a prefix are all single files of other names."""
    bare = {root for root, prefix in writer.roots().items() if not prefix}
    ids = [(doc_id, Path(each.root)) for doc_id, each in writer.known().items() if each.root in bare]
    are_files = all(doc_id == root.name for doc_id, root in ids) and not any(
        Path(root).is_dir() for root in bare
    )
    return are_files and name not in {Path(root).name for root in bare}


def _choice(
    wanted: Sequence[str], fresh: Mapping[str, Scan], writer: Writer, look: Look, *, allow_empty: bool
) -> Choice:
    choice = Choice()
    known = writer.known()
    for root in wanted:
        found, reason = (fresh[root], "") if root in fresh else _seen(Path(root), look)
        is_ours = writer.path in Path(root).parents
        if not (found.sources or allow_empty or is_ours) and (reason or _lost(root, found, known)):
            choice.withheld.append(_withheld(root, reason or "holds no document any more", known))
        else:
            choice.scans[root] = _named(found, writer.roots()[root])
    return choice


def _seen(root: Path, look: Look) -> tuple[Scan, str]:
    """Return what a known root holds now, and why that is nothing."""
    try:
        return look(root), ""
    except LoadError:
        return Scan((), (), {}), "is gone or cannot be listed" if root.exists() else "is gone"


def _lost(root: str, found: Scan, known: Mapping[str, Known]) -> bool:
    """Tell whether a root without sources had some, none of which is merely unreadable now."""
    return not found.problems and any(each.root == root for each in known.values())


def _withheld(root: str, reason: str, known: Mapping[str, Known]) -> Problem:
    count = sum(each.root == root for each in known.values())
    remedy = (
        f"what was in it stays in the index ({count}). If it moved: rag index --moved-from {root!r} NEW. "
        f"If it is to go: rag forget {root!r}, or rag index --allow-empty {root!r}"
    )
    return Problem(root, f"{reason}; {remedy}", fatal=True)


def _named(found: Scan, prefix: str) -> Scan:
    """Return *found* with the document ids of the index."""
    sources = tuple(replace(each, doc_id=prefix + each.doc_id) for each in found.sources)
    problems = tuple(replace(each, doc_id=prefix + each.doc_id) for each in found.problems)
    return Scan(sources, problems, found.skipped)
