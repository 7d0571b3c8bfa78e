"""Our whole retrieval beside LangChain's FAISS retriever and txtai's hybrid search, in one run.

    python bench/retrieval.py PASSAGES SET... [--questions N]

PASSAGES holds one JSON object (id, title, text) a line, SETs are folders in BEIR's form
whose questions are asked. All three search the same passages for ten, from the text of a
question on, with the same weights: the peers through sentence-transformers, as their users
run it. Each has a process of its own, with the threads that it takes by itself. They take turns
of --turn questions, so that what else the machine does falls on all, with a pause after each
turn, in which idle threads go to sleep; in turns of one, each begins with what the others left
in the processor's cache. Passages are embedded once and remembered in the cache. Peers that
are not installed are named:

    pip install langchain-community txtai
"""

import argparse
import importlib
import multiprocessing
import os
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import numpy as np
from e5_folder import write_folder
from passages import collection, embedded

from rag.eval.beir import TestSet
from rag.eval.cached import CachedEmbedder
from rag.index.embed import open_embedder
from rag.model.weights import read_weights
from rag.settings import Settings
from rag.text.languages import detect
from rag.types import Matrix
from rag.ui.trial import open_trial

K = 10
WARM = 10
PAUSE = 0.05
Search = Callable[[str], object]
_THREADS = "OPENBLAS_NUM_THREADS"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("passages", type=Path, metavar="PASSAGES")
    parser.add_argument("sets", type=Path, nargs="+", metavar="SET")
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--turn", type=int, default=10)
    options = parser.parse_args()
    asked = [query.text for query in collection(options.sets).queries]
    asked = [asked[i] for i in np.random.default_rng(0).permutation(len(asked))[: options.questions + WARM]]
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        write_folder(read_weights(), Path(folder) / "e5")
        started = {name: stack.enter_context(peer(name, options.passages, Path(folder))) for name in MADE}
        report(timed({name: ask for name, ask in started.items() if ask}, asked, options.turn))


Timed = Callable[[str], tuple[float, float]]


@contextmanager
def peer(name: str, passages: Path, folder: Path) -> Iterator[Timed | None]:
    """Yield what asks one of them in a process of its own; None if it is not installed."""
    # `rag` has set it for this process; a peer takes what it takes without us.
    os.environ[_THREADS] = "1" if name == "ours" else str(os.cpu_count())
    spawn = multiprocessing.get_context("spawn")
    here, there = spawn.Pipe()
    process = spawn.Process(target=answer, args=(name, passages, folder, there))
    process.start()
    problem = here.recv()

    def ask(text: str) -> tuple[float, float]:
        here.send(text)
        times: tuple[float, float] = here.recv()
        return times

    if problem:
        print(f"{name} is left out: {problem}", file=sys.stderr)
    yield None if problem else ask
    here.send("")
    process.join()


def answer(name: str, passages: Path, folder: Path, there: Connection) -> None:
    """Send the milliseconds of the clock and of processors that each question took, until an empty one."""
    with ExitStack() as stack:
        try:
            search = MADE[name](collection([], passages), folder, stack)
        except ImportError as exc:
            there.send(str(exc))
            return
        there.send("")
        while text := there.recv():
            wall, cpu = time.perf_counter(), time.process_time()
            search(text)
            there.send((1000 * (time.perf_counter() - wall), 1000 * (time.process_time() - cpu)))


def ours(found: TestSet, _: Path, stack: ExitStack) -> Search:
    settings = Settings()
    trial = stack.enter_context(open_trial(settings, found))
    # Questions are embedded, not remembered.
    retriever = replace(trial.ours, embedder=open_embedder(settings.embedder))
    return lambda text: retriever.retrieve(text, K)


def vectors_of(found: TestSet) -> Matrix:
    settings = Settings()
    model = CachedEmbedder(open_embedder(settings.embedder), settings.cache / "eval" / "vectors.sqlite3")
    # As `open_trial` reads them, so that they are embedded once.
    langs = [detect(each.text) for each in found.passages]
    return model.read_passages(embedded(found.passages), langs)[0]


def sentence_transformer(folder: Path) -> Any:  # noqa: ANN401 (a peer's own type)
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(str(folder / "e5"), device="cpu")


def langchain(found: TestSet, folder: Path, _: ExitStack) -> Search:
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

    pairs = zip([each.text for each in found.passages], vectors_of(found).tolist(), strict=True)
    store = stores.FAISS.from_embeddings(pairs, E5())
    search: Search = store.as_retriever(search_kwargs={"k": K}).invoke
    return search


def txtai(found: TestSet, folder: Path, _: ExitStack) -> Search:
    library = importlib.import_module("txtai")
    model = sentence_transformer(folder)
    texts = [each.text for each in found.passages]
    known = dict(zip(texts, vectors_of(found), strict=True))

    def transform(wanted: list[str]) -> Matrix:
        rows = [known[text] if text in known else model.encode_query(text) for text in wanted]
        return np.array(rows, np.float32)

    # Content is stored, so that it too returns texts.
    index = library.Embeddings(method="external", transform=transform, hybrid=True, content=True)
    index.index(enumerate(texts))
    return lambda text: index.search(text, K)


MADE: dict[str, Callable[[TestSet, Path, ExitStack], Search]] = {
    "ours": ours,
    "LangChain FAISS": langchain,
    "txtai hybrid": txtai,
}


def timed(
    searches: dict[str, Timed], asked: Sequence[str], turn: int
) -> dict[str, list[tuple[float, float]]]:
    """Return wall-clock and processor milliseconds of each question but the first few."""
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in searches}
    for start in range(0, len(asked), turn):
        for name, search in searches.items():
            taken[name] += [search(text) for text in asked[start : start + turn]]
            time.sleep(PAUSE)
    return {name: times[WARM:] for name, times in taken.items()}


def report(taken: dict[str, list[tuple[float, float]]]) -> None:
    cuts = {name: np.percentile(times, [50, 95], axis=0) for name, times in taken.items()}
    print(f"{len(taken['ours'])} questions\n")
    print("| | ms, median | ms, 95 % | times ours | processor ms, median | times ours |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, ((wall, cpu), (late, _)) in cuts.items():
        more, heavier = wall / cuts["ours"][0][0], cpu / cuts["ours"][0][1]
        print(f"| {name} | {wall:.1f} | {late:.1f} | {more:.1f} | {cpu:.1f} | {heavier:.1f} |")


if __name__ == "__main__":
    main()
