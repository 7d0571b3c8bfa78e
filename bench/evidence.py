"""Fit the evidence score on public questions, and judge it on sets that it was not fitted to.

usage: python bench/evidence.py [--most N] SET... > report.md
(folders in BEIR's form; vectors are remembered, so that a second run takes minutes)

A set whose questions all have an answer is asked twice, the second time without the passages that
answer; and each is asked questions of other sets, strangers, that have none. Prints the constants
of rag/read/evidence.py, fitted to all sets; then, as Markdown tables for
docs/decisions/0009-evidence.md, how well each set is told apart by a score that was fitted to sets
of other families (the name up to the first dash; strangers left out), how many of its questions
the constants refuse, and how often questions of each probability did have an answer.
"""

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.answer.reading import read_hits
from rag.eval.beir import Query, TestSet, read_set
from rag.eval.ranking import auroc
from rag.read import open_reader
from rag.read.evidence import HOPELESS, features
from rag.search.retrieve import Retriever
from rag.settings import read_settings
from rag.types import Where
from rag.ui.trial import open_trial

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
# Weight decay of the fit: keeps the constants finite where a set is separable.
RIDGE = 0.05
STEPS = 50
# Questions of a set that are asked twice. More would take time and change nothing: all sets count alike.
TWICE = 150
# And strangers for each of them.
STRANGERS = 2 / 3
BINS = 10


@dataclass(frozen=True)
class Table:
    """Features of each question, whether its collection has an answer, and which were made for another."""

    family: str
    rows: Floats
    answerable: Flags
    stranger: Flags

    @property
    def weights(self) -> Floats:
        """Those under which a set counts as 100 questions, half of them answerable."""
        share = np.where(self.answerable, self.answerable.mean(), 1 - self.answerable.mean())
        return np.asarray(50 / (share * len(self.answerable)), np.float64)


def table(name: str, sets: Mapping[str, TestSet], most: int) -> Table:
    """Return the features of the questions that a set is asked, with and without an answer."""
    own = list(asked(sets[name], most))
    questions = [*own, *((text, Where(), False) for text in strangers(name, sets, most))]
    with open_trial(read_settings({}), sets[name]) as trial:
        rows = [weighed(trial.ours, text, where) for text, where, _ in questions]
    print(name, len(rows), file=sys.stderr, flush=True)
    answerable = np.array([has_answer for *_, has_answer in questions])
    return Table(family(name), np.array(rows), answerable, np.arange(len(rows)) >= len(own))


def weighed(retriever: Retriever, text: str, where: Where) -> tuple[float, ...]:
    """Return the features of one question."""
    retrieval = retriever.retrieve(text, 8, where)
    return features(retrieval, read_hits(open_reader(), text, retrieval.hits))


def family(name: str) -> str:
    return name.partition("-")[0]


def strangers(name: str, sets: Mapping[str, TestSet], most: int) -> list[str]:
    """Return questions of other families, not of another set made of SQuAD's articles or after its manner."""
    others = [
        query.text
        for other, found in sets.items()
        if family(other) != family(name) and not ("quad" in other and "quad" in name)
        for query in found.queries
    ]
    chosen = np.random.default_rng(0).permutation(len(others))[: round(STRANGERS * most)]
    return [others[place] for place in chosen]


def asked(test_set: TestSet, most: int) -> Iterator[tuple[str, Where, bool]]:
    """Yield the questions, each with the passages that may be found and whether they answer."""
    if not all(query.answerable for query in test_set.queries):
        yield from (
            (query.text, Where(docs=query.contexts), query.answerable)
            for query in _spread(test_set.queries, 2 * most)
        )
        return
    for query in [query for query in test_set.queries if query.query_id in test_set.qrels][:most]:
        yield query.text, Where(), True
        yield query.text, Where(docs=without_answer(test_set, query)), False


