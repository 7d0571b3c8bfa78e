"""A `Where` in the language of Milvus's filters, exact for any value that a person may send.

Values are never quoted as they are: how a string literal is escaped differs between servers, and
one slip would show a document that was not meant. What is stored and what is asked for is
written in the same plain ASCII instead, which has no sign that a parser could take for its own.
"""

import math
from collections.abc import Iterable, Sequence
from datetime import date
from urllib.parse import quote, unquote

from rag.types import Where

__all__ = ["FOREVER", "admitted", "alive", "day", "key", "lang_key", "name", "one_of"]

FOREVER = 2**62
"""Generation in which what is still there ends."""


def key(value: str) -> str:
    """Return *value* in ASCII letters, digits and ``_.-~/%``; different values give different keys."""
    return quote(value, safe="/", errors="surrogatepass")


def name(made: str) -> str:
    """Return what `key` was given."""
    return unquote(made, errors="surrogatepass")


def lang_key(lang: str) -> str:
    """Return the key of a language; that of "zh-Hant" begins with that of "zh"."""
    return key(f"{lang}-".casefold())


def day(published: date | None) -> int:
    """Return a date as a number, 0 for none."""
    return published.toordinal() if published else 0


def alive(generation: int) -> str:
    """Return what holds for the rows of one generation."""
    return f"born <= {generation} and died > {generation}"


def one_of(field: str, values: Iterable[str]) -> str:
    """Return what holds where the string *field* is one of *values*, which are keys."""
    return f"{field} in [{', '.join(chr(34) + value + chr(34) for value in values)}]"


def admitted(where: Where) -> list[str]:
    """Return what must hold for a passage that *where* admits, all of it."""
    found: list[str] = []
    if where.docs:
        found.append(one_of("doc", map(key, where.docs)))
    folders = [key(folder.rstrip("/")) + "/" for folder in where.folders if folder.strip("/")]
    if where.folders and len(folders) == len(where.folders):
        found.append(_begins("doc", folders))
    if where.langs:
        found.append(_begins("lang", [lang_key(lang) for lang in where.langs]))
    if where.since or where.until:
        last = day(where.until) if where.until else math.inf
        found.append(f"day >= {max(1, day(where.since))}")
        found += [f"day <= {last}"] if last < math.inf else []
    return found


def _begins(field: str, prefixes: Sequence[str]) -> str:
    """Return what holds where *field* begins with one of *prefixes*, by order: LIKE has signs of its own."""
    ranges = [
        f'({field} >= "{each}" and {field} < "{each[:-1]}{chr(ord(each[-1]) + 1)}")' for each in prefixes
    ]
    return f"({' or '.join(ranges)})"
