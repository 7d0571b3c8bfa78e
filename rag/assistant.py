"""The whole way from a question to a checked answer, in one short function.

Of a reply it is decided here whether it is taken, asked for again because it is in
the wrong language, or replaced; how a question is read, passages are found and
claims are checked is decided elsewhere.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace

from rag.answer.conflicts import with_conflicts
from rag.answer.followup import language, standalone
from rag.answer.language import foreign
from rag.answer.phrases import lead, not_in_documents, not_stated
from rag.answer.prompt import UNANSWERED, Passages
from rag.answer.reading import both_ways, marked, read_hits, restricted
from rag.answer.restriction import Restriction
from rag.answer.smuggled import without_smuggled
from rag.answer.sourced import sourced
from rag.errors import BackendForeign, QuestionError
from rag.llm.fallback import Reply, fault, replies
from rag.llm.rewriting import rewritten
from rag.protocols import LLM, QUOTING, Reader
from rag.read import open_reader
from rag.read.evidence import HOPELESS, STATED, TOUCHED_ON, probability, surest
from rag.search.retrieve import Retrieval, Retriever
from rag.text.characters import clean_text, tokens
from rag.types import Abstention, Answer, Fault, Hit, Turn, Where
from rag.verify.citations import Cited
from rag.verify.cite import cite
from rag.verify.nearness import VectorScorer

__all__ = ["MAX_QUESTION", "Assistant", "Discarded", "Event", "Retrieved", "Token", "read_question"]

MAX_QUESTION = 4000

_ABSTENTIONS: Mapping[Abstention, str] = {
    "": "",
    "no_passages": "no passage satisfies the filter, or the index is empty",
    "low_evidence": "evidence {evidence:.2f}, below {hopeless:.2f}: the passages hardly answer the question",
    "not_stated": "evidence {evidence:.2f}, below {stated:.2f}: the passages touch on it but do not say",
    "no_answer": "{model} found no answer in the passages",
    "unverified": "nothing that the backend wrote is in the passages",
}


# Passages that the other way of asking a follow-up found, and that stay within reach.
_KEPT = 2


@dataclass(frozen=True, slots=True)
class Retrieved:
    """The passages are known; the answer follows.

    Attributes:
        searched: The question as it was searched for: a follow-up with what it left unsaid.
    """

    hits: tuple[Hit, ...]
    evidence: float
    searched: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer as the backend wrote it, not yet checked."""

    text: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """The pieces so far are void; what follows starts over."""

    fault: Fault

    @property
    def reason(self) -> str:
        """The fault as a sentence."""
        return _told(self.fault)


Event = Retrieved | Token | Discarded | Answer


