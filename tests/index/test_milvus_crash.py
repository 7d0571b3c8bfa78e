"""Writer or server killed at any moment: what was acknowledged is there, and nothing is half there."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import crash_child
import pytest
from crash_child import Op, replay
from engines import Milvus, Server
from nursery import Nursery
from stores import IDENTITY, TRANSFORM

KILLS = 10
SERVER_KILLS = 2


@pytest.fixture
def nursery(own_server: Server) -> Iterator[Nursery]:
    command = [sys.executable, str(Path(crash_child.__file__))]
    environ = {**os.environ, "MILVUS": own_server.url}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environ
    ) as process:
        yield Nursery(process)
        assert process.stdin
        process.stdin.close()


def after_kill(
    nursery: Nursery, path: Path, seed: str, delay_s: float, server: Server | None
) -> tuple[list[Op], Op | None]:
    """Kill a working writer, or *server* under it; return what was acknowledged and what was under way."""
    nursery.begin("work", path, seed)
    _, pid = nursery.heard()
    said = [nursery.heard()]  # its first step
    time.sleep(delay_s)
    if server:
        server.kill()
    else:
        os.kill(pid, signal.SIGKILL)
    said += list(nursery.rest())
    if server:
        server.start()
    acknowledged = [op for word, op in said if word == "ack"]
    return acknowledged, said[-1][1] if said[-1][0] == "try" else None


def test_nothing_acknowledged_is_lost(tmp_path: Path, nursery: Nursery, own_server: Server) -> None:
    """After each kill -9 the index holds what was acknowledged, and the step under way or not."""
    chance, engine = random.Random(18), Milvus(own_server.url)
    known: dict[str, str] = {}
    acknowledged = 0
    for kill in range(KILLS):
        server = own_server if kill >= KILLS - SERVER_KILLS else None
        ops, under_way = after_kill(nursery, tmp_path / "index", str(kill), chance.uniform(0, 0.4), server)
        acknowledged += len(ops)
        for op in ops:
            known = replay(known, op)
        with engine.writer(tmp_path / "index", IDENTITY, TRANSFORM) as writer:
            found = {doc_id: each.sha256 for doc_id, each in writer.known().items()}
        assert found in (known, replay(known, under_way) if under_way else known), f"kill {kill}"
        known = found
    with engine.view(tmp_path / "index", IDENTITY, TRANSFORM) as view:
        assert {each.doc_id: view.document(each.doc_id).sha256 for each in view.documents()} == known
    assert engine.faults(tmp_path / "index", TRANSFORM) == []
    assert acknowledged
