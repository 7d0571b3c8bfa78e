"""Values as people and programs read them: text for the terminal, JSON for pipes. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import regex

from rag.text.pages import page_at
from rag.types import Answer, Citation, Document, Hit
from rag.ui.printed import drawn, printed
from rag.ui.strings import strings

# `rag ask` renders answers too, and need not load what reads folders.
if TYPE_CHECKING:
    from rag.index.engines import View
    from rag.index.folder import Problem
    from rag.index.ingest import Report

__all__ = [
    "Omissions",
    "Status",
    "answer_text",
    "answering_words",
    "as_json",
    "marked_text",
    "omissions",
    "render_answer",
    "render_hits",
    "render_report",
    "render_status",
    "report_json",
    "status",
]

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]

_LINE_ENDS = re.compile(r"\s*\n\s*")

# A passage in a list is shown up to here; three lines of a terminal.
_EXCERPT = 240


def as_json(value: object) -> Json:
    """Return *value* as plain JSON data: dataclasses by field, dates as ISO 8601."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): as_json(each) for key, each in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(each) for each in value]
    if isinstance(value, (date, Path)):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def marked_text(answer: Answer) -> str:
    """Return the text of *answer* with a remark behind each sentence that no source supports, and why.

    The remark is in the language of the answer, or in English.
    """
    pieces, cursor = [], 0
    for place, claim in enumerate(answer.claims):
        at = answer.text.find(claim.text, cursor)
        if at < 0:
            continue
        end = at + len(claim.text)
        pieces += [answer.text[cursor:end], _remark(answer, place)]
        cursor = end
    return "".join([*pieces, answer.text[cursor:]])


def _remark(answer: Answer, place: int) -> str:
    claim, texts = answer.claims[place], strings(answer.lang)
    if claim.status == "verified":
        return ""
    reason = texts.get(f"{claim.status}_{claim.why}", texts[f"{claim.status}_explained"])
    return f" (⚠ {texts[claim.status]}: {reason})"


def answer_text(answer: Answer) -> str:
    """Return the answer as lines without signs of Markdown; what is not verified is marked."""
    found, below = drawn(answer)
    return printed(found, partial(_remark, answer)) + below if found else marked_text(answer)


def render_answer(answer: Answer) -> str:
    """Return the answer with its sources, as plain text; what is not verified is marked."""
    lines = [answer_text(answer)]
    if answer.reason:
        lines.append(f"({answer.reason})")
    if answer.citations:
        lines += ["", *(_source(citation) for citation in answer.citations)]
    elif answer.hits:
        lines += ["", "Nearest passages:", "", render_hits(answer.hits[:3])]
    return "\n".join(lines)


def answering_words(text: str, answer: Answer) -> list[tuple[int, int]]:
    """Return where *text*, as `render_answer` made it, holds the words that answer the question."""
    cited = {citation.marker: citation for citation in answer.citations}
    found: list[tuple[int, int]] = []
    cursor = 0
    for claim in answer.claims:
        at = text.find(claim.text, cursor)
        cursor = max(cursor, at)
        for citation in filter(None, map(cited.get, claim.markers)):
            start = claim.text.find(marked) if (marked := _marked(citation)) else -1
            if at >= 0 and start >= 0:
                found.append((at + start, at + start + len(marked)))
    return found


def _marked(citation: Citation) -> str:
    if citation.answer is None:
        return ""
    start, end = citation.answer
    return citation.quote[start - citation.start : end - citation.start]


def _source(citation: Citation) -> str:
    dated = f", {citation.date}" if citation.date else ""
    where = f"{citation.doc_id}, {citation.place}, " if citation.place else f"{citation.doc_id}:"
    return f"[{citation.marker}] {citation.title}{dated}  ({where}{citation.start}-{citation.end})"


def render_hits(hits: Sequence[Hit]) -> str:
    """Return passages one after the other, best first, as plain text."""
    return "\n\n".join(_hit(hit) for hit in hits)


def _hit(hit: Hit) -> str:
    legs = ", ".join(f"{leg} {rank}" for leg, rank in hit.ranks.items())
    excerpt = _short(hit.chunk.text, _EXCERPT)
    where = f", {hit.chunk.place}" if hit.chunk.place else ""
    return f"{hit.rank}. {hit.chunk.chunk_id}{where}  score {hit.score:.3f} ({legs})\n   {excerpt}"


