"""A follow-up ("And on Sundays?") becomes a question that can be searched for on its own.

By what was asked before; `rag.llm.rewriting` asks a model instead. What is searched
for, and which reply is taken, is for `rag.assistant`.
"""

from collections.abc import Sequence
from typing import Final

from rag.text.languages import detect, has_own_script
from rag.types import UNDETERMINED, Turn

__all__ = ["language", "standalone"]

# Questions carried along. A third would be about something else more often than not.
_CARRIED: Final = 2
# From so many characters on a question shows its language by itself.
_TELLING: Final = 30


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
