"""What goes over the wire: requests as they are checked, replies as they are documented.

Every text is cleaned when it is read, so nothing behind this door meets a NUL, a
lone surrogate or decomposed Hangul. No error repeats what was sent.
"""

import json
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

from rag.answer.markdown import Block
from rag.assistant import MAX_QUESTION
from rag.errors import (
    BackendError,
    EngineUnreachable,
    IndexBusy,
    IndexMissing,
    LoadError,
    QuestionError,
    StoreFull,
)
from rag.text.characters import clean_text
from rag.types import Answer, Hit, Turn, Where
from rag.ui.render import as_json

__all__ = [
    "CODES",
    "FIELDS",
    "AnswerReply",
    "Ask",
    "ChatBody",
    "Error",
    "Feedback",
    "Problem",
    "ReadyReply",
    "Search",
    "SearchReply",
    "SignIn",
    "encode",
    "problem_of",
]

MAX_K = 50
MAX_TURNS = 20
MAX_ANSWER = 20_000
_MAX_NAMES = 100
# What is left when all is cleaned away that clean_text does, as far as a JSON Schema can say it.
_VISIBLE = (
    r"[^\s\u0000-\u0020\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u205f-\u206f\ufeff\ufff9-\uffff]"
)
_DAY = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")

CODES: Mapping[str, tuple[int, str]] = {
    "bad_request": (400, "The request is not HTTP as it is understood here."),
    "bad_host": (400, "The Host header does not name this service. Set serve_hosts to the names it has."),
    "bad_json": (400, "The body is not JSON in UTF-8."),
    "unauthorized": (401, "A token is needed: Authorization: Bearer TOKEN."),
    "bad_origin": (403, "Pages of other origins may not use this service."),
    "not_found": (404, "There is no such page, document or model here."),
    "method_not_allowed": (405, "This page does not take this method."),
    "timeout": (408, "The request took too long to arrive."),
    "exists": (409, "There is a file of this name. Rename this one, or delete the other and run: rag index"),
    "changed": (409, "The file is not the one that was indexed any more. Index it again: rag index"),
    "not_uploaded": (
        409,
        "Only uploaded documents can be removed here. Delete the file, and index again.",
    ),
    "chat_changed": (409, "The chat has changed since it was read. Read it again."),
    "too_late": (409, "The file is in the index already. Remove the document instead."),
    "indexing": (409, "The documents are being indexed just now. Ask again when that has ended."),
    "not_kept": (409, "The rating cannot be written beside the index, which is read-only or full."),
    "too_large": (413, "The body is larger than 256 KB."),
    "unsupported_media_type": (415, "Send JSON, as Content-Type: application/json."),
    "unsupported_file": (415, "Files of this kind are not read. Send txt, md, html, pdf or docx."),
    "bad_name": (422, "The name of the file is empty, or longer than 200 bytes in UTF-8. Rename it."),
    "unreadable": (422, "The file cannot be read."),
    "invalid": (422, "A field is missing, unknown or out of range."),
    "rate_limited": (429, "Too many requests from this client."),
    "too_many_uploads": (429, "Too many files of this client are on their way. Wait until some are done."),
    "headers_too_large": (431, "The request line and headers are larger than 32 KB."),
    "client_gone": (499, "The client left before the answer."),
    "internal": (500, "Something broke here. The log has it under the request_id."),
    "backend_failed": (502, "The model that writes answers failed. The log says why."),
    "busy": (503, "Too many questions are waiting."),
    "index_busy": (503, "The index is being written. Try again in a moment."),
    "engine_away": (503, "The server that holds the index does not answer. Try again in a moment."),
    "no_index": (503, "There is no index yet. Build one with: rag index DIR"),
    "no_room": (507, "There is no room left for files. Delete some, or raise serve_upload_mb."),
}
"""Every way in which a request can fail: code, HTTP status, and the sentence that is sent."""


class Problem(Exception):
    """A request answered with an error: *message* is told instead of what *code* usually tells."""

    def __init__(
        self, code: str, message: str = "", headers: Mapping[str, str] | None = None, param: str | None = None
    ) -> None:
        super().__init__(code)
        self.code = code
        status, usual = CODES[code]
        self.status: int = status
        self.message: str = message or usual
        self.headers: dict[str, str] = dict(headers or {})
        self.param = param

    def body(self, request_id: str) -> bytes:
        """Return the one form that all errors have."""
        return encode(Error(self.code, self.message, request_id))


@dataclass(frozen=True, slots=True)
class Error:
    """Every error. `code` is for programs, `message` for people, `request_id` is in the log too."""

    code: str
    message: str
    request_id: str


def problem_of(exc: Exception) -> Problem:
    """Return what is told of *exc*: our own sentences only, never those of a library or a server."""
    match exc:
        case Problem():
            return exc
        case QuestionError():
            return Problem("invalid", f"question: it needs a word, and at most {MAX_QUESTION} characters.")
        case IndexMissing():
            return Problem("no_index", headers={"Retry-After": "5"})
        case IndexBusy():
            return Problem("index_busy", headers={"Retry-After": "5"})
        case EngineUnreachable():
            return Problem("engine_away", headers={"Retry-After": "5"})
        case StoreFull():
            return Problem("no_room")
        case BackendError():
            return Problem("backend_failed")
        case LoadError():
            return Problem("not_found")
    return Problem("internal")


