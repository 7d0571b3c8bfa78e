"""Who is let in: programs by the token in each request, browsers by a session that the token began.

Sessions are kept in memory and by hash only. They end after a week, with the token, at sign-out, or
when the service stops; a new token therefore ends all of them.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from pydantic import SecretStr

__all__ = ["Gate"]

_LIFETIME_S = 7 * 24 * 3600
_SESSIONS = 10_000
# A cookie of this prefix is taken by browsers over TLS only, and from no other host of the domain.
_SECURE_NAME = "__Host-citewise"


class Gate:
    """Knows who may pass. Not for several threads.

    Args:
        token: What lets in; None lets everyone in.
        expires: When the token stops to do so, with its zone.
        now: Seconds since 1970.
    """

    def __init__(
        self, token: SecretStr | None, expires: datetime | None = None, now: Callable[[], float] = time.time
    ) -> None:
        self._token = token
        self._expires = expires.timestamp() if expires else float("inf")
        self._now = now
        self._ends: dict[bytes, float] = {}

    @property
    def is_open(self) -> bool:
        """Tell whether everyone may pass."""
        return self._token is None

    def opens(self, given: bytes) -> bool:
        """Tell whether *given* is the token, and still in force."""
        if self._token is None:
            return True
        # Of bytes: compare_digest takes no text beyond ASCII.
        same = hmac.compare_digest(given, self._token.get_secret_value().encode())
        return same and self._now() < self._expires

    def admits(self, authorization: str, cookies: Iterable[str], host: str) -> bool:
        """Tell whether a request with these headers may pass."""
        if self.opens(_credential(authorization)):
            return True
        return any(self._ends.get(_hash(each), 0.0) > self._now() for each in _sessions(cookies, host))

    def begin(self, host: str, *, secure: bool) -> str:
        """Begin a session and return the cookie that carries it, as a Set-Cookie header has it."""
        now = self._now()
        self._ends = {each: end for each, end in self._ends.items() if end > now}
        if len(self._ends) >= _SESSIONS:
            self._ends.pop(next(iter(self._ends)))
        session = secrets.token_urlsafe(32)
        end = min(now + _LIFETIME_S, self._expires)
        self._ends[_hash(session)] = end
        return _cookie(host, session, int(end - now), secure=secure)

    def end(self, cookies: Iterable[str], host: str, *, secure: bool) -> str:
        """End the sessions in *cookies* and return what takes the cookie out of the browser."""
        for each in _sessions(cookies, host):
            self._ends.pop(_hash(each), None)
        return _cookie(host, "", 0, secure=secure)


def _hash(session: str) -> bytes:
    return hashlib.sha256(session.encode()).digest()


def _name(host: str) -> str:
    """Return the name of the cookie without TLS; browsers keep one jar for all ports of a host."""
    _, _, port = host.rpartition("]")[2].partition(":")
    return f"citewise-{port or '80'}"


def _cookie(host: str, session: str, seconds: int, *, secure: bool) -> str:
    name = f"{_SECURE_NAME}={session}; Secure" if secure else f"{_name(host)}={session}"
    return f"{name}; HttpOnly; SameSite=Strict; Path=/; Max-Age={seconds}"


def _sessions(cookies: Iterable[str], host: str) -> Iterator[str]:
    names = (_SECURE_NAME, _name(host))
    for header in cookies:
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name in names and value:
                yield value


def _credential(header: str) -> bytes:
    """Return the token in an Authorization header: a bearer's, or the password of any user."""
    scheme, _, rest = header.partition(" ")
    if scheme.casefold() == "bearer":
        return rest.strip().encode()
    if scheme.casefold() == "basic":
        try:
            return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
        except (binascii.Error, ValueError):
            return b""
    return b""
