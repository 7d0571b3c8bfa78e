"""Our whole retrieval beside LangChain's FAISS retriever and txtai's hybrid search, in one run.

    python bench/retrieval.py PASSAGES SET... [--questions N]

PASSAGES holds one JSON object (id, title, text) a line, SETs are folders in BEIR's form
whose questions are asked. All three search the same passages for ten, from the text of a
question on, with the same weights: the peers through sentence-transformers, as their users
run it. Passages are embedded once and remembered in the cache. Questions go round in turns,
so that what else the machine does falls on all. Peers that are not installed are named:

    pip install langchain-community txtai
"""

import argparse
import importlib
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from e5_folder import write_folder
from passages import collection, embedded

from rag.eval.beir import TestSet
from rag.eval.cached import CachedEmbedder
from rag.index.embed import open_embedder
from rag.index.weights import read_weights
from rag.languages import detect
from rag.settings import Settings
from rag.types import Matrix
from rag.ui.trial import open_trial

K = 10
WARM = 10
Search = Callable[[str], object]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path, metavar="PASSAGES")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET")
    parser.add_argument("--questions", type=int, default=200)
    options = parser.parse_args()
    settings = Settings()
    found = collection([], options.passages)
    asked = [query.text for query in collection(options.sets).queries]
    asked = [asked[i] for i in np.random.default_rng(0).permutation(len(asked))[: options.questions + WARM]]
    with open_trial(settings, found) as trial, tempfile.TemporaryDirectory() as folder:
        # Questions are embedded, not remembered.
        retriever = replace(trial.ours, embedder=open_embedder(settings.embedder))
        write_folder(read_weights(), Path(folder) / "e5")
        searches: dict[str, Search] = {"ours": lambda text: retriever.retrieve(text, K)}
        searches |= peers(Path(folder) / "e5", found, vectors_of(settings, found))
        report(len(found.passages), timed(searches, asked))


def vectors_of(settings: Settings, found: TestSet) -> Matrix:
    model = CachedEmbedder(open_embedder(settings.embedder), settings.cache / "eval" / "vectors.sqlite3")
    # As `open_trial` reads them, so that they are embedded once.
    langs = [detect(each.text) for each in found.passages]
    return model.read_passages(embedded(found.passages), langs)[0]


def peers(folder: Path, found: TestSet, vectors: Matrix) -> dict[str, Search]:
    made: dict[str, Search] = {}
    for name, make in (("LangChain FAISS", langchain), ("txtai hybrid", txtai)):
        try:
            made[name] = make(folder, [each.text for each in found.passages], vectors)
        except ImportError as exc:
            print(f"{name} is left out: {exc}", file=sys.stderr)
    return made


def sentence_transformer(folder: Path) -> Any:  # noqa: ANN401 (a peer's own type)
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder), device="cpu")


def langchain(folder: Path, texts: Sequence[str], vectors: Matrix) -> Search:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is being split up, and says so
        stores = importlib.import_module("langchain_community.vectorstores")
    base: Any = importlib.import_module("langchain_core.embeddings").Embeddings
    model = sentence_transformer(folder)

    class E5(base):  # type: ignore[misc]
        def embed_documents(self, texts: list[str]) -> list[list[float]]:
            return [row.tolist() for row in model.encode_document(texts)]

        def embed_query(self, text: str) -> list[float]:
            found: list[float] = model.encode_query(text).tolist()
            return found

    store = stores.FAISS.from_embeddings(zip(texts, vectors.tolist(), strict=True), E5())
    search: Search = store.as_retriever(search_kwargs={"k": K}).invoke
    return search


def txtai(folder: Path, texts: Sequence[str], vectors: Matrix) -> Search:
    library = importlib.import_module("txtai")
    model = sentence_transformer(folder)
    known = dict(zip(texts, vectors, strict=True))

    def transform(wanted: list[str]) -> Matrix:
        rows = [known[text] if text in known else model.encode_query(text) for text in wanted]
        return np.array(rows, np.float32)

    # Content is stored, so that it too returns texts.
    index = library.Embeddings(method="external", transform=transform, hybrid=True, content=True)
    index.index(enumerate(texts))
    return lambda text: index.search(text, K)


def timed(searches: dict[str, Search], asked: Sequence[str]) -> dict[str, list[tuple[float, float]]]:
    """Return wall-clock and processor milliseconds of each question but the first few."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in searches}
    for text in asked:
        for name, search in searches.items():
            wall, cpu = time.perf_counter(), time.process_time()
            search(text)
            taken[name].append((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))
    return {name: times[WARM:] for name, times in taken.items()}


def report(passages: int, taken: dict[str, list[tuple[float, float]]]) -> None:
    cuts = {name: np.percentile(times, [50, 95], axis=0) for name, times in taken.items()}
    print(f"{passages} passages, {len(taken['ours'])} questions\n")
    print("| | ms, median | ms, 95 % | times ours | processor ms, median | times ours |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, ((wall, cpu), (late, _)) in cuts.items():
        more, heavier = wall / cuts["ours"][0][0], cpu / cuts["ours"][0][1]
        print(f"| {name} | {wall:.1f} | {late:.1f} | {more:.1f} | {cpu:.1f} | {heavier:.1f} |")


if __name__ == "__main__":
    main()
