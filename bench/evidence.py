"""Fit the evidence score on some test sets and judge it on others.

usage: python bench/evidence.py --fit SET... --judge SET...
(folders in BEIR's form, with questions that have no answer)

Prints the constants of rag/evidence.py, and for each set the area under the ROC curve, the Brier
score, and how often questions of each predicted probability did have an answer.
"""

import argparse
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.eval.beir import read_set
from rag.eval.ranking import auroc
from rag.evidence import features
from rag.settings import read_settings
from rag.ui.trial import open_trial

Floats = npt.NDArray[np.float64]
# Weight decay of the fit: keeps the constants finite where a set is separable.
RIDGE = 0.05
STEPS = 50


def table(folder: Path) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the features of each question of a set, and whether it has an answer."""
    with open_trial(read_settings({}), read_set(folder)) as trial:
        rows = [features(trial.ours.retrieve(query.text, 8)) for query in trial.test_set.queries]
        return np.array(rows), np.array([query.answerable for query in trial.test_set.queries])


def fit(rows: Floats, answerable: npt.NDArray[np.bool_], weights: Floats) -> Floats:
    """Return intercept and coefficients of a weighted logistic regression, by Newton's method."""
    design = np.hstack([np.ones((len(rows), 1)), rows])
    beta = np.zeros(design.shape[1])
    decay = RIDGE * np.diag([0.0] + [1.0] * rows.shape[1])
    for _ in range(STEPS):
        expected = 1 / (1 + np.exp(-design @ beta))
        gradient = design.T @ (weights * (answerable - expected)) - decay @ beta
        curvature = (design * (weights * expected * (1 - expected))[:, None]).T @ design + decay
        beta = beta + np.linalg.solve(curvature, gradient)
    return beta


def balanced(answerable: npt.NDArray[np.bool_]) -> Floats:
    """Return weights under which a set counts as 100 questions, half of them answerable."""
    share = np.where(answerable, answerable.mean(), 1 - answerable.mean())
    return np.asarray(50 / (share * len(answerable)), np.float64)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--fit", nargs="+", type=Path, required=True)
    parser.add_argument("--judge", nargs="*", type=Path, default=[])
    arguments = parser.parse_args()
    tables = {folder: table(folder) for folder in [*arguments.fit, *arguments.judge]}
    fitted = [tables[folder] for folder in arguments.fit]
    beta = fit(
        np.concatenate([rows for rows, _ in fitted]),
        np.concatenate([answerable for _, answerable in fitted]),
        np.concatenate([balanced(answerable) for _, answerable in fitted]),
    )
    print("constants (intercept, then features in order):", ", ".join(f"{value:.3f}" for value in beta))
    for folder, (rows, answerable) in tables.items():
        expected = 1 / (1 + np.exp(-(beta[0] + rows @ beta[1:])))
        brier = float(np.average((expected - answerable) ** 2, weights=balanced(answerable)))
        role = "fit" if folder in arguments.fit else "judge"
        area = auroc(expected.tolist(), answerable.tolist())
        print(f"{folder.name:<20} {role:<6} AUROC {area:.3f}  Brier {brier:.3f}")
        for low in np.arange(0, 1, 0.2):
            inside = (expected >= low) & (expected < low + 0.2)
            if inside.any():
                rate = answerable[inside].mean()
                print(f"    {low:.1f} to {low + 0.2:.1f}: {inside.sum():>4} questions, {rate:.2f} answerable")


if __name__ == "__main__":
    main()
