"""Our embedder beside plain sentence-transformers, with the same weights, in one run.

    python bench/embed.py [--sets DIR ...]

Each DIR is a test set: corpus.jsonl (id, title, text), queries.jsonl (id, text),
qrels.tsv (query, 0, document, relevance).
With sets, MRR@10 of each way to multiply is printed too (dense only, exact
search); without, passages are cut from eval/corpus and only speed is measured.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from e5_folder import write_folder

from rag.index.embed import BundledEmbedder, SentenceTransformerEmbedder
from rag.model.graph import blockwise, int8
from rag.model.weights import Weights, read_weights
from rag.protocols import Embedder
from rag.types import Matrix

CORPUS = Path(__file__).resolve().parents[1] / "eval" / "corpus"
ROUNDS = 3
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class TestSet:
    name: str
    doc_ids: list[str]
    passages: list[str]
    queries: dict[str, str]
    relevant: dict[str, set[str]]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sets", type=Path, nargs="*", default=[], metavar="DIR")
    parser.add_argument("--passages", type=int, default=150, help="how many to time (default: 150)")
    args = parser.parse_args()
    sets = [read_set(folder) for folder in args.sets]
    weights = read_weights()
    with tempfile.TemporaryDirectory() as folder:
        write_folder(weights, Path(folder) / "e5")
        plain = SentenceTransformerEmbedder(f"{folder}/e5")
    passages, queries = speed_texts(sets, args.passages)
    print_speed(plain, BundledEmbedder(weights), passages, queries)
    if sets:
        print_quality({"sentence-transformers, float32": plain, **variants(weights)}, sets)


def variants(weights: Weights) -> dict[str, Embedder]:
    return {
        "ours: int8, marks apart": BundledEmbedder(weights, (blockwise, int8)),
        "ours without VNNI: 4-bit blocks": BundledEmbedder(weights, (blockwise,)),
        "not shipped: int8 for all tokens": BundledEmbedder(weights, (int8,)),
    }


def read_set(folder: Path) -> TestSet:
    documents = [
        json.loads(line) for line in (folder / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    queries = [
        json.loads(line) for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    relevant: dict[str, set[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines():
        query, _, document, relevance = line.split("\t")
        if int(relevance) > 0:
            relevant.setdefault(query, set()).add(document)
    return TestSet(
        folder.name,
        [document["id"] for document in documents],
        [f"{document.get('title', '')}\n{document['text']}".strip() for document in documents],
        {query["id"]: query["text"] for query in queries if query["id"] in relevant},
        relevant,
    )


def speed_texts(sets: Sequence[TestSet], count: int) -> tuple[list[str], list[str]]:
    """Return passages and queries, spread evenly over what there is."""
    passages = [text for set_ in sets for text in set_.passages] or list(pieces(CORPUS))
    queries = [text for set_ in sets for text in set_.queries.values()] or [p[:40] for p in passages]
    return spread(passages, count), spread(queries, 100)


def pieces(folder: Path, size: int = 600) -> list[str]:
    texts = [path.read_text(encoding="utf-8", errors="ignore") for path in sorted(folder.rglob("*.md"))]
    return [text[start : start + size] for text in texts for start in range(0, len(text), size)]


def spread(texts: Sequence[str], count: int) -> list[str]:
    step = max(1, len(texts) // count)
    return list(texts[::step])[:count]


def print_speed(plain: Embedder, ours: Embedder, passages: list[str], queries: list[str]) -> None:
    tokens = statistics.mean(ours.count_tokens(passages))
    print(
        f"{len(passages)} passages of {tokens:.0f} tokens on average, {len(queries)} queries,"
        f" best of {ROUNDS} rounds"
    )
    engines = {"sentence-transformers": plain, "ours": ours}
    rates: dict[str, list[float]] = {name: [] for name in engines}
    delays: dict[str, list[float]] = {name: [] for name in engines}
    for _ in range(ROUNDS):  # in turns, so that both see the same machine
        for name, engine in engines.items():
            engine.embed_passages(passages[:8])
            rates[name].append(len(passages) / seconds(engine.embed_passages, passages))
            delays[name].append(
                statistics.median(seconds(engine.embed_query, text) for text in queries) * 1000
            )
    print(f"{'':24}{'passages/s':>12}{'query, ms':>12}")
    for name in engines:
        print(f"{name:24}{max(rates[name]):12.1f}{min(delays[name]):12.1f}")
    faster = max(rates["ours"]) / max(rates["sentence-transformers"])
    sooner = min(delays["sentence-transformers"]) / min(delays["ours"])
    print(f"{'times':24}{faster:12.1f}{sooner:12.1f}\n")


def seconds(call: Callable[[T], object], argument: T) -> float:
    start = time.perf_counter()
    call(argument)
    return time.perf_counter() - start


def print_quality(engines: dict[str, Embedder], sets: Sequence[TestSet]) -> None:
    print("MRR@10".ljust(36) + "".join(f"{set_.name:>22}" for set_ in sets) + f"{'cosine, least / mean':>24}")
    reference: list[Matrix] = []
    for name, engine in engines.items():
        vectors = [engine.embed_passages(set_.passages) for set_ in sets]
        reference = reference or vectors
        scores = [mrr(engine, set_, rows) for set_, rows in zip(sets, vectors, strict=True)]
        cosines = (np.concatenate(vectors) * np.concatenate(reference)).sum(axis=1)
        found = f"{cosines.min():.4f} / {cosines.mean():.4f}"
        print(f"{name:36}" + "".join(f"{score:22.4f}" for score in scores) + f"{found:>24}", flush=True)


def mrr(engine: Embedder, set_: TestSet, rows: Matrix) -> float:
    """Return the mean over queries of one divided by the rank of the first relevant passage, 0 beyond 10."""
    found = []
    for query_id, text in set_.queries.items():
        best = np.argsort(-(rows @ engine.embed_query(text)), kind="stable")[:10]
        hits = [rank for rank, row in enumerate(best, 1) if set_.doc_ids[row] in set_.relevant[query_id]]
        found.append(1 / hits[0] if hits else 0.0)
    return statistics.mean(found)


if __name__ == "__main__":
    main()
