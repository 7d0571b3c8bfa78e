"""An index moves from one engine to another with all that it holds, and nothing is embedded again."""

from collections.abc import Callable, Iterator
from itertools import islice

from rag.errors import ConfigError
from rag.index.engines import View, Writer
from rag.index.entry import Entry

__all__ = ["OCCUPIED", "migrate"]

OCCUPIED = "The engine holds an index already. To replace it, add: --rebuild"

# Documents of one commit: a killed move leaves an index that was never published.
_BATCH = 64


def migrate(source: View, target: Writer, progress: Callable[[str, int, int], None]) -> int:
    """Put all documents and folders of *source* into the empty *target*; return the generation there.

    Raises:
        ConfigError: *target* holds documents.
    """
    if target.known():
        raise ConfigError(OCCUPIED)
    for root in source.roots:
        if root.path not in target.roots():
            target.add_root(root.path, root.prefix)
        target.set_problems(root.path, root.problems)
    total, done = source.document_count, 0
    for batch in _batches(source.entries()):
        target.put(batch)
        done += len(batch)
        progress("moving", done, total)
    return target.publish()


def _batches(entries: Iterator[Entry]) -> Iterator[list[Entry]]:
    while batch := list(islice(entries, _BATCH)):
        yield batch
