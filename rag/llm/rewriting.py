"""A model asks a follow-up ("And on Sundays?") so that it stands on its own.

Its words are believed only as far as they come from the conversation;
`rag.answer.followup` does without a model.
"""

import re
from collections.abc import Sequence
from typing import Final

from rag.answer.language import foreign
from rag.answer.prompt import Passages
from rag.errors import BackendError, BackendUnauthorized
from rag.llm.thoughts import kept
from rag.protocols import LLM
from rag.text.characters import clean_text, tokens
from rag.types import Turn

__all__ = ["rewritten"]

_LONGEST: Final = 400
# Of the words of a rewritten question: what changes when "it" becomes a name with its particle.
_FROM_THE_CONVERSATION: Final = 0.5
_LABEL: Final = re.compile(r"^(?:rewritten|standalone|question|last question)[^:\n]{0,20}:\s*", re.IGNORECASE)
_NOT_A_QUESTION: Final = re.compile(r"https?:|www\.|[<>{}`|]|\[\d+\]|NO_ANSWER")


def rewritten(question: str, history: Sequence[Turn], lang: str, llm: LLM) -> str:
    """Return *question* as *llm* would ask it without the conversation, or nothing if that is no use.

    Raises:
        BackendUnauthorized: The key is wrong, which no answer may hide.
    """
    try:
        reply = kept(llm.stream(Passages(question, lang, (), tuple(history), task="rewrite")))
    except BackendUnauthorized:
        raise
    except BackendError:
        return ""
    text = _LABEL.sub("", clean_text(reply).strip()).strip(" \"'“”「」")
    said = [question, *(part for turn in history for part in (turn.question, turn.answer))]
    return text if _is_usable(text, question, " ".join(said), lang) else ""


def _is_usable(text: str, question: str, said: str, lang: str) -> bool:
    """Tell a question made of what was *said* from chatter, an answer, an order or another language.

    "How much in 2024?" has to come back with its 2024, and with no number that
    nobody mentioned.
    """
    words, known = tokens(text), set(tokens(said))
    numbers = set(re.findall(r"\d+", text))
    return (
        0 < len(text) <= _LONGEST
        and "\n" not in text
        and not _NOT_A_QUESTION.search(text)
        and not foreign(text, lang)
        and set(re.findall(r"\d+", question)) <= numbers <= set(re.findall(r"\d+", said))
        and sum(word in known for word in words) >= _FROM_THE_CONVERSATION * len(words)
    )
