"""HTML becomes text: headings as ``#`` lines, items with bullet or number, rows with their headers.

What no reader sees (scripts, styles, hidden elements) is left out; what stands around
the story is masked, unless it tells something (`rag.index.readers.html_furniture`).
Furniture that only its shape gives away is left to `rag.index.clean`.
"""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rag.index.encoding import decode
from rag.index.readers import html_meta
from rag.index.readers.html_furniture import furniture, judged
from rag.index.readers.html_tables import grid, is_data
from rag.index.readers.rows import rows
from rag.index.readers.superscript import lowered, raised
from rag.index.reading import Block, Reading, Unreadable, compose, fenced, glue

__all__ = ["fragment", "read"]

# lxml's elements; its stubs disagree with each other about the class.
_Element = Any

_BLOCK_TAGS = frozenset(
    (
        *(
            "address",
            "article",
            "aside",
            "blockquote",
            "body",
            "button",
            "caption",
            "center",
            "dd",
            "details",
        ),
        *(
            "dialog",
            "div",
            "dl",
            "dt",
            "fieldset",
            "figcaption",
            "figure",
            "footer",
            "form",
            "h1",
            "h2",
            "h3",
        ),
        *("h4", "h5", "h6", "header", "hr", "html", "legend", "li", "main", "menu", "nav", "ol", "p", "pre"),
        *("search", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul"),
    )
)
# rt and rp: the reading above Japanese words would stand inside them.
_UNSEEN_TAGS = frozenset(
    (
        *(
            "audio",
            "canvas",
            "datalist",
            "embed",
            "head",
            "iframe",
            "input",
            "map",
            "noscript",
            "object",
            "rp",
            "annotation",
            "annotation-xml",
        ),
        *("rt", "script", "select", "style", "svg", "template", "textarea", "video"),
    )
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
# Links to edit a section, as MediaWiki writes them, and what readers of the screen are not shown.
_UNSEEN_CLASS = re.compile(r"(?:^|\s)(?:mw-editsection|mw-jump-link|noprint|headerlink)(?:\s|$)")
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.I,
)
_DECLARED_WITHIN = 4096
# All white space but a single space, which stays as it is and is the most of it.
_SPACE = re.compile(r" [ \t\n\r\f\u00a0]+|[\t\n\r\f\u00a0][ \t\n\r\f\u00a0]*")
_ASKED = re.compile(r"[?？؟;:：]\W*$")
_LANGUAGE = re.compile(r"(?:language|lang|highlight-source|brush:?)[-\s]([\w+#]+)")


def read(data: bytes) -> Reading:
    """Read a page.

    Raises:
        Unreadable: It is not text, or holds none.
    """
    decoded = decode(data, _declared_charset(data))
    page = _parse(decoded.text)
    walk = _Walk()
    walk.page(page)
    made = compose(judged(walk.blocks))
    return Reading(
        made.text,
        made.masks,
        html_meta.title(page),
        html_meta.lang(page),
        html_meta.published(page),
        decoded.doubt,
        html_meta.author(page),
    )


def fragment(markup: str) -> list[Block]:
    """Return the blocks of a piece of a page, such as stands in Markdown; none if it shows nothing."""
    walk = _Walk()
    with suppress(Unreadable):
        walk.page(_parse(markup))
    return walk.blocks


def _declared_charset(data: bytes) -> str:
    found = _CHARSET.search(data[:_DECLARED_WITHIN])
    return (found[1] or found[2]).decode("ascii", "replace") if found else ""


def _parse(text: str) -> _Element:
    from lxml import etree, html

    # The parser would take a NUL for the end, and refuses str that declares an encoding.
    markup = text.replace("\0", "").encode("utf-8", "replace")
    parser = html.HTMLParser(
        encoding="utf-8", huge_tree=True, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        return html.document_fromstring(markup, parser=parser)
    except etree.ParserError as exc:
        raise Unreadable("holds no text") from exc


@dataclass
class _Walk:
    """Collects the blocks of a page in reading order.

    Attributes:
        pieces: Inline text since the last block ended.
        linked: How many of its characters are links.
        furniture: Reasons of the enclosing furniture, outermost first.
        lists: Of the enclosing lists, the number of the next item; 0 if they do not count.
        prefix, kind: Of the block that is being collected.
        term: What the next definitions are of.
        script: Where the raised or lowered text that is being read begins in `pieces`.
    """

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    linked: int = 0
    links: int = 0
    furniture: list[str] = field(default_factory=list)
    lists: list[int] = field(default_factory=list)
    prefix: str = ""
    kind: str = ""
    term: str = ""
    preformatted: int = 0
    script: int = 0

    def page(self, root: _Element) -> None:
        """Walk without recursion: pages nest deeper than Python's stack."""
        from lxml import etree

        steps = etree.iterwalk(root, events=("start", "end"))
        for event, element in steps:
            if event == "end":
                if not _is_unseen(element) and not _is_table(element):
                    self._end(element)
                if element is not root:
                    self._say(element.tail)
            elif _is_unseen(element):
                steps.skip_subtree()
            elif _is_table(element):
                self._table(element)
                steps.skip_subtree()
            else:
                self._start(element)
        self._flush()

    def _start(self, element: _Element) -> None:
        tag = element.tag
        if tag in _BLOCK_TAGS:
            self._flush()
        elif tag == "br":
            self.pieces.append("\n")
        if reason := furniture(element):
            self.furniture.append(reason)
        self._open(element, tag)
        self._say(element.text)

    def _open(self, element: _Element, tag: str) -> None:
        if tag in _HEADINGS:
            self.prefix = _HEADINGS[tag]
        elif tag in ("ul", "ol", "menu"):
            self.lists.append(_first_number(element) if tag == "ol" else 0)
        elif tag == "li":
            self.prefix, self.kind = self._bullet(), "item"
        elif tag == "dd" and self.term:
            # "When do you open?" asks, and is answered below it.
            self.prefix = "" if _ASKED.search(self.term) else f"{self.term}: "
        elif tag in ("sup", "sub"):
            self.script = len(self.pieces)
        self.preformatted += tag == "pre"
        self.links += tag == "a"

    def _bullet(self) -> str:
        if not self.lists or not self.lists[-1]:
            return "- "
        self.lists[-1] += 1
        return f"{self.lists[-1] - 1}. "

    def _end(self, element: _Element) -> None:
        tag = element.tag
        if tag in ("sup", "sub"):
            before, mark = "".join(self.pieces[: self.script]), "".join(self.pieces[self.script :])
            shown = raised(before, mark) if tag == "sup" else lowered(mark)
            self.pieces[self.script :] = [shown] if mark else []
        if tag == "dt":
            self._hold_term()
        elif tag == "pre" and _is_code(element):
            self._code(element)
        elif tag in _BLOCK_TAGS:
            self._flush()
        if tag in _HEADINGS or tag in ("li", "dd"):
            self.prefix = self.kind = ""
        elif tag in ("ul", "ol", "menu") and self.lists:
            self.lists.pop()
        elif tag == "dl":
            self.term = ""
        if furniture(element):
            self.furniture.pop()
        self.preformatted -= tag == "pre"
        self.links -= tag == "a"

    def _hold_term(self) -> None:
        """Keep what is defined for the definitions below it; alone it is a block only if it asks."""
        self.term = " ".join("".join(self.pieces).split())
        if _ASKED.search(self.term):
            self._flush()
        self.pieces.clear()

    def _code(self, element: _Element) -> None:
        code = "".join(self.pieces)
        self.pieces.clear()
        if code.strip():
            named = " ".join(
                [element.get("class", ""), *(each.get("class", "") for each in element.iter("code"))]
            )
            found = _LANGUAGE.search(named)
            self.blocks.append(Block(fenced(code, found[1] if found else ""), self._reason()))

    def _table(self, element: _Element) -> None:
        self._flush()
        caption = element.find("caption")
        if caption is not None and (text := _cell_text(caption)):
            self.blocks.append(Block(text, self._reason()))
        head = element.find("thead")
        heads = len(head.findall("tr")) if head is not None else None
        made = rows(grid(element, _cell_text), heads or None)
        self.blocks += (Block(row, self._reason(), "row") for row in made)

    def _say(self, text: str | None) -> None:
        if not text:
            return
        self.pieces.append(text if self.preformatted else _SPACE.sub(_one_space, text))
        if self.links:
            self.linked += len(text)

    def _reason(self) -> str:
        return next(iter(self.furniture), "")

    def _flush(self) -> None:
        text = "".join(self.pieces)
        linked, self.linked = self.linked, 0
        self.pieces.clear()
        if not self.preformatted:
            text = re.sub(" *\n *", "\n", re.sub("  +", " ", text))
        text = text.strip()
        if not text:
            return
        reason = self._reason()
        if reason == "html header" and self.prefix == "# ":
            reason = ""  # The title of the page often stands in its header.
        if self.prefix.startswith("#"):
            text = " ".join(text.split())
        if reason and linked * 2 > len(text):
            reason += " links"
        self.blocks.append(Block(self.prefix + text, reason, self.kind))
        if not self.prefix.startswith("#"):
            self.prefix = ""


def _cell_text(cell: _Element) -> str:
    """Return what a cell shows, on one line; the items of a list in it with commas."""
    walk = _Walk()
    walk.page(cell)
    pieces: list[str] = []
    for before, block in zip([None, *walk.blocks], walk.blocks, strict=False):
        gap = ", " if before and before.kind == block.kind == "item" else " " if before else ""
        pieces += (gap, block.text.removeprefix("- "))
    return " ".join("".join(pieces).split())


def _one_space(space: re.Match[str]) -> str:
    text, start, end = space.string, space.start(), space.end()
    if "\n" not in space[0] or not start or end == len(text):
        return " "
    return glue(text[start - 1], text[end])


def _first_number(element: _Element) -> int:
    start = element.get("start", "1")
    return int(start) if start.isascii() and start.isdecimal() and 0 < len(start) < 7 else 1


def _is_code(element: _Element) -> bool:
    return next(element.iter("code", "samp", "kbd"), None) is not None or "language-" in element.get(
        "class", ""
    )


def _is_unseen(element: _Element) -> bool:
    if element.tag in _UNSEEN_TAGS or not isinstance(element.tag, str):
        return True
    hidden = element.get("hidden")
    return (
        (hidden is not None and hidden.lower() != "until-found")
        or element.get("aria-hidden", "").lower() == "true"
        or _UNSEEN_STYLE.search(element.get("style", "")) is not None
        or _UNSEEN_CLASS.search(element.get("class", "")) is not None
    )


def _is_table(element: _Element) -> bool:
    return element.tag == "table" and is_data(element)
