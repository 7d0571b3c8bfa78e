"""Source code, scripts and configuration become text: as they are, as one block of code.

Fenced, because the comments of many languages would else be headings of Markdown.
"""

from rag.index.readers.text import decoded
from rag.index.reading import Reading, Unreadable

__all__ = ["read"]

_SAMPLE = 8192
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read(data: bytes) -> Reading:
    """Read a file.

    Raises:
        Unreadable: It is a program or data under the name of a text, or too long.
    """
    if b"\0" in data[:_SAMPLE] and not data.startswith(_WIDE_MARKS):
        raise Unreadable("is a binary file, though its name says that it is text. Give it its right suffix")
    text, doubt = decoded(data)
    fence = "```"
    while fence in text:
        fence += "`"
    code = text.strip("\n")
    return Reading(f"{fence}\n{code}\n{fence}" if code.strip() else "", doubt=doubt)
