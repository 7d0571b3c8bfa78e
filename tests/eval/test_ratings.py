"""Ratings are read as the service writes them; a line that is none is named."""

import json
from pathlib import Path

import pytest

from rag.errors import EvalDataError
from rag.eval.ratings import read_ratings
from rag.types import Answer
from rag.ui.feedback import FeedbackFile
from rag.ui.schemas import Feedback

QUESTIONS = (
    "도서관은 언제 쉬어?",
    "図書館はいつ休み？",
    "متى تغلق المكتبة؟",
    "Wann schließt sie? 🎉",
    "几点关门？",
)


def answer(question: str) -> Answer:
    nothing = ((), (), (), (), ())
    return Answer(question, "ko", "월요일. [1]", True, "", "", *nothing, 0.9, "extractive", False, {}, 1)


def rate(path: Path, question: str, rating: str, comment: str = "") -> None:
    service = FeedbackFile(path)
    request_id = f"{abs(hash(question)):032x}"[-32:]
    service.remember(request_id, answer(question))
    service.append(Feedback(request_id=request_id, rating=rating, comment=comment))  # type: ignore[arg-type]


def test_what_the_service_writes_is_read(tmp_path: Path) -> None:
    """In every script, in the order of the first rating; the last rating of a question counts."""
    path = tmp_path / "feedback.jsonl"
    for question in QUESTIONS:
        rate(path, question, "up")
    rate(path, QUESTIONS[0], "down", "월요일이 아니라 화요일")

    found = read_ratings(path, ())

    assert list(QUESTIONS) == [each.question for each in found]
    assert [("down", "월요일이 아니라 화요일"), ("up", "")] == [(e.rating, e.comment) for e in found[:2]]


def test_questions_that_have_a_pair_are_left_out(tmp_path: Path) -> None:
    """However they are cased, spaced or composed."""
    path = tmp_path / "feedback.jsonl"
    for question in QUESTIONS:
        rate(path, question, "up")

    found = read_ratings(path, ["wann  SCHLIESST sie? 🎉", *QUESTIONS[:3]])

    assert ["几点关门？"] == [each.question for each in found]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"question": "q"', "'line'"),
        ("[]", "'line'"),
        (json.dumps({"question": "q", "rating": "up"}), "'comment'"),
        (json.dumps({"question": "q", "rating": "fine"}), "'rating'"),
    ],
)
def test_a_line_that_is_no_rating_is_named(tmp_path: Path, line: str, says: str) -> None:
    """With file, line, field and remedy."""
    path = tmp_path / "feedback.jsonl"
    rate(path, QUESTIONS[0], "up")
    with path.open("a", encoding="utf-8") as file:
        file.write(line)

    with pytest.raises(EvalDataError, match=rf"feedback\.jsonl:2: {says}.*Remove"):
        read_ratings(path, ())


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """The message says who writes it."""
    with pytest.raises(EvalDataError, match="rag serve"):
        read_ratings(tmp_path / "none.jsonl", ())
