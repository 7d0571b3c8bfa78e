"""What people thought of answers, as the service writes it down; questions worth a pair are among them."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from rag.errors import EvalDataError
from rag.text.characters import fold

__all__ = ["Rating", "read_ratings"]


@dataclass(frozen=True, slots=True)
class Rating:
    """One line of ``feedback.jsonl``; fields that make no pair are left out.

    Attributes:
        docs: Ids of the documents that the answer cited.
    """

    question: str
    rating: Literal["up", "down"]
    comment: str
    lang: str
    answer: str
    answered: bool
    docs: tuple[str, ...]


_LINE = TypeAdapter(Rating)


def read_ratings(path: Path, known: Collection[str]) -> list[Rating]:
    """Return the rated questions of *path* that are not *known*, in order of their first rating.

    Of several ratings of one question the last counts.

    Raises:
        EvalDataError: There is no such file, or a line is not a rating; names the line.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as exc:
        raise EvalDataError(
            f"{str(path)!r} cannot be read: {exc}. `rag serve` writes it beside the index."
        ) from exc
    found: dict[str, Rating] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            rating = _parsed(line, f"{path}:{number}")
            found[fold(rating.question)] = rating
    had = {fold(question) for question in known}
    return [rating for question, rating in found.items() if question not in had]


def _parsed(line: str, place: str) -> Rating:
    try:
        return _LINE.validate_json(line)
    except ValidationError as exc:
        problem = exc.errors(include_url=False, include_input=False)[0]
        field = ".".join(map(str, problem["loc"])) or "line"
        raise EvalDataError(
            f"{place}: {field!r}: {problem['msg']}. Remove the line if a crash cut it short."
        ) from exc
