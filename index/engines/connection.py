"""Calls to a Milvus server: tried again for a while when it is away, and its errors in the words of ours.

The one room that imports pymilvus. Values that are Milvus's own have no types there.
"""

import logging
import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Literal

from rag.errors import ConfigError, EngineRefused, EngineUnreachable

__all__ = ["MOST", "Address", "Connection", "Consistency", "Field", "IndexType"]

Field = tuple[str, str, Mapping[str, object]]
"""Name, type in Milvus's words, and what the type asks for."""

IndexType = Literal["FLAT", "HNSW", "IVF_FLAT", "DISKANN", "AUTOINDEX"]
Consistency = Literal["Strong", "Session", "Bounded", "Eventually"]

MOST = 16_384
"""So many rows a search may return: the limit of the server."""

# In one message, which a server takes up to 64 MB of: a passage with its signs has about 15 KB.
_BATCH = 200
_NAMED = 1_000
_PAGE = 1_000
# Every ten seconds, as pymilvus asks, is too often for a server that holds to gRPC's default.
_QUIET = {"grpc.keepalive_time_ms": 300_000}
_NO_DOTENV = "PYTHON_DOTENV_DISABLED"
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 2.0
_UNREACHABLE, _NOT_LOADED = 2, 101
_AWAY = re.compile("unavailable|connect|deadline|timeout|timed out", re.IGNORECASE)
_UNSIGNED = re.compile("auth|permission|privilege", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Address:
    """Where an index lives on a server.

    Attributes:
        url: Such as ``http://127.0.0.1:19530``.
        collection: Name of the index there; everything it has there begins with it.
        token: ``user:password`` or a key; empty for none. Never shown.
        index_type: How vectors are searched. FLAT is exact.
        consistency: Of searches; everything else is always strong.
        timeout_s: How long a call is tried again when the server is away.
    """

    url: str
    collection: str
    token: str = field(default="", repr=False)
    index_type: IndexType = "FLAT"
    consistency: Consistency = "Strong"
    timeout_s: float = 10.0

    def __str__(self) -> str:
        return f"{self.collection} at {self.url}"


class Connection:
    """What is asked of a server. Threads may share it."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client: Any = None

    def close(self) -> None:
        """Let go of the server."""
        if self._client is not None:
            self._client.close()

    def has(self, collection: str) -> bool:
        """Tell whether *collection* is there."""
        return bool(self._call("has_collection", collection))

    def collections(self) -> list[str]:
        """Return the names of all collections on the server."""
        return list(self._call("list_collections"))

    def create(self, collection: str, fields: Sequence[Field], indexes: Mapping[str, str]) -> None:
        """Make *collection* unless it is there; the first of *fields* is the primary key."""
        if not self.has(collection):
            from pymilvus import DataType

            schema = self._opened().create_schema(auto_id=False, enable_dynamic_field=False)
            for place, (name, kind, options) in enumerate(fields):
                schema.add_field(name, DataType[kind], is_primary=place == 0, **options)
            self._call("create_collection", collection, schema=schema, consistency_level="Strong")
        if not self._call("list_indexes", collection):  # a writer may have died in between
            params = self._opened().prepare_index_params()
            for name, kind in indexes.items():
                params.add_index(name, index_type=kind, metric_type="IP")
            self._call("create_index", collection, params, sync=False)  # there is nothing yet to wait for
        self.load(collection)

    def load(self, collection: str) -> None:
        """Make *collection* ready to be searched: a server that was started again has not done so."""
        self._call("load_collection", collection)

    def drop(self, collection: str) -> None:
        """Remove *collection* and all it holds."""
        self._call("drop_collection", collection)

    def flush(self, collection: str) -> None:
        """Let the server write out what it was given, without which searches are slow."""
        self._call("flush", collection)

    def upsert(self, collection: str, rows: Iterable[Mapping[str, Any]], *, partial: bool = False) -> None:
        """Insert or replace rows; to repeat it changes nothing. *partial* rows keep their other fields."""
        left = iter(rows)
        while batch := list(islice(left, _BATCH)):
            self._call("upsert", collection, batch, partial_update=partial)

    def delete(self, collection: str, condition: str) -> None:
        """Remove the rows for which *condition* holds."""
        self._call("delete", collection, filter=condition)

    def count(self, collection: str, condition: str) -> int:
        """Return for how many rows *condition* holds."""
        (row,) = self._call("query", collection, filter=condition, output_fields=["count(*)"], **_STRONG)
        return int(row["count(*)"])

    def query(self, collection: str, condition: str, fields: Sequence[str]) -> list[dict[str, Any]]:
        """Return *fields* of the rows for which *condition* holds, at most `MOST`, in any order."""
        asked = {"filter": condition, "output_fields": list(fields), "limit": MOST}
        return [dict(row) for row in self._call("query", collection, **asked, **_STRONG)]

    def numbered(
        self, collection: str, numbers: Iterable[int], fields: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Yield *fields* of the rows with these numbers, in any order."""
        wanted = list(numbers)
        for start in range(0, len(wanted), _NAMED):
            listed = ", ".join(map(str, wanted[start : start + _NAMED]))
            yield from self.query(collection, f"number in [{listed}]", fields)

    def scan(
        self, collection: str, end: int, condition: str, fields: Sequence[str]
    ) -> Iterator[dict[str, Any]]:
        """Yield *fields* of all rows numbered below *end* for which *condition* holds, page by page."""
        for start in range(0, end, _PAGE):
            page = f"number >= {start} and number < {start + _PAGE}"
            yield from self.query(collection, f"{condition} and {page}", fields)

    def search(
        self, collection: str, field: str, vector: object, limit: int, condition: str, fields: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Return *fields* of the rows nearest to *vector*, best first."""
        (found,) = self._call(
            "search",
            collection,
            data=[vector],
            anns_field=field,
            limit=min(limit, MOST),
            filter=condition,
            output_fields=list(fields),
            search_params={"metric_type": "IP", "params": {"ef": max(128, min(limit, MOST))}},
            consistency_level=self.address.consistency,
        )
        return [dict(hit["entity"]) for hit in found]

    def _opened(self) -> Any:  # noqa: ANN401 (pymilvus has no types)
        if self._client is None:
            from pymilvus import MilvusClient

            # It logs every error with its stack, besides raising it.
            logging.getLogger("pymilvus").setLevel(logging.CRITICAL)
            address = self.address
            self._client = MilvusClient(
                address.url, token=address.token, timeout=address.timeout_s, grpc_options=_QUIET
            )
        return self._client

    def _call(self, what: str, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401
        """Call the client; while the server is away, again and again until the time is up.

        Every call may be repeated: rows are replaced under keys of ours, never added.
        """
        failures = _failures()
        ends = time.monotonic() + self.address.timeout_s
        pause = _FIRST_PAUSE_S
        while True:
            try:
                left = max(0.5, ends - time.monotonic())
                return getattr(self._opened(), what)(*arguments, timeout=left, **options)
            except failures as exc:
                if getattr(exc, "code", None) == _NOT_LOADED and what != "load_collection":
                    self.load(arguments[0])
                elif not _is_away(exc):
                    raise self._refused(exc) from exc
                if time.monotonic() + pause > ends:
                    raise self._unreachable() from exc
            time.sleep(pause)
            pause = min(2 * pause, _LONGEST_PAUSE_S)

    def _unreachable(self) -> EngineUnreachable:
        return EngineUnreachable(
            f"The Milvus server at {self.address.url!r} gave no answer for {self.address.timeout_s:g} s. "
            "Nothing that was committed is lost. Start it, or correct CITEWISE_ENGINE_URL, and run the same "
            "command again."
        )

    def _refused(self, exc: Exception) -> EngineRefused:
        told = str(exc).replace(self.address.token or "\0", "***")
        remedy = "Set CITEWISE_ENGINE_TOKEN." if _UNSIGNED.search(told) else "See the log of the server."
        return EngineRefused(f"The Milvus server at {self.address.url!r} refused a request: {told}. {remedy}")


_STRONG = {"consistency_level": "Strong"}


def _failures() -> tuple[type[Exception], ...]:
    """Return what the library raises. Raises `ConfigError` if it is not installed."""
    try:
        with _environment_kept():
            from grpc import RpcError
            from pymilvus.exceptions import MilvusException
    except ImportError as exc:
        raise ConfigError(
            "engine = 'milvus' needs a library. Install it with: pip install 'citewise[milvus]'"
        ) from exc
    return MilvusException, RpcError


@contextmanager
def _environment_kept() -> Iterator[None]:
    """Keep pymilvus from reading a file ``.env`` when it is imported: nobody but the user sets variables."""
    before = os.environ.get(_NO_DOTENV)
    os.environ[_NO_DOTENV] = "1"
    try:
        yield
    finally:
        if before is None:
            del os.environ[_NO_DOTENV]
        else:
            os.environ[_NO_DOTENV] = before


def _is_away(exc: Exception) -> bool:
    told = str(exc)
    return getattr(exc, "code", None) == _UNREACHABLE or bool(
        _AWAY.search(told) and not _UNSIGNED.search(told)
    )
