"""What the pieces of a reply amount to: words, or a typed reason why there are none.

The same for every wire format and for a model in this process. Whether to ask again
is decided by `rag.llm.wire`, who stands in by `rag.llm.fallback`.
"""

import json
import re
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Literal

from pydantic import SecretStr

from rag.errors import (
    BackendDeclined,
    BackendEmpty,
    BackendError,
    BackendIncomplete,
    BackendLength,
    BackendRefused,
    BackendStructured,
    BackendToolCall,
    BackendTooLong,
    BackendUnauthorized,
    BackendUnreachable,
)
from rag.llm.thoughts import VOID, Scanner

__all__ = ["Piece", "Stop", "masked", "refusal", "settled", "stop_of", "text_of"]

Stop = Literal["end", "length", "declined", "tool"]

MAX_CHARS = 32_000
"""Of a reply: some eight thousand tokens. A server may pass over the limit it was given."""


@dataclass(frozen=True, slots=True)
class Piece:
    """What one document of a reply brings.

    Attributes:
        text: Words of the answer.
        thinking: The model is at work on words that are not for the reader.
        stop: Why the reply ends here, None if it goes on.
    """

    text: str = ""
    thinking: bool = False
    stop: Stop | None = None


# As OpenAI, Anthropic and Ollama name them; every other reason is an ordinary end.
_STOPS: dict[object, Stop] = {
    "length": "length",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "content_filter": "declined",
    "refusal": "declined",
    "tool_calls": "tool",
    "function_call": "tool",
    "tool_use": "tool",
}
# The HTTP status that an error inside a 200 would have had.
_STATUS = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "not_found_error": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "overloaded_error": 529,
}
_SPENT = re.compile(r"insufficient_quota|(enforced_)?spend_limit|billing|credit_balance")
_TOO_LONG = re.compile(
    r"exceed_context_size|context[_ ](length|window|size)|maximum context"
    r"|(prompt|input) is too long|too many tokens",
    re.IGNORECASE,
)
_FENCE = re.compile(r"\A\s*```\w*\n|\n?```\s*\Z")
_MASK = "***"
# Letters only: what a server calls its error may be shown, and is never a key.
_PLAIN = re.compile(r"[a-z]{2,}(_[a-z]+)*")


def stop_of(reason: object) -> Stop | None:
    """Return what a finish reason means; None for none."""
    return _STOPS.get(reason, "end") if isinstance(reason, str) and reason else None


def text_of(content: object) -> str:
    """Return the text of *content*: a string, or a list of parts of which some are text."""
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str))


def settled(pieces: Generator[Piece, None, None]) -> Iterator[str]:
    """Yield the words of the answer in *pieces* up to the first that stops; closes *pieces*.

    Reasoning in the text is left out; `rag.llm.thoughts.VOID` takes back what turned out to be some.

    Raises:
        BackendIncomplete: It broke off after the first word, for whatever reason.
        BackendStructured: It is JSON, though a text was asked for.
        BackendEmpty, BackendDeclined, BackendLength, BackendToolCall: It ended without one.
        BackendUnreachable: It did not even end.
    """
    scanner, said = Scanner(), _Said()
    stop: Stop | None = None
    with closing(pieces):
        try:
            for piece in pieces:
                yield from said.more(scanner.read(_well_formed(piece.text)))
                if stop := "length" if said.full else scanner.ended or piece.stop:
                    break
        except BackendError as exc:
            if said.text:
                raise BackendIncomplete(f"The reply is incomplete. {exc}") from exc
            raise
    yield from said.more(scanner.close())
    if fault := _fault(stop, said.text, thought=scanner.thought):
        raise fault


@dataclass(slots=True)
class _Said:
    """What was passed on of a reply.

    Attributes:
        text: Of it, what was not taken back.
        left: Characters that may follow.
    """

    text: str = ""
    left: int = MAX_CHARS

    @property
    def full(self) -> bool:
        return self.left <= 0

    def more(self, text: str) -> Iterator[str]:
        """Yield *text* as far as it may be passed on, without white space before the first word."""
        _, void, words = text.rpartition(VOID)
        if void and self.text:
            self.text = ""
            yield VOID
        words = (words if self.text else words.lstrip())[: self.left]
        if words:
            self.text += words
            self.left -= len(words)
            yield words


