"""The command line: parses, calls and prints; nothing is decided here.

Heavy parts are imported by the command that needs them: ``rag --help`` and
``rag status`` never load a model.
"""

import dataclasses
import json
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from rag.errors import RagError
from rag.settings import Settings
from rag.types import Answer
from rag.ui import cli_eval, configured, options
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


app: typer.Typer = typer.Typer(
    cls=_Anywhere,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Ask a folder of documents in any language; get answers whose citations were checked.",
)
app.add_typer(cli_eval.app, name="eval")


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
    index: options.Index = None,
    embedder: options.Embedder = None,
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
    as_json: options.AsJson = False,
) -> None:
    """Index folders and files; a second run reads only what changed."""
    from rag import wiring
    from rag.index.ingest import Report, Wishes
    from rag.ui import indexing, render

    reading = {"keep_boilerplate": keep_boilerplate, "ocr": ocr, "password_file": password_file}
    settings = _settings(index=index, embedder=embedder, **reading)

    def show(done: Report) -> None:
        omitted = None
        if report:
            with wiring.open_stored(settings) as snapshot:
                documents = (snapshot.document(each.doc_id) for each in snapshot.documents())
                omitted = render.omissions(documents)
        if as_json:
            _print_json(render.report_json(done, omitted))
        else:
            out.print(render.render_report(done, omitted))

    wishes = Wishes(allow_empty, moved_from, as_new)
    work = indexing.Indexing(settings, wiring.embedder(settings), folders or [], rebuild, wishes)
    (indexing.watch if watch else indexing.index_once)(work, show)


