"""Put every pair to an assistant, measure what comes back, and sum it up by language and type."""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

from rag.eval.measures import MEASURES, crashed, measure
from rag.eval.pairs import Pair
from rag.eval.stats import Mean, mean
from rag.types import Answer, Document, Turn, Where

__all__ = ["Asks", "Means", "Run", "Scored", "groups_of", "run", "score", "summarise"]

Means = Mapping[str, Mapping[str, Mean]]
"""By group ("all", "lang:ko", "type:date"), then by measure."""


class Asks(Protocol):
    """What is judged: `rag.assistant.Assistant`, or anything that answers like it."""

    def ask(self, question: str, history: Sequence[Turn] = (), where: Where | None = None) -> Answer:
        """Return the answer to *question*."""
        ...


@dataclass(frozen=True, slots=True)
class Scored:
    """One pair with its answer, its measures and what was missing.

    Attributes:
        answer: None if the pair crashed; `error` then says how.
    """

    pair: Pair
    answer: Answer | None
    values: Mapping[str, float]
    missing: tuple[str, ...]
    error: str = ""

    @property
    def right(self) -> bool:
        """Whether the answer is correct; a crash is not."""
        return self.values["correct"] == 1.0


@dataclass(frozen=True, slots=True)
class Run:
    """All pairs, scored, in their order, and the means over them."""

    scored: tuple[Scored, ...]
    means: Means


def run(
    assistant: Asks,
    pairs: Sequence[Pair],
    documents: Mapping[str, Document],
    progress: Callable[[str, int, int], None],
    jobs: int = 1,
) -> Run:
    """Ask every question of *pairs* and score the answers.

    Args:
        jobs: How many questions are put at once. Helps with backends that wait for
            a server; `extractive` keeps every core busy with one.
    """
    scored = []
    with ThreadPoolExecutor(jobs) as pool:
        for each in pool.map(lambda pair: score(assistant, pair, documents), pairs):
            scored.append(each)
            progress("asking", len(scored), len(pairs))
    return Run(tuple(scored), summarise(scored))


def score(assistant: Asks, pair: Pair, documents: Mapping[str, Document]) -> Scored:
    """Ask the question of *pair* and score the answer; whatever goes wrong is told in what is returned."""
    try:
        answer = assistant.ask(pair.question, pair.turns, pair.filter)
        verdict = measure(pair, answer, documents)
        _reject_unscorable({**verdict.values, "evidence": answer.evidence})
    # Whatever goes wrong with one pair, the others are still asked, and this one counts as wrong.
    except Exception as exc:
        error = f"{type(exc).__name__}: {exc}"
        return Scored(pair, None, crashed(pair), (f"crashed: {error}",), error)
    return Scored(pair, answer, verdict.values, verdict.missing)


def _reject_unscorable(values: Mapping[str, float]) -> None:
    for name, value in values.items():
        # Written so that NaN is refused too.
        if not 0 <= value <= 1:
            raise ValueError(f"{name} is {value!r}, not a number from 0 to 1")


def groups_of(pair: Pair) -> tuple[str, str, str]:
    """Return the groups that *pair* counts in."""
    return "all", f"lang:{pair.lang}", f"type:{pair.type}"


def summarise(scored: Sequence[Scored]) -> Means:
    """Return the means of every measure, in order of group name; "all" is there without pairs too."""
    groups: dict[str, dict[str, list[float]]] = {"all": {}}
    for each in scored:
        for name, value in each.values.items():
            for group in groups_of(each.pair):
                groups.setdefault(group, {}).setdefault(name, []).append(value)
    return {
        group: {name: mean(by_name[name]) for name in MEASURES if name in by_name}
        for group, by_name in sorted(groups.items())
    }
