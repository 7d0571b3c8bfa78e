"""``pytest --citewise qa.jsonl``: each pair is a test that fails if its answer is not right.

pytest loads this with every run wherever Citewise is installed, so it imports
nothing until it is asked for.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from rag.eval.pairs import Pair, Placed
    from rag.eval.run import Scored
    from rag.ui.judge import Subject

_ASKED = pytest.StashKey["_Asked"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("citewise", "question and answer pairs")
    group.addoption(
        "--citewise", type=Path, metavar="PAIRS", help="Test each pair of a JSONL file, or a folder of them."
    )
    group.addoption(
        "--citewise-docs", type=Path, metavar="DIR", help="The documents (default: docs beside PAIRS)."
    )
    group.addoption("--citewise-llm", metavar="BACKEND", help="The backend that writes the answers.")


def pytest_configure(config: pytest.Config) -> None:
    """Add the files of pairs to what is collected, beside the tests that were asked for."""
    given: Path | None = config.getoption("--citewise")
    if given is None:
        return
    pairs = (config.invocation_params.dir / given).resolve()
    files = sorted(pairs.glob("*.jsonl")) if pairs.is_dir() else [pairs]
    if not files:
        raise pytest.UsageError(f"--citewise: the folder {str(given)!r} holds no .jsonl file.")
    docs = config.getoption("--citewise-docs")
    folder = config.invocation_params.dir / docs if docs else pairs.parent / "docs"
    config.stash[_ASKED] = _Asked(frozenset(files), folder, config.getoption("--citewise-llm"))
    # "qa.jsonl::en-date-001" asks for one pair of a file, not for all of them as well.
    named = {(config.invocation_params.dir / arg.split("::")[0]).resolve() for arg in config.args}
    config.args += [str(file) for file in files if file not in named]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Close the index."""
    if asked := config.stash.get(_ASKED, None):
        asked.opened.close()


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> "_PairFile | None":
    """Collect the files that were asked for."""
    asked = parent.config.stash.get(_ASKED, None)
    return _PairFile.from_parent(parent, path=file_path) if asked and file_path in asked.files else None


class _Asked:
    """What is tested; documents and model are opened by the first pair that is run."""

    def __init__(self, files: frozenset[Path], docs: Path, llm: str | None) -> None:
        self.files = files
        self.docs = docs
        self.llm = llm
        self.opened = ExitStack()
        self._subject: Subject | None = None

    def score(self, pair: "Pair") -> "Scored":
        """Ask the question of *pair*. Raises `EvalDataError` if it names a document that is not there."""
        from rag.errors import EvalDataError
        from rag.eval.pairs import missing_documents
        from rag.eval.run import score

        subject = self._subject = self._subject or self._open()
        if problem := missing_documents(pair, subject.documents):
            raise EvalDataError(problem)
        return score(subject.assistant, pair, subject.documents)

    def _open(self) -> "Subject":
        from rag.ui.configured import read
        from rag.ui.judge import open_subject

        settings = read({"llm": self.llm})
        # Workers of pytest-xdist are processes, and an index has one writer.
        if worker := os.environ.get("PYTEST_XDIST_WORKER"):
            settings = settings.model_copy(update={"cache": settings.cache / worker})
        return self.opened.enter_context(open_subject(settings, self.docs, lambda *_: None))


class _PairFile(pytest.File):
    def collect(self) -> "Iterator[_PairItem]":
        """Yield a test for each line that is not blank, pair or not."""
        from rag.errors import EvalDataError
        from rag.eval.pairs import placed_pairs

        try:
            for placed in placed_pairs(self.path):
                line = placed.place.rpartition(":")[2]
                name = placed.pair.id if placed.pair else f"line {line}"
                yield _PairItem.from_parent(self, name=name, placed=placed, line=int(line))
        except EvalDataError as exc:
            raise self.CollectError(str(exc)) from exc


class _Wrong(Exception):
    """An answer that is not right, or a line that is no pair."""


class _PairItem(pytest.Item):
    def __init__(self, *, placed: "Placed", line: int, **fields: Any) -> None:  # noqa: ANN401 - pytest's own
        super().__init__(**fields)
        self.placed = placed
        self.line = line

    def runtest(self) -> None:
        """Ask, and fail unless the answer is right."""
        from rag.eval.export import told

        if self.placed.pair is None:
            raise _Wrong(self.placed.problem)
        scored = self.config.stash[_ASKED].score(self.placed.pair)
        self.user_properties += scored.values.items()
        if not scored.right:
            raise _Wrong("\n".join([*scored.missing, *told(scored)]))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], *args: Any) -> Any:  # noqa: ANN401
        """Return the sentence, without a traceback, for what a person can mend."""
        from rag.errors import RagError

        if isinstance(excinfo.value, (_Wrong, RagError)):
            return f"{self.placed.place}: {excinfo.value}"
        return super().repr_failure(excinfo, *args)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return the line of the pair, counted from 0."""
        return self.path, self.line - 1, self.name
