"""The tokenizer of a server that has one: how many tokens a text is to the model itself.

llama.cpp and vLLM answer at ``/tokenize``. Others do not, which is found out by
asking once; from then on, and after any fault, `rag.llm.budget` counts by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.llm.budget import count_tokens
from rag.llm.wire import Wire

__all__ = ["ServerTokenizer"]

_WITHIN_S = 5.0
_REMEMBERED = 256


@dataclass(slots=True)
class ServerTokenizer:
    """Counts tokens at the server of *wire*, each text once."""

    wire: Wire
    model: str
    _known: dict[str, int] = field(default_factory=dict)
    _answers: bool = True

    def count(self, text: str) -> int:
        """Return the tokens of *text*, ``cl100k_base`` ones where the server cannot tell."""
        if text not in self._known and self._answers:
            # One body for both: each server passes over the names of the other.
            body = {"model": self.model, "content": text, "prompt": text, "add_special_tokens": False}
            root = self.wire.url.removesuffix("/v1")
            found = _length(self.wire.once(f"{root}/tokenize", body, _WITHIN_S))
            self._answers = found is not None
            if found is not None:
                if len(self._known) >= _REMEMBERED:
                    self._known.clear()
                self._known[text] = found
        return self._known.get(text) or count_tokens(text)


def _length(document: Mapping[str, object]) -> int | None:
    count, tokens = document.get("count"), document.get("tokens")
    if isinstance(count, int) and not isinstance(count, bool):
        return count
    return len(tokens) if isinstance(tokens, list) else None
