"""The opinion of a model is kept by content, repeated, and never decides anything."""

from dataclasses import dataclass
from pathlib import Path

import pytest
from doubles import ScriptedLLM
from judged import Replies, answer, document, pair, quiet, refusal, unanswerable

from rag.errors import BackendError
from rag.eval.judge_llm import opinions
from rag.eval.run import Scored, run
from rag.protocols import Prompt


@pytest.fixture
def scored() -> tuple[Scored, ...]:
    pairs = [
        pair(id="a"),
        pair(id="b", question="몇 번째 지사야?", lang="ko", facts=[["12번째"]]),
        pair(id="c", question="refused"),
        unanswerable(question="none"),
    ]
    replies = {
        pairs[0].question: answer(),
        pairs[1].question: answer("모릅니다. [1]"),
        "refused": refusal(),
        "none": answer(),
    }
    return run(Replies(replies), pairs, {"a.txt": document()}, quiet).scored


def test_each_answer_is_judged_several_times(scored: tuple[Scored, ...], tmp_path: Path) -> None:
    """With its spread, its agreement with `correct`, and only where there is an answer with facts."""
    llm = ScriptedLLM(["Yes. [1]", "yes", "No", "no", "No, it says nothing.", "no"])

    found = opinions(llm, scored, 3, tmp_path / "opinions.sqlite3")

    assert [(each.pair_id, each.verdicts) for each in found.each] == [
        ("a", (True, True, False)),
        ("b", (False, False, False)),
    ]
    assert found.each[0].yes == pytest.approx(2 / 3)
    assert found.each[0].spread == pytest.approx((2 / 9) ** 0.5)
    assert (found.agreement, found.unread) == (1.0, 0)
    assert "몇 번째 지사야?" in llm.asked[3].question
    assert [hit.chunk.text for hit in llm.asked[3].hits] == ["12번째", "모릅니다."]


def test_a_verdict_is_paid_for_once(scored: tuple[Scored, ...], tmp_path: Path) -> None:
    """The same content is not asked again; another model is."""
    cache = tmp_path / "opinions.sqlite3"
    first = opinions(ScriptedLLM(["yes", "no"]), scored, 1, cache)

    again = opinions(ScriptedLLM([]), scored, 1, cache)
    other = opinions(ScriptedLLM(["no", "no"], model_id="other"), scored, 1, cache)

    assert again == first
    assert other.each[0].yes == 0.0


@dataclass(frozen=True)
class Failing:
    model_id: str = "failing"

    def stream(self, prompt: Prompt) -> object:
        raise BackendError("no reply")


def test_what_cannot_be_read_is_counted_and_not_guessed(scored: tuple[Scored, ...], tmp_path: Path) -> None:
    """Neither a failure nor an essay is a verdict."""
    failed = opinions(Failing(), scored, 2, tmp_path / "a.sqlite3")  # type: ignore[arg-type]
    unread = opinions(ScriptedLLM(["Perhaps.", "NO_ANSWER"]), scored, 1, tmp_path / "b.sqlite3")

    assert (failed.mean, failed.unread) == (None, 2)
    assert (unread.mean, unread.unread) == (None, 2)
