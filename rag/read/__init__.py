"""The reader: a small network that reads a question and a passage together.

It marks the words that answer, says whether the passage answers at all, and whether a
passage supports a sentence. How it was made is in docs/reader.md; `rag.answer` and
`rag.verify` decide what follows from what it reads. May import the rooms below: `rag.text`,
`rag.model`, `rag.search`.
"""

from functools import cache

from rag.read.network import read_trained
from rag.read.reader import BundledReader

__all__ = ["BundledReader", "open_reader"]


@cache
def open_reader() -> BundledReader:
    """Return the reader that comes with the package; one for the process.

    Raises:
        WeightsError: Its file or that of the bundled model is missing or damaged.
    """
    return BundledReader(read_trained())
