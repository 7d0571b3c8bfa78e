"""What programs that speak OpenAI's API say, and what they are told: shared by its two ways of asking.

The last message is the question, the exchanges before it are the history. Such a
program cannot take words back, so it is sent the checked answer, never the words
of a backend that may yet be found unsupported. Markers stand in the text, the
documents behind them in its annotations, and below the text if the model is
called ``citewise+sources``: many programs show nothing but text. What no source
supports is marked in the text.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Literal
from urllib.parse import quote, urlencode

from pydantic import BaseModel, ConfigDict, Field

from rag.llm.budget import count_tokens
from rag.protocols import QUOTING
from rag.text.characters import clean_text
from rag.types import Citation, Turn
from rag.ui.render import as_json, marked_text
from rag.ui.schemas import MAX_TURNS, AnswerReply, Problem
from rag.ui.strings import strings

__all__ = ["MODELS", "Asked", "Lenient", "Message", "Said", "Text", "asked", "model", "models", "said"]

MODELS = ("citewise", "citewise+sources")
"""The second lists the sources below its text."""

MAX_MESSAGES = 50
"""Of a conversation the last ones are read; a longer one is no error."""

_MAX_WISHES = 4000
_MARKER = re.compile(r"\[(\d+)\]")
_TEXTS = ("text", "input_text", "output_text")
# A title must not be a link, a picture or HTML where a program draws Markdown.
_PLAIN = str.maketrans({"[": "(", "]": ")", "<": "‹", ">": "›", "`": "'", "*": "∗", "\n": " ", "|": "¦"})

Text = Annotated[str, Field(max_length=1_000_000)]


class Lenient(BaseModel):
    """Programs send temperatures and tools; what has no meaning here is not an error."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="ignore")


class Part(Lenient):
    """A piece of a message. Only text is read; what else there is, is counted."""

    type: Annotated[str, Field(max_length=100)]
    text: Text | None = None


class Message(Lenient):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Text | Annotated[tuple[Part, ...], Field(max_length=1000)] | None = None

    def text(self) -> str:
        """Return the words of the message, cleaned."""
        parts = self.content or ()
        pieces = [parts] if isinstance(parts, str) else [each.text or "" for each in self._texts()]
        return clean_text("\n".join(pieces)).strip()

    def unread(self) -> int:
        """Return how many pictures, sounds and files it has."""
        return 0 if isinstance(self.content, str) else len(self.content or ()) - len(self._texts())

    def _texts(self) -> list[Part]:
        parts = self.content if isinstance(self.content, tuple) else ()
        return [each for each in parts if each.type in _TEXTS]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as such a program asks it.

    Attributes:
        wishes: What system messages ask for, which a model may follow in form and tone.
        unread: Pictures, sounds and files of the last message.
        tokens: Of all messages together.
    """

    question: str
    history: tuple[Turn, ...]
    wishes: str
    unread: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Said:
    """An answer as such a program is told it.

    Attributes:
        spans: Citations with where in *text* their markers stand: first character, and the one after.
        proof: The answer with its claims, for programs that know of us.
    """

    text: str
    spans: tuple[tuple[Citation, int, int], ...]
    proof: dict[str, Any]
    model: str
    tokens_in: int
    tokens_out: int
    documents: str

    def address(self, citation: Citation) -> str:
        """Return where the cited words can be read."""
        span = urlencode({"start": citation.start, "limit": citation.end - citation.start})
        return f"{self.documents}{quote(citation.doc_id)}?{span}"


def asked(messages: Sequence[Message], wishes: str = "") -> Asked:
    """Return the question, the turns before it, and what a system message wishes.

    Raises:
        Problem: No question of a user ends the conversation.
    """
    spoken = [each for each in messages if each.role in ("user", "assistant")][-MAX_MESSAGES:]
    if not spoken or spoken[-1].role != "user":
        raise Problem(
            "invalid", "messages: the last one must be a question of the role 'user'.", param="messages"
        )
    question, unread = spoken[-1].text(), spoken[-1].unread()
    if not question:
        told = "holds no text. Pictures, sounds and files are not read." if unread else "holds no word."
        raise Problem("invalid", f"messages: the last one {told}", param="messages")
    told_before = [each for each in messages if each.role in ("system", "developer")]
    wishes = "\n".join(filter(None, [clean_text(wishes).strip(), *(each.text() for each in told_before)]))
    tokens = sum(count_tokens(each.text()) for each in spoken) + count_tokens(wishes)
    turns = tuple(_turns([each for each in spoken[:-1] if each.text()]))
    return Asked(question, turns[-MAX_TURNS:], wishes[:_MAX_WISHES], unread, tokens)


def _turns(messages: Sequence[Message]) -> Iterator[Turn]:
    for question, reply in pairwise(messages):
        if (question.role, reply.role) == ("user", "assistant"):
            yield Turn(question.text(), reply.text())


def said(answer: AnswerReply, request: Asked, name: str, base_url: str) -> Said:
    """Return what *answer* is to a program that called the model *name* at *base_url*."""
    text = marked_text(answer)
    known = {each.marker: each for each in answer.citations}
    spans = [(known.get(int(found[1])), *found.span()) for found in _MARKER.finditer(text)]
    notes = list(_notes(answer, request))
    if name == MODELS[1] and answer.citations:
        text = f"{text}\n\n{_sources(answer)}"
    if request.unread:
        text = f"{text}\n\n({notes[0]})"
    proof = as_json(answer)
    assert isinstance(proof, dict)
    # A chat program has no place for the passages.
    fields = {key: value for key, value in proof.items() if key not in ("hits", "text", "blocks")}
    return Said(
        text=text,
        spans=tuple((citation, start, end) for citation, start, end in spans if citation),
        proof={**fields, "notes": notes},
        model=name,
        tokens_in=request.tokens,
        tokens_out=count_tokens(text),
        documents=f"{base_url}documents/",
    )


def _notes(answer: AnswerReply, request: Asked) -> Iterator[str]:
    if request.unread:
        yield strings(answer.lang)["not_read_n"].format(n=request.unread)
    if request.wishes and answer.model == QUOTING:
        yield "The system message has no effect: this answer quotes the documents, and no model wrote it."


def _sources(answer: AnswerReply) -> str:
    """List the sources as they are read by people, and as no program takes them for more than text."""
    title = strings(answer.lang)["sources"]
    return "\n".join([f"{title}:", *(f"- {_source(each)}" for each in answer.citations)])


def _source(citation: Citation) -> str:
    named = (citation.title, str(citation.date or ""), _place(citation), citation.doc_id)
    return f"[{citation.marker}] " + ", ".join(_plain(named))


def _place(citation: Citation) -> str:
    """Return the page as a reader calls it, where the document has pages."""
    return str(getattr(citation, "place", "") or "")


def _plain(texts: Iterable[str]) -> Iterator[str]:
    return (text.translate(_PLAIN) for text in dict.fromkeys(texts) if text)


def model(name: str) -> dict[str, Any]:
    """Return the model called *name*. Raises `Problem` if there is none."""
    if name not in MODELS:
        raise Problem("not_found", f"The models here are {' and '.join(MODELS)}.", param="model")
    return {"id": name, "object": "model", "created": 0, "owned_by": MODELS[0]}


def models() -> dict[str, Any]:
    """Return the list of models."""
    return {"object": "list", "data": [model(name) for name in MODELS]}
