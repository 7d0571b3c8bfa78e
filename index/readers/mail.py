"""A message (eml) becomes text: its subject, who wrote to whom and when, its words, its attachments.

Of a text and its HTML twin one is read. Attachments are read by the readers of their
own formats; what has none is named. A mailbox (mbox) is its messages one after the other.
"""

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr, parsedate_to_datetime
from pathlib import PurePosixPath

from rag.index.encoding import decode
from rag.index.readers import FORMATS, kind_of
from rag.index.readers import read as read_any
from rag.index.reading import Block, Reading, Unreadable, compose, joined

__all__ = ["read"]

_MAX_DEPTH = 4
_MAX_ATTACHMENTS = 200
_SHOWN = ("From", "To", "Cc", "Date")
# A line that ends in a space goes on in the next one (RFC 3676).
_FLOWED = re.compile(r"(?<=[^\n]) \n(?!>|-- \n|\n)")


def read(data: bytes) -> Reading:
    """Read a message.

    Raises:
        Unreadable: It is no message.
    """
    return _message(data, 0)


def _message(data: bytes, depth: int) -> Reading:
    """Read a message that lies *depth* messages deep in others."""
    mail = message_from_bytes(data.lstrip(), policy=default)
    assert isinstance(mail, EmailMessage)
    if not any(_header(mail, name) for name in ("From", "Subject", "Date", "Received", "Message-ID")):
        raise Unreadable("is not a message: it has no sender, subject or date. Save it as .eml")
    left_out: list[str] = []
    parts = [(_head(mail), ""), (_words(mail), ""), *_attachments(mail, depth, left_out)]
    made = joined((part, place) for part, place in parts if part.text.strip())
    name, address = parseaddr(_header(mail, "From"))
    return Reading(
        made.text,
        made.masks,
        _header(mail, "Subject"),
        published=_day(mail),
        author=name or address,
        pages=made.pages,
        left_out=tuple(left_out),
    )


def _header(mail: EmailMessage, name: str) -> str:
    """Return a header on one line; one that breaks the rules of its syntax as it stands."""
    try:
        return " ".join(str(mail.get(name, "")).split())
    except Exception:  # email raises anything on headers that it cannot parse
        return " ".join(
            next((str(value) for key, value in mail.raw_items() if key.lower() == name.lower()), "").split()
        )


def _day(mail: EmailMessage) -> str:
    try:
        return parsedate_to_datetime(_header(mail, "Date")).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return ""


def _head(mail: EmailMessage) -> Reading:
    subject = _header(mail, "Subject")
    lines = [Block(f"{name}: {value}", kind="item") for name in _SHOWN if (value := _header(mail, name))]
    made = compose([Block(f"# {subject}" if subject else ""), *lines])
    return Reading(made.text)


def _words(mail: EmailMessage) -> Reading:
    """Return what a message says: its plain text, else its HTML."""
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        if isinstance(part, EmailMessage) and not part.is_multipart():
            reading = _text(part, kind)
            if reading.text.strip():
                return reading
    return Reading("")


def _text(part: EmailMessage, kind: str) -> Reading:
    text = decode(_payload(part), part.get_content_charset() or "").text
    if kind == "html":
        try:
            return read_any(text.encode("utf-8", "replace"), ".html")
        except Unreadable:
            return Reading("")
    if part.get_param("format") == "flowed":
        text = _FLOWED.sub(" ", text.replace("\r\n", "\n"))
    return Reading(compose([Block(text)]).text)


def _payload(part: EmailMessage) -> bytes:
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _attachments(mail: EmailMessage, depth: int, left_out: list[str]) -> Iterator[tuple[Reading, str]]:
    """Yield what is attached, each below a heading with its name, and note what cannot be read."""
    for number, part in enumerate(mail.iter_attachments()):
        name = " ".join((part.get_filename() or f"attachment {number + 1}").split())
        if number >= _MAX_ATTACHMENTS:
            left_out.append(f"attachments: up to {_MAX_ATTACHMENTS} are read")
            return
        if part.get_content_maintype() in ("image", "audio", "video"):
            left_out.append(f"{name}: {part.get_content_type()}")
            continue
        try:
            reading = _attached(part, name, depth)
        except Unreadable as exc:
            left_out.append(f"{name}: {exc}")
            continue
        left_out += [f"{name}: {each}" for each in reading.left_out]
        yield Reading(compose([Block(f"## {name}")]).text), name
        yield reading, name


def _attached(part: EmailMessage, name: str, depth: int) -> Reading:
    if part.get_content_type() == "message/rfc822" or name.lower().endswith(".eml"):
        if depth >= _MAX_DEPTH:
            raise Unreadable(f"is a message in more than {_MAX_DEPTH} others")
        inner = part.get_payload()
        data = inner[0].as_bytes() if isinstance(inner, list) and inner else _payload(part)
        return _message(data, depth + 1)
    suffix = PurePosixPath(name).suffix.lower()
    kind = kind_of(_payload(part), suffix)
    if kind not in FORMATS:
        raise Unreadable(f"is of a kind ({kind or 'no suffix'}) that is not read")
    return read_any(_payload(part), kind)
