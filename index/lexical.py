"""The lexical leg: BM25 of SQLite's FTS5 over tokens that `rag.text.characters` has already cut.

Decides how tokens are kept whole inside FTS5 and which tokens of a question are
worth a look; where the rows live and who may see them is for `rag.index.schema`
and `rag.index.snapshot`.
"""

import hashlib
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.text.characters import tokens

__all__ = [
    "ANALYSER",
    "SCHEMA",
    "add",
    "clear",
    "digest",
    "flush",
    "frequencies",
    "held",
    "idf",
    "pack",
    "remove",
    "search",
    "worthwhile",
]

Rows = Callable[[str, Sequence[object]], list[Any]]
"""Runs one SQL statement and returns its rows: `rag.index.schema.Database.rows`."""

# `rag.text.characters` has decided what a token is, so nothing but the space may part two of
# them: unicode61 would cut "c++" to "c" and a Thai syllable at its vowel sign. The
# ascii tokenizer takes every non-ASCII character as it is, and what is listed here.
_PUNCTUATION = "".join(char for char in map(chr, range(0x21, 0x7F)) if not char.isalnum())
_TOKENCHARS = _PUNCTUATION.replace("'", "''").replace('"', '""')
_INDEXABLE = re.compile("[^\x00-\x20\x7f\ud800-\udfff]+")

# Contentless: the tokens themselves are kept, under seal, in table `terms`.
_TOKENIZER = f"ascii tokenchars '{_TOKENCHARS}'"
SCHEMA = (
    f"CREATE VIRTUAL TABLE lexicon USING fts5(tokens, content='', tokenize=\"{_TOKENIZER}\")",
    "CREATE VIRTUAL TABLE vocabulary USING fts5vocab(lexicon, 'row')",
)

_PROBE = (
    "Größe C++ gpt-4o 3.5 24/7 Αθήνα Київ שָׁלוֹם مُحَمَّد हिन्दी ภาษาไทย 東京タワー 中文分词 한국어의 값은 カﾞ ﬁ Ⅳ "
    "\u1112\u1161\u11ab e\u0301 \U0001f469\u200d\U0001f680"
)
ANALYSER = hashlib.blake2b(" ".join(tokens(_PROBE)).encode(), digest_size=8).hexdigest()
"""Changes when `rag.text.characters.tokens` does: an index of other tokens finds nothing."""

# FTS5 scores a passage in time proportional to the terms of the query. The longest
# question of 30 public sets has 84 distinct tokens, nine in ten have fewer than 22.
_MOST_TERMS = 64
# Passages that FTS5 scores for a query, each in 1.5 µs for each of its tokens: at most
# 24 ms. Of 200,000 passages these find as many of the right ones as all do (docs/scale.md).
_MOST_POSTINGS = 16_000
_PAGE = 1000


def pack(found: Iterable[str]) -> bytes:
    """Return tokens in reading order as the body of a row of table `terms`."""
    return " ".join(token for token in found if _INDEXABLE.fullmatch(token)).encode()


def held(body: bytes, wanted: Iterable[str]) -> frozenset[str]:
    """Return which of *wanted* are among the tokens that `pack` was given."""
    # To look for a dozen is quicker than to cut a thousand apart.
    packed = f" {body.decode()} "
    return frozenset(token for token in wanted if f" {token} " in packed)


def add(rows: Rows, number: int, body: bytes) -> None:
    """Index the packed tokens of passage *number*."""
    rows("INSERT INTO lexicon (rowid, tokens) VALUES (?, ?)", [number, body.decode()])


def remove(rows: Rows, number: int, body: bytes) -> None:
    """Take passage *number* out again; *body* must be what it was added with."""
    rows("INSERT INTO lexicon (lexicon, rowid, tokens) VALUES ('delete', ?, ?)", [number, body.decode()])


def clear(rows: Rows) -> None:
    """Take every passage out."""
    rows("INSERT INTO lexicon (lexicon) VALUES ('delete-all')", [])


def frequencies(rows: Rows, wanted: Iterable[str]) -> dict[str, int]:
    """Return how many passages hold each distinct token, in the order given."""
    counts = dict.fromkeys(wanted, 0)
    terms = json.dumps([token for token in counts if _INDEXABLE.fullmatch(token)])
    found = rows("SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))", [terms])
    return counts | dict(found)


def idf(frequency: int, passages: int) -> float:
    """Return ``ln((N + 1) / (df + 0.5))``: above 0 even for a token of every passage."""
    return math.log((passages + 1) / (frequency + 0.5))


def worthwhile(counts: Mapping[str, int], rounds: int = 1) -> list[str]:
    """Return the tokens to search for, rarest first.

    The rarest tokens decide BM25; the commonest cost the time. So tokens are taken
    from the rarest on, until they are too many or have too many postings.

    Args:
        counts: How many passages hold each token.
        rounds: Of looking; each after the first may cost four times the one before.
    """
    most = 4 ** (rounds - 1)
    chosen: list[str] = []
    postings = 0
    for token, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        postings += count
        if chosen and (len(chosen) == most * _MOST_TERMS or postings > most * _MOST_POSTINGS):
            break
        if count:
            chosen.append(token)
    return chosen


def search(rows: Rows, wanted: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
    """Return the number and the BM25 score of every passage that holds one of *wanted*.

    Scores are those of FTS5 (k1 = 1.2, b = 0.75), negated: higher is better.
    """
    # Inside double quotes nothing is syntax, and a double quote is written twice.
    query = " OR ".join('"' + token.replace('"', '""') + '"' for token in wanted)
    found = rows("SELECT rowid, -bm25(lexicon) FROM lexicon WHERE lexicon MATCH ?", [query]) if query else []
    table = np.array(found, dtype=[("number", np.int64), ("score", np.float64)])
    return table["number"], table["score"]


def flush(rows: Rows) -> None:
    """Write what FTS5 holds in memory to its tables, inside the open transaction."""
    rows("SAVEPOINT lexicon", [])
    rows("RELEASE lexicon", [])


def digest(rows: Rows) -> str:
    """Return a digest of FTS5's tables: a flipped bit there loses passages without an error.

    About 2 ms for 1,000 passages.
    """
    found = hashlib.blake2b(digest_size=16)
    # A flipped type byte can turn a block into NULL or a number.
    blocks = "SELECT id, CAST(ifnull(block, '') AS BLOB) FROM lexicon_data WHERE id > ? ORDER BY id LIMIT ?"
    last = -1
    # Where a damaged tree leads back to its beginning, the ids stop growing.
    while (page := rows(blocks, [last, _PAGE])) and page[-1][0] > last:
        for number, block in page:
            found.update(b"%d:" % number + block)
        last = page[-1][0]
    found.update(repr(rows("SELECT segid, term, pgno FROM lexicon_idx", [])).encode())
    found.update(b"[")
    separator, last = b"", -1
    # A row for each passage: as a list of all, it would be much of what a large run holds in memory.
    sizes = "SELECT id, sz FROM lexicon_docsize WHERE id > ? ORDER BY id LIMIT ?"
    while (page := rows(sizes, [last, _PAGE])) and page[-1][0] > last:
        found.update(separator + repr(page)[1:-1].encode())
        separator, last = b", ", page[-1][0]
    found.update(b"]" + repr(rows("SELECT k, v FROM lexicon_config", [])).encode())
    return found.hexdigest()
