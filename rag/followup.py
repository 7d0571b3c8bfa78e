"""A follow-up ("And on Sundays?") becomes a question that can be searched for on its own.

By the model where there is one, whose words are believed only as far as they come
from the conversation; by what was asked before where there is none, or where the
model failed. What is searched for, and which reply is taken, is for `rag.assistant`.
"""

import re
from collections.abc import Sequence
from typing import Final

from rag.answer_language import foreign
from rag.errors import BackendError, BackendUnauthorized
from rag.languages import detect, has_own_script
from rag.llm.thoughts import kept
from rag.prompt import Passages
from rag.protocols import LLM
from rag.text import clean_text, tokens
from rag.types import UNDETERMINED, Turn

__all__ = ["language", "rewritten", "standalone"]

# Questions carried along. A third would be about something else more often than not.
_CARRIED: Final = 2
# From so many characters on a question shows its language by itself.
_TELLING: Final = 30
_LONGEST: Final = 400
# Of the words of a rewritten question: what changes when "it" becomes a name with its particle.
_FROM_THE_CONVERSATION: Final = 0.5
_LABEL: Final = re.compile(r"^(?:rewritten|standalone|question|last question)[^:\n]{0,20}:\s*", re.IGNORECASE)
_NOT_A_QUESTION: Final = re.compile(r"https?:|www\.|[<>{}`|]|\[\d+\]|NO_ANSWER")


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Return *question* with what it leaves unsaid, taken from the turns before.

    Without a model to rewrite it, the earlier questions are put in front: their
    words name the subject, and the new words, which the passages of the earlier
    answers share less often, still weigh more by their idf. The answers stay out:
    they name what was asked before, and their passages would win again.
    """
    return " ".join([*(turn.question for turn in history[-_CARRIED:]), question])


def language(question: str, history: Sequence[Turn]) -> str:
    """Return the language of *question*; a short one goes on in that of the turn before.

    "Und Kinder?" alone could be in several languages; 「では、費用は？」 could not.
    """
    lang = detect(question)
    if not history or has_own_script(lang) or (len(question) >= _TELLING and lang != UNDETERMINED):
        return lang
    before = language(history[-1].question, history[:-1])
    return lang if has_own_script(before) and lang != UNDETERMINED else before


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
