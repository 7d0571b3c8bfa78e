"""`rag eval` from end to end: index the documents, ask the pairs, apply the gate, write the report."""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from rag import wiring
from rag.assistant import Assistant
from rag.errors import ConfigError, EvalDataError, IndexMismatch
from rag.eval.baseline import Baseline, compare, read_baseline
from rag.eval.changes import subject_of
from rag.eval.drafts import drafts, from_model, from_text
from rag.eval.export import files
from rag.eval.gate import check_thresholds, propose, read_thresholds
from rag.eval.judge_llm import opinions
from rag.eval.lint import Finding, lint
from rag.eval.pairs import Pair, append_pair, read_pairs, usable_pairs
from rag.eval.report import Report, as_json
from rag.eval.run import run
from rag.index.folder import Problem
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.settings import Settings
from rag.types import Document

__all__ = [
    "Order",
    "Subject",
    "draft",
    "evaluate",
    "examine",
    "holds_pairs",
    "open_subject",
    "proposal",
    "rebaseline",
    "second_opinion",
    "thresholds_beside",
    "write_report",
]

Progress = Callable[[str, int, int], None]

_THRESHOLDS = "thresholds.toml"
# What the answers depend on. Where the index lies, or how long a server may take, is no part of it.
_SETTINGS = ("embedder", "llm", "llm_model", "llm_prompt", "k", "keep_boilerplate")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be judged, and by what.

    Attributes:
        gate: Thresholds; None for no gate.
        baseline: Report of an earlier run; None for no comparison.
        jobs: Questions that are put at once.
    """

    pairs: Path
    docs: Path
    gate: Path | None
    baseline: Path | None = None
    jobs: int = 1


@dataclass(frozen=True, slots=True)
class Subject:
    """An assistant over a folder of documents, and the documents."""

    assistant: Assistant
    documents: dict[str, Document]
    problems: tuple[Problem, ...]


def evaluate(
    settings: Settings,
    order: Order,
    progress: Progress,
    model: Embedder | None = None,
    earlier: Baseline | None = None,
) -> Report:
    """Score the pairs over the folder of documents and apply the gate.

    The index lies in the cache and is brought up to date first. A pair that cannot
    be used is told in the report, and the others are judged.

    Args:
        model: The embedder that *settings* name, if it is open already.
        earlier: Stands in for a baseline where *order* has none.

    Raises:
        EvalDataError: Thresholds, baseline or the folder cannot be used, or there are no pairs.
    """
    # Read before anything is indexed: a typing error should not cost minutes.
    thresholds = read_thresholds(order.gate) if order.gate else {}
    baseline = read_baseline(order.baseline) if order.baseline else earlier
    with open_subject(settings, order.docs, progress, model) as subject:
        pairs, unusable = usable_pairs(order.pairs, subject.documents)
        result = run(subject.assistant, pairs, subject.documents, progress, order.jobs)
    judged = subject_of(subject.documents.values(), pairs, _settings_of(settings))
    comparison = compare(result.scored, judged, baseline, thresholds) if baseline else None
    if order.baseline and comparison and not comparison.compared:
        unusable.append(_nothing_shared(order))
    checks = tuple(check_thresholds(result.means, thresholds))
    return Report(judged, result, checks, comparison, tuple(unusable))


def _nothing_shared(order: Order) -> str:
    return (
        f"{str(order.baseline)!r} has no pair of {str(order.pairs)!r} in it. Take it anew with --rebaseline."
    )


def thresholds_beside(pairs: Path) -> Path | None:
    """Return ``thresholds.toml`` in the folder where the file or folder *pairs* lies, if it is there."""
    path = pairs.parent / _THRESHOLDS
    return path if path.exists() else None


def proposal(report: Report, pairs: Path) -> str:
    """Return thresholds that *report* meets, with the file to put them into, for a gate to be made."""
    path = pairs.parent / _THRESHOLDS
    lines = propose(report.run.means).rstrip()
    return f"There are no thresholds. To keep what was reached, put this into {path}:\n\n{lines}"


def examine(settings: Settings, pairs: Path, docs: Path, progress: Progress) -> list[Finding]:
    """Return what is doubtful about the pairs themselves. Raises as `evaluate` does."""
    with open_subject(settings, docs, progress) as subject:
        return lint(read_pairs(pairs, subject.documents), subject.documents)


@contextmanager
def open_subject(
    settings: Settings, docs: Path, progress: Progress, model: Embedder | None = None
) -> Iterator[Subject]:
    """Index the folder *docs* and open an assistant over it.

    Args:
        model: The embedder that *settings* name, if it is open already.

    Raises:
        EvalDataError: *docs* is not a folder.
    """
    if not docs.is_dir():
        raise EvalDataError(f"{str(docs)!r} is not a folder. Give the documents with --docs DIR.")
    settings = settings.model_copy(update={"index": _index_path(settings, docs), "engine": "sqlite"})
    model = model or wiring.embedder(settings)
    problems = _update(settings, model, docs, progress)
    # As the service opens it: sentences that come again, and most do, are embedded once.
    index, assistant = wiring.generations(settings, model)()
    with index:
        documents = {each.doc_id: index.document(each.doc_id) for each in index.documents()}
        yield Subject(assistant, documents, problems)


def _index_path(settings: Settings, docs: Path) -> Path:
    name = hashlib.sha256(str(docs.resolve()).encode()).hexdigest()[:16]
    return settings.cache / "eval" / name


def _update(settings: Settings, model: Embedder, docs: Path, progress: Progress) -> tuple[Problem, ...]:
    try:
        writer = wiring.writer(settings, model)
    except IndexMismatch:
        # This index is ours and derived; nothing is lost by building it again.
        writer = wiring.writer(settings, model, rebuild=True)
    with writer:
        done = ingest(
            [docs],
            writer,
            model,
            keep_boilerplate=settings.keep_boilerplate,
            progress=progress,
            options=wiring.reading_options(settings),
        )
    return tuple(done.problems)


def _settings_of(settings: Settings) -> dict[str, str]:
    chosen = settings.model_dump(mode="json", include=set(_SETTINGS))
    return {name: str(value) for name, value in chosen.items()}


def second_opinion(settings: Settings, report: Report, repeats: int, folder: Path | None) -> str:
    """Ask the backend that *settings* name about every answer; return one line.

    Args:
        settings: Those of the judge, which may be another model than the judged one.
        report: A finished run; it is not changed.
        repeats: How often each answer is judged.
        folder: For ``opinions.json``, if wanted.

    Raises:
        ConfigError: *settings* name no model.
    """
    llm = wiring.backend(settings)
    if llm is None:
        raise ConfigError("'extractive' has no opinion. Name a model to judge with: --judge openai")
    found = opinions(llm, report.run.scored, repeats, settings.cache / "eval" / "opinions.sqlite3")
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        _replace(folder / "opinions.json", json.dumps(asdict(found), ensure_ascii=False, indent=1) + "\n")
    if found.mean is None:
        return f"{found.model} gave no verdict that could be read on {found.unread} answers"
    interval = f"{found.mean.value:.3f} ({found.mean.low:.3f} to {found.mean.high:.3f}, n={found.mean.n})"
    return f"{found.model} calls right {interval}; agrees with `correct` on {found.agreement:.0%}"


def write_report(report: Report, folder: Path) -> None:
    """Write every form of *report* into *folder*, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files(report).items():
        _replace(folder / name, text)


