"""How well the reader reads: the right words of the right passage, and answers told from near misses.

usage: python bench/reader.py [--most N] SET...

Folders in BEIR's form. "overlap": share of questions whose marked words overlap an answer,
given a passage that is judged relevant and holds it. "answers": AUROC of the reader alone
between questions that the passages of their ``contexts`` answer and others. A dash where a
set has no such questions.
"""

import argparse
import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

from rag.eval.beir import TestSet, read_set
from rag.eval.ranking import auroc
from rag.protocols import Reader
from rag.read import open_reader
from rag.read.evidence import surest
from rag.text.characters import clean_text
from rag.types import Passage

MOST = 200
# Passages that are read of a question whose passages are given.
CONTEXTS = 10


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", type=Path)
    parser.add_argument("--most", type=int, default=MOST, help="questions of each set")
    args = parser.parse_args()
    reader = open_reader()
    print(f"{'set':<22}{'n':>5}{'overlap':>9}{'n':>6}{'answers':>9}")
    for folder in args.sets:
        test_set = read_set(folder)
        marked = list(islice(overlaps(reader, test_set, answers(folder)), args.most))
        told = likely(reader, test_set, args.most)
        print(
            f"{folder.name:<22}{len(marked):>5}{_mean(marked):>9}{len(told[0]):>6}"
            f"{f'{auroc(*told):.3f}' if len(set(told[1])) == 2 else '-':>9}",
            flush=True,
        )


def answers(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the answers of each question that has any, as they stand in the passages."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        known = fields.get("answers_corpus") or fields.get("answers") or ()
        if cleaned := tuple(filter(None, (clean_text(str(each)).strip() for each in known))):
            found[str(fields.get("_id", fields.get("id")))] = cleaned
    return found


def overlaps(reader: Reader, test_set: TestSet, known: Mapping[str, Sequence[str]]) -> Iterator[bool]:
    """Yield for each question whether the words that are marked in its passage overlap an answer."""
    passages = {each.doc_id: each for each in test_set.passages}
    for query in test_set.queries:
        relevant = [doc_id for doc_id, grade in test_set.qrels.get(query.query_id, {}).items() if grade > 0]
        for doc_id in relevant[:1]:
            passage = Passage(passages[doc_id].title, clean_text(passages[doc_id].text))
            places = list(_places(passage.text, known.get(query.query_id, ())))
            if places:
                (reading,) = reader.read(query.text, [passage])
                best = reading.spans[0]
                yield any(start < best.end and best.start < end for start, end in places)


def _places(text: str, known: Sequence[str]) -> Iterator[tuple[int, int]]:
    for answer in known:
        start = text.find(answer)
        while start >= 0:
            yield start, start + len(answer)
            start = text.find(answer, start + 1)


def likely(reader: Reader, test_set: TestSet, most: int) -> tuple[list[float], list[bool]]:
    """Return the reader's log odds for questions with given passages, and whether these answer."""
    passages = {each.doc_id: each for each in test_set.passages}
    scores: list[float] = []
    flags: list[bool] = []
    for query in [each for each in test_set.queries if each.contexts][:most]:
        given = [passages[doc_id] for doc_id in query.contexts[:CONTEXTS]]
        read = reader.read(query.text, [Passage(each.title, clean_text(each.text)) for each in given])
        scores.append(surest(read))
        flags.append(query.answerable)
    return scores, flags


def _mean(found: Sequence[bool]) -> str:
    return f"{sum(found) / len(found):.3f}" if found else "-"


if __name__ == "__main__":
    main()
