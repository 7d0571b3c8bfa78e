"""Measure `rag.answer.conflicts` on eval/conflicts.jsonl: precision and recall, by kind.

    python bench/conflicts.py [--wrong] [--cache FILE]

Rules and thresholds were made on the parts "tuned" and "dev2"; "held-out",
"held-out3" and "held-out4" were seen as figures only.
"""

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from rag.answer.conflicts import find_conflicts
from rag.eval.cached import CachedEmbedder
from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder, Index
from rag.search.debias import means_for
from rag.types import Chunk, Conflict, Document, Hit
from rag.verify.citations import Citations
from rag.verify.nearness import VectorScorer

PARTS = ("tuned", "dev2", "held-out", "held-out3", "held-out4")
DEVELOPED = PARTS[:2]
CASES = Path(__file__).resolve().parents[1] / "eval" / "conflicts.jsonl"


@dataclass(frozen=True)
class Case:
    """A question over passages that disagree on it, or only seem to."""

    case_id: str
    kind: str
    part: str
    lang: str
    question: str
    documents: tuple[Document, ...]
    conflict: bool

    def hits(self) -> list[Hit]:
        return [
            Hit(Chunk(each.doc_id, each.doc_id, 0, len(each.text), each.text, each.lang), 1.0, rank)
            for rank, each in enumerate(self.documents, start=1)
        ]


def load(path: Path = CASES) -> list[Case]:
    return [_case(json.loads(line)) for line in path.read_text(encoding="utf-8").splitlines()]


def _case(row: dict[str, Any]) -> Case:
    documents = tuple(
        Document(
            f"{place}.txt", each["title"], each["text"], each["lang"], date.fromisoformat(each["date"]), ""
        )
        for place, each in enumerate(row["passages"])
    )
    return Case(row["id"], row["kind"], row["part"], row["lang"], row["question"], documents, row["conflict"])


def found(cases: Sequence[Case], embedder: Embedder) -> list[tuple[Conflict, ...]]:
    scorer = VectorScorer(embedder, means_for(embedder.fingerprint))
    return [
        find_conflicts(case.question, case.lang, case.hits(), Citations(_index(case)), scorer)
        for case in cases
    ]


def _index(case: Case) -> Index:
    """Return an index of which only `document` is asked."""
    by_id = {each.doc_id: each for each in case.documents}
    return cast("Index", SimpleNamespace(document=by_id.__getitem__))


def precision_recall(
    cases: Sequence[Case], each_found: Sequence[tuple[Conflict, ...]]
) -> tuple[float, float]:
    """Return precision and recall of cases in which a conflict was found."""
    right = sum(case.conflict for case, conflicts in zip(cases, each_found, strict=True) if conflicts)
    claimed = sum(bool(conflicts) for conflicts in each_found)
    return right / max(claimed, 1), right / max(sum(case.conflict for case in cases), 1)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wrong", action="store_true", help="list the wrong ones of the developed parts")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    args = parser.parse_args()
    embedder: Embedder = open_embedder(BUNDLED)
    cases = load()
    conflicts = found(cases, CachedEmbedder(embedder, args.cache) if args.cache else embedder)
    both = list(zip(cases, conflicts, strict=True))
    parts = ((part, [each for each in both if each[0].part == part]) for part in PARTS)
    for name, part in (("all", both), *parts):
        precision, recall = precision_recall([case for case, _ in part], [each for _, each in part])
        print(f"{name:<10} n={len(part):<4} precision {precision:.3f}  recall {recall:.3f}")
    counts = Counter((case.kind, case.conflict, bool(each)) for case, each in both)
    print(f"\n{'kind':<12}{'conflict, found':>16}{'missed':>8}{'none, found':>13}{'none, none':>12}")
    for kind in sorted({case.kind for case in cases}):
        row = [counts[kind, conflict, each] for conflict in (True, False) for each in (True, False)]
        print(f"{kind:<12}{row[0]:>16}{row[1]:>8}{row[2]:>13}{row[3]:>12}")
    for case, each in both:
        if args.wrong and case.part in DEVELOPED and bool(each) != case.conflict:
            print(
                "missed" if case.conflict else "false",
                case.case_id,
                case.question,
                [s.value for c in each for s in c.sides],
            )


if __name__ == "__main__":
    main()