@dataclass(frozen=True, slots=True)
class Masked:
    """A span of a document that is not searched, and why; `place` labels its page, if it has any."""

    doc_id: str
    start: int
    end: int
    reason: str
    text: str
    place: str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A part of a file that is not in its text; `reason` names the part too: "page 3: blank"."""

    doc_id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Omissions:
    """What of the indexed files is not searched."""

    masked: Sequence[Masked]
    left_out: Sequence[LeftOut]


def omissions(documents: Iterable[Document]) -> Omissions:
    """Return what of *documents* is not searched, in order."""
    masked: list[Masked] = []
    left_out: list[LeftOut] = []
    for document in documents:
        masked += _masked(document)
        left_out += (LeftOut(document.doc_id, reason) for reason in document.left_out)
    return Omissions(masked, left_out)


def _masked(document: Document) -> Iterator[Masked]:
    for mask in document.boilerplate:
        text, place = document.text[mask.start : mask.end], page_at(document.pages, mask.start).label
        yield Masked(document.doc_id, mask.start, mask.end, mask.reason, text, place)


def report_json(report: Report, omitted: Omissions | None) -> Json:
    """Return a run of ``rag index`` as JSON data, with what is not searched if that was asked for."""
    done = as_json(report)
    assert isinstance(done, dict)
    if omitted:
        done |= {"masked": as_json(omitted.masked), "left_out": as_json(omitted.left_out)}
    return done


def render_report(report: Report, omitted: Omissions | None = None) -> str:
    """Return what a run of ``rag index`` did, faults last so that they are seen."""
    counts: dict[str, Sequence[object]] = {
        "added": report.added,
        "changed": report.changed,
        "moved": report.moved,
        "removed": report.removed,
        "cleaned again": report.recleaned,
        "unchanged": report.unchanged,
    }
    did = ", ".join(f"{len(found)} {name}" for name, found in counts.items() if found) or "no documents"
    lines = _omitted(omitted) if omitted else []
    lines.append(f"{did}; {report.embedded} passages embedded; generation {report.generation}")
    if report.skipped:
        kinds = (f"{count} {suffix or 'without suffix'}" for suffix, count in sorted(report.skipped.items()))
        lines.append(f"not read, other kinds of file: {', '.join(kinds)}")
    return "\n".join(lines + _problems(report.problems))


def _omitted(omitted: Omissions) -> list[str]:
    masked = (
        f"masked {each.doc_id}{f', {each.place}, ' if each.place else ':'}{each.start}-{each.end} "
        f"({each.reason}) {_short(each.text)}"
        for each in omitted.masked
    )
    return [*masked, *(f"left out of {each.doc_id}: {each.reason}" for each in omitted.left_out)]


def _problems(problems: Iterable[Problem]) -> list[str]:
    return [f"{'left out' if each.fatal else 'doubtful'}: {each.doc_id}: {each.reason}" for each in problems]


@dataclass(frozen=True, slots=True)
class Status:
    """What an index holds; `languages` counts documents, `roots` maps folders to id prefixes.

    `updated` is when a run last changed it, ISO 8601 in UTC.
    """

    path: Path
    generation: int
    embedder: str
    documents: int
    passages: int
    updated: str
    languages: Mapping[str, int]
    roots: Mapping[str, str]
    problems: tuple[Problem, ...]


def status(path: Path, snapshot: View) -> Status:
    """Sum up *snapshot*."""
    documents = snapshot.documents()
    return Status(
        path=path,
        generation=snapshot.generation,
        embedder=snapshot.identity.embedder,
        documents=len(documents),
        passages=len(snapshot),
        updated=snapshot.updated,
        languages=dict(Counter(each.lang for each in documents).most_common()),
        roots={root.path: root.prefix for root in snapshot.roots},
        problems=tuple(problem for root in snapshot.roots for problem in root.problems),
    )


def render_status(state: Status) -> str:
    """Return *state* as plain text."""
    languages = ", ".join(f"{lang} {count}" for lang, count in state.languages.items())
    lines = [
        f"{state.path}: {state.documents} documents, {state.passages} passages",
        f"generation: {state.generation}{f', {state.updated}' if state.updated else ''}",
        f"languages: {languages or 'none'}",
        f"embedder: {state.embedder}",
        *(f"folder: {path}{f' as {prefix}' if prefix else ''}" for path, prefix in state.roots.items()),
    ]
    return "\n".join(lines + _problems(state.problems))


def _short(text: str, at_most: int = 100) -> str:
    """Return *text* in one line, cut between characters as people count them; all else stays as it is."""
    line = _LINE_ENDS.sub(" ", text).strip()
    shown = regex.match(rf"\X{{0,{at_most}}}", line)
    assert shown
    return line if shown[0] == line else shown[0].rstrip() + "…"
