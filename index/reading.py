"""What a reader returns: the text of one file, and what the file says about itself.

Readers of formats made of parts (html, docx, pdf) give blocks; `compose` cleans
and joins them, so that offsets of masks are offsets of the final text. What the
document's title, language and date are in the end is decided in `rag.index.load`.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from rag.text.characters import clean_text, is_unspaced
from rag.types import Mask, Page

__all__ = [
    "MAX_CHARS",
    "Block",
    "Composed",
    "Job",
    "Options",
    "Reading",
    "Unreadable",
    "compose",
    "content",
    "fenced",
    "glue",
    "joined",
    "title_line",
]

# 50 MB of UTF-8 Korean; a longer "document" is a dump, and would not fit in memory twice.
MAX_CHARS = 20_000_000

_HANGUL = re.compile("[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff\uffa0-\uffdc]")
_SENTENCE_END = re.compile("[.!。！．।؟۔…:;,、，：；]['\"”’»」』）)\\]]*$")
# The first line of many saved web pages: a link past the menu, not a title.
_SKIP_LINK = re.compile(
    "건너뛰기|바로가기|skip (?:to|nav)|jump to|スキップ|跳(?:到|至|过|過)|zum inhalt|aller au contenu"
    "|saltar al|ir al contenido",
    re.IGNORECASE,
)
MAX_TITLE_CHARS = 120


class Unreadable(ValueError):
    """A file holds nothing that can be indexed; the message is the rest of a sentence about it."""


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph, heading, list item or table row.

    Attributes:
        mask: Why it is boilerplate; empty if it is content.
        kind: Neighbours of one kind ("item", "row") stand on adjoining lines;
            all other blocks are set apart by a blank line, and so are two of one kind
            with an empty block between them.
        page: The number of the page or slide it stands on, from 1; 0 where there are none.
        place: What a reader calls that page: "p. 12", "slide 3", "Sheet1".
    """

    text: str
    mask: str = ""
    kind: str = ""
    page: int = 0
    place: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """A file as text.

    Attributes:
        text: As `rag.text.characters.clean_text` returns it.
        masks: Boilerplate known from the file's structure, in order.
        title, lang: As the file declares them; empty if it does not.
        published: The publication date as the file's metadata write it; may be empty.
        doubt: Why the text may be wrong; empty if there is no reason to think so.
        author: As the file declares it; empty if it does not.
        pages: Where each page begins in `text`, in order; empty for formats without pages.
        left_out: What of the file is not in `text`, each as the rest of a sentence
            with its place and reason: "page 3: blank".
    """

    text: str
    masks: tuple[Mask, ...] = ()
    title: str = ""
    lang: str = ""
    published: str = ""
    doubt: str = ""
    author: str = ""
    pages: tuple[Page, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Options:
    """What a person may choose about reading.

    Attributes:
        passwords: To be tried on encrypted files.
        ocr: Whether text in pictures is recognised: where there is no other ("auto"), never, or always.
    """

    passwords: tuple[str, ...] = ()
    ocr: Literal["auto", "off", "force"] = "auto"


def _nothing(_page: int, _is_slow: bool) -> None:  # noqa: FBT001 - a callback
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Job:
    """What a reader of a format with pages is told besides the bytes.

    Attributes:
        skipped: Pages to leave out, by number from 1, with the reason: they ended the parser before.
        told: Called with each page when it is begun, and whether it may take long.
    """

    options: Options = Options()
    skipped: Mapping[int, str] = field(default_factory=dict)
    told: Callable[[int, bool], None] = _nothing

    def begin(self, page: int, *, is_slow: bool = False) -> None:
        """Say that *page* is begun, 0 for what is done after the last one."""
        self.told(page, is_slow)


@dataclass(frozen=True, slots=True)
class Composed:
    """Blocks as one text: `masks` and `pages` are in order, their offsets those of `text`."""

    text: str
    masks: tuple[Mask, ...]
    pages: tuple[Page, ...]


def compose(blocks: Iterable[Block]) -> Composed:
    """Join *blocks* to a text with its masks and pages.

    Each block is cleaned alone: a combining mark at the start of one must not
    compose with the end of another and move every later offset.

    Raises:
        Unreadable: The text is longer than `MAX_CHARS`.
    """
    pieces: list[str] = []
    masks: list[Mask] = []
    pages: list[Page] = []
    length, kind = 0, ""
    for block in blocks:
        text = clean_text(block.text).strip()
        if not text:
            kind = ""
            continue
        gap = "" if not pieces else "\n" if kind and block.kind == kind else "\n\n"
        start, length, kind = length + len(gap), length + len(gap) + len(text), block.kind
        pieces += (gap, text)
        if block.page and (not pages or pages[-1].number != block.page):
            pages.append(Page(start, block.page, block.place))
        if block.mask:
            _extend(masks, Mask(start, length, block.mask), gap)
        if length > MAX_CHARS:
            raise Unreadable(f"holds more than {MAX_CHARS:,} characters. Split the file")
    return Composed("".join(pieces), tuple(masks), tuple(pages))


def joined(parts: Iterable[tuple[Reading, str]]) -> Composed:
    """Join readings to one text, a blank line between two, each with its place; neighbours may share one.

    A part without a place goes on with the page before it.

    Raises:
        Unreadable: The text is longer than `MAX_CHARS`.
    """
    texts: list[str] = []
    masks: list[Mask] = []
    pages: list[Page] = []
    length = 0
    for reading, place in parts:
        start = length + 2 * bool(texts)
        length = start + len(reading.text)
        texts.append(reading.text)
        masks += [Mask(mask.start + start, mask.end + start, mask.reason) for mask in reading.masks]
        if place and (not pages or pages[-1].label != place):
            pages.append(Page(start, len(pages) + 1, place))
        if length > MAX_CHARS:
            raise Unreadable(f"holds more than {MAX_CHARS:,} characters. Split the file")
    return Composed("\n\n".join(texts), tuple(masks), tuple(pages))


def _extend(masks: list[Mask], mask: Mask, gap: str) -> None:
    """Append *mask*, or lengthen the last one if only *gap* parts two of the same reason."""
    if masks and masks[-1].reason == mask.reason and masks[-1].end + len(gap) == mask.start:
        masks[-1] = Mask(masks[-1].start, mask.end, mask.reason)
    else:
        masks.append(mask)


def content(text: str, masks: Iterable[Mask]) -> str:
    """Return *text* without its *masks*."""
    pieces, start = [], 0
    for mask in masks:
        pieces.append(text[start : mask.start])
        start = mask.end
    return "".join([*pieces, text[start:]])


def fenced(code: str, language: str = "") -> str:
    """Return *code* between fences, by which `rag.text.paragraphs` knows it.

    The first fence always names a language, so that the last one, which never does,
    can be told from it in a passage that begins inside the code.
    """
    longest = max((len(run) for run in re.findall("`{3,}", code)), default=2)
    fence = "`" * (longest + 1)
    name = next(iter(re.findall(r"[\w+#.-]+", language)), "text")
    return f"{fence}{name}\n{code.strip(chr(10))}\n{fence}"


def glue(before: str, after: str) -> str:
    """Return what a line break between two characters stands for: a space or nothing.

    Nothing in scripts without spaces between words. Korean has spaces, so between
    two syllables one is put back, though some word processors break inside words.
    """
    if _HANGUL.match(before) or _HANGUL.match(after):
        return " "
    return "" if _is_solid(before) or _is_solid(after) else " "


def _is_solid(char: str) -> bool:
    return is_unspaced(char) or unicodedata.east_asian_width(char) in "WF"


def title_line(text: str, masks: Sequence[Mask] = ()) -> str:
    """Return the first line of *text* if it reads like a title, else an empty string.

    A title is short, ends no sentence and has something below it.
    """
    first = masks[0].end if masks and not text[: masks[0].start].strip() else 0
    lines = [line.strip() for line in text[first : first + 4 * MAX_TITLE_CHARS].splitlines() if line.strip()]
    lines = [line for line in lines if not _SKIP_LINK.search(line)]
    if len(lines) < 2 or len(lines[0]) > MAX_TITLE_CHARS or _SENTENCE_END.search(lines[0]):
        return ""
    return lines[0].lstrip("# ")