@app.command()
def migrate(
    *,
    to: Annotated[str, typer.Option("--to", help="Engine that is to hold the index: milvus or sqlite.")],
    origin: Annotated[str, typer.Option("--from", help="Engine that holds it (default: the other).")] = "",
    rebuild: Annotated[bool, typer.Option("--rebuild", help="Replace the index that is there.")] = False,
    index: options.Index = None,
    embedder: options.Embedder = None,
    as_json: options.AsJson = False,
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
def forget(
    folder: Path,
    *,
    index: options.Index = None,
    embedder: options.Embedder = None,
    as_json: options.AsJson = False,
) -> None:
    """Take an indexed folder or file, and its documents, out of the index; the files stay."""
    from rag import wiring
    from rag.index import ingest
    from rag.ui import render

    settings = _settings(index=index, embedder=embedder)
    model = wiring.embedder(settings)
    with wiring.open_stored(settings), wiring.writer(settings, model) as writer:
        done = ingest.forget(folder, writer, model, keep_boilerplate=settings.keep_boilerplate)
    if as_json:
        _print_json(render.report_json(done, None))
    else:
        out.print(render.render_report(done))


@app.command()
def ask(
    question: str,
    *,
    index: options.Index = None,
    embedder: options.Embedder = None,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_url: options.LlmUrl = None,
    k: options.K = None,
    collapse: options.Collapse = None,
    doc: options.Docs = None,
    folder: options.Folders = None,
    lang: options.Langs = None,
    since: options.Since = None,
    until: options.Until = None,
    strict: Annotated[
        bool | None, typer.Option("--strict", help="Leave out what could not be verified.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Answer a question from the documents, with checked citations."""
    from rag import wiring

    backend = {"llm": llm, "llm_model": llm_model, "llm_url": llm_url}
    search = {"k": k, "collapse": collapse}
    settings = _settings(index=index, embedder=embedder, strict=strict, **search, **backend)
    with wiring.open_assistant(settings) as assistant:
        answer = assistant.ask(question, where=options.where(doc, folder, lang, since, until))
    if as_json:
        _print_json(answer)
    else:
        _print_answer(answer)


@app.command()
def demo(folder: Annotated[Path, typer.Argument(help="To be made.")] = Path("citewise-demo")) -> None:
    """Copy the sample documents into a folder, index them and ask three questions."""
    from rag.ui.console import progress
    from rag.ui.demo import INDEX, demonstrate

    with progress() as bars:
        answers = list(demonstrate(folder, _settings(), bars))
    for answer in answers:
        out.print(f"\n? {answer.question}")
        _print_answer(answer)
    index = folder / INDEX
    out.print(f"\nAsk your own: rag ask --index {index} QUESTION; in the browser: rag chat --index {index}")


@app.command()
def search(
    question: str,
    *,
    index: options.Index = None,
    embedder: options.Embedder = None,
    k: options.K = None,
    collapse: options.Collapse = None,
    doc: options.Docs = None,
    folder: options.Folders = None,
    lang: options.Langs = None,
    since: options.Since = None,
    until: options.Until = None,
    as_json: options.AsJson = False,
) -> None:
    """List the passages nearest to a question."""
    from rag import wiring
    from rag.assistant import read_question
    from rag.ui import render

    settings = _settings(index=index, embedder=embedder, k=k, collapse=collapse)
    with wiring.open_retriever(settings) as retriever:
        where = options.where(doc, folder, lang, since, until)
        hits = retriever.retrieve(read_question(question), settings.k, where).hits
    if as_json:
        _print_json({"question": question, "hits": hits})
    else:
        out.print(render.render_hits(hits))


@app.command()
def status(*, index: options.Index = None, as_json: options.AsJson = False) -> None:
    """Show what is indexed: documents, languages, generation, files left out."""
    from rag import wiring
    from rag.ui import render

    settings = _settings(index=index)
    with wiring.open_stored(settings) as snapshot:
        state = render.status(settings.index, snapshot)
    if as_json:
        _print_json(state)
    else:
        out.print(render.render_status(state))


@app.command()
def serve(
    *,
    index: options.Index = None,
    embedder: options.Embedder = None,
    host: Annotated[str | None, typer.Option(help="Where to listen (default 127.0.0.1).")] = None,
    port: Annotated[int | None, typer.Option(help="Default 8000; 0 takes a free one.")] = None,
    insecure: Annotated[
        bool | None, typer.Option("--insecure", help="Let other machines in without CITEWISE_SERVE_TOKEN.")
    ] = None,
    allow_upload: options.AllowUpload = None,
) -> None:
    """Answer over HTTP: the chat at /, /ask, /search, an OpenAI-compatible /v1, MCP at /mcp, and /docs."""
    from rag.ui import api, chat, library_page

    serving: dict[str, Any] = {"serve_host": host, "serve_port": port, "serve_insecure": insecure}
    serving["serve_upload"] = allow_upload
    mounts = [chat.mount, library_page.mount]
    with suppress(RagError):  # the package mcp is not installed
        from rag.ui import mcp

        mounts.append(mcp.mount)
    api.run(_settings(index=index, embedder=embedder, **serving), *mounts)


@app.command(name="chat")
def open_chat(
    *,
    index: options.Index = None,
    embedder: options.Embedder = None,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_url: options.LlmUrl = None,
    port: Annotated[int | None, typer.Option(min=1, help="Default 8000.")] = None,
    allow_upload: options.AllowUpload = None,
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
def mcp(*, index: options.Index = None, embedder: options.Embedder = None) -> None:
    """Answer as a tool of other programs, over the Model Context Protocol on standard input and output."""
    from rag.ui import mcp

    mcp.run(_settings(index=index, embedder=embedder))


@app.command()
def models(*, as_json: options.AsJson = False) -> None:
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
    index: options.Index = None,
    embedder: options.Embedder = None,
    llm: options.Llm = None,
    llm_model: options.LlmModel = None,
    llm_url: options.LlmUrl = None,
    as_json: options.AsJson = False,
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


def _settings(**given: Any) -> Settings:  # noqa: ANN401 - checked by pydantic
    return configured.read(given)


def _print_answer(answer: Answer) -> None:
    from rag.ui.render import answering_words, render_answer

    text = render_answer(answer)
    out.print(text, answering_words(text, answer))


def _print_json(value: object) -> None:
    from rag.ui.render import as_json

    print_json(json.dumps(as_json(value), ensure_ascii=False, indent=2))
