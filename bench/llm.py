"""What a model makes of the prompt, and what the checks make of the model.

usage: python bench/llm.py --model FILE.gguf|URL [--name NAME] [--pairs FILE --docs DIR] [--limit N]

Each question goes through retrieval, the prompt, the model and the checks; nothing stands in for the
model. Without --pairs, those of eval/pairs over eval/corpus. --limit takes every n-th of them, so that
languages and types stay mixed. Of a model behind a server, the key is CITEWISE_LLM_KEY.

    correct   every fact of the pair stands in the answer that is shown
    right ok  of the sentences that hold a fact, the share that is verified
    wrong no  of the sentences that hold none and stand in no passage word for word, the share that is not
    language  of the replies, the share that is in the language of the question or cannot be told
    refused   of the questions without an answer, the share that is not answered
    bare      replies that hold no word but markers
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import SecretStr

from rag import wiring
from rag.answer.language import foreign
from rag.answer.prompt import Passages, messages
from rag.assistant import Assistant, Token
from rag.errors import BackendError
from rag.eval.facts import holds, shown
from rag.eval.pairs import Pair, read_pairs
from rag.index.ingest import ingest
from rag.llm.budget import Budget, count_tokens
from rag.llm.llamacpp import open_llamacpp
from rag.llm.openai import OpenAI
from rag.llm.wire import Limits, Wire
from rag.protocols import LLM
from rag.search.retrieve import Retriever
from rag.settings import Settings
from rag.text.characters import fold
from rag.types import Answer

ROOT = Path(__file__).resolve().parents[1]
PATIENT = Limits(first_token_s=600, idle_s=300, total_s=1200)


@dataclass
class Shares:
    """Numbers of cases and of good ones, by measure."""

    counts: dict[str, list[int]] = field(default_factory=dict)
    tokens: int = 0
    reply_tokens: int = 0
    seconds: float = 0.0
    failed: int = 0

    def note(self, measure: str, good: bool) -> None:  # noqa: FBT001
        found = self.counts.setdefault(measure, [0, 0])
        found[0] += good
        found[1] += 1

    def told(self, measure: str) -> str:
        good, of = self.counts.get(measure, [0, 0])
        return f"{good / of:.2f} of {of}" if of else "-"


def opened(model: str, name: str, context: int, threads: int) -> LLM:
    """Return the model in a file, or behind a server that speaks OpenAI's protocol."""
    budget = Budget(context, 256)
    if model.startswith(("http://", "https://")):
        key = os.environ.get("CITEWISE_LLM_KEY")
        return OpenAI(Wire(model.rstrip("/"), SecretStr(key) if key else None, limits=PATIENT), name, budget)
    return open_llamacpp(Path(model), budget, PATIENT, threads=threads)


@contextmanager
def indexed(docs: Path) -> Iterator[tuple[Retriever, list[str]]]:
    """Index *docs* in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="citewise-") as folder:
        settings = Settings(index=Path(folder) / "index")
        embedder = wiring.embedder(settings)
        with wiring.writer(settings, embedder) as writer:
            ingest([docs], writer, embedder)
        with wiring.open_index(settings, embedder) as index:
            ids = [each.doc_id for each in index.documents()]
            yield wiring.retriever(settings, index, embedder, None), ids


def measure(assistant: Assistant, pair: Pair, shares: Shares) -> None:
    started = time.monotonic()
    words = ""
    try:
        for event in assistant.stream(pair.question, pair.turns, pair.filter):
            words += event.text if isinstance(event, Token) else ""
    except BackendError as exc:
        print(f"    {pair.id}: {exc}", flush=True)
        shares.failed += 1
        return
    assert isinstance(event, Answer)
    shares.seconds += time.monotonic() - started
    prompt = Passages(event.question, event.lang, event.hits)
    shares.tokens += sum(count_tokens(each["content"]) for each in messages(prompt))
    shares.reply_tokens += count_tokens(words)
    if not pair.answerable:
        shares.note("refused", not event.answered)
        return
    text = shown(event)
    shares.note("correct", all(any(holds(text, fact) for fact in group) for group in pair.facts))
    shares.note("language", not foreign(words, pair.lang))
    shares.note("bare", not any(char.isalpha() for char in words))
    _note_claims(event, pair, shares)


def _note_claims(answer: Answer, pair: Pair, shares: Shares) -> None:
    passages = fold("\n".join(hit.chunk.text for hit in answer.hits))
    for claim in answer.claims:
        verified = claim.status == "verified"
        if any(holds(claim.text, fact) for group in pair.facts for fact in group):
            shares.note("right ok", verified)
        elif fold(claim.text) not in passages:
            shares.note("wrong no", not verified)


def pairs_of(path: Path | None, ids: Sequence[str], limit: int) -> list[Pair]:
    """Return every n-th pair, *limit* of them at most; dialogues are left out."""
    found = [pair for pair in read_pairs(path or ROOT / "eval" / "pairs", ids) if not pair.history]
    return found[:: max(1, -(-len(found) // limit))] if limit else found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="A GGUF file, or the address of a server")
    parser.add_argument("--name", default="", help="Of the model, for a server")
    parser.add_argument("--pairs", type=Path)
    parser.add_argument("--docs", type=Path, default=ROOT / "eval" / "corpus")
    parser.add_argument("--limit", type=int, default=0)
    parser.add_argument("-k", type=int, default=5, help="Passages")
    parser.add_argument("--context", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--replies", type=Path, help="File that gets each reply as a line of JSON")
    options = parser.parse_args()
    llm = opened(options.model, options.name, options.context, options.threads)
    shares = Shares()
    with indexed(options.docs) as (retriever, ids):
        noted: LLM = _Noting(llm, options.replies) if options.replies else llm  # type: ignore[assignment]
        assistant = Assistant(retriever, noted, options.k)
        pairs = pairs_of(options.pairs, ids, options.limit)
        for pair in pairs:
            measure(assistant, pair, shares)
    asked = max(1, len(pairs) - shares.failed)
    for name in ("correct", "right ok", "wrong no", "language", "refused", "bare"):
        print(f"{name:<10}{shares.told(name)}")
    tokens = f"{shares.tokens / asked:.0f} tokens in, {shares.reply_tokens / asked:.0f} out"
    print(f"{tokens}, {shares.seconds / asked:.1f} s")
    print(f"{len(pairs)} questions, {shares.failed} without a reply")


@dataclass(frozen=True)
class _Noting:
    """Writes down what the model said."""

    llm: LLM
    path: Path

    @property
    def model_id(self) -> str:
        return self.llm.model_id

    def stream(self, prompt: Passages) -> Iterator[str]:
        words = ""
        for word in self.llm.stream(prompt):
            words += word
            yield word
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"question": prompt.question, "reply": words}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
