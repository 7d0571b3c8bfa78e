"""What backends over HTTP share: one request, its limits, and when to ask again.

There is one retry loop and it is here. A reply is asked for at most three times
within one deadline, and never again once a word of it has been passed on: two
answers are not spliced. What is asked and how a reply reads is each backend's own.
"""

import json
import logging
import random
import re
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from ipaddress import ip_address
from typing import Any

import httpx
from pydantic import SecretStr

from rag.answer.prompt import Passages
from rag.errors import (
    BackendError,
    BackendMalformed,
    BackendRefused,
    BackendTimeout,
    BackendTooLong,
    BackendUnreachable,
)
from rag.llm.body import Document, documents, inflated
from rag.llm.budget import without_lowest
from rag.llm.circuit import Circuit
from rag.llm.reply import Piece, masked, refusal, settled
from rag.llm.watchdog import Watchdog

__all__ = ["ATTEMPTS", "Call", "Limits", "Wire"]

ATTEMPTS = 3
_MAX_BACKOFF_S = 8.0
# 409 is how some servers say that a model is still being loaded.
_PASSING = frozenset({408, 409, 425, 429})


def _holds_no_headers(record: logging.LogRecord) -> bool:
    """Keep what httpcore logs at DEBUG, but for reply headers: a server may repeat the key in one."""
    return not record.getMessage().startswith("receive_response_headers.complete")


