"""Everything that can go wrong and is worth a sentence to the person who asked.

RagError                    shown as one sentence, exit code 1
├── ConfigError             a setting is unknown, malformed or contradictory
├── LoadError               a file or folder cannot be read
├── IndexMissing            there is no index where one was expected
├── IndexMismatch           the index was built with another embedder, chunker or format
├── IndexDamaged            stored bytes are not the bytes that were written
├── IndexBusy               another process is writing this index
├── StoreFull               the disk refused a write; the previous generation still stands
├── EngineUnreachable       the server that holds the index is away
├── EngineRefused           the server that holds the index said no
├── WeightsError            the bundled model is missing or is not the model it claims to be
├── QuestionError           a question is empty or too long
├── BackendError            an LLM backend gave no usable reply
│   ├── BackendUnreachable  no connection, or it broke before the first word
│   ├── BackendTimeout      connected, but no word in time
│   ├── BackendRefused      the server said no; `status` says how
│   │   └── BackendUnauthorized  the key is missing or wrong; no backend stands in silently
│   ├── BackendTooLong      question and passages do not fit the context of the model
│   ├── BackendMalformed    the reply is not what the protocol says, or larger than allowed
│   ├── BackendEmpty        the reply holds no word
│   ├── BackendDeclined     the model or a filter declined to answer
│   ├── BackendToolCall     the model called a tool instead of answering
│   ├── BackendStructured   the reply is JSON instead of a text
│   ├── BackendIncomplete   the reply broke off after its first word
│   │   └── BackendLength   it reached its longest length, with or without a word
│   ├── BackendForeign      the reply is in another language than was asked for
│   └── BackendPaused       not asked: it failed too often a moment ago
└── EvalDataError           a pair, a threshold or a baseline cannot be used (exit code 2)

A message says what is wrong, with the value, and then what to do about it.
A wrong *call* raises ValueError or TypeError instead.
"""

from pathlib import Path

__all__ = [
    "BackendDeclined",
    "BackendEmpty",
    "BackendError",
    "BackendForeign",
    "BackendIncomplete",
    "BackendLength",
    "BackendMalformed",
    "BackendPaused",
    "BackendRefused",
    "BackendStructured",
    "BackendTimeout",
    "BackendTooLong",
    "BackendToolCall",
    "BackendUnauthorized",
    "BackendUnreachable",
    "ConfigError",
    "EngineRefused",
    "EngineUnreachable",
    "EvalDataError",
    "IndexBusy",
    "IndexDamaged",
    "IndexMismatch",
    "IndexMissing",
    "LoadError",
    "QuestionError",
    "RagError",
    "StoreFull",
    "WeightsError",
]


class RagError(Exception):
    """Base of all errors that are shown to a person without a traceback."""

    exit_code = 1


class ConfigError(RagError):
    """A setting is unknown, malformed or contradicts another one."""


class LoadError(RagError):
    """A file or folder cannot be read; `path` says which."""

    def __init__(self, path: Path | str, reason: str) -> None:
        super().__init__(f"{str(path)!r}: {reason}")
        self.path: str = str(path)
        self.reason = reason


class IndexMissing(RagError):
    """There is no index at the given place."""

    def __init__(self, place: Path | str, command: str = "") -> None:
        command = command or f"rag index DIR --index {place}"
        super().__init__(f"There is no index in {str(place)!r}. Build one with: {command}")


class IndexMismatch(RagError):
    """The index was written with other settings than the ones in force."""


class IndexDamaged(RagError):
    """Stored bytes are not the bytes that were written."""


class IndexBusy(RagError):
    """Another process holds the write lock of this index."""


class StoreFull(RagError):
    """A write failed; nothing of the previous generation is lost."""


class EngineUnreachable(RagError):
    """The server that holds the index gave no answer; what was committed is safe there."""


class EngineRefused(RagError):
    """The server that holds the index refused a request: a wrong token, a limit, a fault of its own."""


class WeightsError(RagError):
    """The bundled model is missing, or its bytes are not the expected ones."""


class QuestionError(RagError):
    """A question is empty or too long."""


class BackendError(RagError):
    """An LLM backend gave no usable reply.

    The message never holds words of the server: they may repeat the key.
    """


class BackendUnreachable(BackendError):
    """There is no connection, or it broke before the first word."""


class BackendTimeout(BackendError):
    """The server is connected and gave no word in time."""


class BackendRefused(BackendError):
    """The server said no.

    Attributes:
        status: HTTP status, or the one that an error inside a 200 amounts to; 402
            for every kind of spent allowance, which no retry brings back.
        after_s: How many seconds the server asks to wait, None if it does not say.
    """

    def __init__(self, message: str, status: int, after_s: float | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.after_s = after_s


class BackendUnauthorized(BackendRefused):
    """The key is missing or wrong: a mistake to correct, not a fault to bridge."""


class BackendTooLong(BackendError):
    """Question and passages do not fit the context of the model."""


class BackendMalformed(BackendError):
    """The reply is not what the protocol says, or larger than is read."""


class BackendEmpty(BackendError):
    """The reply ended and holds no word."""


class BackendDeclined(BackendError):
    """The model or a content filter declined; what it wrote before is void."""


class BackendIncomplete(BackendError):
    """The reply broke off after its first word; what came before stands."""


class BackendLength(BackendIncomplete):
    """The reply reached the number of tokens that was allowed; what came before stands, if anything did."""


class BackendToolCall(BackendError):
    """The model called a tool, which nobody offered, instead of answering."""


class BackendStructured(BackendError):
    """The reply is JSON, though a text was asked for."""


class BackendForeign(BackendError):
    """The reply is in another language than was asked for, a second time too."""

    def __init__(self, found: str, wanted: str) -> None:
        super().__init__(f"The reply is in {found!r}, not in {wanted!r}, as it was when asked again.")


class BackendPaused(BackendError):
    """The backend was not asked because it failed too often a moment ago."""


class EvalDataError(RagError):
    """Evaluation data cannot be used."""

    exit_code = 2
