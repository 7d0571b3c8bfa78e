"""``rag eval``: parses, calls and prints; what is measured and what passes is for `rag.eval`.

Exit codes are told in docs/eval.md: 1 is an error, 2 data, 3 a threshold, 4 a fall.
"""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from rag.ui.configured import read
from rag.ui.console import err, out, print_json, progress
from rag.ui.options import Embedder, K

if TYPE_CHECKING:
    from rag.eval.pairs import Pair
    from rag.eval.ratings import Rating
    from rag.types import Answer, Document
    from rag.ui.judge import Subject

__all__ = ["app"]


class _WithDefault(TyperGroup):
    """``rag eval FILE`` means ``rag eval run FILE``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own or click's
        """Put the default command in front of arguments that name none."""
        if not args or (args[0] not in self.commands and args[0] != "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


app: typer.Typer = typer.Typer(
    cls=_WithDefault,
    add_completion=False,
    help="Score question and answer pairs (`rag eval [PAIRS]`), and keep them in order.",
)

Pairs = Annotated[Path, typer.Argument(help="A JSONL file of pairs, or a folder of them.")]
Docs = Annotated[Path, typer.Option(help="The folder of documents that the pairs are about.")]
Llm = Annotated[str | None, typer.Option(help="The backend that writes the answers.")]

_PAIRS = Path("eval/pairs")
_DOCS = Path("eval/corpus")


Gate = Annotated[
    Path | None,
    typer.Option(help="Thresholds that must be met (default: thresholds.toml beside PAIRS, if there)."),
]
NoGate = Annotated[bool, typer.Option("--no-gate", help="Measure only.")]
BaselineFile = Annotated[Path | None, typer.Option(help="JSON report that must not be fallen behind.")]
ReportTo = Annotated[Path | None, typer.Option(help="Folder for JSON, JUnit XML, Markdown and HTML reports.")]
Jobs = Annotated[int, typer.Option(min=1, help="Questions at once; helps with a server.")]


@app.command()
def run(
    pairs: Pairs = _PAIRS,
    *,
    docs: Docs = _DOCS,
    gate: Gate = None,
    no_gate: NoGate = False,
    baseline: BaselineFile = None,
    rebaseline: Annotated[
        bool, typer.Option("--rebaseline", help="Write this run to --baseline instead of comparing with it.")
    ] = False,
    report: ReportTo = None,
    llm: Llm = None,
    embedder: Embedder = None,
    k: K = None,
    jobs: Jobs = 1,
    judge_by: Annotated[
        str | None, typer.Option("--judge", help="Backend for a second opinion on each answer; advisory.")
    ] = None,
    judge_repeats: Annotated[int, typer.Option(min=1, help="How often each answer is judged.")] = 3,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; see docs/json.md.")] = False,
) -> None:
    """Score the pairs and apply the gate (the default command).

    Exit code 0: passed; 1: an error; 2: data that cannot be used; 3: a threshold was missed; 4: scores fell.
    """
    from rag.eval.report import as_json as in_json
    from rag.eval.report import speed, terminal
    from rag.ui import judge

    if rebaseline and baseline is None:
        raise typer.BadParameter("needs --baseline FILE, which it writes", param_hint="--rebaseline")
    order = judge.Order(
        pairs=pairs,
        docs=docs,
        gate=None if no_gate else gate or judge.thresholds_beside(pairs),
        baseline=None if rebaseline else baseline,
        jobs=jobs,
    )
    with progress() as bars:
        done = judge.evaluate(read({"llm": llm, "embedder": embedder, "k": k}), order, bars)
        if report:
            judge.write_report(done, report)
        if rebaseline and baseline and not done.exit_code:
            judge.rebaseline(done, baseline)
    if as_json:
        print_json(in_json(done))
    else:
        out.print(terminal(done))
        if not order.gate and not no_gate:
            out.print(judge.proposal(done, pairs))
    err.print(speed(done.run.scored))
    if judge_by:
        err.print(judge.second_opinion(read({"llm": judge_by}), done, judge_repeats, report))
    if done.exit_code:
        raise typer.Exit(done.exit_code)


@app.command()
def retrieval(
    sets: Annotated[list[Path], typer.Argument(help="Folders in BEIR's form.")],
    *,
    leg: Annotated[
        list[str] | None, typer.Option(help="ours, fused, dense, lexical, rrf or fixed; default all.")
    ] = None,
    to_json: Annotated[Path | None, typer.Option("--json", help="Write all measures to this file.")] = None,
    to_markdown: Annotated[Path | None, typer.Option("--markdown", help="Write the table of MRR@10.")] = None,
    embedder: Embedder = None,
) -> None:
    """Score the retriever and its baselines on public test sets."""
    from rag.eval import retrieval as tables
    from rag.eval.beir import read_set
    from rag.eval.legs import chosen
    from rag.ui import render, trial

    settings, legs = read({"embedder": embedder}), chosen(leg or [])
    scores = [trial.score(settings, read_set(folder), legs) for folder in sets]
    out.print(tables.terminal(scores))
    if to_json:
        to_json.write_text(json.dumps(render.as_json(scores), indent=2) + "\n", encoding="utf-8")
    if to_markdown:
        to_markdown.write_text(tables.markdown(scores) + "\n", encoding="utf-8")


@app.command()
def watch(
    pairs: Pairs = _PAIRS,
    *,
    docs: Docs = _DOCS,
    gate: Gate = None,
    no_gate: NoGate = False,
    baseline: BaselineFile = None,
    report: ReportTo = None,
    llm: Llm = None,
    embedder: Embedder = None,
    k: K = None,
    jobs: Jobs = 1,
) -> None:
    """Score the pairs now and after each change of documents or pairs; each run tells what flipped."""
    from rag.eval.report import Report, terminal
    from rag.ui import judge, judge_watch

    def order() -> judge.Order:
        thresholds = None if no_gate else gate or judge.thresholds_beside(pairs)
        return judge.Order(pairs, docs, thresholds, baseline, jobs)

    def show(done: Report) -> None:
        if report:
            judge.write_report(done, report)
        out.print(terminal(done))

    judge_watch.watch(read({"llm": llm, "embedder": embedder, "k": k}), order, show)


@app.command()
def init(
    docs: Annotated[Path, typer.Argument(help="The folder of documents to ask about.")],
    *,
    pairs: Annotated[Path, typer.Option(help="The file to append to.")] = Path("qa.jsonl"),
    most: Annotated[int, typer.Option("-n", min=1, help="How many pairs at most.")] = 20,
    llm: Llm = None,
    embedder: Embedder = None,
) -> None:
    """Draft pairs from documents, for you to correct: with a model, or from headings and definitions."""
    from rag.ui import judge

    with progress() as bars:
        made = list(judge.draft(read({"llm": llm, "embedder": embedder}), docs, pairs, most, bars))
    for each in made:
        out.print(f"{each.id}: {each.question} => {each.facts[0][0]}\n    {each.docs[0][0]}: {each.draft}")
    out.print(
        f"\n{len(made)} drafts appended to {pairs}. Correct each as a person would ask it, remove its "
        f"`draft`, add questions that the documents do not answer, and run: rag eval {pairs} --docs {docs}"
    )


@app.command()
def lint(pairs: Pairs = _PAIRS, *, docs: Docs = _DOCS, embedder: Embedder = None) -> None:
    """Find pairs that are doubtful themselves; exit 3 when there are any, advice aside."""
    from rag.eval.report import MISSED
    from rag.ui import judge

    with progress() as bars:
        findings = judge.examine(read({"embedder": embedder}), pairs, docs, bars)
    for each in findings:
        advice = " (advice)" if each.is_advice else ""
        out.print(f"{each.pair_id or 'all pairs'}: {each.message}{advice}")
    doubtful = sum(not each.is_advice for each in findings)
    out.print(f"{doubtful} findings, {len(findings) - doubtful} pieces of advice")
    if doubtful:
        raise typer.Exit(MISSED)


@app.command()
def new(
    question: Annotated[str, typer.Argument(help="What to ask; or give --feedback.")] = "",
    *,
    feedback: Annotated[
        Path | None, typer.Option(help="Ask what people rated: feedback.jsonl beside a served index.")
    ] = None,
    pairs: Annotated[Path, typer.Option(help="The file to append to, or a folder of them.")] = _PAIRS,
    docs: Docs = _DOCS,
    llm: Llm = None,
    embedder: Embedder = None,
) -> None:
    """Ask a question, show what was found, and append a pair from what you confirm."""
    from rag.eval.pairs import read_pairs
    from rag.ui import judge

    if bool(question) == bool(feedback):
        raise typer.BadParameter("give a question, or --feedback FILE, but not both")
    with ExitStack() as stack:
        with progress() as bars:
            settings = read({"llm": llm, "embedder": embedder})
            subject = stack.enter_context(judge.open_subject(settings, docs, bars))
        known = read_pairs(pairs, subject.documents) if judge.holds_pairs(pairs) else []
        if feedback is None:
            _append(subject, question, pairs, known)
            return
        _append_rated(subject, feedback, pairs, known)


def _append_rated(subject: "Subject", feedback: Path, pairs: Path, known: "list[Pair]") -> None:
    """Go through what people rated, each with its old answer and what was thought of it."""
    from rag.eval.ratings import read_ratings

    rated = read_ratings(feedback, [pair.question for pair in known])
    out.print(f"{len(rated)} rated questions without a pair")
    for place, each in enumerate(rated, start=1):
        out.print(f"\n{place}. {each.question}\nrated {each.rating}: {each.comment or 'no comment'}")
        out.print(f"The answer then: {each.answer}")
        if typer.confirm("Make a pair of it?", default=True):
            known.append(_append(subject, each.question, pairs, known, each))


def _append(
    subject: "Subject", question: str, pairs: Path, known: "Sequence[Pair]", rated: "Rating | None" = None
) -> "Pair":
    """Ask *question*, show what was found, and append what the person at the terminal makes of it."""
    from rag.eval.pairs import append_pair
    from rag.text.languages import detect
    from rag.ui import render

    answer = subject.assistant.ask(question)
    text = render.render_answer(answer)
    out.print(text, render.answering_words(text, answer))
    out.print(f"\n{render.render_hits(answer.hits)}\n")
    lang = typer.prompt("Language", default=rated.lang if rated else detect(answer.question))
    # Passages of a document that was cited to somebody's liking answer it, as far as we know.
    liked = rated.docs if rated and rated.rating == "up" else ()
    likely = [place for place, hit in enumerate(answer.hits, start=1) if hit.chunk.doc_id in liked]
    pair = _asked(answer, lang, likely, subject.documents, known)
    file = pairs if pairs.suffix == ".jsonl" else pairs / f"{lang}.jsonl"
    append_pair(file, pair)
    out.print(f"{pair.id} appended to {file}")
    return pair


def _asked(
    answer: "Answer",
    lang: str,
    likely: "Sequence[int]",
    documents: "dict[str, Document]",
    known: "Sequence[Pair]",
) -> "Pair":
    """Ask the person at the terminal for what makes a pair of a question that was answered."""
    from rag.eval.pairs import TYPES, Pair, next_id

    prompt = "Passages that answer it, such as 1 3 (none: leave empty, or 0)"
    chosen = [answer.hits[place] for place in _numbers(prompt, len(answer.hits), likely)]
    kinds = [kind for kind in TYPES if (kind in ("unanswerable", "near-miss")) != bool(chosen)]
    kind = typer.prompt(f"Type ({', '.join(kinds)})", default=kinds[0])
    while kind not in kinds:
        kind = typer.prompt(f"One of {', '.join(kinds)}", default=kinds[0])
    docs = tuple((doc_id,) for doc_id in dict.fromkeys(hit.chunk.doc_id for hit in chosen))
    text = "\n".join(documents[doc_id].text for (doc_id,) in docs)
    return Pair.model_validate(
        {
            "id": next_id(known, lang, kind),
            "question": answer.question,
            "lang": lang,
            "type": kind,
            "facts": _facts(text) if chosen else (),
            "not": _line("What must not be said, | between", optional=True) if chosen else (),
            "docs": docs,
            "answerable": bool(chosen),
        }
    )


def _numbers(prompt: str, highest: int, likely: "Sequence[int]") -> list[int]:
    """Return places from 0; ask again until every number is one of the list, or the only one is 0."""
    default = " ".join(map(str, likely))
    while True:
        given = typer.prompt(prompt, default=default, show_default=bool(likely)).replace(",", " ").split()
        if given == ["0"]:
            return []
        if all(each.isdecimal() and 1 <= int(each) <= highest for each in given):
            return [int(each) - 1 for each in given]
        out.print(f"Numbers from 1 to {highest}.")


def _facts(text: str) -> tuple[tuple[str, ...], ...]:
    """Ask for groups of alternatives until an empty line; at least one."""
    from rag.eval.facts import holds

    groups: list[tuple[str, ...]] = []
    while group := _line("A fact that must be said, other wordings after |", optional=bool(groups)):
        if not any(holds(text, fact) for fact in group):
            out.print("This stands in none of the passages' documents; it is kept as you wrote it.")
        groups.append(tuple(group))
    return tuple(groups)


def _line(prompt: str, *, optional: bool) -> list[str]:
    while True:
        given = typer.prompt(prompt, default="", show_default=False)
        pieces = [piece.strip() for piece in given.split("|") if piece.strip()]
        if pieces or optional:
            return pieces
        out.print("At least one is needed.")
