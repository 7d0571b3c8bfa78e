"""The command line: parses, calls and prints; nothing is decided here.

Heavy parts are imported by the command that needs them: ``rag --help`` and
``rag status`` never load a model.
"""

import dataclasses
import json
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rag.errors import RagError
from rag.settings import Settings
from rag.types import Where
from rag.ui import cli_eval, configured
from rag.ui.console import err, out, print_json

__all__ = ["main"]

_NO_CONFIG = "--no-config"


class _Anywhere(TyperGroup):
    """Lets ``--no-config`` stand behind the command too, where people write their options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's own or click's
        """Put it in front, unless it stands behind ``--``, where it is text."""
        end = args.index("--") if "--" in args else len(args)
        if _NO_CONFIG in args[:end]:
            args = [_NO_CONFIG, *(each for each in args[:end] if each != _NO_CONFIG), *args[end:]]
        return super().parse_args(ctx, args)


app = typer.Typer(
    cls=_Anywhere,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask a folder of documents in any language; get answers whose citations were checked.",
)
app.add_typer(cli_eval.app, name="eval")

Index = Annotated[Path | None, typer.Option("--index", help="Folder of the index (default .citewise).")]
AsJson = Annotated[
    bool, typer.Option("--json", help="Print JSON; the fields are documented in docs/json.md.")
]
Embedder = Annotated[
    str | None, typer.Option(help="'bundled', or a sentence-transformers model name or folder.")
]
Llm = Annotated[
    str | None, typer.Option(help="Backend that writes the answer, or 'auto'; see docs/backends.md.")
]
LlmModel = Annotated[str | None, typer.Option(help="Its model, as the backend names it.")]
LlmUrl = Annotated[str | None, typer.Option(help="Its address, for servers of your own.")]
K = Annotated[int | None, typer.Option("-k", help="How many passages to retrieve.")]
Collapse = Annotated[
    bool | None, typer.Option("--collapse", help="Leave out passages that nearly repeat a better one.")
]
Docs = Annotated[list[str] | None, typer.Option("--doc", help="Only this document (repeatable).")]
Folders = Annotated[list[str] | None, typer.Option("--folder", help="Only documents below this folder.")]
Langs = Annotated[list[str] | None, typer.Option("--lang", help="Only passages in this language.")]
Since = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on this day or later.")]
Until = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Published on this day or earlier.")
]

AllowUpload = Annotated[
    bool | None, typer.Option("--allow-upload", help="Let people add documents in the browser.")
]


def _show_version(wanted: bool) -> None:  # noqa: FBT001 - typer's own form
    if wanted:
        out.print(version("citewise"))
        raise typer.Exit


@app.callback()
def common(
    *,
    no_config: Annotated[
        bool, typer.Option(_NO_CONFIG, help="Ignore rag.toml of the working folder; may stand anywhere.")
    ] = False,
    _: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_show_version, help="Print the version.")
    ] = False,
) -> None:
    """Take what holds for every command."""
    if no_config:
        configured.ignore_project()


@app.command()
def index(
    folders: Annotated[
        list[Path] | None,
        typer.Argument(metavar="[PATH]...", help="Folders or files; default: those indexed before."),
    ] = None,
    *,
    index: Index = None,
    embedder: Embedder = None,
    keep_boilerplate: Annotated[
        bool | None, typer.Option("--keep-boilerplate", help="Index menus, copyright lines and the like too.")
    ] = None,
    ocr: Annotated[
        str | None, typer.Option(help="Recognise text in pictures and scans: auto (default), off or force.")
    ] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Passwords of encrypted PDFs, one a line.")
    ] = None,
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Start over instead of updating.")] = False,
    allow_empty: Annotated[
        bool, typer.Option("--allow-empty", help="Remove the documents of folders that are empty or gone.")
    ] = False,
    moved_from: Annotated[
        Path | None, typer.Option("--moved-from", metavar="OLD", help="The folder is OLD, which was moved.")
    ] = None,
    as_new: Annotated[
        bool, typer.Option("--as-new", help="The folder is none that moved, though it holds the same.")
    ] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Go on: index again after each change.")] = False,
    report: Annotated[bool, typer.Option("--report", help="List what is left out, with its reason.")] = False,
    as_json: AsJson = False,
) -> None:
    """Index folders and files; a second run reads only what changed."""
    from rag.index.ingest import Report, Wishes
    from rag.ui import build, indexing, render

    reading = {"keep_boilerplate": keep_boilerplate, "ocr": ocr, "password_file": password_file}
    settings = _settings(index=index, embedder=embedder, **reading)

    def show(done: Report) -> None:
        omitted = None
        if report:
            with build.open_stored(settings) as snapshot:
                documents = (snapshot.document(each.doc_id) for each in snapshot.documents())
                omitted = render.omissions(documents)
        if as_json:
            _print_json(render.report_json(done, omitted))
        else:
            out.print(render.render_report(done, omitted))

    wishes = Wishes(allow_empty, moved_from, as_new)
    work = indexing.Indexing(settings, build.embedder(settings), folders or [], rebuild, wishes)
    (indexing.watch if watch else indexing.index_once)(work, show)


@app.command()
def migrate(
    *,
    to: Annotated[str, typer.Option("--to", help="Engine that is to hold the index: milvus or sqlite.")],
    origin: Annotated[str, typer.Option("--from", help="Engine that holds it (default: the other).")] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Replace the index that is there.")] = False,
    index: Index = None,
    embedder: Embedder = None,
    as_json: AsJson = False,
) -> None:
    """Move the index to another engine with all it holds; nothing is read or embedded again."""
    from rag.ui.migrating import move

    settings = _settings(index=index, embedder=embedder)
    origin = origin or ("sqlite" if to == "milvus" else "milvus")
    documents, generation = move(settings, origin, to, rebuild=rebuild)
    if as_json:
        _print_json({"engine": to, "documents": documents, "generation": generation})
    else:
        out.print(f"{to}: {documents} documents, generation {generation}. To use it: CITEWISE_ENGINE={to}")


@app.command()
def forget(folder: Path, *, index: Index = None, embedder: Embedder = None, as_json: AsJson = False) -> None:
    """Take an indexed folder or file, and its documents, out of the index; the files stay."""
    from rag.index import ingest
    from rag.ui import build, render

    settings = _settings(index=index, embedder=embedder)
    model = build.embedder(settings)
    with build.open_stored(settings), build.writer(settings, model) as writer:
        done = ingest.forget(folder, writer, model, keep_boilerplate=settings.keep_boilerplate)
    if as_json:
        _print_json(render.report_json(done, None))
    else:
        out.print(render.render_report(done))


@app.command()
def ask(
    question: str,
    *,
    index: Index = None,
    embedder: Embedder = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    llm_url: LlmUrl = None,
    k: K = None,
    collapse: Collapse = None,
    doc: Docs = None,
    folder: Folders = None,
    lang: Langs = None,
    since: Since = None,
    until: Until = None,
    strict: Annotated[
        bool | None, typer.Option("--strict", help="Leave out what could not be verified.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Answer a question from the documents, with checked citations."""
    from rag.ui import build, render

    backend = {"llm": llm, "llm_model": llm_model, "llm_url": llm_url}
    search = {"k": k, "collapse": collapse}
    settings = _settings(index=index, embedder=embedder, strict=strict, **search, **backend)
    with build.open_assistant(settings) as assistant:
        answer = assistant.ask(question, where=_where(doc, folder, lang, since, until))
    if as_json:
        _print_json(answer)
    else:
        text = render.render_answer(answer)
        out.print(text, render.answering_words(text, answer))


