"""A public test set goes through the real index and the real retriever, and is scored.

One passage is one document, as the set has it; no label is used: languages are
detected. Vectors are remembered by text and model, so that a second run takes seconds.
"""

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from rag import wiring
from rag.answer.reading import read_hits
from rag.eval.beir import Query, TestSet
from rag.eval.cached import CachedEmbedder
from rag.eval.legs import LEGS, OURS
from rag.eval.ranking import MEASURES, auroc
from rag.eval.retrieval import Estimate, SetScore, estimate
from rag.index.chunk import embedded_text
from rag.index.dense import Transform
from rag.index.snapshot import open_snapshot
from rag.index.store import Entry, Identity, open_writer
from rag.protocols import Embedder
from rag.read import open_reader
from rag.read.evidence import probability
from rag.search.debias import UNCHANGED
from rag.search.retrieve import Retriever
from rag.settings import Settings
from rag.text.languages import detect
from rag.types import UNDETERMINED, Chunk, Document, Where

__all__ = ["Trial", "open_trial", "score"]

_IDENTITY = "test set"
_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Trial:
    """A test set with two retrievers over the same passages.

    Attributes:
        ours: The retriever in force.
        plain: The same without language means, which baselines are made of.
    """

    test_set: TestSet
    ours: Retriever
    plain: Retriever


@contextmanager
def open_trial(settings: Settings, test_set: TestSet) -> Iterator[Trial]:
    """Index *test_set* in a folder that is gone afterwards."""
    model = CachedEmbedder(wiring.embedder(settings), settings.cache / "eval" / "vectors.sqlite3")
    identity = Identity(model.fingerprint, _IDENTITY, model.dim)
    ours, raw = wiring.transform(model), Transform(UNCHANGED.name, UNCHANGED.passages)
    with tempfile.TemporaryDirectory(prefix="citewise-") as folder:
        with open_writer(Path(folder), identity, ours) as writer:
            writer.put(_entries(test_set, model))
            writer.publish()
        with (
            open_snapshot(Path(folder), identity, ours) as index,
            open_snapshot(Path(folder), identity, raw) as plain,
        ):
            yield Trial(
                test_set,
                wiring.retriever(settings, index, model, wiring.reranker(settings)),
                Retriever(plain, model, UNCHANGED),
            )


def _entries(test_set: TestSet, model: Embedder) -> list[Entry]:
    documents = [
        Document(each.doc_id, each.title, each.text, detect(each.text), None, "")
        for each in test_set.passages
    ]
    chunks = [_whole(document) for document in documents]
    texts = [embedded_text(document.title, chunk) for document, chunk in zip(documents, chunks, strict=True)]
    vectors, signs = model.read_passages(texts, [chunk.lang for chunk in chunks])
    return [
        Entry(document, (chunk,), vectors[place : place + 1], tuple(signs[place : place + 1]))
        for place, (document, chunk) in enumerate(zip(documents, chunks, strict=True))
    ]


def _whole(document: Document) -> Chunk:
    end = len(document.text)
    return Chunk(f"{document.doc_id}#0-{end}", document.doc_id, 0, end, document.text, document.lang)


def score(settings: Settings, test_set: TestSet, legs: Sequence[str]) -> SetScore:
    """Run every question of *test_set* and return what *legs* and the evidence score are worth."""
    queries = test_set.queries
    judged = [query for query in queries if query.query_id in test_set.qrels]
    with open_trial(settings, test_set) as trial:
        labelled = [query for query in queries if query.lang != UNDETERMINED]
        return SetScore(
            name=test_set.name,
            passages=len(test_set.passages),
            questions=len(queries),
            legs={leg: _measured(trial, leg, judged) for leg in legs} if judged else {},
            auroc=_auroc(trial),
            agreement=_share([detect(query.text) == query.lang for query in labelled]),
        )


def _measured(trial: Trial, leg: str, queries: Sequence[Query]) -> dict[str, Estimate]:
    retriever = trial.ours if leg in OURS else trial.plain
    rankings = [_documents(LEGS[leg](retriever, query.text, _DEPTH)) for query in queries]
    grades = [trial.test_set.qrels[query.query_id] for query in queries]
    return {
        name: estimate([measure(*pair) for pair in zip(rankings, grades, strict=True)])
        for name, measure in MEASURES.items()
    }


def _documents(chunk_ids: Sequence[str]) -> list[str]:
    return [name.rpartition("#")[0] for name in chunk_ids]


def _auroc(trial: Trial) -> float | None:
    """Return the AUROC of the evidence score, over the fixed passages where a set has them."""
    answerable = [query.answerable for query in trial.test_set.queries]
    if len(set(answerable)) < 2:
        return None
    return auroc([_evidence(trial.ours, query) for query in trial.test_set.queries], answerable)


def _evidence(retriever: Retriever, query: Query) -> float:
    retrieval = retriever.retrieve(query.text, _DEPTH, Where(docs=query.contexts))
    return probability(retrieval, read_hits(open_reader(), query.text, retrieval.hits))


def _share(found: Sequence[bool]) -> float | None:
    return sum(found) / len(found) if found else None
