"""Turn each rule of `rag.verify.support` and `rag.verify.cite` off in turn, and print what that changes.

    python bench/ablate.py [--claims FILE] [--cache FILE] [--only RULE ...]

Claims are those of bench/claims.py, each with its own passages, of eval/claims.jsonl only
the parts that no rule was made on. What a rule is worth is the change of F1 of "verified",
in points, when it is taken away, with the standard error of that change over 1,000 resamplings of the claims:
a rule whose loss is less than its error bar has not shown that it is worth its lines.
Only means are printed, so a file that nobody may read can be given.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

import claims as bench
import numpy as np

from rag.eval.cached import CachedEmbedder
from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder
from rag.verify import cite, support

TUNED = ("tuned", "dev2", "dev3")
RESAMPLINGS = 1000


def _no(*_args: object, **_kwargs: object) -> bool:
    return False


def _nothing(*_args: object, **_kwargs: object) -> list[object]:
    return []


# Each rule, and what stands in its place when it is off.
RULES: dict[str, tuple[tuple[Any, str, object], ...]] = {
    "roles": ((support, "swapped", _no),),
    "stances: opposites": ((support, "_opposed", _no),),
    "stances: all, done": ((support, "widens", _no), (support, "hardens", _no)),
    "polarity": ((support, "_negation_differs", _no),),
    "polarity: denied values": ((support, "denied", _no),),
    "additions": ((support, "adds", _no),),
    "names": ((support, "_names_differ", _no),),
    "values": ((support, "_lacking", _nothing),),
    "shares": ((support, "shares", _nothing),),
    "bonus: values": ((cite, "_VALUE_WEIGHT", 0.0),),
    "bonus: words": ((cite, "_WORDS_WEIGHT", 0.0),),
    "bonus: margin": ((cite, "_MARGIN_WEIGHT", 0.0),),
    "nearest contradicts": ((cite, "_CONTRADICTIONS", frozenset()),),
    "lists": ((cite, "sums_up", _no),),
    "nearness: values": (
        (support, "_NEAR_WITH_VALUES", support._NEAR),
        (support, "_NEAR_ACROSS_WITH_VALUES", support._NEAR_ACROSS),
    ),
}


@contextmanager
def without(*rules: str) -> Iterator[None]:
    """Turn *rules* off."""
    with ExitStack() as stack:
        for rule in rules:
            for module, name, stand_in in RULES[rule]:
                stack.enter_context(patch.object(module, name, stand_in))
        yield


def f1(right: np.ndarray, found: np.ndarray) -> float:
    """Return the harmonic mean of precision and recall of *found*."""
    both = 2.0 * (right & found).sum()
    return float(both / max(1, right.sum() + found.sum()))


def change(right: np.ndarray, before: np.ndarray, after: np.ndarray) -> tuple[float, float]:
    """Return what F1 loses from *before* to *after*, in points, and the standard error of that."""
    rng = np.random.default_rng(0)
    draws = rng.integers(0, len(right), (RESAMPLINGS, len(right)))
    losses = [f1(right[rows], before[rows]) - f1(right[rows], after[rows]) for rows in draws]
    return 100 * (f1(right, before) - f1(right, after)), 100 * float(np.std(losses))


def report(
    items: Sequence[bench.Item], judged: Callable[[], list[bool]], rules: Sequence[str], *, together: bool
) -> None:
    """Print a line for each rule, and one for all that have not shown their worth."""
    right = np.array([item.supported for item in items])
    before = np.array(judged())
    _line("all rules", items, before, "")
    idle = []
    for rule in rules:
        with without(rule):
            after = np.array(judged())
        loss, error = change(right, before, after)
        idle += [rule] if loss < error else []
        _line(f"- {rule}", items, after, f"{loss:+6.2f} ± {error:.2f}{'  idle' if loss < error else ''}")
    if together and idle:
        with without(*idle):
            after = np.array(judged())
        loss, error = change(right, before, after)
        _line("- all idle ones", items, after, f"{loss:+6.2f} ± {error:.2f}")


def _line(name: str, items: Sequence[bench.Item], found: np.ndarray, note: str) -> None:
    precision, recall = bench.precision_recall(items, found.tolist())
    print(f"{name:<26} precision {precision:.3f}  recall {recall:.3f}  {note}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--claims", type=Path, default=bench.CLAIMS, help="another file of claims")
    parser.add_argument("--cache", type=Path, help="keep vectors here between runs")
    parser.add_argument("--only", nargs="+", choices=RULES, metavar="RULE", help="these rules only")
    args = parser.parse_args()
    embedder: Embedder = open_embedder(BUNDLED)
    kept = CachedEmbedder(embedder, args.cache) if args.cache else embedder
    tuned = {item.claim_id for item in bench.load(args.claims)[1] if item.part in TUNED}
    passages, items = bench.load(args.claims, own=True)
    items = [item for item in items if item.claim_id not in tuned]
    rules = args.only or tuple(RULES)
    report(items, lambda: bench.verified(passages, items, kept), rules, together=not args.only)


if __name__ == "__main__":
    main()
