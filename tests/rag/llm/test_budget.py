"""Passages are counted and fitted before a model is asked, offline."""

import hashlib
import inspect
from importlib import import_module
from importlib.resources import files

import pytest
from documents import SAMPLES
from doubles import hits, memory_index
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.prompt import Passages, few_shot, messages
from rag.errors import BackendTooLong
from rag.llm.budget import Budget, count_tokens, without_lowest
from rag.types import Turn

HITS = hits(memory_index(SAMPLES))
HISTORY = (Turn("언제 쉽니까?", "월요일에 쉽니다."), Turn("And on Sundays?", "Closed, too."))
PROMPT = Passages("도서관은 언제 쉽니까?", "ko", HITS, HISTORY)


def size(prompt: Passages, *, chat: bool) -> int:
    if not chat:
        return count_tokens(few_shot(prompt))
    return sum(count_tokens(message["content"]) for message in messages(prompt))


def test_the_encoding_is_the_one_that_tiktoken_publishes() -> None:
    """The file in the wheel has the sha256 for which tiktoken would download it."""
    data = files("tiktoken_ext").joinpath("data/cl100k_base.tiktoken").read_bytes()

    published = import_module("tiktoken_ext.openai_public").cl100k_base
    assert hashlib.sha256(data).hexdigest() in inspect.getsource(published)


@pytest.mark.parametrize("text", ["<|endoftext|>", "a<|fim_prefix|>b", *SAMPLES.values()])
def test_any_text_can_be_counted(text: str) -> None:
    """Special tokens in a document are plain text, not an error."""
    assert count_tokens(text) > 0


@given(st.integers(700, 6000), st.integers(16, 300), st.booleans())
def test_what_is_sent_fits(context: int, reply: int, chat: bool) -> None:
    """Whatever the budget, prompt and reply fit, and what was left out would not have."""
    budget = Budget(context, reply, chat)

    fitted = budget.fit(PROMPT)

    kept = len(fitted.hits)
    assert size(fitted, chat=chat) + reply <= context
    assert HITS[:kept] == fitted.hits
    if kept < len(HITS):
        assert fitted.history == ()
        more = Passages(PROMPT.question, PROMPT.lang, HITS[: kept + 1])
        assert size(more, chat=chat) * 1.05 + 8 * 2 + reply > context - 2


def test_turns_go_before_passages() -> None:
    """The oldest turn is dropped first, then the others, then the lowest passage."""
    whole = size(PROMPT, chat=True)

    fitted = Budget(int(whole * 1.05) + 16 + 28, 16).fit(PROMPT)

    assert (HITS, HISTORY[1:]) == (fitted.hits, fitted.history)


@pytest.mark.parametrize("chat", [True, False])
def test_a_question_that_cannot_fit_is_refused_by_name(chat: bool) -> None:
    """With one passage left and still no room, the message names the settings to change."""
    with pytest.raises(BackendTooLong, match="llm_context_tokens"):
        Budget(120, 100, chat).fit(PROMPT)


def test_the_last_passage_stays() -> None:
    """A prompt with one passage cannot be shortened."""
    assert without_lowest(Passages("?", "en", HITS[:1])) is None
    assert HITS[:1] == (without_lowest(Passages("?", "en", HITS[:2])) or PROMPT).hits
