"""Markdown: text as it is, with the fields of its front matter."""

import re

from rag.index.readers.text import decoded
from rag.index.reading import Reading
from rag.types import Mask

__all__ = ["read"]

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?)^(?:---|\.\.\.)[ \t]*$", re.DOTALL | re.MULTILINE)
_FIELD = re.compile(r"^([A-Za-z][\w-]*)[ \t]*:[ \t]*(\S.*?)[ \t]*$", re.MULTILINE)
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"^#[ \t]+(.+?)[ \t#]*$|^(\S[^\n]*)\n=+[ \t]*$", re.MULTILINE)
_DATE_FIELDS = ("date", "published", "pubdate", "publish_date", "date_published")


def read(data: bytes) -> Reading:
    """Read Markdown with the fields of its front matter: simple ``key: value`` lines, no YAML.

    Raises:
        Unreadable: It is too long.
    """
    text, doubt = decoded(data)
    front = _FRONT_MATTER.match(text)
    told = {key.lower(): value.strip("'\"") for key, value in _FIELD.findall(front[1])} if front else {}
    return Reading(
        text,
        (Mask(0, front.end(), "front matter"),) if front else (),
        told.get("title") or _first_heading(text[front.end() if front else 0 :]),
        told.get("lang") or told.get("language") or "",
        next((told[name] for name in _DATE_FIELDS if name in told), ""),
        doubt,
    )


def _first_heading(text: str) -> str:
    # "# comment" in a block of code is no heading.
    heading = _HEADING.search(_FENCED.sub("", text))
    return (heading[1] or heading[2]) if heading else ""
