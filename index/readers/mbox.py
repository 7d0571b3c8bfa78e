"""A mailbox (mbox) becomes text: message after message, each a place of its own."""

import re
from collections.abc import Iterator

from rag.index.readers import read as read_any
from rag.index.reading import Reading, Unreadable, joined

__all__ = ["read"]

# "From " at the start of a line begins a message; in the words of one it is written ">From ".
_BEGIN = re.compile(rb"(?:\A|\n\r?\n|(?<=\n))From [^\n]{1,200} [^\n]*\d{4}[^\n]*\r?\n")


def read(data: bytes) -> Reading:
    """Read a mailbox.

    Raises:
        Unreadable: It holds no message.
    """
    left_out: list[str] = []
    made = joined(_messages(data, left_out))
    if not made.text:
        raise Unreadable("holds no message. Save it as .mbox or .eml")
    return Reading(made.text, made.masks, pages=made.pages, left_out=tuple(left_out))


def _messages(data: bytes, left_out: list[str]) -> Iterator[tuple[Reading, str]]:
    starts = [(each.start(), each.end()) for each in _BEGIN.finditer(data)]
    ends = [*(start for start, _ in starts), len(data)][1:]
    for number, ((_, start), end) in enumerate(zip(starts, ends, strict=True), start=1):
        place = f"message {number}"
        try:
            reading = read_any(re.sub(rb"(?m)^>(>*From )", rb"\1", data[start:end]), ".eml")
        except Unreadable as exc:
            left_out.append(f"{place}: {exc}")
            continue
        left_out += [f"{place}: {each}" for each in reading.left_out]
        yield reading, place
