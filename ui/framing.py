"""Where a request ends, without doubt: what two parsers may read differently is refused.

h11 takes a bare LF for a line end, joins folded lines, and lets Transfer-Encoding win over
Content-Length. A proxy before this service may not, and would then take for one request what is
two here (request smuggling; RFC 9112, sections 2.2, 5.2 and 6.3).
"""

import re
from typing import Any

import h11

__all__ = ["Framing"]

_BARE = re.compile(rb"(?<!\r)\n|\r(?!\n)")
_FOLDED = re.compile(rb"\n[ \t]")
_LENGTH = re.compile(rb"\n(content-length|transfer-encoding)[ \t]*:", re.IGNORECASE)
_END = b"\r\n\r\n"


class Framing(h11.Connection):
    """The server's side of a connection. What h11 alone would let pass is a `h11.RemoteProtocolError` too."""

    def __init__(self, max_head: int) -> None:
        super().__init__(h11.SERVER, max_head)
        # What h11 has been given since the last request began, of a body its last piece only.
        self._raw = b""
        self._is_chunked = False

    def receive_data(self, data: bytes) -> None:
        """Take what came."""
        kept = self._raw[-len(_END) :] if self.their_state is h11.SEND_BODY else self._raw
        self._raw = kept + data
        super().receive_data(data)

    def next_event(self) -> Any:  # noqa: ANN401 - as h11 has it
        """Return the next event. Raises `h11.RemoteProtocolError`."""
        event = super().next_event()
        if isinstance(event, h11.Request):
            head = self._consumed()
            self._is_chunked = any(name == b"transfer-encoding" for name, _ in event.headers)
            if _BARE.search(head) or _FOLDED.search(head) or len(_LENGTH.findall(head)) > 1:
                raise h11.RemoteProtocolError("ambiguous head")
        elif isinstance(event, h11.EndOfMessage):
            end = self._consumed()
            if self._is_chunked and (event.headers or not end.endswith(_END)):
                raise h11.RemoteProtocolError("ambiguous end of a body, or trailers")
        return event

    def _consumed(self) -> bytes:
        """Return what h11 has read, and keep what it has not."""
        at = len(self._raw) - len(self.trailing_data[0])
        read, self._raw = self._raw[:at], self._raw[at:]
        return read
