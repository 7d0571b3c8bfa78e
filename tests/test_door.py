"""The Python door: what ``from rag import ...`` gives, and what it leaves alone."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from doubles import HashEmbedder

import rag
from rag import Answer, Assistant, Prompt, RagError, build_index, open_assistant
from rag.assistant import Retrieved

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = "The library closes at 21:40 on weekdays."
UMBRELLAS = "우산은 3층 안내 데스크에서 빌릴 수 있습니다."


@dataclass(frozen=True)
class Echo:
    """A model of one's own: it repeats the best passage."""

    model_id: str = "echo"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        yield f"{prompt.hits[0].chunk.text.splitlines()[-1]} [1]"


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("door") / "docs"
    folder.mkdir()
    (folder / "hours.md").write_text(f"# Opening hours\n\n{LIBRARY}\n", encoding="utf-8")
    (folder / "umbrellas.md").write_text(f"# 우산\n\n{UMBRELLAS}\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def index(docs: Path) -> Path:
    path = docs.parent / "indexes" / "both"
    assert build_index(docs, path).added == ["hours.md", "umbrellas.md"]
    return path


@pytest.fixture(scope="module")
def assistant(index: Path) -> Iterator[Assistant]:
    with open_assistant(index) as found:
        yield found


@pytest.mark.slow
def test_the_lines_of_the_readme_run(docs: Path) -> None:
    """What the README shows is what a reader can paste, next to a folder ``docs``."""
    (lines,) = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)

    done = subprocess.run(
        [sys.executable, "-c", lines], cwd=docs.parent, capture_output=True, text=True, check=True
    )

    assert done.stdout.splitlines() == [f"{LIBRARY} [1]", LIBRARY]


def test_an_answer_has_its_quote(assistant: Assistant) -> None:
    """Three lines of Python give what the command line gives."""
    answer = assistant.ask("우산은 몇 층에서 빌리나요?")

    assert [each.quote for each in answer.citations] == [UMBRELLAS]


def test_an_own_model_is_checked_like_any(index: Path) -> None:
    """A model is anything with the methods of the protocol."""
    with open_assistant(index, llm=Echo(), k=1) as own:
        answer = own.ask("When does the library close on weekdays?")

    assert (answer.model, [each.quote for each in answer.citations]) == ("echo", [LIBRARY])


def test_an_own_embedder_finds(docs: Path, tmp_path: Path) -> None:
    """So is an embedder; an index made with another is refused, not misread."""
    build_index([docs / "hours.md", docs / "umbrellas.md"], tmp_path / "own", embedder=HashEmbedder())

    with open_assistant(tmp_path / "own", embedder=HashEmbedder()) as own:
        assert own.ask("library closes weekdays").hits[0].title == "Opening hours"
    with pytest.raises(RagError, match="rebuild"), open_assistant(tmp_path / "own"):
        pass


def test_async_gives_the_same(assistant: Assistant) -> None:
    """`aask` and `astream` give what `ask` and `stream` give, and the loop is free meanwhile."""
    question = "When does the library close?"

    async def both() -> tuple[Answer, list[object], int]:
        ticks = 0

        async def tick() -> None:
            nonlocal ticks
            while True:
                ticks += 1
                await asyncio.sleep(0)

        beside = asyncio.create_task(tick())
        answer = await assistant.aask(question)
        beside.cancel()
        return answer, [event async for event in assistant.astream(question)], ticks

    answer, events, ticks = asyncio.run(both())

    assert isinstance(events[0], Retrieved)
    assert isinstance(events[-1], Answer)
    assert answer.text == events[-1].text == assistant.ask(question).text
    assert ticks > 1


def test_an_abandoned_stream_ends(assistant: Assistant) -> None:
    """Whoever stops listening stops the work; the next question is answered as ever."""

    async def first() -> object:
        async for event in assistant.astream("When does the library close?"):
            return event
        return None

    assert isinstance(asyncio.run(first()), Retrieved)
    assert assistant.ask("When does the library close?").answered


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"colour": "red"}, ["'colour'", "Known are"]),
        ({"k": 0}, ["k = 0"]),
        ({"llm": "openai"}, ["needs a model"]),
        ({"keep_boilerplate": True}, ["rebuild"]),
    ],
)
def test_a_wrong_setting_is_named(index: Path, options: dict[str, object], words: list[str]) -> None:
    """The errors are those of the command line, all of one class."""
    with pytest.raises(RagError) as caught, open_assistant(index, **options):  # type: ignore[arg-type]
        pass

    assert [] == [word for word in words if word not in str(caught.value)]


def test_a_missing_index_says_how_to_make_one(tmp_path: Path) -> None:
    """As on the command line, the message names the folder."""
    with pytest.raises(RagError, match="nowhere"), open_assistant(tmp_path / "nowhere"):
        pass


def test_importing_changes_and_loads_nothing() -> None:
    """A program that imports `rag` keeps its environment, its log and its start-up time."""
    code = (
        "import json, logging, os, sys; before = dict(os.environ), set(logging.root.manager.loggerDict);"
        "import rag; after = dict(os.environ), set(logging.root.manager.loggerDict);"
        "print(json.dumps([before[0] == after[0], before[1] == after[1], 'numpy' in sys.modules]))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")

    assert json.loads(done.stdout) == [True, True, False]


def test_every_public_name_is_there() -> None:
    """`__all__` is what a reader may rely on."""
    assert all(getattr(rag, name) for name in rag.__all__)
    with pytest.raises(AttributeError, match="nonsense"):
        rag.nonsense  # noqa: B018


def test_the_module_is_the_command() -> None:
    """``python -m rag`` does what ``rag`` does."""
    done = subprocess.run(
        [sys.executable, "-m", "rag", "--version"], capture_output=True, text=True, check=True, cwd="/"
    )

    assert re.fullmatch(r"\d+\.\d+\S*", done.stdout.strip())


def test_langchain_finds_passages(assistant: Assistant) -> None:
    """The retriever is one of theirs: it can be invoked, and stand in a chain."""
    pytest.importorskip("langchain_core")
    from langchain_core.runnables import RunnableLambda

    from rag.integrations.langchain import CitewiseRetriever

    retriever = CitewiseRetriever(assistant=assistant, k=1)
    chain = retriever | RunnableLambda(lambda found: found[0].metadata["source"])

    (document,) = retriever.invoke("우산은 어디서 빌리나요?")
    assert UMBRELLAS in document.page_content
    assert document.metadata["title"] == "우산"
    assert chain.invoke("우산은 어디서 빌리나요?") == "umbrellas.md"
    assert asyncio.run(retriever.ainvoke("When does the library close?"))[0].metadata["source"] == "hours.md"


def test_llamaindex_finds_passages(assistant: Assistant) -> None:
    """So is the one for LlamaIndex; scores and metadata come along."""
    pytest.importorskip("llama_index.core")
    from rag.integrations.llamaindex import CitewiseRetriever

    (found,) = CitewiseRetriever(assistant, k=1, where=rag.Where(docs=("hours.md",))).retrieve(
        "Öffnungszeiten?"
    )

    assert LIBRARY in found.node.get_content()
    assert found.node.metadata["source"] == "hours.md"
    assert 0 <= (found.score or 0) <= 1