def encode(value: object) -> bytes:
    """Return *value* as JSON in UTF-8; a lone surrogate, which UTF-8 cannot hold, as its escape."""
    text = json.dumps(as_json(value), ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace")


def _composed(value: object) -> object:
    """Compose, so that a question in NFD may be as long as the same in NFC."""
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


def _cleaned(value: str) -> str:
    return clean_text(value).strip()


def _visible(value: str) -> str:
    cleaned = _cleaned(value)
    if not cleaned:
        raise ValueError("It holds no word")
    return cleaned


def _canonical(lang: str) -> str:
    """Return the tag in the usual case: zh-Hant, pt-BR."""
    first, *rest = lang.split("-")
    return "-".join([first.lower(), *(each.title() if len(each) == 4 else each.upper() for each in rest)])


def _whole(value: object) -> object:
    """Take 10.0 for 10, as JSON does, and nothing else that Python would take for a number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _day(value: object) -> object:
    """Take YYYY-MM-DD only: Python would take numbers, weeks and times too."""
    if not isinstance(value, str):
        return value
    try:
        return date.fromisoformat(value if _DAY.fullmatch(value) else "")
    except ValueError:
        # What was sent is not repeated.
        raise ValueError("Write a day as YYYY-MM-DD") from None


_Clean = AfterValidator(_cleaned)
Question = Annotated[
    str,
    Field(
        min_length=1,
        max_length=MAX_QUESTION,
        description="In any language, at least a word of it.",
        json_schema_extra={"pattern": _VISIBLE},
    ),
    BeforeValidator(_composed),
    AfterValidator(_visible),
]
_Name = Annotated[str, Field(max_length=1000), _Clean]
_Names = Annotated[tuple[_Name, ...], Field(max_length=_MAX_NAMES)]
_K = Annotated[
    int | None,
    Field(ge=1, le=MAX_K, strict=True, description="How many passages are retrieved."),
    BeforeValidator(_whole),
]
_Day = Annotated[date | None, Field(strict=True), BeforeValidator(_day)]


class _Strict(BaseModel):
    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Filter(_Strict):
    """Which documents may be searched; what is left out does not restrict."""

    docs: _Names = ()
    folders: _Names = ()
    langs: _Names = ()
    since: _Day = None
    until: _Day = None

    def where(self) -> Where:
        """Return it as the ground floor wants it."""
        return Where(self.docs, self.folders, self.langs, self.since, self.until)


class Exchange(_Strict):
    """An earlier question and its answer."""

    question: Question
    answer: Annotated[str, Field(max_length=MAX_ANSWER), _Clean]

    def turn(self) -> Turn:
        """Return it as the ground floor wants it."""
        return Turn(self.question, self.answer)


class Search(_Strict):
    """A question for passages."""

    question: Question
    k: _K = None
    where: Filter = Filter()


class Ask(Search):
    """A question for an answer."""

    lang: Annotated[
        str,
        Field(
            pattern=r"^([a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8})*)?$",
            max_length=35,
            description="Language of the answer, BCP 47; that of the question if left out.",
        ),
        AfterValidator(_canonical),
    ] = ""
    history: Annotated[tuple[Exchange, ...], Field(max_length=MAX_TURNS)] = ()
    stream: Annotated[bool, Field(strict=True, description="Answer as server-sent events.")] = False
    strict: Annotated[bool, Field(strict=True, description="Leave out what could not be verified.")] = False
    backend: Annotated[
        str, Field(max_length=200, description="Of those configured, the one to begin with."), _Clean
    ] = ""


class Feedback(_Strict):
    """What a person thought of an answer."""

    request_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$", description="Of the answer.")]
    rating: Literal["up", "down"]
    comment: Annotated[str, Field(max_length=4000), _Clean] = ""


class ChatBody(_Strict):
    """A chat to be kept: what a list shows and searches, and the turns, which only the page reads."""

    name: Annotated[str, Field(max_length=1000), _Clean] = ""
    question: Question
    words: Annotated[str, Field(max_length=20_000), _Clean] = ""
    turns: Annotated[list[dict[str, Any]], Field(min_length=1, max_length=1000)]
    updated: Annotated[int, Field(ge=0, le=2**53, strict=True)] = 0


class SignIn(_Strict):
    """What a browser shows to be let in."""

    token: Annotated[SecretStr, Field(max_length=1000)]


_QUERY = "offset limit q sort order state form start end number name upload_id chat_id"
_CHATS = "messages role content type text model n input"
_OWN = (name for model in (Filter, Exchange, Ask, Feedback, ChatBody) for name in model.model_fields)
FIELDS = frozenset([*_OWN, *_QUERY.split(), *_CHATS.split()])
"""Names that an error may mention: those of our own fields, never of a client's."""


@dataclass(frozen=True, slots=True)
class AnswerReply(Answer):
    """An answer; its fields are described in docs/json.md. `blocks` are what a model wrote, to be drawn."""

    request_id: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class SearchReply:
    """The passages nearest to a question, best first."""

    question: str
    hits: tuple[Hit, ...]
    generation: int
    request_id: str


@dataclass(frozen=True, slots=True)
class ReadyReply:
    """Questions can be answered, from this generation of the index."""

    status: Literal["ready"]
    generation: int
