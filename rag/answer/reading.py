"""Which passages are read for a question, and which words of a citation answer it."""

from collections.abc import Sequence
from dataclasses import replace

from rag.answer.restriction import Restriction
from rag.protocols import Reader
from rag.types import Citation, Hit, Passage, Reading

__all__ = ["READ", "both_ways", "marked", "passage_of", "read_hits", "restricted"]

# Passages that are read. Of 80 questions over a documentation site the first eight hold
# the answer to 70.
READ = 8
# What is said of a passage that cannot answer.
_UNREAD = Reading((), -10.0, -10.0)


def passage_of(hit: Hit) -> Passage:
    """Return *hit* as the reader takes it: title and heading above the text, nothing said twice."""
    above = [part for part in (hit.title, hit.chunk.heading) if part and part not in hit.chunk.text[:160]]
    return Passage("\n".join(dict.fromkeys(above)), hit.chunk.text)


def read_hits(reader: Reader, question: str, hits: Sequence[Hit]) -> tuple[Reading, ...]:
    """Return what is read of *question* in each of the first `READ` passages."""
    return tuple(reader.read(question, [passage_of(hit) for hit in hits[:READ]]))


def both_ways(alone: Sequence[Reading], after: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return what is read of a follow-up *alone* and *after* the questions before it, as one.

    The words are those that answer it alone: after other questions the reader may mark what
    answers those. Whether a passage answers is the mean of both: alone, "And on Sundays?" is
    answered by every passage with opening hours.
    """
    return tuple(
        replace(a, answers=(a.answers + b.answers) / 2, relevance=(a.relevance + b.relevance) / 2)
        for a, b in zip(alone, after, strict=True)
    )


def restricted(question: str, hits: Sequence[Hit], readings: Sequence[Reading]) -> tuple[Reading, ...]:
    """Return *readings* without those of passages about another code, model or year than *question* names."""
    restriction = Restriction.of(question, hits)
    return tuple(
        reading if restriction.admits(hit) else _UNREAD for hit, reading in zip(hits, readings, strict=False)
    )


def marked(
    citations: Sequence[Citation], hits: Sequence[Hit], readings: Sequence[Reading]
) -> tuple[Citation, ...]:
    """Return *citations* with the words that answer, where the reader found some in the quote."""
    read = {hit.chunk.chunk_id: (hit, reading) for hit, reading in zip(hits, readings, strict=False)}
    return tuple(
        replace(each, answer=_inside(each, *read[each.chunk_id])) if each.chunk_id in read else each
        for each in citations
    )


def _inside(citation: Citation, hit: Hit, reading: Reading) -> tuple[int, int] | None:
    """Return the best span that lies in the quote."""
    offset = hit.chunk.start
    for span in reading.spans:
        if citation.start <= offset + span.start and offset + span.end <= citation.end:
            return offset + span.start, offset + span.end
    return None