@app.command()
def demo(folder: Annotated[Path, typer.Argument(help="To be made.")] = Path("citewise-demo")) -> None:
    """Copy the sample documents into a folder, index them and ask three questions."""
    from rag.ui import render
    from rag.ui.console import progress
    from rag.ui.demo import INDEX, demonstrate

    with progress() as bars:
        answers = list(demonstrate(folder, _settings(), bars))
    for answer in answers:
        text = render.render_answer(answer)
        out.print(f"\n? {answer.question}")
        out.print(text, render.answering_words(text, answer))
    index = folder / INDEX
    out.print(f"\nAsk your own: rag ask --index {index} QUESTION; in the browser: rag chat --index {index}")


@app.command()
def search(
    question: str,
    *,
    index: Index = None,
    embedder: Embedder = None,
    k: K = None,
    collapse: Collapse = None,
    doc: Docs = None,
    folder: Folders = None,
    lang: Langs = None,
    since: Since = None,
    until: Until = None,
    as_json: AsJson = False,
) -> None:
    """List the passages nearest to a question."""
    from rag.assistant import read_question
    from rag.ui import build, render

    settings = _settings(index=index, embedder=embedder, k=k, collapse=collapse)
    with build.open_retriever(settings) as retriever:
        where = _where(doc, folder, lang, since, until)
        hits = retriever.retrieve(read_question(question), settings.k, where).hits
    if as_json:
        _print_json({"question": question, "hits": hits})
    else:
        out.print(render.render_hits(hits))


@app.command()
def status(*, index: Index = None, as_json: AsJson = False) -> None:
    """Show what is indexed: documents, languages, generation, files left out."""
    from rag.ui import build, render

    settings = _settings(index=index)
    with build.open_stored(settings) as snapshot:
        state = render.status(settings.index, snapshot)
    if as_json:
        _print_json(state)
    else:
        out.print(render.render_status(state))


