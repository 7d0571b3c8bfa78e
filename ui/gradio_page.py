"""Gradio's own chat over the same answers: for notebooks, Spaces, and programs that use `gradio_client`.

Decides what Gradio is told of an answer. Its chat draws Markdown and loads the pictures
in it unasked, so every text that is not ours goes there as characters and nothing else.
"""

import re
import uuid
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, suppress
from importlib.resources import files
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount
from starlette.types import ASGIApp, Receive, Scope, Send

from rag.assistant import Discarded, Token, read_question
from rag.errors import ConfigError, IndexMissing, RagError
from rag.types import Answer, Citation, Turn
from rag.ui.chat_examples import examples
from rag.ui.events import last
from rag.ui.render import answer_text, as_json
from rag.ui.schemas import Feedback, problem_of
from rag.ui.serving import Service
from rag.ui.strings import strings

try:
    import gradio as gr
except ImportError as _missing:
    raise ConfigError("Gradio's chat needs it. Install it with: pip install 'citewise[gradio]'") from _missing

__all__ = ["PATH", "interface", "mount"]

PATH = "/gradio"
"""Where the service has it."""

_Message = dict[str, Any]
# What Markdown, HTML, formulas and bare addresses are made of; behind "\\" it is a character as any other.
# Lists may come about: they load nothing and lead nowhere.
_ACTIVE = re.compile(r"[\\`*_\[\]<>&#$|~@]|:(?=//)|(?<=www)\.", re.IGNORECASE)
_MARKER = re.compile(r"(?<![\]!\\])\\\[(\d{1,4})\\\](?![(:\[\\])")
_INDENT = re.compile(r"^[ \t]+", re.MULTILINE)
_TURNS = 6
# Of Gradio's routes those that its page and its client need: none takes a file or an address.
_SHOWN = (
    r"/(config|theme\.css|(assets|static)/.+|gradio_api/(info|queue/(join|data)|(call|run)/[\w/-]+|"
    r"heartbeat/\w+|cancel|reset|file={icons}/\w+\.svg))?"
)


def mount(app: Starlette, service: Service) -> None:
    """Add Gradio's chat over *service* to *app*, behind the same token and limits."""
    # It adds itself as the last route, and its beginning and end to those of the app.
    gr.mount_gradio_app(
        app,
        interface(service),
        path=PATH,
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        mcp_server=False,
        pwa=False,
    )
    mounted = app.router.routes.pop()
    assert isinstance(mounted, Mount)
    app.router.routes.append(Mount(PATH, _Shown(mounted.app)))


class _Shown:
    """The routes of *app* that are shown; any other is unknown."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        icons = re.escape(str(files("gradio").joinpath("icons")))
        self._shown = re.compile(_SHOWN.format(icons=icons))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on a request. Raises `HTTPException`."""
        if scope["type"] == "http" and not self._shown.fullmatch(
            scope["path"].removeprefix(scope["root_path"])
        ):
            raise HTTPException(404)
        await self._app(scope, receive, send)


def interface(service: Service) -> gr.ChatInterface:
    """Return a chat over *service*, which must have been started.

    It streams, keeps chats in the browser, offers questions to begin with, and writes down what is liked.
    """

    async def answer(message: str, history: list[_Message]) -> AsyncGenerator[list[_Message], None]:
        async for told in _told(service, message, history):
            yield told

    async def ask(question: str) -> dict[str, Any]:
        """Answer a question. The fields of the answer are in docs/json.md."""
        found = as_json(await last(service.stream(read_question(question))))
        assert isinstance(found, dict)
        return found

    chatbot = gr.Chatbot(height="70vh", buttons=["copy", "copy_all"], latex_delimiters=[], allow_tags=False)
    found = gr.ChatInterface(
        answer,
        chatbot=chatbot,
        title="Citewise",
        description=strings("en")["tagline"],
        examples=_examples(service),
        cache_examples=False,
        save_history=True,
        api_name="chat",
        analytics_enabled=False,
    )

    def rate(messages: list[_Message], liked: gr.LikeData) -> None:
        _rate(service, messages, int(liked.index), is_good=bool(liked.liked))

    with found:
        chatbot.like(rate, chatbot, None, api_visibility="private")
        gr.api(ask, api_name="ask")
    return found


def _examples(service: Service) -> list[str]:
    with suppress(IndexMissing), service.generations.hold() as opened:
        return [each.question for each in examples(opened)]
    return []


async def _told(
    service: Service, message: str, history: Sequence[_Message]
) -> AsyncGenerator[list[_Message], None]:
    """Yield the words as they come, then the checked answer with what it stands on."""
    words = ""
    try:
        events = service.stream(read_question(message), _turns(history))
        async with aclosing(events):
            async for event in events:
                if isinstance(event, Token):
                    words += event.text
                    yield [_said(_escaped(words))]
                elif isinstance(event, Discarded):
                    words = ""
                elif isinstance(event, Answer):
                    request_id = uuid.uuid4().hex
                    service.feedback.remember(request_id, event)
                    yield _messages(event, request_id)
    except RagError as exc:
        yield [_said(_escaped(problem_of(exc).message))]


def _turns(history: Sequence[_Message]) -> tuple[Turn, ...]:
    """Return the questions and answers among the messages of Gradio; its notes have a title."""
    turns: list[Turn] = []
    question = ""
    for each in history:
        if each["role"] == "user":
            question = _text(each)
        elif question and not (each.get("metadata") or {}).get("title"):
            turns.append(Turn(question, _text(each)))
            question = ""
    return tuple(turns[-_TURNS:])


def _text(message: _Message) -> str:
    content = message["content"]
    if isinstance(content, str):
        return content
    return "".join(each["text"] for each in content if each.get("type") == "text")


def _rate(service: Service, messages: Sequence[_Message], place: int, *, is_good: bool) -> None:
    metadata = messages[place].get("metadata") or {}
    request_id = str(metadata.get("id"))
    # An answer of long ago, or of another process: there is nothing to write down.
    with suppress(RagError, ValueError):
        service.feedback.append(Feedback(request_id=request_id, rating="up" if is_good else "down"))


# --- an answer as messages ----------------------------------------------------------------


def _said(text: str, **metadata: object) -> _Message:
    return {"role": "assistant", "content": text, "metadata": metadata}


def _messages(answer: Answer, request_id: str) -> list[_Message]:
    """Return *answer*, and its sources folded up below it."""
    texts = strings(answer.lang)
    found = [_said(_body(answer), id=request_id)]
    if answer.citations:
        sources = "\n\n".join(_source(each) for each in answer.citations)
        found.append(_said(sources, title=texts["sources"], status="done"))
    return found


def _body(answer: Answer) -> str:
    if not answer.answered:
        texts = strings(answer.lang)
        why = texts.get(f"abstention_{answer.abstention}", "")
        return f"**{_escaped(texts['not_in_documents'])}**\n\n{_escaped(why)}"
    return _escaped(answer_text(answer))


def _source(citation: Citation) -> str:
    day = citation.date.isoformat() if citation.date else ""
    facts = " · ".join(_escaped(each) for each in (citation.place, day, citation.doc_id) if each)
    quote = "\n".join(f"> {_escaped(line)}" for line in citation.quote.split("\n"))
    return f"**{citation.marker}. {_escaped(citation.title)}** {facts}\n\n{quote}"


def _escaped(text: str) -> str:
    """Return *text* in Markdown that says it character for character; markers stay as they are."""
    return _MARKER.sub(r"[\1]", _ACTIVE.sub(r"\\\g<0>", _INDENT.sub("", text)))
