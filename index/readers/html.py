"""HTML becomes text: headings as ``#`` lines, list items as ``- ``, table rows with `` | ``.

Structure tells the furniture of a page (menus, footers, asides), which is masked;
what no reader sees (scripts, styles, hidden elements) is left out. Furniture that
only its shape gives away is left to `rag.index.clean`.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from rag.index.encoding import decode
from rag.index.reading import Block, Reading, Unreadable, compose, glue

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
        ),
        *("rt", "script", "select", "style", "svg", "template", "textarea", "video"),
    )
)
_HEADINGS = {f"h{level}": "#" * level + " " for level in range(1, 7)}
_UNSEEN_STYLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
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
# A table that holds these lays out a page; its cells are no row of values.
_LAYOUT = (
    "boolean(.//table|.//h1|.//h2|.//h3|.//ul|.//ol|.//article|.//form"
    "|.//td[count(.//p)>1]|.//td[count(.//br)>3])"
)
_CHARSET = re.compile(
    rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)|^\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]+)",
    re.I,
)
_DECLARED_WITHIN = 4096

_PUBLISHED_NAMES = (
    *("article:published_time", "og:article:published_time", "datepublished", "citation_publication_date"),
    *("dc.date.issued", "dcterms.issued", "publishdate", "publish-date", "pubdate", "parsely-pub-date"),
    *("dc.date", "citation_date", "date"),
)
_JSON_PUBLISHED = re.compile(r'"datePublished"\s*:\s*"([^"]{4,40})"')
_SPACE = re.compile(r"[ \t\n\r\f\u00a0]+")


def read(data: bytes) -> Reading:
    """Read a page.

    Raises:
        Unreadable: It is not text, or holds none.
    """
    decoded = decode(data, _declared_charset(data))
    page = _parse(decoded.text)
    walk = _Walk()
    walk.page(page)
    made = compose(walk.blocks)
    author = _meta(page).get("author", "")
    return Reading(made.text, made.masks, _title(page), _lang(page), _published(page), decoded.doubt, author)


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
        furniture: Reasons of the enclosing furniture, outermost first.
        prefix, kind: Of the block that is being collected.
    """

    blocks: list[Block] = field(default_factory=list)
    pieces: list[str] = field(default_factory=list)
    furniture: list[str] = field(default_factory=list)
    prefix: str = ""
    kind: str = ""
    preformatted: int = 0
    data_tables: int = 0

    def page(self, root: _Element) -> None:
        """Walk without recursion: pages nest deeper than Python's stack."""
        from lxml import etree

        steps = etree.iterwalk(root, events=("start", "end"))
        for event, element in steps:
            if event == "end":
                if not _is_unseen(element):
                    self._end(element)
                self._say(element.tail)
            elif _is_unseen(element):
                steps.skip_subtree()
            else:
                self._start(element)
        self._flush()

    def _start(self, element: _Element) -> None:
        tag = element.tag
        if tag in _BLOCK_TAGS:
            self._break(element)
        elif tag == "br":
            self.pieces.append("\n")
        if reason := _furniture(element):
            self.furniture.append(reason)
        if tag in _HEADINGS:
            self.prefix = _HEADINGS[tag]
        elif tag == "li":
            self.prefix, self.kind = "- ", "item"
        self.preformatted += tag == "pre"
        self.data_tables += _is_data_table(element)
        self._say(element.text)

    def _end(self, element: _Element) -> None:
        tag = element.tag
        if tag in _BLOCK_TAGS:
            self._break(element, closing=True)
        if tag in _HEADINGS or tag == "li":
            self.prefix = self.kind = ""
        if _furniture(element):
            self.furniture.pop()
        self.preformatted -= tag == "pre"
        self.data_tables -= _is_data_table(element)

    def _break(self, element: _Element, *, closing: bool = False) -> None:
        """End the block, unless it is a cell, or inside one."""
        if not self.data_tables or element.tag in ("caption", "table"):
            self._flush()
        elif element.tag == "tr":
            self.kind = "row"
            self._flush()
            self.kind = ""
        elif element.tag in ("td", "th") and not closing and element.getprevious() is not None:
            self.pieces.append(" | ")
        else:
            self.pieces.append(" ")

    def _say(self, text: str | None) -> None:
        if not text:
            return
        self.pieces.append(text if self.preformatted else _SPACE.sub(_one_space, text))

    def _flush(self) -> None:
        text = "".join(self.pieces)
        self.pieces.clear()
        if not self.preformatted:
            text = re.sub(" *\n *", "\n", re.sub("  +", " ", text))
        text = text.strip()
        if not text:
            return
        reason = next(iter(self.furniture), "")
        if reason == "html header" and self.prefix == "# ":
            reason = ""  # The title of the page often stands in its header.
        if self.prefix.startswith("#"):
            text = " ".join(text.split())
        self.blocks.append(Block(self.prefix + text, reason, self.kind))
        if self.prefix == "- ":
            self.prefix = ""