def _spread(queries: Sequence[Query], most: int) -> Sequence[Query]:
    """Return *most* of the questions, of those with and without an answer alike."""
    return queries[:: max(1, len(queries) // most)]


def without_answer(test_set: TestSet, query: Query) -> tuple[str, ...]:
    """Return the documents that do not answer *query*."""
    judged = test_set.qrels[query.query_id]
    return tuple(each.doc_id for each in test_set.passages if judged.get(each.doc_id, 0) == 0)


def fit(tables: list[Table]) -> Floats:
    """Return intercept and coefficients of a weighted logistic regression, by Newton's method."""
    rows = np.concatenate([each.rows for each in tables])
    answerable = np.concatenate([each.answerable for each in tables])
    weights = np.concatenate([each.weights for each in tables])
    design = np.hstack([np.ones((len(rows), 1)), rows])
    beta = np.zeros(design.shape[1])
    decay = RIDGE * np.diag([0.0] + [1.0] * rows.shape[1])
    for _ in range(STEPS):
        likely = expected(beta, rows)
        gradient = design.T @ (weights * (answerable - likely)) - decay @ beta
        curvature = (design * (weights * likely * (1 - likely))[:, None]).T @ design + decay
        beta = beta + np.linalg.solve(curvature, gradient)
    return beta


def expected(beta: Floats, rows: Floats) -> Floats:
    """Return the probability of each row."""
    return np.asarray(1 / (1 + np.exp(-(beta[0] + rows @ beta[1:]))), np.float64)


def judge(tables: dict[str, Table]) -> dict[str, Floats]:
    """Return the probabilities of each set by the score that was fitted to the other families."""
    return {
        name: expected(fit([other for other in tables.values() if other.family != each.family]), each.rows)
        for name, each in tables.items()
    }


def print_sets(tables: dict[str, Table], likely: dict[str, Floats], beta: Floats) -> None:
    below = f"answerable below {HOPELESS} | others | strangers"
    print(f"\n| set | questions | AUROC | similarity alone | Brier | {below} |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    for name, each in tables.items():
        yes, own, found = each.answerable, ~each.stranger, likely[name]
        area, alone = (auroc(score[own].tolist(), yes[own].tolist()) for score in (found, each.rows[:, 0]))
        brier = np.average((found - yes) ** 2, weights=each.weights)
        refused = expected(beta, each.rows) < HOPELESS
        shares = f"{refused[yes].mean():.1%} | {refused[~yes & own].mean():.0%} | {refused[~own].mean():.0%}"
        print(f"| {name} | {own.sum()} | {area:.3f} | {alone:.3f} | {brier:.3f} | {shares} |")


def print_reliability(tables: dict[str, Table], likely: dict[str, Floats]) -> None:
    """Print how often questions of each probability had an answer, and the expected calibration error."""
    found = np.concatenate(list(likely.values()))
    yes = np.concatenate([each.answerable for each in tables.values()])
    weights = np.concatenate([each.weights for each in tables.values()])
    places = np.minimum((found * BINS).astype(int), BINS - 1)
    error = 0.0
    print("\n| probability | questions | mean | answerable | |")
    print("| --- | --- | --- | --- | --- |")
    for place in range(BINS):
        inside = places == place
        if inside.any():
            mean, rate = (np.average(each[inside], weights=weights[inside]) for each in (found, yes))
            error += abs(mean - rate) * weights[inside].sum() / weights.sum()
            bar = "█" * round(20 * rate)
            span = f"{place / BINS:.1f} to {(place + 1) / BINS:.1f}"
            print(f"| {span} | {inside.sum()} | {mean:.2f} | {rate:.2f} | {bar} |")
    print(f"\nexpected calibration error {error:.3f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("sets", nargs="+", type=Path, metavar="SET")
    parser.add_argument("--most", type=int, default=TWICE, help="questions of each set, half of its cases")
    args = parser.parse_args()
    sets = {folder.name: read_set(folder) for folder in args.sets}
    tables = {name: table(name, sets, args.most) for name in sets}
    beta = fit(list(tables.values()))
    print(f"_INTERCEPT = {beta[0]:.3f}\n_COEFFICIENTS = ({', '.join(f'{value:.3f}' for value in beta[1:])})")
    likely = judge(tables)
    print_sets(tables, likely, beta)
    print_reliability(tables, likely)


if __name__ == "__main__":
    main()