@dataclass(frozen=True, slots=True)
class _Draft:
    """The reply that was taken, checked; `faults` are why it is not the one that was asked for."""

    cited: Cited
    model: str
    faults: tuple[Fault, ...] = ()
    declined: bool = False
    foreign: str = ""


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
        reader: Marks the words that answer, in every passage that was found.
        wishes: Of whoever asks, on form and tone; a model may follow them.
    """

    retriever: Retriever
    llm: LLM
    k: int = 8
    stand_ins: tuple[LLM, ...] = ()
    strict: bool = False
    lang: str = ""
    reader: Reader = field(default_factory=open_reader)
    wishes: str = ""

    def ask(self, question: str, history: Sequence[Turn] = (), where: Where | None = None) -> Answer:
        """Return the answer to *question*. Raises `QuestionError`, `BackendError`."""
        *_, answer = self.stream(question, history, where)
        assert isinstance(answer, Answer)
        return answer

    def stream(
        self, question: str, history: Sequence[Turn] = (), where: Where | None = None
    ) -> Generator[Event, None, None]:
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
        prompt = self._read(question, tuple(history))
        clock.lap("understand")
        retrieval, prompt = self._retrieve(prompt, where)
        hits = sourced(prompt.hits, self.retriever.index)
        evidence = probability(retrieval, prompt.readings)
        if not Restriction.of(prompt.standalone, hits).is_met(hits):
            evidence = min(evidence, TOUCHED_ON)
        rarity = self.retriever.index.idf(tokens(question))
        prompt = replace(prompt, lang=self.lang or prompt.lang, hits=hits, rarity=rarity, wishes=self.wishes)
        clock.lap("retrieve")
        yield Retrieved(hits, evidence, prompt.standalone)
        draft = _Draft(Cited("", (), ()), self.llm.model_id)
        prompt = replace(prompt, stated=evidence >= STATED)
        if prompt.stated or (evidence >= HOPELESS and self.llm.model_id != QUOTING):
            draft = yield from self._compose(prompt)
        clock.lap("compose")
        yield self._answer(question, prompt, evidence, draft, clock.timings)

    async def aask(self, question: str, history: Sequence[Turn] = (), where: Where | None = None) -> Answer:
        """Do as `ask` in a thread: the event loop goes on meanwhile."""
        return await asyncio.to_thread(self.ask, question, history, where)

    async def astream(
        self, question: str, history: Sequence[Turn] = (), where: Where | None = None
    ) -> AsyncIterator[Event]:
        """Do as `stream` in a thread. What is no longer wanted ends at its next event."""
        events = self.stream(question, history, where)
        # One thread, so that an abandoned stream is closed only after its last step has ended.
        pool = ThreadPoolExecutor(1)
        try:
            while (event := await _next(pool, events)) is not None:
                yield event
        finally:
            pool.submit(events.close)
            pool.shutdown(wait=False)

    def _read(self, question: str, history: tuple[Turn, ...]) -> Passages:
        """Return *question* with what it leaves to *history*, still without passages."""
        lang = language(question, history)
        if history and self.llm.model_id != QUOTING and (own := rewritten(question, history, lang, self.llm)):
            return Passages(own, lang, (), history, own)
        return Passages(question, lang, (), history, standalone(question, history))

    def _retrieve(self, prompt: Passages, where: Where | None) -> tuple[Retrieval, Passages]:
        """Return the passages for *prompt*, and it with these and what was read in them.

        A follow-up is searched both ways, alone and with the questions before it. The way
        in which the reader finds the surer answer is taken, and a model is shown the best
        of the other, too: a rewriting may have lost what the conversation is about.
        """
        ways = dict.fromkeys([prompt.question, standalone(prompt.question, prompt.history)])
        tried = [self._read_for(way, prompt, where) for way in ways]
        tried.sort(key=lambda each: -surest(each[1].readings))
        found, best = tried[0]
        known = {hit.chunk.chunk_id for hit in best.hits}
        others = [hit for _, other in tried[1:] for hit in other.hits if hit.chunk.chunk_id not in known]
        kept = others[: min(_KEPT, self.k - 1)]
        hits = (*best.hits[: self.k - len(kept)], *kept)
        ranked = tuple(replace(hit, rank=rank) for rank, hit in enumerate(hits, start=1))
        readings = best.readings[: self.k - len(kept)]
        return replace(found, hits=ranked), replace(best, hits=ranked, readings=readings)

    def _read_for(self, way: str, prompt: Passages, where: Where | None) -> tuple[Retrieval, Passages]:
        """Search for *way*, and read the question in what is found, alone and as it was searched for."""
        found = self.retriever.retrieve(way, self.k, where)
        readings = read_hits(self.reader, prompt.question, found.hits)
        if way != prompt.question:
            readings = both_ways(readings, read_hits(self.reader, way, found.hits))
        readings = restricted(way, found.hits, readings)
        return found, replace(prompt, standalone=way, hits=found.hits, readings=readings)

    def _compose(self, prompt: Passages) -> Generator[Event, None, _Draft]:
        """Take the first reply that will do; one in the wrong language is asked for once more."""
        draft = yield from self._draft(prompt)
        if draft.foreign:
            message = f"The reply is in {draft.foreign!r}, not in {prompt.lang!r}."
            yield Discarded(Fault(draft.model, "wrong_language", message))
            again = yield from self._draft(replace(prompt, task="answer again"))
            # What stands in for a second failure is quotes: a first reply that holds up is better.
            own = again.model == draft.model and again.cited.citations
            if own or not draft.cited.citations:
                return again
            return replace(draft, faults=(Fault(draft.model, "wrong_language", message), *again.faults))
        return draft

    def _draft(self, prompt: Passages) -> Generator[Event, None, _Draft]:
        """Take the first reply in which a claim is verified, or that says there is no answer."""
        faults: list[Fault] = []
        draft: _Draft | None = None
        for reply in replies((self.llm, *self.stand_ins), prompt):
            if isinstance(reply, Fault):
                yield Discarded(reply)
                continue
            if isinstance(reply, str):
                if draft:
                    yield Discarded(faults[-1])
                    draft = None
                yield Token(reply)
                continue
            faults += [reply.fault] if reply.fault else []
            draft = self._checked(reply, prompt)
            if draft.foreign and prompt.task == "answer":
                break
            if draft.foreign:
                faults.append(fault(reply.model, BackendForeign(draft.foreign, prompt.lang)))
            draft = replace(draft, faults=tuple(faults))
            # Supported in another language is better than quotes, which are in any; `faults` say so.
            if draft.declined or draft.cited.citations:
                break
            if not reply.fault and not draft.foreign:
                faults.append(Fault(reply.model, "unverified", "nothing it wrote is in the passages"))
        assert draft
        return draft

    def _checked(self, reply: Reply, prompt: Passages) -> _Draft:
        """Return *reply* with its claims checked, and its language unless it only quotes."""
        scorer = VectorScorer(self.retriever.embedder, self.retriever.means)
        declined = UNANSWERED in reply.text
        text = clean_text(reply.text.replace(UNANSWERED, ""))
        own_words = reply.model != QUOTING
        if own_words:
            text = without_smuggled(text, prompt.standalone, prompt.hits)
        cited = cite(text, prompt.hits, self.retriever.index, scorer, strict=self.strict)
        found = foreign(text, prompt.lang) if own_words and not declined else ""
        return _Draft(cited, reply.model, (), declined, found)

    def _answer(
        self, question: str, prompt: Passages, evidence: float, draft: _Draft, timings: dict[str, float]
    ) -> Answer:
        index = self.retriever.index
        scorer = VectorScorer(self.retriever.embedder, self.retriever.means)
        cited, conflicts = with_conflicts(
            draft.cited, prompt.question, prompt.lang, prompt.hits, index, scorer
        )
        answered = bool(cited.citations)
        abstention: Abstention = "" if answered else _abstention(prompt.hits, evidence, draft)
        quoted = {each.lang for each in draft.cited.citations} if draft.model == QUOTING else ()
        return Answer(
            question=question,
            lang=prompt.lang,
            text=lead(prompt.lang, quoted) + cited.text if answered else _refusal(abstention, prompt.lang),
            answered=answered,
            reason=_reason(abstention, draft, evidence),
            abstention=abstention,
            faults=draft.faults,
            claims=cited.claims if answered else (),
            citations=marked(cited.citations, prompt.hits, prompt.readings) if answered else (),
            conflicts=conflicts,
            hits=prompt.hits,
            evidence=round(evidence, 4),
            model=draft.model,
            degraded=bool(draft.faults),
            timings_ms=timings,
            generation=index.generation,
        )


async def _next(pool: ThreadPoolExecutor, events: Generator[Event, None, None]) -> Event | None:
    return await asyncio.get_running_loop().run_in_executor(pool, next, events, None)


def _abstention(hits: Sequence[Hit], evidence: float, draft: _Draft) -> Abstention:
    if not hits:
        return "no_passages"
    if evidence < HOPELESS:
        return "low_evidence"
    if evidence < STATED and draft.model == QUOTING:
        return "not_stated"
    return "no_answer" if draft.declined else "unverified"


def _refusal(abstention: Abstention, lang: str) -> str:
    return not_stated(lang) if abstention == "not_stated" else not_in_documents(lang)


def _reason(abstention: Abstention, draft: _Draft, evidence: float) -> str:
    why = _ABSTENTIONS[abstention].format(
        evidence=evidence, hopeless=HOPELESS, stated=STATED, model=draft.model
    )
    return "; ".join(filter(None, [why, *map(_told, draft.faults)]))


def _told(fault: Fault) -> str:
    return f"{fault.model}: {fault.message}"
