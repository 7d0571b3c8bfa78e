"""What the pieces of a reply amount to: words, or a typed reason why there are none.

The same for every wire format and for a model in this process. Whether to ask again
is decided by `rag.llm.wire`, who stands in by `rag.llm.fallback`.
"""

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
    BackendRefused,
    BackendTooLong,
    BackendUnauthorized,
    BackendUnreachable,
)

__all__ = ["Piece", "Stop", "masked", "refusal", "settled", "stop_of"]

Stop = Literal["end", "length", "declined"]

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
_MASK = "***"
# Letters only: what a server calls its error may be shown, and is never a key.
_PLAIN = re.compile(r"[a-z]{2,}(_[a-z]+)*")


def stop_of(reason: object) -> Stop | None:
    """Return what a finish reason means; None for none."""
    return _STOPS.get(reason, "end") if isinstance(reason, str) and reason else None


def settled(pieces: Generator[Piece, None, None]) -> Iterator[str]:
    """Yield the words of *pieces* up to the first that stops; closes *pieces*.

    Raises:
        BackendIncomplete: It broke off after the first word, for whatever reason.
        BackendEmpty, BackendDeclined, BackendUnreachable: It ended without one.
    """
    started = False
    left = MAX_CHARS
    stop: Stop | None = None
    with closing(pieces):
        try:
            for piece in pieces:
                text = _well_formed(piece.text)
                if text and (started or (text := text.lstrip())):
                    started = True
                    yield text[:left]
                    left -= len(text)
                if stop := piece.stop if left >= 0 else "length":
                    break
        except BackendError as exc:
            if started:
                raise BackendIncomplete(f"The reply is incomplete. {exc}") from exc
            raise
    if fault := _fault(stop, started=started):
        raise fault


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
        return BackendUnauthorized(f"{who} does not accept the key{shown}. Set RAG_LLM_KEY.", status)
    return BackendRefused(f"{who} answered {status}{shown}.{_remedy(status)}", status, after_s)


def _fault(stop: Stop | None, *, started: bool) -> BackendError | None:
    match stop:
        case "declined":
            return BackendDeclined("The model or its filter declined to answer.")
        case "length" if started:
            return BackendIncomplete("The reply is incomplete: it reached llm_max_tokens.")
        case "length":
            return BackendEmpty("The reply reached llm_max_tokens before its first word. Raise it.")
        case "end" if not started:
            return BackendEmpty("The reply holds no word.")
        case None if started:
            return BackendIncomplete("The reply is incomplete: it stopped without its end mark.")
        case None:
            return BackendUnreachable("The connection ended before the first word.")
    return None


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
    """Return *text* without lone surrogates, which JSON can spell and UTF-8 cannot."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
