"""Measure `rag.verify.cite`: precision and recall of "verified", by kind and by language.

    python bench/claims.py [--claims FILE] [--means] [--wrong] [--cache FILE]

Each claim of a file is checked against the passages of its part, as it would be against
everything that was retrieved, and more; a file without parts gives each claim its own
passages. Of eval/claims.jsonl rules and thresholds were made on "tuned" and "dev2",
rules on "dev3" too, so it is a file to find faults with and no judge. With ``--means``
nothing is printed but means: that is how claims are scored that nobody may read.
"""

import argparse
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rag.eval.cached import CachedEmbedder
from rag.index.embed import BUNDLED, open_embedder
from rag.llm.thoughts import Scanner, kept
from rag.protocols import Embedder
from rag.search.debias import means_for
from rag.text.languages import detect
from rag.types import Chunk, Document, Hit
from rag.verify.cite import cite
from rag.verify.nearness import VectorScorer

DEVELOPED = ("tuned", "dev2")
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
                f"{place}.txt",
                row["title"],
                row["text"],
                _language(row),
                date.fromisoformat(row["date"]) if row.get("date") else None,
                "",
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


def _language(passage: Mapping[str, str]) -> str:
    return passage.get("lang") or detect(passage["text"])


def load(path: Path = CLAIMS, *, own: bool = False) -> tuple[dict[str, Passages], list[Item]]:
    """Return the passages of each part, and all claims; without parts, or with *own*, each claim is one."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts: dict[str, dict[str, dict[str, str]]] = {}
    items = []
    for row in rows:
        part = row["id"] if own else row.get("part", row["id"])
        texts.setdefault(part, {}).update({each["text"]: each for each in row["passages"]})
        pair = f"{row['lang']}<{_language(row['passages'][0])}"
        items.append(Item(row["id"], row["kind"], part, pair, row["claim"], row["supported"]))
    return {part: Passages(each.values()) for part, each in texts.items()}, items


def verified(passages: Mapping[str, Passages], items: Sequence[Item], embedder: Embedder) -> list[bool]:
    """Return for each claim whether it was verified."""
    scorer = VectorScorer(embedder, means_for(embedder.fingerprint))
    return [_is_verified(item.claim, passages[item.part], scorer) for item in items]


def _is_verified(claim: str, passages: Passages, scorer: VectorScorer) -> bool:
    # What a model says to itself is taken out before, as it is of any reply.
    scanner = Scanner()
    claims = cite(kept([scanner.read(claim), scanner.close()]), passages.hits(), passages, scorer).claims  # type: ignore[arg-type]
    return bool(claims) and all(each.status == "verified" for each in claims)


def precision_recall(items: Sequence[Item], found: Sequence[bool]) -> tuple[float, float]:
    """Return precision and recall of "verified"."""
    right = sum(item.supported for item, each in zip(items, found, strict=True) if each)
    return right / max(sum(found), 1), right / max(sum(item.supported for item in items), 1)


def report(name: str, items: Sequence[Item], found: Sequence[bool]) -> None:
    precision, recall = precision_recall(items, found)
    print(f"{name:<14} n={len(items):<4} precision {precision:.3f}  recall {recall:.3f}")


def report_by(
    label: Callable[[Item], str], items: Sequence[Item], found: Sequence[bool], *, least: int = 1
) -> None:
    """Print one line for each label of at least *least* claims."""
    groups: dict[str, list[tuple[Item, bool]]] = defaultdict(list)
    for item, each in zip(items, found, strict=True):
        groups[label(item)].append((item, each))
    for name, group in sorted(groups.items()):
        if len(group) >= least:
            report(name, [item for item, _ in group], [each for _, each in group])


def _table(items: Sequence[Item], found: Sequence[bool]) -> None:
    counts = Counter((item.kind, item.supported, each) for item, each in zip(items, found, strict=True))
    print(f"\n{'kind':<16}{'right, verified':>16}{'right, not':>12}{'wrong, verified':>17}{'wrong, not':>12}")
    for kind in sorted({item.kind for item in items}):
        row = [counts[kind, right, each] for right in (True, False) for each in (True, False)]
        print(f"{kind:<16}{row[0]:>16}{row[1]:>12}{row[2]:>17}{row[3]:>12}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=Path, default=CLAIMS, help="another file of claims")
    parser.add_argument("--means", action="store_true", help="print means only, never a claim")
    parser.add_argument("--wrong", action="store_true", help="list the claims that went wrong")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    args = parser.parse_args()
    embedder: Embedder = open_embedder(BUNDLED)
    passages, items = load(args.claims)
    found = verified(passages, items, CachedEmbedder(embedder, args.cache) if args.cache else embedder)
    report("all", items, found)
    if args.claims == CLAIMS:
        report_by(lambda item: item.part, items, found)
    report_by(lambda item: item.pair[:2], items, found, least=5)
    across = [item.pair[:2] != item.pair[3:] for item in items]
    report(
        "across",
        [item for item, each in zip(items, across, strict=True) if each],
        [each for each, is_across in zip(found, across, strict=True) if is_across],
    )
    _table(items, found)
    for item, each in zip(items, found, strict=True):
        if args.wrong and not args.means and each != item.supported:
            print("verified, wrong" if each else "not verified, right", item.claim_id, item.pair, item.claim)


if __name__ == "__main__":
    main()
