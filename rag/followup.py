"""A follow-up ("And on Sundays?") becomes a question that can be searched for on its own."""

from collections.abc import Sequence

from rag.types import Turn

__all__ = ["standalone"]


def standalone(question: str, history: Sequence[Turn]) -> str:
    """Return *question* with what it leaves unsaid, taken from the turn before.

    Without a model to rewrite it, the earlier question is put in front: its words
    name the subject, and the new words, which the passages of the earlier answer
    share less often, still weigh more by their idf.
    """
    return f"{history[-1].question} {question}" if history else question
