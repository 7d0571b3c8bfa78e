"""Whatever is killed, whenever: what was acknowledged is there, and the index opens."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import crash_child
import pytest
from crash_child import Op, replay
from nursery import Nursery
from stores import IDENTITY, TRANSFORM, answers, entries

from rag.index.integrity import check
from rag.index.snapshot import open_snapshot
from rag.index.store import open_writer

KILLS = 300
RACES = 30


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    command = [sys.executable, str(Path(crash_child.__file__))]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()


def after_kill(nursery: Nursery, path: Path, seed: str, delay_s: float) -> tuple[list[Op], Op | None]:
    """Kill a working writer; return what it acknowledged and what it was at."""
    nursery.begin("work", path, seed)
    _, pid = nursery.heard()
    time.sleep(delay_s)
    os.kill(pid, signal.SIGKILL)
    acknowledged: list[Op] = []
    under_way: Op | None = None
    for word, op in nursery.rest():
        under_way = op if word == "try" else None
        if word == "ack":
            acknowledged.append(op)
    return acknowledged, under_way


def sources(path: Path) -> dict[str, str]:
    """Return what is indexed, as every part of the index tells it."""
    with open_snapshot(path, IDENTITY, TRANSFORM) as snapshot:
        return {each.doc_id: snapshot.document(each.doc_id).sha256 for each in snapshot.documents()}


def test_nothing_acknowledged_is_lost(tmp_path: Path, nursery: Nursery) -> None:
    """After kill -9 at any moment the index holds what was acknowledged, and the step under way or not."""
    chance = random.Random(20)
    path = tmp_path / "index 색인 %41#?"
    known: dict[str, str] = {}
    acknowledged = 0
    for kill in range(KILLS):
        ops, under_way = after_kill(nursery, path, str(kill), chance.uniform(0.002, 0.06))
        acknowledged += len(ops)
        for op in ops:
            known = replay(known, op)
        if not (path / "store.sqlite3").exists():
            continue
        with open_writer(path, IDENTITY, TRANSFORM) as writer:
            found = {doc_id: each.sha256 for doc_id, each in writer.known().items()}
        assert found in (known, replay(known, under_way) if under_way else known), f"kill {kill}"
        known = found
        assert sources(path) == known
        assert check(path, TRANSFORM) == []
    assert acknowledged


def test_a_killed_index_answers_like_a_fresh_one(tmp_path: Path, nursery: Nursery) -> None:
    """FAISS, FTS5 and the documents agree: the answers are those of an index that was made in one go."""
    open_writer(tmp_path / "killed", IDENTITY, TRANSFORM).close()
    for kill in range(10):
        after_kill(nursery, tmp_path / "killed", str(kill), 0.05)
        known = sources(tmp_path / "killed")
        with open_writer(tmp_path / str(kill), IDENTITY, TRANSFORM) as writer:
            writer.put(entries(known))
            writer.publish()
        with (
            open_snapshot(tmp_path / "killed", IDENTITY, TRANSFORM) as killed,
            open_snapshot(tmp_path / str(kill), IDENTITY, TRANSFORM) as fresh,
        ):
            assert answers(killed) == answers(fresh)


def test_one_of_eight_writers_wins(tmp_path: Path, nursery: Nursery) -> None:
    """Eight writers at once: one works, seven are told so, and a killed winner leaves no lock."""
    for number in range(RACES):
        nursery.begin("race", tmp_path, time.time() + 0.02)
        said: dict[str, list[Any]] = {"pid": [], "won": [], "lost": []}
        while len(said["won"]) + len(said["lost"]) < 8:
            word, value = nursery.heard()
            said[word].append(value)
        os.kill(said["won"][0], signal.SIGKILL)
        list(nursery.rest())

        assert (len(said["won"]), len(said["lost"])) == (1, 7), f"race {number}"
        assert all("Another process is writing" in message for message in said["lost"])
    open_writer(tmp_path, IDENTITY, TRANSFORM).close()
