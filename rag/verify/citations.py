"""The quotes of an answer, numbered: what `rag.verify.cite` and `rag.answer.conflicts` both add to."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from rag.protocols import Index
from rag.text.pages import page_at
from rag.types import Chunk, Citation, Claim

__all__ = ["Citations", "Cited", "Quote"]

Quote = tuple[Chunk, int, int]


@dataclass(frozen=True, slots=True)
class Cited:
    """An answer with checked citations; every marker in *text* has a citation."""

    text: str
    claims: tuple[Claim, ...]
    citations: tuple[Citation, ...]


@dataclass(slots=True)
class Citations:
    """Numbers quotes in the order in which they are first used, each distinct one once."""

    index: Index
    _known: dict[tuple[str, int, int], Citation] = field(default_factory=dict)

    @classmethod
    def after(cls, citations: Sequence[Citation], index: Index) -> "Citations":
        """Go on after *citations*."""
        return cls(index, {(each.doc_id, each.start, each.end): each for each in citations})

    def cite(self, quote: Quote) -> Citation:
        """Return the citation of ``chunk.text[start:end]``."""
        chunk, start, end = quote
        key = (chunk.doc_id, chunk.start + start, chunk.start + end)
        if key not in self._known:
            document = self.index.document(chunk.doc_id)
            page = page_at(document.pages, key[1])
            self._known[key] = Citation(
                marker=len(self._known) + 1,
                doc_id=chunk.doc_id,
                chunk_id=chunk.chunk_id,
                start=key[1],
                end=key[2],
                quote=document.text[key[1] : key[2]],
                title=document.title,
                date=document.date,
                lang=chunk.lang,
                page=page.number,
                place=page.label,
            )
        return self._known[key]

    def quotes(self, quote: Quote) -> bool:
        """Tell whether words of *quote* are cited already."""
        chunk, start, end = quote
        return any(
            each.doc_id == chunk.doc_id and each.start < chunk.start + end and chunk.start + start < each.end
            for each in self.all()
        )

    def all(self) -> tuple[Citation, ...]:
        """Return the citations by number."""
        return tuple(self._known.values())