@app.command()
def serve(
    *,
    index: Index = None,
    embedder: Embedder = None,
    host: Annotated[str | None, typer.Option(help="Where to listen (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Default 8000; 0 takes a free one.")] = None,
    insecure: Annotated[
        bool | None, typer.Option("--insecure", help="Let other machines in without CITEWISE_SERVE_TOKEN.")
    ] = None,
    allow_upload: AllowUpload = None,
) -> None:
    """Answer over HTTP: the chat at /, /ask, /search, an OpenAI-compatible /v1, MCP at /mcp, and /docs."""
    from rag.ui import api, chat, library_page

    options: dict[str, Any] = {"serve_host": host, "serve_port": port, "serve_insecure": insecure}
    options["serve_upload"] = allow_upload
    mounts = [chat.mount, library_page.mount]
    with suppress(RagError):  # the package mcp is not installed
        from rag.ui import mcp

        mounts.append(mcp.mount)
    api.run(_settings(index=index, embedder=embedder, **options), *mounts)


@app.command(name="chat")
def open_chat(
    *,
    index: Index = None,
    embedder: Embedder = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    llm_url: LlmUrl = None,
    port: Annotated[int | None, typer.Option(min=1, help="Default 8000.")] = None,
    allow_upload: AllowUpload = None,
    gradio: Annotated[
        bool, typer.Option("--gradio", help="Open Gradio's own chat, at /gradio/, instead of ours.")
    ] = False,
) -> None:
    """Serve, and open the chat in the browser; ends with Ctrl+C."""
    from rag.ui import api, chat, library_page

    models = {"llm": llm, "llm_model": llm_model, "llm_url": llm_url}
    serving = {"serve_port": port, "serve_upload": allow_upload}
    settings = _settings(index=index, embedder=embedder, **serving, **models)
    url, mounts = chat.address(settings), [chat.mount, library_page.mount]
    if gradio:
        from rag.ui import gradio_page

        url += gradio_page.PATH.removeprefix("/") + "/"
        mounts.append(gradio_page.mount)
    out.print(f"The chat is at {url} until you press Ctrl+C.")
    api.run(settings, *mounts, chat.opener(url))


@app.command()
def mcp(*, index: Index = None, embedder: Embedder = None) -> None:
    """Answer as a tool of other programs, over the Model Context Protocol on standard input and output."""
    from rag.ui import mcp

    mcp.run(_settings(index=index, embedder=embedder))


@app.command()
def models(*, as_json: AsJson = False) -> None:
    """List the models that can write answers from here now, each with the settings that choose it."""
    from rag.llm.found import found

    known = list(found(os.environ, _settings().cache))
    if as_json:
        _print_json({"models": [{**dataclasses.asdict(each), "settings": each.settings} for each in known]})
        return
    for each in known:
        out.print(f"{each.model}\n  {each.where}\n  {each.settings}")
    if not known:
        out.print("None. Start Ollama or LM Studio, or see docs/backends.md. Without one, `rag ask` quotes.")


@app.command()
def doctor(
    *,
    index: Index = None,
    embedder: Embedder = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    llm_url: LlmUrl = None,
    as_json: AsJson = False,
) -> None:
    """Check the models, the index and offline readiness, and say what to do."""
    from rag.ui.doctor import examine

    backend = {"llm": llm, "llm_model": llm_model, "llm_url": llm_url}
    checks = examine(_settings(index=index, embedder=embedder, **backend))
    if as_json:
        _print_json({"checks": checks})
    else:
        for check in checks:
            out.print(f"{'ok' if check.ok else 'FAULT':<6}{check.name}: {check.detail}")
    if not all(check.ok for check in checks):
        raise typer.Exit(1)


def main() -> None:
    """Run the command line; a `RagError` becomes one sentence and its exit code."""
    try:
        app()
    except RagError as exc:
        err.print(f"rag: {exc}")
        sys.exit(exc.exit_code)


def _settings(**options: Any) -> Settings:  # noqa: ANN401 - checked by pydantic
    return configured.read(options)


def _where(
    doc: Sequence[str] | None,
    folder: Sequence[str] | None,
    lang: Sequence[str] | None,
    since: datetime | None,
    until: datetime | None,
) -> Where:
    def day(moment: datetime | None) -> date | None:
        return moment.date() if moment else None

    return Where(tuple(doc or ()), tuple(folder or ()), tuple(lang or ()), day(since), day(until))


def _print_json(value: object) -> None:
    from rag.ui.render import as_json

    print_json(json.dumps(as_json(value), ensure_ascii=False, indent=2))
