"""Score the blind sets: means by language, type and kind, and never a single item.

    python bench/blind.py [--only questions|claims] [--every N] [--gate FILE]

Nobody reads the items of eval/blind while building, so its figures are the first to
be said. "first" is the share of questions whose first sentence alone holds all facts.
"""

import argparse
import json
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from claims import Item, Passages, precision_recall

from rag.errors import RagError
from rag.eval.gate import check_thresholds, read_thresholds
from rag.eval.measures import measure
from rag.eval.pairs import read_pairs
from rag.eval.run import Scored, run, summarise
from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder
from rag.search.debias import means_for
from rag.settings import Settings, read_settings
from rag.types import Document
from rag.ui.judge import open_subject
from rag.verify.cite import cite
from rag.verify.nearness import VectorScorer

BLIND = Path(__file__).resolve().parents[1] / "eval" / "blind"
SHOWN = ("correct", "facts", "answered", "abstention_recall", "citation_recall", "conflict_recall")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=("questions", "claims"))
    parser.add_argument("--every", type=int, default=1, help="ask every so many questions only")
    parser.add_argument("--gate", type=Path, help="fail below the means in this file")
    args = parser.parse_args()
    sets = sorted(path.parent for path in BLIND.glob("*/pairs.jsonl"))
    if args.only != "claims":
        questions(read_settings({}), sets, args.every, args.gate)
    if args.only != "questions":
        claims(open_embedder(BUNDLED), sets)


def questions(settings: Settings, sets: Sequence[Path], every: int, gate: Path | None) -> None:
    """Print the means over the questions, and hold them to the thresholds in *gate*."""
    scored: list[Scored] = []
    first: dict[str, list[bool]] = defaultdict(list)
    milliseconds: list[float] = []
    for folder in sets:
        with open_subject(settings, folder / "docs", lambda *_: None) as subject:
            pairs = read_pairs(folder / "pairs.jsonl", subject.documents)[::every]
            done = run(subject.assistant, pairs, subject.documents, lambda *_: None).scored
        scored += done
        for each in done:
            if each.answer and each.pair.facts:
                held = _first_holds(each, subject.documents)
                for group in ("all", f"type:{each.pair.type}", f"lang:{each.pair.lang}"):
                    first[group].append(held)
            milliseconds.append(sum(each.answer.timings_ms.values()) if each.answer else 0.0)
        for each in done:
            if "switch" in each.pair.id:
                first["topic switches, all facts"].append(each.right)
    means = summarise(scored)
    print(f"{'':<20}{'n':>5}" + "".join(f"{name:>18}" for name in (*SHOWN, "first")))
    for group, by_name in means.items():
        cells = [f"{by_name[name].value:.3f}" if name in by_name else "" for name in SHOWN]
        shown = f"{sum(first[group]) / len(first[group]):.3f}" if group in first else ""
        print(f"{group:<20}{by_name['correct'].n:>5}" + "".join(f"{cell:>18}" for cell in (*cells, shown)))
    switches = first["topic switches, all facts"]
    print(f"topic switches {sum(switches) / len(switches):.3f} of {len(switches)}")
    peaceful = [each for each in scored if each.answer and each.pair.type != "conflict"]
    wrong = sum(bool(each.answer and each.answer.conflicts) for each in peaceful)
    print(f"conflicts shown where none was asked for {wrong / len(peaceful):.3f} of {len(peaceful)}")
    answerable = [each for each in scored if each.answer and each.pair.answerable]
    needless = sum(not (each.answer and each.answer.answered) for each in answerable)
    print(f"needless refusals {needless / len(answerable):.3f} of {len(answerable)}")
    print(f"median of an answer {sorted(milliseconds)[len(milliseconds) // 2]:.0f} ms")
    failures = [check.failure for check in check_thresholds(means, read_thresholds(gate))] if gate else []
    if any(failures):
        sys.exit("\n".join(filter(None, failures)))


def _first_holds(scored: Scored, documents: dict[str, Document]) -> bool:
    """Tell whether the first sentence alone holds all facts."""
    answer = scored.answer
    assert answer
    if not answer.answered or not answer.claims:
        return False
    alone = replace(answer, text=answer.claims[0].text, conflicts=())
    return measure(scored.pair, alone, documents).values["facts"] == 1.0


def claims(embedder: Embedder, sets: Iterable[Path]) -> None:
    """Print precision and recall of "verified", each claim against its own passages."""
    scorer = VectorScorer(embedder, means_for(embedder.fingerprint))
    rows: list[tuple[Item, bool]] = []
    for row in (json.loads(line) for path in sets for line in (path / "claims.jsonl").open(encoding="utf-8")):
        passages = Passages(row["passages"])
        found = cite(row["claim"], passages.hits(), passages, scorer).claims  # type: ignore[arg-type]
        item = Item(row["id"], row["kind"], "blind", row["lang"], row["claim"], row["supported"])
        rows.append((item, bool(found) and all(each.status == "verified" for each in found)))
    groups: dict[str, list[tuple[Item, bool]]] = defaultdict(list)
    for item, verified in rows:
        for group in ("all", f"lang:{item.pair}", f"kind:{item.kind}"):
            groups[group].append((item, verified))
    print(f"\n{'claims':<24}{'n':>5}{'precision':>11}{'recall':>9}")
    for group, each in sorted(groups.items()):
        precision, recall = precision_recall([item for item, _ in each], [done for _, done in each])
        print(f"{group:<24}{len(each):>5}{precision:>11.3f}{recall:>9.3f}")


if __name__ == "__main__":
    try:
        main()
    except RagError as error:
        sys.exit(str(error))
