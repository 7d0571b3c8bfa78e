"""A GGUF file run in this process by llama.cpp, through the ``xllamacpp`` wheel."""

import mmap
import secrets
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any

from rag.answer.prompt import FEW_SHOT_STOPS, Passages, few_shot, messages
from rag.errors import BackendTimeout, ConfigError
from rag.llm.body import Document
from rag.llm.budget import Budget
from rag.llm.circuit import Circuit
from rag.llm.openai import read_completion
from rag.llm.reply import Piece, refusal, settled
from rag.llm.wire import Limits
from rag.protocols import Prompt

__all__ = ["LlamaCpp", "open_llamacpp"]

# Tokens of the prompt that are read between two signs of life: a slow processor takes
# seconds for them, and half a minute for llama.cpp's usual 2048.
_BATCH = 128
# Metadata comes first in a GGUF file; the vocabulary in it takes a few megabytes.
_METADATA_BYTES = 64 << 20
_TEMPLATE = b"tokenizer.chat_template"


@dataclass(frozen=True, slots=True)
class LlamaCpp:
    """Ask the model that *server* holds; it is given back with the last reference."""

    server: Any
    name: str
    budget: Budget
    limits: Limits = field(default_factory=Limits)
    circuit: Circuit = field(default_factory=Circuit)

    @property
    def model_id(self) -> str:
        """Names the backend and model in every answer."""
        return f"llamacpp:{self.name}"

    def stream(self, prompt: Prompt) -> Iterator[str]:
        """Yield the answer. Raises `BackendError` when there is none."""
        return settled(self._pieces(self.budget.fit(prompt)))

    def _pieces(self, prompt: Passages) -> Generator[Piece, None, None]:
        """Yield what the model writes in another thread; closing this stops it at its next word.

        Reading a long prompt is work, not silence: llama.cpp tells how far it has come.
        """
        self.circuit.admit(self.model_id)
        said: SimpleQueue[Document] = SimpleQueue()
        stopped = Event()

        def listen(document: Document) -> bool:
            said.put(document)
            return stopped.is_set()

        Thread(target=self._write, args=(prompt, listen, said), daemon=True).start()
        deadline = time.monotonic() + self.limits.total_s
        wait = self.limits.first_token_s
        try:
            while True:
                document = said.get(timeout=max(0.0, min(wait, deadline - time.monotonic())))
                if error := document.get("error"):
                    raise refusal(self.model_id, 200, error)
                yield (piece := read_completion(document))
                if piece.stop:
                    self.circuit.succeeded()
                wait = self.limits.idle_s
        except Empty:
            self.circuit.failed(silent=True)
            raise BackendTimeout(
                f"{self.model_id} wrote nothing for {wait:g} s. Raise the limit or use a smaller model."
            ) from None
        finally:
            stopped.set()

    def _write(self, prompt: Passages, listen: Any, said: "SimpleQueue[Document]") -> None:  # noqa: ANN401
        limits = {
            "max_tokens": self.budget.reply,
            "temperature": 0,
            "stream": True,
            "return_progress": True,
        }
        try:
            if self.budget.chat:
                self.server.handle_chat_completions({**limits, "messages": messages(prompt)}, listen)
            else:
                text = {"prompt": few_shot(prompt), "stop": list(FEW_SHOT_STOPS)}
                self.server.handle_completions({**limits, **text}, listen)
        except RuntimeError as exc:
            said.put({"error": str(exc)})
        said.put({"done": True})


def open_llamacpp(path: Path, budget: Budget, limits: Limits, *, threads: int = -1) -> LlamaCpp:
    """Load the model in *path*; one without a chat template is shown worked examples instead.

    Args:
        path: A GGUF file.
        budget: Its context is what memory is set aside for.
        limits: Those on connecting do not apply.
        threads: -1 for as many as llama.cpp thinks best.

    Raises:
        ConfigError: ``xllamacpp`` is not installed, or *path* is not a model.
    """
    try:
        import xllamacpp
    except ImportError as exc:
        raise ConfigError(
            "llm = 'llamacpp' needs xllamacpp. Install it with: pip install 'citewise[local]'"
        ) from exc
    if not _is_gguf(path):
        raise ConfigError(f"llm_model = {str(path)!r} is not a GGUF file. Give the path of one.")
    params = xllamacpp.CommonParams()
    params.model.path = str(path)
    params.n_ctx = budget.context
    params.n_batch = params.n_ubatch = _BATCH
    params.n_parallel = 1
    params.verbosity = -1
    params.warmup = False
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = threads
    # It listens on loopback whether we use that or not: nobody else shall.
    params.api_keys = [secrets.token_urlsafe()]
    params.ui = params.endpoint_slots = False
    try:
        server = xllamacpp.Server(params)
    except RuntimeError as exc:
        raise ConfigError(f"llm_model = {str(path)!r} cannot be loaded by llama.cpp.") from exc
    return LlamaCpp(server, path.name, replace(budget, chat=budget.chat and _has_template(path)), limits)


def _is_gguf(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(4) == b"GGUF"
    except OSError:
        return False


def _has_template(path: Path) -> bool:
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return data.find(_TEMPLATE, 0, _METADATA_BYTES) >= 0
