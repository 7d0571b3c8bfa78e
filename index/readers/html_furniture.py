"""What of a page is furniture by its markup: menus, and headers, asides and footers that tell nothing.

A telephone number, the opening hours or an address may stand in the footer and
nowhere else. So a line there is content if it is a statement or holds such a fact,
and is neither a link, nor said of the page itself, nor said in the story too.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from rag.index import furniture as words
from rag.index.reading import Block
from rag.text.characters import fold

__all__ = ["furniture", "judged"]

_Element = Any

_ROLES = {
    "navigation": "html nav",
    "menu": "html nav",
    "menubar": "html nav",
    "banner": "html header",
    "contentinfo": "html footer",
    "complementary": "html aside",
    "search": "html search",
}
_TAGS = {
    "nav": "html nav",
    "menu": "html nav",
    "header": "html header",
    "footer": "html footer",
    "aside": "html aside",
    "search": "html search",
    "button": "html button",
}
_NAMES = (
    (
        "html nav",
        re.compile(r"(?:^|[\s_-])(?:breadcrumbs?|navbox|catlinks|toc|pagination)(?:$|[\s_-])", re.I),
    ),
    ("html cookie notice", re.compile(r"cookie|consent|gdpr", re.I)),
)
_HEADINGS = frozenset(f"h{level}" for level in range(1, 7))
_MAY_TELL = frozenset({"html header", "html footer", "html aside"})

_STATEMENT = re.compile(r"[.!?。！？؟।۔…]['\"”’»」）)]*$")
_STATEMENT_CHARS = {True: 16, False: 40}  # with wide characters, without
_WIDE = re.compile("[\u1100-\u11ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3\u0e00-\u0e7f]")
_TOLD = re.compile(
    r"\+?\d[\d\s()./-]{6,}\d"  # a telephone number
    r"|(?<!\d)(?:[01]?\d|2[0-4])[:.h時시点點]\s?(?:[0-5]\d)?(?!\d)(?=.*\d)"  # an hour
    r"|\b\d{1,2}\s?[ap]\.?m\b"
    r"|[\w.+-]+@[\w-]+\.[\w.-]+"
    r"|[^\W\d_]{2}[^:：\n]{0,30}[:：]\s*\S.*\d"  # a label and a figure
    r"|[€$£¥₩]\s?\d|\d\s?(?:€|원|円|元)"
    r"|[^\W\d_]{3,}.{0,40}\s\d{1,4}[a-z]?,\s.{0,20}[^\W\d_]{3,}"  # a street, its number, a town
    r"|\d{1,5}\s+[A-Z][a-z]+\s+(?:St|Street|Rd|Road|Ave|Avenue|Lane|Square|Blvd)\b",
    re.IGNORECASE,
)
# Said of the page: when it was made, how often it was seen, who may copy it, what it asks of its visitor.
_OF_THE_PAGE = (
    words.COPYRIGHT,
    words.RIGHTS,
    words.DISCLAIMER,
    words.COOKIES,
    words.NEWSLETTER,
    words.COUNTER,
)
_LINE_CHARS = 600


def furniture(element: _Element) -> str:
    """Return why *element* is not content, by its tag, role, name and place; empty if it is."""
    reason = _ROLES.get(element.get("role", "").lower()) or _TAGS.get(element.tag, "") or _named(element)
    if not reason or reason in ("html nav", "html footer", "html search", "html cookie notice"):
        return reason
    around = {ancestor.tag for ancestor in element.iterancestors()}
    if reason == "html button":  # A question that unfolds its answer is a button in a heading.
        return "" if around & {*_HEADINGS, "dt", "summary"} else reason
    if not around & {"article", "main", "section"}:
        return reason
    # Inside the story, a header is its title, and an aside may be a note of its author.
    return reason if reason == "html aside" and _link_share(element) > 0.5 else ""


def _named(element: _Element) -> str:
    """Return what the class or id of a box says it is; what the words in it must agree with for cookies."""
    if element.tag not in ("div", "ul", "ol", "section", "dialog", "table"):
        return ""
    name = f"{element.get('id', '')} {element.get('class', '')}"
    for reason, pattern in _NAMES:
        if name != " " and pattern.search(name):
            told = reason == "html nav" or words.COOKIES.search("".join(element.itertext())[:_LINE_CHARS])
            return reason if told else ""
    return ""


def _link_share(element: _Element) -> float:
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return linked / max(len(element.text_content()), 1)


def judged(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield *blocks*; those of headers, asides and footers that tell something are not masked."""
    if not any(block.mask for block in blocks):
        return iter(blocks)
    return _judged(blocks)


def _judged(blocks: Sequence[Block]) -> Iterator[Block]:
    said = {fold(block.text.lstrip("#- ")) for block in blocks if not block.mask}
    lines = list(_lines(blocks))
    keeps = [_tells(line, said) for line in lines]
    for place, line in enumerate(lines):
        # A heading is kept for what it stands above.
        heads = line.text.startswith("#") and place + 1 < len(lines) and keeps[place + 1]
        is_kept = keeps[place] or (heads and line.mask in _MAY_TELL)
        yield replace(line, mask="" if is_kept else line.mask.removesuffix(" links"))


def _lines(blocks: Sequence[Block]) -> Iterator[Block]:
    """Yield *blocks*, those of furniture a line each: beside the telephone stands who may copy the page."""
    for block in blocks:
        if not block.mask:
            yield block
        else:
            yield from (replace(block, text=line) for line in block.text.split("\n") if line.strip())


def _tells(line: Block, said: set[str]) -> bool:
    if line.mask not in _MAY_TELL or len(line.text) > _LINE_CHARS:
        return False
    text = line.text.lstrip("- ")
    if text.startswith("#") or fold(text) in said or any(each.search(text) for each in _OF_THE_PAGE):
        return False
    least = _STATEMENT_CHARS[_WIDE.search(text) is not None]
    return bool(_TOLD.search(text) or (len(text) >= least and _STATEMENT.search(text)))