def rebaseline(report: Report, path: Path) -> None:
    """Make *report* the baseline in *path*.

    Raises:
        EvalDataError: The gate failed or pairs cannot be used: what cannot be merged is no baseline.
    """
    if report.exit_code:
        raise EvalDataError(f"{str(path)!r} was left as it is: {report.verdict}. Mend that first.")
    path.parent.mkdir(parents=True, exist_ok=True)
    _replace(path, as_json(report))


def _replace(path: Path, text: str) -> None:
    # A reader sees the old file or the new one, never half of it. JSON can escape what UTF-8
    # cannot hold, so a baseline may name it: "\ud800" is written as it was read.
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
    fresh.replace(path)


def draft(settings: Settings, docs: Path, pairs: Path, most: int, progress: Progress) -> Iterator[Pair]:
    """Draft pairs about the folder *docs*, append each to the file *pairs*, and yield it.

    By the model that *settings* name, else from what the documents set apart.

    Raises:
        EvalDataError: *docs* is not a folder, or *pairs* holds what are no pairs.
        BackendError: The model does not reply; what was drafted before is kept.
    """
    llm = wiring.backend(settings)
    with open_subject(settings, docs, progress) as subject:
        known = read_pairs(pairs, subject.documents) if _has_text(pairs) else []
        sources = partial(from_model, llm) if llm else from_text
        for made in drafts(subject.documents.values(), known, most, sources):
            append_pair(pairs, made)
            yield made


def _has_text(path: Path) -> bool:
    return path.is_file() and bool(path.read_bytes().strip())


def holds_pairs(path: Path) -> bool:
    """Tell whether *path* is a file, or a folder with files, that may hold pairs."""
    return path.is_file() or any(path.glob("*.jsonl"))
