"""The lexical leg over many passages: time and MRR by how many postings a question may cost.

    python bench/lexical_sizes.py PASSAGES SET... [--size N] [--questions N] [--postings N ...]

The passages of the SETs (folders in BEIR's form) are hidden among N made of PASSAGES (one
JSON object with title, text and lang a line), whose sentences are mixed anew within each
language. Times are processor time: of counting how many passages hold each token, and of
the search itself.
"""

import argparse
import json
import random
import sqlite3
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from rag.eval.beir import TestSet, read_set
from rag.index import lexical
from rag.text.characters import clean_text, tokens
from rag.text.sentences import sentences

T = TypeVar("T")
WITHOUT_LIMIT = 10**9


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path, metavar="PASSAGES")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET")
    parser.add_argument("--size", type=int, default=200_000)
    parser.add_argument("--questions", type=int, default=50, help="of each set")
    parser.add_argument("--postings", type=int, nargs="*", default=[6000, 12_000, 16_000, 25_000, 50_000])
    options = parser.parse_args()
    sets = [read_set(folder) for folder in options.sets]
    rows = lexicon()
    numbers = fill(rows, sets, options.passages, options.size)
    asked = [each for set_ in sets for each in judged(set_, numbers, options.questions)]
    report(rows, asked, [*options.postings, WITHOUT_LIMIT])


def lexicon() -> lexical.Rows:
    connection = sqlite3.connect("", isolation_level=None)  # a file that is gone afterwards
    for statement in (*lexical.SCHEMA, "BEGIN"):
        connection.execute(statement)
    return lambda sql, parameters: connection.execute(sql, parameters).fetchall()


def fill(rows: lexical.Rows, sets: Sequence[TestSet], path: Path, size: int) -> dict[str, int]:
    """Index *size* passages; return the numbers of those of the sets."""
    numbers: dict[str, int] = {}
    for passage in (each for set_ in sets for each in set_.passages):
        if passage.doc_id not in numbers:
            numbers[passage.doc_id] = len(numbers) + 1
            add(rows, numbers[passage.doc_id], passage.title, passage.text)
    for number, (title, text) in zip(range(len(numbers) + 1, size + 1), mixed(path), strict=False):
        add(rows, number, title, text)
    return numbers


def add(rows: lexical.Rows, number: int, title: str, text: str) -> None:
    lexical.add(rows, number, lexical.pack(tokens(f"{title}\n\n{text}")))


def mixed(path: Path) -> Iterator[tuple[str, str]]:
    """Yield titles and texts without end, of as many sentences as real passages of their language."""
    chance = random.Random(0)
    pool: dict[str, list[str]] = {}
    shapes: list[tuple[str, str, int]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        text, lang = clean_text(fields["text"]), fields["lang"]
        spans = sentences(text, lang)
        pool.setdefault(lang, []).extend(text[start:end] for start, end in spans)
        shapes.append((clean_text(fields.get("title") or ""), lang, len(spans)))
    while True:
        for title, lang, count in chance.sample(shapes, len(shapes)):
            yield title, " ".join(chance.choices(pool[lang], k=count))


def judged(set_: TestSet, numbers: Mapping[str, int], most: int) -> Iterator[tuple[list[str], set[int]]]:
    """Yield the tokens of up to *most* questions with the passages that answer them."""
    queries = [query for query in set_.queries if query.query_id in set_.qrels]
    for query in queries[:: max(1, len(queries) // most)][:most]:
        grades = set_.qrels[query.query_id]
        yield list(dict.fromkeys(tokens(query.text))), {numbers[key] for key in grades if grades[key] > 0}


def report(rows: lexical.Rows, asked: Sequence[tuple[list[str], set[int]]], limits: Sequence[int]) -> None:
    counted = [timed(partial(lexical.frequencies, rows, wanted)) for wanted, _ in asked]
    print(
        f"{len(asked)} questions; counting takes {cuts([taken for _, taken in counted])} ms (median | 95 %)\n"
    )
    print("| postings | ms, median | ms, 95 % | MRR@10 | found in 100 |")
    print("| --- | --- | --- | --- | --- |")
    for limit in limits:
        times, ranks = [], []
        for (counts, _), (_, relevant) in zip(counted, asked, strict=True):
            chosen = within(counts, limit)
            (numbers, scores), taken = timed(partial(lexical.search, rows, chosen))
            best = numbers[np.lexsort((numbers, -scores))[:100]].tolist()
            times.append(taken)
            ranks.append(next((rank for rank, number in enumerate(best, start=1) if number in relevant), 0))
        mrr = statistics.fmean(1 / rank if 0 < rank <= 10 else 0.0 for rank in ranks)
        name = "all" if limit == WITHOUT_LIMIT else f"{limit:,}"
        print(
            f"| {name} | {cuts(times)} | {mrr:.3f} | {statistics.fmean(map(bool, ranks)):.3f} |", flush=True
        )


def within(counts: Mapping[str, int], postings: int) -> list[str]:
    """Return the rarest tokens up to *postings*, as `lexical.worthwhile` does with its own limit."""
    held = sorted((count, token) for token, count in counts.items() if count)
    total = np.cumsum([count for count, _ in held])
    return [token for place, (_, token) in enumerate(held) if not place or total[place] <= postings]


def timed(call: Callable[[], T]) -> tuple[T, float]:
    started = time.thread_time()
    found = call()
    return found, 1000 * (time.thread_time() - started)


def cuts(times: Sequence[float]) -> str:
    median, most = np.percentile(times, [50, 95])
    return f"{median:.1f} | {most:.1f}"


if __name__ == "__main__":
    main()
