"""Ways to search many vectors, side by side: memory, time and recall against a full scan.

    python bench/faiss_sizes.py SET... [--passages FILE] [--sizes N ...] [--only NAME ...]

SETs are folders in BEIR's form; their passages and questions are embedded with the
bundled model (and remembered in the cache), the language bias taken out. More vectors
than that are made from the real ones: half of them between a passage and one of its ten
nearest, half between two passages of any kind, with noise. Times are processor time of
one thread, so that they hold on a busy machine.
"""

import argparse
import importlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from passages import collection, embedded

from rag.eval.cached import CachedEmbedder
from rag.index.dense import DenseIndex
from rag.index.embed import open_embedder
from rag.search.debias import means_for
from rag.settings import Settings
from rag.text.languages import detect
from rag.types import Matrix

faiss: Any = importlib.import_module("faiss")  # its type hints deny what its wrappers accept

SIZES = (20_000, 100_000, 300_000, 1_000_000)
QUESTIONS = 200
DEPTH = 100
# Length of the noise added to a made vector, which itself is about 0.9 long.
NOISE = 0.25

Search = Callable[[Any, int], list[int]]


@dataclass(frozen=True, slots=True)
class Kind:
    """One way to search: a recipe for faiss, and parameters of each search."""

    recipe: str
    parameters: Callable[[], Any]


def _everything() -> Any:  # noqa: ANN401 (faiss has no types of use)
    return faiss.SearchParameters(sel=faiss.IDSelectorAll())


def _ivf(probes: int) -> Any:  # noqa: ANN401
    return faiss.SearchParametersIVF(sel=faiss.IDSelectorAll(), nprobe=probes)


def _refined() -> Any:  # noqa: ANN401
    return faiss.IndexRefineSearchParameters(k_factor=16, base_index_params=_ivf(128))


KINDS = {
    "float32, all": Kind("Flat", _everything),
    "16 bits, all": Kind("SQfp16", _everything),
    "8 bits, all": Kind("SQ8", _everything),
    "IVF1024, 16 bits, 32 lists": Kind("IVF1024,SQfp16", lambda: _ivf(32)),
    "IVF1024, 16 bits, 128 lists": Kind("IVF1024,SQfp16", lambda: _ivf(128)),
    "IVF1024, 4-bit PQ then 16 bits, 128 lists": Kind("IVF1024,PQ192x4fs,Refine(SQfp16)", _refined),
    "HNSW 16, 16 bits, ef 256": Kind("HNSW16,SQfp16", lambda: faiss.SearchParametersHNSW(efSearch=256)),
}
OURS = ("ours, exact", "ours, 1 bit then 16")
# Its recall is too low there already, and linking a million rows takes minutes.
MOST = {"HNSW 16, 16 bits, ef 256": 100_000}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET")
    parser.add_argument("--passages", type=Path, metavar="FILE", help="more passages, one JSON object a line")
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--only", nargs="*", default=[*OURS, *KINDS])
    options = parser.parse_args()
    faiss.omp_set_num_threads(1)
    real, questions = vectors_of(options.sets, options.passages)
    print(f"{len(real)} real passages, {len(questions)} questions\n")
    print("| passages | | MB | build s | ms, median | ms, 95 % | recall@10 | recall@100 |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for size in options.sizes:
        vectors = grown(real, size)
        for row in table(vectors, questions, [name for name in options.only if size <= MOST.get(name, size)]):
            print(row, flush=True)


def vectors_of(folders: Sequence[Path], more: Path | None) -> tuple[Matrix, Matrix]:
    """Return unit rows of all passages and of `QUESTIONS` questions, language bias removed."""
    settings = Settings()
    model = CachedEmbedder(open_embedder(settings.embedder), settings.cache / "eval" / "vectors.sqlite3")
    means = means_for(model.fingerprint)
    found = collection(folders, more)
    texts = [query.text for query in found.queries]
    chosen = np.random.default_rng(1).permutation(len(texts))[:QUESTIONS]
    langs = [detect(passage.text) for passage in found.passages]
    return (
        means.passages(model.embed_passages(embedded(found.passages)), langs),
        np.stack([means.question(model.embed_query(texts[i]), detect(texts[i])) for i in chosen]),
    )


def grown(real: Matrix, size: int) -> Matrix:
    """Return *size* unit rows: the real ones, and as many more as it takes."""
    chance = np.random.default_rng(0)
    flat = faiss.IndexFlatIP(real.shape[1])
    flat.add(real)
    _, nearest = flat.search(real, 11)
    parts, missing = [real[:size]], max(0, size - len(real))
    while missing:
        count = min(missing, 50_000)
        one = chance.integers(0, len(real), count)
        near = nearest[one, chance.integers(1, 11, count)]
        other = np.where(chance.random(count) < 0.5, near, chance.integers(0, len(real), count))
        share = 0.5 * chance.random((count, 1), dtype=np.float32)
        noise = chance.standard_normal((count, real.shape[1]), dtype=np.float32)
        made = (1 - share) * real[one] + share * real[other] + noise * (NOISE / np.sqrt(real.shape[1]))
        parts.append(np.asarray(made / np.linalg.norm(made, axis=1, keepdims=True), np.float32))
        missing -= count
    return np.concatenate(parts)


def table(vectors: Matrix, questions: Matrix, names: Sequence[str]) -> Iterator[str]:
    flat = faiss.IndexFlatIP(vectors.shape[1])
    flat.add(vectors)
    _, truth = flat.search(questions, DEPTH)
    for name in names:
        started = time.process_time()
        search, megabytes = ours(name, vectors) if name in OURS else theirs(KINDS[name], vectors)
        built = time.process_time() - started
        found, taken = [], []
        for question in questions:
            began = time.thread_time()
            found.append(search(question, DEPTH))
            taken.append(1000 * (time.thread_time() - began))
        recalls = [
            np.mean([len({*a[:k]} & {*b[:k]}) / k for a, b in zip(truth.tolist(), found, strict=True)])
            for k in (10, 100)
        ]
        median, most = np.percentile(taken, [50, 95])
        yield (
            f"| {len(vectors):,} | {name} | {megabytes:.0f} | {built:.1f} | {median:.1f} | {most:.1f} "
            f"| {recalls[0]:.3f} | {recalls[1]:.3f} |"
        )


def ours(name: str, vectors: Matrix) -> tuple[Search, float]:
    index = DenseIndex.build(vectors, exact_up_to=len(vectors) if name == OURS[0] else 0)
    return lambda question, k: [row for row, _ in index.search(question, k)], len(index.to_bytes()) / 1e6


def theirs(kind: Kind, vectors: Matrix) -> tuple[Search, float]:
    index = faiss.index_factory(vectors.shape[1], kind.recipe, faiss.METRIC_INNER_PRODUCT)
    index.train(vectors[:: max(1, len(vectors) // 50_000)])
    index.add(vectors)

    def search(question: Matrix, k: int) -> list[int]:
        _, rows = index.search(question[np.newaxis], k, params=kind.parameters())
        found: list[int] = rows[0].tolist()
        return found

    return search, faiss.serialize_index(index).nbytes / 1e6


if __name__ == "__main__":
    main()
