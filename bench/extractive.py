"""How often the answer stands in the three sentences that the extractive backend takes.

usage: python bench/extractive.py SET...

Folders in BEIR's form whose questions have short ``answers``, or ``answers_corpus``
where the passages are in another language. A question counts if a passage that is
judged relevant holds one of them in a chosen sentence, case, width and spaces aside.
Also printed: the share where such a passage was among the hits at all.
"""

import argparse
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.eval.beir import read_set
from rag.llm.extractive import Extractive
from rag.prompt import Passages
from rag.settings import read_settings
from rag.text import fold
from rag.types import Hit
from rag.ui.trial import Trial, open_trial

K = 8
_LINE = re.compile(r"(?P<sentence>.*) \[(?P<marker>\d+)\]")


def answers(folder: Path) -> dict[str, tuple[str, ...]]:
    """Return the answers of each question that has any, as they stand in the passages."""
    found: dict[str, tuple[str, ...]] = {}
    for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        known = fields.get("answers_corpus") or fields.get("answers") or ()
        if squeezed := tuple(filter(None, map(_squeezed, known))):
            found[str(fields.get("_id", fields.get("id")))] = squeezed
    return found


def _squeezed(text: str) -> str:
    return "".join(fold(text).split())


def stands(reply: str, hits: Sequence[Hit], relevant: Mapping[str, int], expected: Sequence[str]) -> bool:
    """Tell whether a line of *reply* from a relevant passage holds one of the answers."""
    for match in filter(None, map(_LINE.fullmatch, reply.splitlines())):
        sentence = _squeezed(match["sentence"])
        is_relevant = relevant.get(hits[int(match["marker"]) - 1].chunk.doc_id, 0) > 0
        if is_relevant and any(answer in sentence for answer in expected):
            return True
    return False


def measure(trial: Trial, expected: Mapping[str, Sequence[str]]) -> tuple[int, float, float]:
    """Return the number of questions, the share with a relevant hit, and the share answered."""
    ours, qrels = trial.ours, trial.test_set.qrels
    llm = Extractive(ours.embedder, ours.means)
    found: list[bool] = []
    answered: list[bool] = []
    for query in trial.test_set.queries:
        relevant = qrels.get(query.query_id, {})
        if not relevant or query.query_id not in expected:
            continue
        retrieval = ours.retrieve(query.text, K)
        reply = "".join(llm.stream(Passages(query.text, retrieval.lang, retrieval.hits)))
        found.append(any(relevant.get(hit.chunk.doc_id, 0) > 0 for hit in retrieval.hits))
        answered.append(stands(reply, retrieval.hits, relevant, expected[query.query_id]))
    return len(found), sum(found) / len(found), sum(answered) / len(answered)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", type=Path)
    print(f"{'set':<22}{'n':>5}{'among hits':>12}{'answered':>10}")
    for folder in parser.parse_args().sets:
        with open_trial(read_settings({}), read_set(folder)) as trial:
            n, found, answered = measure(trial, answers(folder))
        print(f"{folder.name:<22}{n:>5}{found:>12.3f}{answered:>10.3f}", flush=True)


if __name__ == "__main__":
    main()
