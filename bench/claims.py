"""Measure `rag.cite` on eval/claims.jsonl: precision and recall of "verified", by kind.

    python bench/claims.py [--wrong] [--cache FILE]

Each claim is checked against the passages of its part, as it would be against
everything that was retrieved, and more. Each passage belongs to one part: rules and thresholds
were made on "tuned" and "dev2", rules on "dev3" too; of the others only figures were
seen, by kind of error.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.cite import cite
from rag.debias import means_for
from rag.eval.cached import CachedEmbedder
from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder
from rag.support import VectorScorer
from rag.types import Chunk, Document, Hit

PARTS = ("tuned", "dev2", "dev3", "held-out", "held-out3", "held-out5", "held-out6", "held-out7")
DEVELOPED = PARTS[:2]
CLAIMS = Path(__file__).resolve().parents[1] / "eval" / "claims.jsonl"


@dataclass(frozen=True)
class Item:
    """A claim and whether it is right; `pair` is its language and that of its passage."""

    claim_id: str
    kind: str
    part: str
    pair: str
    claim: str
    supported: bool


class Passages:
    """The passages of the file as an index; only `document` is asked."""

    generation = 1

    def __init__(self, rows: Iterable[dict[str, str]]) -> None:
        self.documents = [
            Document(
                f"{place}.txt", row["title"], row["text"], row["lang"], date.fromisoformat(row["date"]), ""
            )
            for place, row in enumerate(rows)
        ]

    def document(self, doc_id: str) -> Document:
        return self.documents[int(doc_id.removesuffix(".txt"))]

    def hits(self) -> list[Hit]:
        return [
            Hit(Chunk(each.doc_id, each.doc_id, 0, len(each.text), each.text, each.lang), 1.0, rank)
            for rank, each in enumerate(self.documents, start=1)
        ]


def load(path: Path = CLAIMS) -> tuple[dict[str, Passages], list[Item]]:
    """Return the passages of each part, and all claims."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts: dict[str, dict[str, dict[str, str]]] = {}
    for row in rows:
        texts.setdefault(row["part"], {}).update({each["text"]: each for each in row["passages"]})
    items = [
        Item(
            row["id"],
            row["kind"],
            row["part"],
            f"{row['lang']}<{row['passages'][0]['lang']}",
            row["claim"],
            row["supported"],
        )
        for row in rows
    ]
    return {part: Passages(each.values()) for part, each in texts.items()}, items


def verified(passages: Mapping[str, Passages], items: Sequence[Item], embedder: Embedder) -> list[bool]:
    """Return for each claim whether it was verified."""
    scorer = VectorScorer(embedder, means_for(embedder.fingerprint))
    return [_is_verified(item.claim, passages[item.part], scorer) for item in items]


def _is_verified(claim: str, passages: Passages, scorer: VectorScorer) -> bool:
    claims = cite(claim, passages.hits(), passages, scorer).claims  # type: ignore[arg-type]
    return all(each.status == "verified" for each in claims)


def precision_recall(items: Sequence[Item], found: Sequence[bool]) -> tuple[float, float]:
    """Return precision and recall of "verified"."""
    right = sum(item.supported for item, each in zip(items, found, strict=True) if each)
    return right / max(sum(found), 1), right / max(sum(item.supported for item in items), 1)


def report(name: str, items: Sequence[Item], found: Sequence[bool]) -> None:
    precision, recall = precision_recall(items, found)
    print(f"{name:<12} n={len(items):<4} precision {precision:.3f}  recall {recall:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wrong", action="store_true", help="list the wrong ones of the first two parts")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    args = parser.parse_args()
    embedder: Embedder = open_embedder(BUNDLED)
    passages, items = load()
    found = verified(passages, items, CachedEmbedder(embedder, args.cache) if args.cache else embedder)
    both = list(zip(items, found, strict=True))
    for name, part in (
        ("all", both),
        ("tuned, dev2", [each for each in both if each[0].part in DEVELOPED]),
        ("first set", [each for each in both if each[0].part in {"tuned", "held-out"}]),
        ("held out", [each for each in both if each[0].part.startswith("held-out")]),
        *((part, [each for each in both if each[0].part == part]) for part in PARTS),
        ("across", [each for each in both if each[0].pair[:2] != each[0].pair[3:]]),
    ):
        report(name, [item for item, _ in part], [each for _, each in part])
    counts = Counter((item.kind, item.supported, each) for item, each in both)
    print(f"\n{'kind':<12}{'right, verified':>16}{'right, not':>12}{'wrong, verified':>17}{'wrong, not':>12}")
    for kind in sorted({item.kind for item in items}):
        row = [counts[kind, right, each] for right in (True, False) for each in (True, False)]
        print(f"{kind:<12}{row[0]:>16}{row[1]:>12}{row[2]:>17}{row[3]:>12}")
    for item, each in both:
        if args.wrong and item.part in DEVELOPED and each != item.supported:
            print("verified, wrong" if each else "not verified, right", item.claim_id, item.pair, item.claim)


if __name__ == "__main__":
    main()