def masked(words: Iterator[str], key: SecretStr | None) -> Iterator[str]:
    """Yield *words* with asterisks for *key*, which a proxy or a test server may put into a reply.

    What may be the beginning of the key is held back until it is not.
    """
    if not key:
        yield from words
        return
    held = ""
    for word in words:
        said, held = _masked_so_far(held + word, key)
        if said:
            yield said
    if held:
        yield held


def _masked_so_far(text: str, key: SecretStr) -> tuple[str, str]:
    """Return what can be said of *text*, and its end that may begin the key.

    A function of its own: a frame that waits for words is in every traceback.
    """
    secret = key.get_secret_value()
    text = text.replace(secret, _MASK)
    longest = range(min(len(text), len(secret) - 1), 0, -1)
    kept = next((size for size in longest if text.endswith(secret[:size])), 0)
    return text[: len(text) - kept], text[len(text) - kept :]


def refusal(who: str, status: int, error: object, after_s: float | None = None) -> BackendError:
    """Return the error that *who* reports, typed.

    Args:
        who: Named in the message.
        status: HTTP status; 200 if the error came inside a reply.
        error: Whatever stands under ``error``: an object, a string, a number, nothing.
        after_s: What Retry-After asks for.
    """
    told = error if isinstance(error, dict) else {"message": error}
    names = [str(told.get(name, ""))[:100] for name in ("code", "type", "error_code")]
    status = _status(status, names)
    message = str(told.get("message", ""))[:2000]
    if status in (400, 413, 422, 500) and any(_TOO_LONG.search(each) for each in (*names, message)):
        return BackendTooLong(f"{who} says that question and passages do not fit. Lower llm_context_tokens.")
    if status in (402, 403, 429) and any(_SPENT.search(name) for name in names):
        return BackendRefused(f"{who} says that the spending limit is reached.", 402)
    shown = next((f" ({name})" for name in names if _PLAIN.fullmatch(name)), "")
    if status == 401:
        return BackendUnauthorized(f"{who} does not accept the key{shown}. Set CITEWISE_LLM_KEY.", status)
    return BackendRefused(f"{who} answered {status}{shown}.{_remedy(status)}", status, after_s)


def _fault(stop: Stop | None, text: str, *, thought: bool) -> BackendError | None:
    match stop:
        case "declined":
            return BackendDeclined("The model or its filter declined to answer.")
        case "tool":
            return BackendToolCall("The model called a tool instead of answering. None was offered to it.")
        case "length" if text:
            return BackendLength("The reply is incomplete: it reached llm_max_tokens.")
        case "length":
            return BackendLength("The reply reached llm_max_tokens before its first word. Raise it.")
        case "end" if not text and thought:
            return BackendEmpty("The reply holds reasoning and no word of an answer.")
        case "end" if not text:
            return BackendEmpty("The reply holds no word.")
        case "end" if _is_json(text):
            return BackendStructured("The reply is JSON, not a text. Turn the model's JSON mode off.")
        case None if text:
            return BackendIncomplete("The reply is incomplete: it stopped without its end mark.")
        case None:
            return BackendUnreachable("The connection ended before the first word.")
    return None


def _is_json(text: str) -> bool:
    """Tell whether *text* is a JSON object, or a list of them, alone or fenced; "[1]" is a marker."""
    bare = _FENCE.sub("", text).strip()
    if not bare.startswith(("{", "[")):
        return False
    try:
        found = json.loads(bare)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) or any(isinstance(each, dict) for each in found)


def _status(status: int, names: list[str]) -> int:
    """Return *status*, or for an error inside a 200 the one that its names stand for."""
    if status != 200:
        return status
    numbers = (int(name) for name in names if re.fullmatch(r"[45]\d\d", name))
    return next(numbers, 0) or next((_STATUS[name] for name in names if name in _STATUS), 500)


def _remedy(status: int) -> str:
    match status:
        case 404:
            return " Check llm_url and llm_model."
        case 400 | 422:
            return " It may not know llm_model or one of its limits."
        case _ if 300 <= status < 400:
            return " Redirects are not followed, for the key's sake: set llm_url to where it points."
    return ""


def _well_formed(text: str) -> str:
    """Return *text* without lone surrogates, which JSON can spell and UTF-8 cannot, and without `VOID`."""
    text = text.replace(VOID, "")
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
