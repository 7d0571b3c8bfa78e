"""How a document is cut into passages.

A passage is a run of whole sentences of one section, about `TARGET_TOKENS` long,
cut where the text itself pauses most. Passages do not overlap and leave out only
masked spans and white space, so offsets are exact and the document can be rebuilt.
What a sentence is, `rag.text.sentences` says; what is masked, `rag.index.clean`.
"""

from collections.abc import Iterator, Sequence

from rag.index.outline import Heading, cut_short, heading_paths, open_spans, outline
from rag.index.units import CountTokens, Measure, Pause, Unit, pieces_of, units_of
from rag.text.languages import detect
from rag.text.pages import page_at
from rag.types import UNDETERMINED, Chunk, Document

__all__ = ["FINGERPRINT", "TARGET_TOKENS", "chunks", "embedded_text"]

# docs/decisions/0004-cleaning-and-chunking.md has the measurement.
TARGET_TOKENS = 224
# A section below this says too little to be found; it joins the one before it.
_SMALL_TOKENS = 32
# A passage may be so much longer than intended where the text pauses late.
_STRETCH = 1.5
# Title and heading take part in every vector; bounded in characters, so that what is
# embedded follows from the passage alone. A character is seldom more than a token.
_TITLE_CHARS = 80
_HEADING_CHARS = 120
_LEAST_ROOM = 16

FINGERPRINT = (
    f"sentences-3 target={TARGET_TOKENS} small={_SMALL_TOKENS} title={_TITLE_CHARS}+{_HEADING_CHARS}"
)

# What it costs to cut there, in units of "how far from the intended size".
_COST = {
    Pause.INSIDE: 0.7,
    Pause.BOUND: 2.0,
    Pause.ROW: 0.9,
    Pause.SENTENCE: 0.35,
    Pause.LINE: 0.2,
    Pause.PARAGRAPH: 0.0,
    Pause.SECTION: 0.0,
}

Run = Sequence[Unit]


def chunks(document: Document, count_tokens: CountTokens, max_tokens: int) -> list[Chunk]:
    """Cut *document* into passages, leaving out `document.boilerplate`.

    Args:
        document: With the masks of `rag.index.clean` as its boilerplate.
        count_tokens: Of the embedder; called on lists of texts.
        max_tokens: `embedded_text` of no passage takes more by *count_tokens*.

    Returns:
        In order, not overlapping; with the masked spans and white space they are
        the whole document.

    Raises:
        ValueError: *max_tokens* leaves no room beside the title.
    """
    title_tokens, overhead = count_tokens([_short_title(document.title), ""])
    room = max_tokens - max(title_tokens, overhead)
    if room < _LEAST_ROOM:
        raise ValueError(
            f"max_tokens={max_tokens!r} leaves no room for text; use an embedder that reads more."
        )
    measure = Measure(document.text, count_tokens, overhead)
    headings = outline(document)
    runs: list[Run] = []
    for span in open_spans(document):
        for section in _sections(units_of(document, headings, measure, span, room), headings):
            runs.extend(_packed(section, min(TARGET_TOKENS, room), room))
    return _fitting(document, headings, measure, runs, max_tokens, min(_HEADING_CHARS, room // 4))


def embedded_text(document_title: str, chunk: Chunk) -> str:
    """Return what is embedded for *chunk*: title, heading and text, nothing said twice."""
    title, heading = _short_title(document_title), chunk.heading
    parts = [part for part in (title, heading) if part and part not in chunk.text[: 2 * _TITLE_CHARS]]
    if heading.startswith(title):
        parts = parts[-1:]
    return "\n".join([*parts, chunk.text])


def _short_title(title: str) -> str:
    return cut_short(" ".join(title.split()), _TITLE_CHARS)


# --- passages -------------------------------------------------------------------


def _sections(units: Sequence[Unit], headings: dict[int, Heading]) -> Iterator[Run]:
    """Yield the units of each section; one too small takes in the next, unless that is above it."""
    run: list[Unit] = []
    level = tokens = 0
    for unit in units:
        if run and unit.pause is Pause.SECTION:
            deeper = headings[unit.start].level >= level
            if tokens >= _SMALL_TOKENS or not deeper:
                yield run
                run, tokens = [], 0
        if not run:
            level = headings[unit.start].level if unit.start in headings else 0
        run.append(unit)
        tokens += unit.tokens
    if run:
        yield run


def _packed(section: Run, target: int, room: int) -> Iterator[Run]:
    """Cut *section* into passages of even length, near *target*, where it pauses most."""
    rest = sum(unit.tokens for unit in section)
    first = 0
    while first < len(section):
        intended = rest / max(1, round(rest / target))
        last = _best_cut(section, first, intended, min(room, int(intended * _STRETCH)))
        yield section[first:last]
        rest -= sum(unit.tokens for unit in section[first:last])
        first = last


def _best_cut(section: Run, first: int, intended: float, most: int) -> int:
    """Return where the passage from *first* ends: near *intended*, at a good pause."""
    size, best, best_cost = 0, first + 1, float("inf")
    for last in range(first + 1, len(section) + 1):
        size += section[last - 1].tokens
        if size > most and last > first + 1:
            break
        pause = section[last].pause if last < len(section) else Pause.SECTION
        cost = abs(size - intended) / intended + _COST[pause]
        if cost <= best_cost:
            best, best_cost = last, cost
    return best


def _fitting(
    document: Document,
    headings: dict[int, Heading],
    measure: Measure,
    runs: list[Run],
    max_tokens: int,
    heading_chars: int,
) -> list[Chunk]:
    """Make passages of *runs*, halving those that take too many tokens with title and heading.

    The tokens of a text are not the sum of those of its sentences, so the whole is counted.
    """
    while True:
        paths = heading_paths(headings, [run[0].start for run in runs], heading_chars)
        made = [_chunk(document, run, path) for run, path in zip(runs, paths, strict=True)]
        counts = measure.count_tokens([embedded_text(document.title, chunk) for chunk in made])
        fits = [
            count <= max_tokens or len(chunk.text) == 1 for count, chunk in zip(counts, made, strict=True)
        ]
        if all(fits):
            return made
        halves = [[run] if fit else _halved(measure, run) for run, fit in zip(runs, fits, strict=True)]
        runs = [run for pair in halves for run in pair]


def _halved(measure: Measure, run: Run) -> list[Run]:
    tokens = sum(unit.tokens for unit in run)
    if len(run) > 1:
        cut = min(_best_cut(run, 0, tokens / 2, tokens), len(run) - 1)
        return [run[:cut], run[cut:]]
    (unit,) = run
    pieces = pieces_of(measure, (unit.start, unit.end), tokens - 1)
    return [[Unit(start, end, count, Pause.INSIDE)] for start, end, count in pieces]


def _chunk(document: Document, run: Run, heading: str) -> Chunk:
    start, end = run[0].start, run[-1].end
    text = document.text[start:end]
    lang = detect(text)
    page = page_at(document.pages, start)
    return Chunk(
        chunk_id=f"{document.doc_id}#{start}-{end}",
        doc_id=document.doc_id,
        start=start,
        end=end,
        text=text,
        lang=document.lang if lang == UNDETERMINED else lang,
        heading=heading,
        page=page.number,
        place=page.label,
    )
