"""The whole way from a question to a checked answer, in one short function."""

import time
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace

from rag.cite import Cited, cite
from rag.conflicts import with_conflicts
from rag.errors import QuestionError
from rag.evidence import HOPELESS, probability
from rag.followup import standalone
from rag.llm.fallback import replies
from rag.phrases import not_in_documents
from rag.prompt import UNANSWERED, Passages
from rag.protocols import LLM, Prompt
from rag.retrieve import Retrieval, Retriever
from rag.support import VectorScorer
from rag.text import clean_text
from rag.types import Answer, Hit, Turn, Where

__all__ = ["MAX_QUESTION", "Assistant", "Discarded", "Event", "Retrieved", "Token", "read_question"]

MAX_QUESTION = 4000


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages are known; the answer follows."""

    hits: tuple[Hit, ...]
    evidence: float


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as the backend wrote it, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """The pieces so far are void; what follows starts over."""

    reason: str


Event = Retrieved | Token | Discarded | Answer


@dataclass(frozen=True, slots=True)
class _Draft:
    """The reply that was taken, checked; `faults` are why it is not the one that was asked for."""

    cited: Cited
    model: str
    faults: tuple[str, ...] = ()
    declined: bool = False


def read_question(text: str) -> str:
    """Return *text* cleaned.

    Raises:
        QuestionError: It is empty, or longer than `MAX_QUESTION` characters.
    """
    question = clean_text(text).strip()
    if not question:
        raise QuestionError(f"The question {text!r} holds no text. Ask in a few words.")
    if len(question) > MAX_QUESTION:
        raise QuestionError(
            f"The question has {len(question)} characters, {MAX_QUESTION} are allowed. Shorten it."
        )
    return question


@dataclass(slots=True)
class _Clock:
    """Milliseconds by stage."""

    timings: dict[str, float] = field(default_factory=dict)
    _last: float = field(default_factory=time.perf_counter)

    def lap(self, stage: str) -> None:
        now = time.perf_counter()
        self.timings[stage] = round((now - self._last) * 1000, 1)
        self._last = now


@dataclass(frozen=True, slots=True)
class Assistant:
    """Answer questions from what *retriever* finds, in the words of *llm*.

    Attributes:
        k: How many passages are retrieved.
        stand_ins: Asked in turn when *llm* fails, or when nothing it wrote can be verified.
        strict: Leave out what could not be verified.
        lang: Language to answer in, BCP 47; that of the question if empty.
    """

    retriever: Retriever
    llm: LLM
    k: int = 8
    stand_ins: tuple[LLM, ...] = ()
    strict: bool = False
    lang: str = ""

    def ask(self, question: str, history: Sequence[Turn] = (), where: Where | None = None) -> Answer:
        """Return the answer to *question*. Raises `QuestionError`, `BackendError`."""
        *_, answer = self.stream(question, history, where)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), where: Where | None = None
    ) -> Iterator[Event]:
        """Yield what happens; the last event is the `Answer`.

        Args:
            question: As typed.
            history: Earlier turns, oldest first.
            where: Restricts the documents that are searched.

        Raises:
            QuestionError: There is no question, or too much of one.
            BackendError: No backend gave a reply.
        """
        clock = _Clock()
        question = read_question(question)
        retrieval = self.retriever.retrieve(standalone(question, history), self.k, where)
        evidence = probability(retrieval)
        retrieval = replace(retrieval, lang=self.lang or retrieval.lang)
        clock.lap("retrieve")
        yield Retrieved(retrieval.hits, evidence)
        draft = _Draft(Cited("", (), ()), self.llm.model_id)
        if evidence >= HOPELESS:
            prompt = Passages(question, retrieval.lang, retrieval.hits, tuple(history))
            draft = yield from self._compose(prompt)
        clock.lap("compose")
        yield self._answer(question, retrieval, evidence, draft, clock)

    def _compose(self, prompt: Prompt) -> Generator[Event, None, _Draft]:
        """Take the first reply in which a claim is verified, or that says there is no answer."""
        scorer = VectorScorer(self.retriever.embedder, self.retriever.means)
        faults: list[str] = []
        draft: _Draft | None = None
        for reply in replies((self.llm, *self.stand_ins), prompt):
            if isinstance(reply, str):
                if draft:
                    yield Discarded(faults[-1])
                    draft = None
                yield Token(reply)
                continue
            faults += [reply.fault] if reply.fault else []
            declined = UNANSWERED in reply.text
            text = clean_text(reply.text.replace(UNANSWERED, ""))
            cited = cite(text, prompt.hits, self.retriever.index, scorer, strict=self.strict)
            draft = _Draft(cited, reply.model, tuple(faults), declined)
            if cited.citations or declined:
                break
            faults += [] if reply.fault else [f"{reply.model}: nothing it wrote is in the passages"]
        assert draft
        return draft

    def _answer(
        self, question: str, retrieval: Retrieval, evidence: float, draft: _Draft, clock: _Clock
    ) -> Answer:
        index = self.retriever.index
        scorer = VectorScorer(self.retriever.embedder, self.retriever.means)
        cited, conflicts = with_conflicts(
            draft.cited, question, retrieval.lang, retrieval.hits, index, scorer
        )
        answered = bool(cited.citations)
        return Answer(
            question=question,
            lang=retrieval.lang,
            text=cited.text if answered else not_in_documents(retrieval.lang),
            answered=answered,
            reason="; ".join(draft.faults) if answered else _why_not(retrieval, evidence, draft),
            claims=cited.claims if answered else (),
            citations=cited.citations if answered else (),
            conflicts=conflicts,
            hits=retrieval.hits,
            evidence=round(evidence, 4),
            model=draft.model,
            degraded=bool(draft.faults),
            timings_ms=clock.timings,
            generation=index.generation,
        )


def _why_not(retrieval: Retrieval, evidence: float, draft: _Draft) -> str:
    if not retrieval.hits:
        return "no passage satisfies the filter, or the index is empty"
    if evidence < HOPELESS:
        return f"the evidence is {evidence:.2f}, below {HOPELESS:.2f}: no passage comes near the question"
    if draft.declined:
        return f"{draft.model} found no answer in the passages"
    return "nothing that the backend wrote is in the passages"
