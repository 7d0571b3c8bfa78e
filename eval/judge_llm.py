"""A second opinion on answers, from a model; advisory, and never part of the gate.

Fits any backend, because it asks as the assistant does: the expected answer and the
given one are two passages, and the question is whether they agree. Replies are kept
by content, so that a verdict is paid for once; each is asked several times, because
one verdict of a model is a draw.
"""

import hashlib
import re
import sqlite3
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answer.prompt import Passages
from rag.errors import BackendError
from rag.eval.facts import shown
from rag.eval.run import Scored
from rag.eval.stats import Mean, mean
from rag.llm.thoughts import kept
from rag.protocols import LLM
from rag.types import Chunk, Hit

__all__ = ["Opinion", "Opinions", "opinions"]

_ASKED = (
    'A reader asked: "{question}" '
    "Passage 1 is what a right answer states, passage 2 the answer that was given. "
    "Does passage 2 state everything that passage 1 states, and nothing that contradicts it? "
    "Reply with one word, yes or no."
)
_WORD = re.compile(r"\b(yes|no)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a model thinks of one answer.

    Attributes:
        yes: Share of the readable verdicts that are yes; None if none was readable.
        spread: Standard deviation between the repetitions.
    """

    pair_id: str
    yes: float | None
    spread: float
    verdicts: tuple[bool | None, ...]


@dataclass(frozen=True, slots=True)
class Opinions:
    """All opinions of one model.

    Attributes:
        mean: Over the pairs with a readable verdict, None if there is none.
        agreement: Share of those pairs on which the majority and ``correct`` agree.
        unread: Pairs of which no verdict could be read.
    """

    model: str
    repeats: int
    each: tuple[Opinion, ...]
    mean: Mean | None
    agreement: float
    unread: int


def opinions(llm: LLM, scored: Sequence[Scored], repeats: int, cache: Path) -> Opinions:
    """Ask *llm* about every answer that states facts; verdicts are kept in *cache*."""
    asked = [each for each in scored if each.pair.answerable and each.answer and each.answer.answered]
    cache.parent.mkdir(parents=True, exist_ok=True)
    database = sqlite3.connect(cache)
    try:
        database.execute("CREATE TABLE IF NOT EXISTS replies (key BLOB PRIMARY KEY, reply TEXT NOT NULL)")
        found = tuple(_opinion(llm, each, repeats, database) for each in asked)
    finally:
        database.close()
    read = [(each.right, one.yes) for each, one in zip(asked, found, strict=True) if one.yes is not None]
    agreement = sum(right == (yes > 0.5) for right, yes in read) / len(read) if read else 0.0
    overall = mean([yes for _, yes in read]) if read else None
    return Opinions(llm.model_id, repeats, found, overall, agreement, len(found) - len(read))


def _opinion(llm: LLM, each: Scored, repeats: int, database: sqlite3.Connection) -> Opinion:
    prompt = _prompt(each)
    verdicts = tuple(_verdict(_reply(llm, prompt, number, database)) for number in range(repeats))
    read = [float(verdict) for verdict in verdicts if verdict is not None]
    spread = statistics.pstdev(read) if read else 0.0
    return Opinion(each.pair.id, statistics.fmean(read) if read else None, spread, verdicts)


def _prompt(each: Scored) -> Passages:
    assert each.answer is not None
    expected = "; ".join(" or ".join(group) for group in each.pair.facts)
    texts = {"expected": expected, "given": shown(each.answer)}
    hits = tuple(
        Hit(Chunk(name, name, 0, len(text), text, each.pair.lang), 0.0, rank)
        for rank, (name, text) in enumerate(texts.items(), start=1)
    )
    return Passages(_ASKED.format(question=each.pair.question), "en", hits)


def _reply(llm: LLM, prompt: Passages, number: int, database: sqlite3.Connection) -> str:
    """Return a kept reply, or ask. A backend that fails has no verdict, and is asked again next time."""
    content = "\0".join(
        [llm.model_id, str(number), prompt.question, *(hit.chunk.text for hit in prompt.hits)]
    )
    key = hashlib.sha256(content.encode()).digest()
    if row := database.execute("SELECT reply FROM replies WHERE key = ?", (key,)).fetchone():
        return str(row[0])
    try:
        reply = kept(llm.stream(prompt))
    except BackendError:
        return ""
    with database:
        database.execute("INSERT OR REPLACE INTO replies VALUES (?, ?)", (key, reply))
    return reply


def _verdict(reply: str) -> bool | None:
    word = _WORD.search(reply)
    return word[1].lower() == "yes" if word else None
