"""Plain text: decoded, cleaned and checked for its size."""

from rag.index.encoding import decode
from rag.index.reading import MAX_CHARS, Reading, Unreadable, title_line
from rag.text.characters import clean_text

__all__ = ["decoded", "read"]


def read(data: bytes) -> Reading:
    """Read a text file; its first line is the title if it looks like one.

    Raises:
        Unreadable: It is too long.
    """
    text, doubt = decoded(data)
    return Reading(text, title=title_line(text), doubt=doubt)


def decoded(data: bytes) -> tuple[str, str]:
    """Return the clean text of *data*, and why its encoding is in doubt (empty if it is not).

    Raises:
        Unreadable: It is too long.
    """
    found = decode(data)
    text = clean_text(found.text)
    if len(text) > MAX_CHARS:
        raise Unreadable(f"holds {len(text):,} characters; up to {MAX_CHARS:,} are read. Split the file")
    return text, found.doubt
