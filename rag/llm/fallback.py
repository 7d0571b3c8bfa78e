"""What happens when a backend fails: the next one starts over, and why is told.

The caller takes replies until one holds up, so that a reply in which nothing could
be verified is replaced like one that never came. The last backend of a chain is
`extractive`, which needs no server and cannot fail.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.errors import (
    BackendDeclined,
    BackendEmpty,
    BackendError,
    BackendForeign,
    BackendIncomplete,
    BackendLength,
    BackendMalformed,
    BackendPaused,
    BackendRefused,
    BackendStructured,
    BackendTimeout,
    BackendToolCall,
    BackendTooLong,
    BackendUnauthorized,
    BackendUnreachable,
)
from rag.llm.thoughts import VOID
from rag.protocols import LLM, Prompt
from rag.text.sentences import sentences
from rag.types import Fault, FaultCode

__all__ = ["Reply", "fault", "replies"]

_CODES: Mapping[type[BaseException], FaultCode] = {
    BackendUnreachable: "unreachable",
    BackendTimeout: "timeout",
    BackendRefused: "refused",
    BackendTooLong: "too_long",
    BackendMalformed: "malformed",
    BackendEmpty: "empty",
    BackendDeclined: "declined",
    BackendIncomplete: "incomplete",
    BackendLength: "length",
    BackendToolCall: "tool_call",
    BackendStructured: "json",
    BackendForeign: "wrong_language",
    BackendPaused: "paused",
    BackendError: "failed",
}

# The end of a sentence, with closing quotes or the marker that follows it.
_ENDS = re.compile(r"[.!?。．！？؟।॥…][\"'”’»」』)）]*(\s*[\[［【][^\]］】]*[\]］】])*\s*$|\n\s*$")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came of asking one backend.

    Attributes:
        text: All its words, or its whole sentences if it broke off.
        model: Of the backend.
        fault: Why it is missing or not whole.
    """

    text: str
    model: str
    fault: Fault | None = None


def fault(model: str, exc: BackendError) -> Fault:
    """Return what *exc* says of *model*; an error that another backend made of ours has the code of ours."""
    code = next(_CODES[kind] for kind in type(exc).__mro__ if kind in _CODES)
    return Fault(model, code, str(exc))


def replies(chain: Sequence[LLM], prompt: Prompt) -> Iterator[str | Fault | Reply]:
    """Yield, for each backend in turn, its words as they come and then its `Reply`.

    A `Fault` between words takes back those before it: they were the model's reasoning.
    A backend is asked only when the reply before it was not enough for the caller.

    Raises:
        BackendUnauthorized: A key is wrong. Standing in for that would hide it.
        BackendError: The last backend failed.
    """
    for llm in chain:
        text, failure = "", None
        try:
            for words in llm.stream(prompt):
                _, void, word = words.rpartition(VOID)
                if void and text:
                    text = ""
                    yield Fault(llm.model_id, "thought", "What came so far was its reasoning.")
                if word:
                    text += word
                    yield word
        except BackendUnauthorized:
            raise
        except BackendIncomplete as exc:
            text, failure = _whole_sentences(text), fault(llm.model_id, exc)
        except BackendError as exc:
            if llm is chain[-1]:
                raise
            text, failure = "", fault(llm.model_id, exc)
        yield Reply(text, llm.model_id, failure)


def _whole_sentences(text: str) -> str:
    """Return *text* without the sentence it broke off in, which may say the opposite of its end."""
    spans = sentences(text)
    if spans and not _ENDS.search(text):
        spans = spans[:-1]
    return text[: spans[-1][1]] if spans else ""
