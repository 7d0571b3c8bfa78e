"""Chats that the service keeps, if it is asked to: for whoever has its token, in one file beside the index.

Nobody is told apart but by the token, so all who share it share the chats. Of the token the file holds
what scrypt makes of it: whoever reads the file cannot guess tokens quickly, and after a new token the
chats of the old one are there for the old one only.
"""

import hashlib
import json
import logging
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from rag.errors import ConfigError
from rag.ui.schemas import ChatBody, Problem

__all__ = ["MAX_CHATS", "MAX_CHATS_BYTES", "ChatRow", "KeptChats"]

_log = logging.getLogger(__name__)

MAX_CHATS = 500
MAX_CHATS_BYTES = 256 * 1024 * 1024
_FULL = f"One token keeps {MAX_CHATS} chats, {MAX_CHATS_BYTES // 1024 // 1024} MB together. Delete some."
_WAIT_S = 10.0
_SCHEMA = """CREATE TABLE IF NOT EXISTS chats (
    owner BLOB, id TEXT, updated INTEGER, name TEXT, question TEXT, words TEXT, turns TEXT,
    PRIMARY KEY (owner, id)
) STRICT"""
_PUT = "INSERT OR REPLACE INTO chats VALUES (?, ?, ?, ?, ?, ?, ?)"


@dataclass(frozen=True, slots=True)
class ChatRow:
    """What a list needs of a chat. `updated` are milliseconds since 1970, and rise with every change."""

    id: str
    updated: int
    name: str
    question: str
    words: str


class KeptChats:
    """The chats of one token, in the file at *path*, which only the user of the service may read.

    Raises:
        ConfigError: There can be no such file.
    """

    def __init__(self, path: Path, token: SecretStr) -> None:
        secret = token.get_secret_value().encode()
        self._owner = hashlib.scrypt(secret, salt=b"citewise chats", n=2**14, r=8, p=1)
        self._path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _claim(path)
            with self._opened() as file:
                file.execute(_SCHEMA)
        except (OSError, Problem) as exc:
            raise ConfigError(
                f"{str(path)!r} cannot hold chats. Make it a file that can be written, or move it away."
            ) from exc

    def all(self) -> list[ChatRow]:
        """Return all, the latest first."""
        with self._opened() as file:
            rows = file.execute(
                "SELECT id, updated, name, question, words FROM chats WHERE owner = ? ORDER BY updated DESC",
                (self._owner,),
            )
            return [ChatRow(*row) for row in rows]

    def get(self, chat_id: str) -> tuple[int, str, str]:
        """Return when it changed, its name, and its turns as JSON. Raises `Problem` if there is none."""
        with self._opened() as file:
            query = "SELECT updated, name, turns FROM chats WHERE owner = ? AND id = ?"
            row: tuple[int, str, str] | None = file.execute(query, (self._owner, chat_id)).fetchone()
        if row is None:
            raise Problem("not_found")
        return row

    def put(self, chat_id: str, body: ChatBody) -> int:
        """Keep a chat and return when that was.

        Raises:
            Problem: It has changed since `body.updated`, or there is no room for it.
        """
        turns = _json(body.turns)
        with self._opened() as file:
            file.execute("BEGIN IMMEDIATE")
            before = self._updated(file, chat_id)
            if body.updated != before:
                raise Problem("chat_changed")
            self._check_room(file, chat_id, len(turns))
            updated = max(time.time_ns() // 1_000_000, before + 1)
            values = (self._owner, chat_id, updated, body.name, body.question, body.words, turns)
            file.execute(_PUT, values)
        return updated

    def remove(self, chat_id: str) -> None:
        """Forget a chat, if it is there."""
        with self._opened() as file:
            file.execute("DELETE FROM chats WHERE owner = ? AND id = ?", (self._owner, chat_id))

    def clear(self) -> None:
        """Forget all."""
        with self._opened() as file:
            file.execute("DELETE FROM chats WHERE owner = ?", (self._owner,))

    def _updated(self, file: sqlite3.Connection, chat_id: str) -> int:
        query = "SELECT updated FROM chats WHERE owner = ? AND id = ?"
        row = file.execute(query, (self._owner, chat_id)).fetchone()
        return int(row[0]) if row else 0

    def _check_room(self, file: sqlite3.Connection, chat_id: str, size: int) -> None:
        query = "SELECT count(*), coalesce(sum(length(turns)), 0) FROM chats WHERE owner = ? AND id <> ?"
        count, together = file.execute(query, (self._owner, chat_id)).fetchone()
        if count >= MAX_CHATS or together + size > MAX_CHATS_BYTES:
            raise Problem("no_room", _FULL)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """Open the file for one step: all of it is kept, or nothing. What is deleted is overwritten."""
        try:
            with closing(sqlite3.connect(self._path, _WAIT_S, isolation_level=None)) as file, file:
                file.execute("PRAGMA secure_delete = ON")
                yield file
        except sqlite3.Error as exc:
            _log.error("%s: %s", type(exc).__name__, exc)
            raise Problem("not_kept", "The file of the chats beside the index cannot be used.") from exc


def _claim(path: Path) -> None:
    """Make the file ours alone before anything is in it; a link to another file is refused."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _json(turns: list[dict[str, Any]]) -> str:
    """Return *turns* in ASCII, which holds lone surrogates, too. Raises `Problem` for what is no JSON."""
    try:
        return json.dumps(turns, allow_nan=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        raise Problem("invalid", "turns: no JSON, or nested too deeply.", param="turns") from None
