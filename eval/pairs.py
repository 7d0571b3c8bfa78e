"""Question and answer pairs: read strictly, because a pair that is skipped is a gate with a hole."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, ClassVar, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, model_validator

from rag.errors import EvalDataError
from rag.types import Turn, Where

__all__ = [
    "TYPES",
    "Pair",
    "Placed",
    "append_pair",
    "missing_documents",
    "names",
    "next_id",
    "placed_pairs",
    "read_pairs",
    "usable_pairs",
]

Type = Literal[
    "fact",
    "number",
    "date",
    "cross",
    "multi",
    "conflict",
    "temporal",
    "unanswerable",
    "near-miss",
    "follow-up",
]
TYPES: tuple[Type, ...] = get_args(Type)

Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Alternatives = Annotated[tuple[Text, ...], Field(min_length=1)]
Lang = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")]


class _Strict(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Exchange(_Strict):
    """An earlier turn of a follow-up."""

    question: Text
    answer: Text


class Filter(_Strict):
    """The fields of `rag.types.Where`."""

    docs: tuple[Text, ...] = ()
    folders: tuple[Text, ...] = ()
    langs: tuple[Text, ...] = ()
    since: date | None = None
    until: date | None = None


class Pair(_Strict):
    """One question and what a right answer holds.

    Attributes:
        lang: Language of the question.
        answer_langs: In one of these the answer must be, or it is not right. Empty: it is
            expected in `lang`, and one in another language may be right all the same.
        facts: The answer must hold one alternative of every group.
        forbidden: Strings that must not occur (``not`` in the file).
        docs: For each group, one of these documents must be cited (path or stem).
        reference: A whole answer in a few words, where there is one.
        history: Earlier turns, oldest first.
        draft: The words it was drafted from, until a person has read the pair; never judged.
    """

    id: Text
    question: Text
    lang: Lang
    answer_langs: tuple[Lang, ...] = ()
    type: Type
    facts: tuple[Alternatives, ...] = ()
    forbidden: tuple[Text, ...] = Field(default=(), alias="not")
    docs: tuple[Alternatives, ...] = ()
    answerable: bool = True
    reference: str = ""
    history: tuple[Exchange, ...] = ()
    where: Filter = Filter()
    draft: str = ""

    @model_validator(mode="after")
    def _says_what_is_right(self) -> "Pair":
        if self.answerable and not self.facts:
            raise ValueError("an answerable pair needs facts")
        if self.answerable and not self.docs:
            raise ValueError("an answerable pair needs docs")
        if not self.answerable and (self.facts or self.docs or self.reference):
            raise ValueError("a pair that is not answerable has no facts, docs or reference")
        if self.answerable and self.type in ("unanswerable", "near-miss"):
            raise ValueError(f"a pair of type {self.type!r} is not answerable")
        return self

    @property
    def turns(self) -> tuple[Turn, ...]:
        """The history as the assistant takes it."""
        return tuple(Turn(each.question, each.answer) for each in self.history)

    @property
    def filter(self) -> Where:
        """Which documents may be searched."""
        return Where(**dict(self.where))


def names(doc_id: str) -> tuple[str, str]:
    """Return what a pair may call a document: its path in the folder, or its stem."""
    return doc_id, PurePosixPath(doc_id).stem


def read_pairs(path: Path, documents: Collection[str]) -> list[Pair]:
    """Read one JSONL file, or every one in a folder, in order of name and line.

    Args:
        path: File or folder.
        documents: Ids of the documents that pairs may point to.

    Raises:
        EvalDataError: Nothing to read, or a line is not a pair; names the file,
            the line, the field and the remedy.
    """
    pairs, problems = usable_pairs(path, documents)
    if problems:
        raise EvalDataError(problems[0])
    return pairs


def usable_pairs(path: Path, documents: Collection[str]) -> tuple[list[Pair], list[str]]:
    """Read as `read_pairs` does, and go on after a line that is not a pair.

    Returns:
        The pairs that can be judged, and a sentence on each line that cannot.

    Raises:
        EvalDataError: There is nothing to read.
    """
    known = {name for doc_id in documents for name in names(doc_id)}
    pairs: list[Pair] = []
    problems: list[str] = []
    for placed in placed_pairs(path):
        problem = placed.problem or (placed.pair and _missing(placed.pair, known, documents))
        if problem:
            problems.append(f"{placed.place}: {problem}")
        elif placed.pair:
            pairs.append(placed.pair)
    return pairs, problems


@dataclass(frozen=True, slots=True)
class Placed:
    """One line of a file of pairs: what it holds, or why that is not a pair.

    Attributes:
        place: File and line, as in ``qa.jsonl:7``.
        problem: Empty if there is a pair.
    """

    place: str
    pair: Pair | None
    problem: str = ""


def placed_pairs(path: Path) -> Iterator[Placed]:
    """Yield the lines of a file, or of every one in a folder, that are not blank.

    Whether the documents that a pair names are there is not looked at.

    Raises:
        EvalDataError: A file cannot be read, or there is no line at all.
    """
    places: dict[str, str] = {}
    line = None
    for place, line in _lines(path):
        try:
            pair = _parse(line)
        except ValueError as exc:
            yield Placed(place, None, str(exc))
            continue
        if pair.id in places:
            yield Placed(place, None, f"id {pair.id!r} is also at {places[pair.id]}. Ids are unique.")
        else:
            places[pair.id] = place
            yield Placed(place, pair)
    if line is None:
        raise EvalDataError(f"{_nothing_in(path)}. Draft pairs with: rag eval init DIR")


def _nothing_in(path: Path) -> str:
    if path.is_dir():
        return f"The folder {str(path)!r} holds no .jsonl file with a pair in it"
    return f"{str(path)!r} is empty: it holds no pairs"


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    """Yield each line that is not blank, with its place."""
    for file in sorted(path.glob("*.jsonl")) if path.is_dir() else [path]:
        try:
            text = file.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as exc:
            raise EvalDataError(
                f"{str(file)!r} cannot be read: {exc}. Pairs are UTF-8, one object a line."
            ) from exc
        # Not splitlines: U+2028 may stand inside a JSON string.
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                yield f"{file}:{number}", line


def _parse(line: str) -> Pair:
    """Return the pair; a ValueError says which field is wrong, and the remedy."""
    try:
        return Pair.model_validate(json.loads(line, object_pairs_hook=_without_duplicates))
    except (json.JSONDecodeError, RecursionError) as exc:
        raise ValueError(f"not JSON: {exc}. Write one object a line.") from exc
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        field = ".".join(map(str, problem["loc"])) or "pair"
        remedy = f" Fields are: {_fields()}." if problem["type"] in ("extra_forbidden", "missing") else ""
        raise ValueError(f"field {field!r}: {problem['msg']}.{remedy}") from exc
    except _DuplicateField as exc:
        raise ValueError(f"field {exc.args[0]!r} stands twice. Keep one.") from exc


class _DuplicateField(Exception):
    pass


def _without_duplicates(items: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    # JSON parsers keep the last of two fields, and the first set of facts would be lost in silence.
    fields = dict(items)
    if len(fields) < len(items):
        counted = [name for name, _ in items]
        raise _DuplicateField(next(name for name in counted if counted.count(name) > 1))
    return fields


def _fields() -> str:
    return ", ".join(field.alias or name for name, field in Pair.model_fields.items())


def missing_documents(pair: Pair, documents: Collection[str]) -> str:
    """Return a sentence on a document that *pair* names and that is not there; empty if all are."""
    return _missing(pair, {name for doc_id in documents for name in names(doc_id)}, documents)


def _missing(pair: Pair, known: Collection[str], documents: Collection[str]) -> str:
    for name in (name for group in pair.docs for name in group):
        if name not in known:
            return f"field 'docs': there is no document {name!r}. Name its path in the folder, or stem."
    for name in pair.where.docs:
        if name not in documents:
            return f"field 'where.docs': there is no document {name!r}. Name its path in the folder."
    return ""


def next_id(pairs: Sequence[Pair], lang: str, kind: Type) -> str:
    """Return the first free id of the form ``ko-date-007``."""
    stem = f"{lang}-{kind}-"
    numbers = [int(m[1]) for pair in pairs if (m := re.fullmatch(re.escape(stem) + r"(\d+)", pair.id))]
    return f"{stem}{max(numbers, default=0) + 1:03}"


def append_pair(path: Path, pair: Pair) -> None:
    """Append *pair* to the file *path* as one line, made if need be; only fields that say something."""
    line = json.dumps(pair.model_dump(mode="json", by_alias=True, exclude_defaults=True), ensure_ascii=False)
    ends_open = path.exists() and path.read_bytes()[-1:] not in (b"", b"\n")
    with path.open("a", encoding="utf-8") as file:
        file.write(("\n" if ends_open else "") + line + "\n")
