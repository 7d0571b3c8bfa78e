"""The real documents, where they are at hand, pass a gate of their own."""

from pathlib import Path

import pytest
from judged import quiet, remembering

from rag.eval.gate import check_thresholds, read_thresholds
from rag.eval.pairs import read_pairs
from rag.eval.run import run
from rag.settings import Settings
from rag.ui.judge import open_subject

ROOT = Path(__file__).resolve().parents[2]
SEEDS = ROOT.parent / "shared" / "seeds"


@pytest.mark.skipif(not SEEDS.is_dir(), reason="the folder shared/seeds is not beside the checkout")
def test_the_seeds_pass_their_gate() -> None:
    """At least 60 questions in our own words, with menus, headlines and copyright lines in the documents."""
    with open_subject(Settings(), SEEDS, quiet) as subject:
        pairs = read_pairs(ROOT / "eval" / "pairs-seeds", subject.documents)
        result = run(remembering(subject.assistant, Settings().cache), pairs, subject.documents, quiet)

    checks = check_thresholds(result.means, read_thresholds(ROOT / "eval" / "thresholds-seeds.toml"))
    assert len(pairs) >= 60
    assert [each.error for each in result.scored if each.error] == []
    assert [check.failure for check in checks if check.failure] == []