logging.getLogger("httpcore.http11").addFilter(_holds_no_headers)


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each part of a reply may take, in seconds.

    Attributes:
        connect_s: To reach the server, TLS included.
        first_token_s: From the request to the first word, all attempts together and the reading of a
            long prompt included. So long a reader waits for a model that hangs.
        idle_s: From one word to the next.
        total_s: For everything, all attempts together.
        backoff_s: Half the longest wait before the second attempt; doubles with each one.
    """

    connect_s: float = 5.0
    first_token_s: float = 20.0
    idle_s: float = 20.0
    total_s: float = 120.0
    backoff_s: float = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """A request as a backend wants it made, and how a document of its reply reads."""

    path: str
    body: Mapping[str, Any]
    read: Callable[[Document], Piece]


@dataclass(frozen=True, slots=True)
class Wire:
    """A server that writes answers.

    Attributes:
        url: Base address, without the path of the call.
        key: Goes into `key_header` of each request and nowhere else.
        headers: Sent besides; none of them secret.
    """

    url: str
    key: SecretStr | None = None
    key_header: str = "Authorization"
    headers: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = field(default_factory=Limits)
    circuit: Circuit = field(default_factory=Circuit)

    def stream(self, prompt: Passages, call: Callable[[Passages], Call]) -> Iterator[str]:
        """Yield the words of the reply to *prompt* as they come.

        When the server finds the prompt too long, its lowest passage is dropped,
        once. Closing the iterator closes the connection.

        Raises:
            BackendError: There is no reply, or no whole one; the type says why.
        """
        deadline = time.monotonic() + self.limits.total_s
        first = time.monotonic() + self.limits.first_token_s
        shortened = False
        for attempt in range(1, ATTEMPTS + 1):
            self.circuit.admit(self.url)
            try:
                yield from masked(settled(self._pieces(call(prompt), first, deadline)), self.key)
            except BackendTooLong:
                shorter = without_lowest(prompt)
                if shortened or shorter is None or attempt == ATTEMPTS:
                    raise
                prompt, shortened = shorter, True
            except BackendTimeout:
                self.circuit.failed(silent=True)
                raise
            except BackendError as exc:
                if not _heals(exc):
                    raise
                self.circuit.failed()
                if attempt == ATTEMPTS:
                    raise
                _wait(attempt, exc, self.limits, min(first, deadline))
            else:
                self.circuit.succeeded()
                return

    def once(self, url: str, body: Mapping[str, Any] | None, within_s: float) -> Document:
        """Return the reply to one request at *url*, on the server of this wire; empty after any fault.

        Without a *body* it is a GET.
        """
        deadline = time.monotonic() + within_s
        try:
            with (
                Watchdog(deadline) as dog,
                self._client(deadline) as client,
                self._post(client, url, body, dog) as response,
            ):
                return next(self._documents(response), {})
        except (httpx.HTTPError, BackendError):
            return {}

    def _pieces(self, call: Call, first: float, deadline: float) -> Generator[Piece, None, None]:
        """Yield what one attempt brings; every failure comes out as a `BackendError`."""
        with Watchdog(deadline) as dog:
            try:
                dog.allow(first - time.monotonic())
                url = self.url + call.path
                with self._client(deadline) as client, self._post(client, url, call.body, dog) as response:
                    for document in self._documents(response):
                        piece = call.read(document)
                        if piece.text or piece.stop:
                            dog.rest()
                            yield piece
                        if piece.text or piece.thinking:
                            dog.allow(self.limits.idle_s)
            except (httpx.HTTPError, BackendMalformed) as exc:
                raise self._late(dog) or self._broken(exc) from exc
            if late := self._late(dog):
                raise late

    def _client(self, deadline: float) -> httpx.Client:
        """Return a client for one attempt; one that outlived it could keep its socket open.

        Certificates named by the environment hold for every server, proxies never for
        one on this machine, which they could not reach.
        """
        left = max(deadline - time.monotonic(), 0.001)
        try:
            return httpx.Client(
                auth=_KeyAuth(self.key_header, self.key),
                verify=_certificates(),
                trust_env=not _is_local(httpx.URL(self.url).host),
                follow_redirects=False,
                # Reading has no limit here: the watchdog keeps it.
                timeout=httpx.Timeout(left, connect=min(self.limits.connect_s, left), read=None),
            )
        except (ValueError, ImportError, OSError) as exc:
            raise BackendUnreachable(
                "The proxy or the certificates that the environment names cannot be used. "
                "Look at HTTPS_PROXY, ALL_PROXY, SSL_CERT_FILE and SSL_CERT_DIR."
            ) from exc

    def _post(
        self, client: httpx.Client, url: str, body: Mapping[str, Any] | None, dog: Watchdog
    ) -> AbstractContextManager[httpx.Response]:
        return client.stream(
            "GET" if body is None else "POST",
            url,
            # ASCII JSON: a lone surrogate cannot be sent in any other way.
            content=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "Accept-Encoding": "identity", **self.headers},
            extensions={"trace": dog.trace},
        )

    def _documents(self, response: httpx.Response) -> Iterator[Document]:
        if response.status_code != 200:
            after_s = _retry_after_s(response.headers.get("Retry-After", ""))
            raise refusal(self.url, response.status_code, _error(response), after_s)
        for document in documents(_decoded(response)):
            if error := document.get("error"):
                raise refusal(self.url, response.status_code, error)
            yield document

    def _late(self, dog: Watchdog) -> BackendTimeout | None:
        if not dog.expired:
            return None
        limits = self.limits
        return BackendTimeout(
            f"{self.url} was silent for too long (first word {limits.first_token_s:g} s, next "
            f"{limits.idle_s:g} s, all {limits.total_s:g} s). Raise the limit or use a smaller model."
        )

    def _broken(self, exc: httpx.HTTPError | BackendMalformed) -> BackendError:
        match exc:
            case BackendMalformed():
                return BackendMalformed(f"{self.url}: {exc}")
            case httpx.ConnectTimeout():
                return BackendTimeout(f"{self.url} cannot be reached in {self.limits.connect_s:g} s.")
            case httpx.ConnectError() if "CERTIFICATE_VERIFY_FAILED" in str(exc):
                return BackendUnreachable(
                    f"{self.url} has a certificate that is not trusted here. Set SSL_CERT_FILE."
                )
            case httpx.ConnectError():
                return BackendUnreachable(f"{self.url} cannot be reached. Is the server running?")
        # The kind of fault, not its words: they come from outside.
        return BackendUnreachable(f"{self.url} broke the connection ({type(exc).__name__}).")


class _KeyAuth(httpx.Auth):
    """Puts the key into the request at the last moment, so that no frame of ours ever holds it."""

    def __init__(self, header: str, key: SecretStr | None) -> None:
        self._header = header
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        if self._key is not None:
            bearer = "Bearer " if self._header == "Authorization" else ""
            request.headers[self._header] = bearer + self._key.get_secret_value()
        yield request


def _heals(exc: BackendError) -> bool:
    """Tell whether the same request may succeed a moment later."""
    match exc:
        case BackendUnreachable():
            return True
        case BackendRefused(status=status):
            return status in _PASSING or status >= 500
    return False


def _wait(attempt: int, exc: BackendError, limits: Limits, deadline: float) -> None:
    """Sleep until the next attempt; raise *exc* at once if the deadline comes first."""
    pause = exc.after_s if isinstance(exc, BackendRefused) else None
    if pause is None:
        # Full jitter: clients that failed together do not come back together.
        pause = random.uniform(0, min(_MAX_BACKOFF_S, limits.backoff_s * 2**attempt))  # noqa: S311
    if time.monotonic() + pause >= deadline:
        raise exc
    time.sleep(pause)


def _retry_after_s(value: str) -> float | None:
    """Return the seconds of a Retry-After header, None if it is absent, past or garbage."""
    if re.fullmatch(r"[0-9]{1,18}", value.strip()):
        return float(value)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    seconds = (when.replace(tzinfo=when.tzinfo or UTC) - datetime.now(UTC)).total_seconds()
    return seconds if seconds > 0 else None


def _error(response: httpx.Response) -> object:
    """Return what a refusal says under ``error``, None if its body says nothing readable."""
    try:
        body = next(documents(_decoded(response)), {})
    except (httpx.HTTPError, BackendMalformed):
        return None
    return body.get("error", body)


def _decoded(response: httpx.Response) -> Iterator[bytes]:
    return inflated(response.iter_raw(), response.headers.get("Content-Encoding", ""))


def _is_local(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    return httpx.create_ssl_context()
