"""What a page says of itself for machines: its title, language, date and author."""

import json
import re
from collections.abc import Iterator
from typing import Any

from rag.index.date_words import is_of_another

__all__ = ["author", "lang", "published", "title"]

_Element = Any

# The text is as of its last change, so that day goes before the day on which it first appeared.
_MODIFIED_NAMES = (
    *("article:modified_time", "og:article:modified_time", "datemodified", "dcterms.modified"),
    *("dc.date.modified", "last-modified", "og:updated_time"),
)
_PUBLISHED_NAMES = (
    *("article:published_time", "og:article:published_time", "datepublished", "citation_publication_date"),
    *("dc.date.issued", "dcterms.issued", "publishdate", "publish-date", "pubdate", "parsely-pub-date"),
    *("dc.date", "citation_date", "date"),
)
_AUTHOR_NAMES = (
    *("author", "article:author", "dc.creator", "dcterms.creator", "citation_author", "parsely-author"),
    *("byl", "sailthru.author", "twitter:creator"),
)
_JSON_DATE = '"{}"\\s*:\\s*"([^"]{{4,40}})"'
_BY = re.compile(r"(?:by|von|par|por|di|door|글|문|文|作者|记者|記者)[\s:：/／]+", re.IGNORECASE)
_MAX_AUTHOR_CHARS = 120
_MAX_TEXT = 200


def title(page: _Element) -> str:
    """Return the title without the name of the site, which <title> often carries."""
    told = _meta(page).get("og:title", "")
    named, heading = _text_of(page.find(".//title")), _text_of(page.find(".//h1"))
    return told or (heading if heading and heading in named else named) or heading


def lang(page: _Element) -> str:
    """Return the language that the page declares."""
    return (
        page.get("lang")
        or page.get("{http://www.w3.org/XML/1998/namespace}lang")
        or page.get("xml:lang")
        or ""
    )


def published(page: _Element) -> str:
    """Return the day of the last change that the page states for machines, else that of publication."""
    return next((date for date in _dates(page) if date), "")


def author(page: _Element) -> str:
    """Return who wrote the page, as it states for machines; names with commas between several."""
    return next((name for name in _authors(page) if _is_name(name)), "")


def _dates(page: _Element) -> Iterator[str]:
    meta, things = _meta(page), list(_things(page))
    for names, key in ((_MODIFIED_NAMES, "dateModified"), (_PUBLISHED_NAMES, "datePublished")):
        yield from (meta.get(name, "") for name in names)
        yield from (str(thing[key]) for thing in things if isinstance(thing.get(key), str))
        yield from _broken_json(page, key)
        for element in page.xpath(f"//*[@itemprop='{key}']"):
            yield element.get("content") or element.get("datetime") or _text_of(element)
    for element in page.xpath("//time[@pubdate]"):
        yield element.get("datetime") or _text_of(element)
    # Times of comments and of related stories differ; a page with one date is of that date.
    times = {
        element.get("datetime")[:10] for element in page.xpath("//time[@datetime]") if _may_date(element)
    }
    if len(times) == 1:
        yield times.pop()


def _may_date(time: _Element) -> bool:
    """Tell a line that dates the page from one that says when something was founded or takes place."""
    around = next(time.iterancestors("td", "dd", "li", "p", "div", "header", "body"), None)
    if around is None or around.tag in ("td", "dd"):
        return False
    text = " ".join("".join(around.itertext())[: 2 * _MAX_TEXT].split())
    return len(text) <= _MAX_TEXT and not is_of_another(text)


def _authors(page: _Element) -> Iterator[str]:
    for thing in _things(page):
        yield _names(thing.get("author") or thing.get("creator"))
    for name in _AUTHOR_NAMES:
        found = [_content(each) for each in page.iter("meta") if _name(each) == name]
        yield ", ".join(dict.fromkeys(filter(_is_name, found)))
    query = "//*[@itemprop='author']|//*[@rel='author']|//*[contains(concat(' ',@class,' '),' byline ')]"
    for element in page.xpath(query):
        named = element.xpath(".//*[@itemprop='name']")
        yield _BY.sub("", element.get("content") or _text_of(named[0] if named else element), count=1)


def _names(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(filter(None, map(_names, value[:20])))
    if isinstance(value, dict):
        return _names(value.get("name"))
    return " ".join(value.split()) if isinstance(value, str) else ""


def _is_name(text: str) -> bool:
    return 0 < len(text) <= _MAX_AUTHOR_CHARS and not re.match(r"https?:|@|www\.", text)


def _things(page: _Element) -> Iterator[dict[str, Any]]:
    """Yield what JSON-LD says of the page, outermost things first; what is inside them is about others."""
    for script in page.iter("script"):
        if script.get("type", "").lower() == "application/ld+json":
            try:
                told = json.loads(script.text or "", strict=False)
            except (ValueError, RecursionError):
                continue
            for thing in told if isinstance(told, list) else [told]:
                inner = thing.get("@graph") if isinstance(thing, dict) else None
                each = [thing, *(inner if isinstance(inner, list) else [])]
                yield from (one for one in each if isinstance(one, dict))


def _broken_json(page: _Element, key: str) -> Iterator[str]:
    for script in page.iter("script"):
        if script.get("type", "").lower() == "application/ld+json":
            yield from re.findall(_JSON_DATE.format(key), script.text or "")[:1]


def _text_of(element: _Element | None) -> str:
    return "" if element is None else " ".join(element.text_content().split())


def _name(element: _Element) -> str:
    return (element.get("property") or element.get("name") or element.get("itemprop") or "").lower()


def _content(element: _Element) -> str:
    return " ".join(element.get("content", "").split())


def _meta(page: _Element) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in page.iter("meta"):
        found.setdefault(_name(element), _content(element))
    return found