def _one_space(space: re.Match[str]) -> str:
    text, start, end = space.string, space.start(), space.end()
    if "\n" not in space[0] or not start or end == len(text):
        return " "
    return glue(text[start - 1], text[end])


def _is_unseen(element: _Element) -> bool:
    if element.tag in _UNSEEN_TAGS or not isinstance(element.tag, str):
        return True
    hidden = element.get("hidden")
    return (
        (hidden is not None and hidden.lower() != "until-found")
        or element.get("aria-hidden", "").lower() == "true"
        or _UNSEEN_STYLE.search(element.get("style", "")) is not None
    )


def _furniture(element: _Element) -> str:
    """Return why *element* is not content, by its tag, role and place; empty if it is."""
    reason = _ROLES.get(element.get("role", "").lower()) or _TAGS.get(element.tag, "")
    if not reason or reason in ("html nav", "html footer", "html search"):
        return reason
    around = {ancestor.tag for ancestor in element.iterancestors()}
    if reason == "html button":  # A question that unfolds its answer is a button in a heading.
        return "" if around & {*_HEADINGS, "dt", "summary"} else reason
    if not around & {"article", "main", "section"}:
        return reason
    # Inside the story, a header is its title, and an aside may be a note of its author.
    return reason if reason == "html aside" and _link_share(element) > 0.5 else ""


def _link_share(element: _Element) -> float:
    linked = sum(len(link.text_content()) for link in element.iter("a"))
    return linked / max(len(element.text_content()), 1)


def _is_data_table(element: _Element) -> bool:
    return element.tag == "table" and element.get("role", "") != "presentation" and not element.xpath(_LAYOUT)


def _text_of(element: _Element | None) -> str:
    return "" if element is None else " ".join(element.text_content().split())


def _title(page: _Element) -> str:
    """Return the title without the name of the site, which <title> often carries."""
    told = _meta(page).get("og:title", "")
    title, heading = _text_of(page.find(".//title")), _text_of(page.find(".//h1"))
    return told or (heading if heading and heading in title else title) or heading


def _meta(page: _Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("itemprop") or ""
        found.setdefault(name.lower(), " ".join(element.get("content", "").split()))
    return found


def _lang(page: _Element) -> str:
    return (
        page.get("lang")
        or page.get("{http://www.w3.org/XML/1998/namespace}lang")
        or page.get("xml:lang")
        or ""
    )


def _published(page: _Element) -> str:
    """Return the first date of publication that the page states for machines."""
    return next((date for date in _published_candidates(page) if date), "")


def _published_candidates(page: _Element) -> Iterator[str]:
    meta = _meta(page)
    yield from (meta.get(name, "") for name in _PUBLISHED_NAMES)
    for script in page.iter("script"):
        if script.get("type", "").lower() == "application/ld+json":
            yield from _JSON_PUBLISHED.findall(script.text or "")[:1]
    for element in page.xpath("//*[@itemprop='datePublished']|//time[@pubdate]"):
        yield element.get("content") or element.get("datetime") or _text_of(element)
    # Times of comments and of related stories differ; a page with one date is of that date.
    times = {element.get("datetime")[:10] for element in page.xpath("//time[@datetime]")}
    if len(times) == 1:
        yield times.pop()
