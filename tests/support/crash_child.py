"""Writers that get killed: a script that forks one for each line of its input.

A line is ``KIND<TAB>PATH<TAB>ARGUMENT``. Each child says ``pid N`` first; the
script says ``over 0`` when all of them have died, after all that they said. A fork of a
process that has imported everything and started no thread takes a millisecond.
"""

import json
import os
import random
import sys
import time
from contextlib import suppress
from pathlib import Path

import faiss  # noqa: F401 (once, before the forks)
from engines import SQLITE, Engine, Milvus
from stores import IDENTITY, NAMES, TRANSFORM, entry

from rag.errors import EngineUnreachable, IndexBusy
from rag.index.engines import Writer

ENGINE: Engine = SQLITE
if "MILVUS" in os.environ:
    import pymilvus  # noqa: F401 (it takes seconds, and starts no thread)

    ENGINE = Milvus(os.environ["MILVUS"], timeout_s=1.0)

Op = list[str]
"""Such as ``["put", "a.md", "17", "b.md", "18"]``, ``["move", "a.md", "b.md"]`` or ``["publish"]``."""


def next_op(known: dict[str, str], chance: random.Random) -> Op:
    """Choose what to do to an index that holds *known* sources by id."""
    kind = chance.choices(("put", "move", "remove", "publish"), weights=(6, 2, 2, 2))[0]
    free = [name for name in NAMES if name not in known]
    if kind == "move" and known and free:
        return ["move", chance.choice(sorted(known)), chance.choice(free)]
    if kind == "remove" and known:
        return ["remove", *chance.sample(sorted(known), k=min(2, len(known)))]
    if kind == "publish":
        return ["publish"]
    names = chance.sample(NAMES, k=chance.randint(1, 3))
    return ["put", *(word for name in names for word in (name, str(chance.randrange(10**6))))]


def replay(known: dict[str, str], op: Op) -> dict[str, str]:
    """Return the sources by id after *op*."""
    kind, *words = op
    match kind:
        case "put":
            return known | dict(zip(words[::2], words[1::2], strict=True))
        case "move":
            return {name: source for name, source in known.items() if name != words[0]} | {
                words[1]: known[words[0]]
            }
        case "remove":
            return {name: source for name, source in known.items() if name not in words}
        case _:
            return known


def perform(writer: Writer, op: Op) -> None:
    """Do *op* to the index."""
    kind, *words = op
    match kind:
        case "put":
            writer.put([entry(*pair) for pair in zip(words[::2], words[1::2], strict=True)])
        case "move":
            writer.move(*words)
        case "remove":
            writer.remove(words)
        case _:
            writer.publish()


def say(word: str, value: object) -> None:
    """Write one line by one system call, so that a kill leaves it whole or absent."""
    os.write(1, f"{word} {json.dumps(value)}\n".encode())


def work(path: Path, seed: str) -> None:
    """Change the index until killed, saying what before and after."""
    chance = random.Random(seed)
    with ENGINE.writer(path, IDENTITY, TRANSFORM) as writer:
        while True:
            op = next_op({doc_id: each.sha256 for doc_id, each in writer.known().items()}, chance)
            say("try", op)
            perform(writer, op)
            say("ack", op)


def race(path: Path, begin: str) -> None:
    """Try to be the writer at the moment *begin*; the winner holds on until killed."""
    time.sleep(max(0.0, float(begin) - time.time()))
    try:
        with ENGINE.writer(path, IDENTITY, TRANSFORM):
            say("won", os.getpid())
            time.sleep(60)
    except IndexBusy as exc:
        say("lost", str(exc))


def main() -> None:
    """Fork the children of each line and wait until they are dead."""
    for line in sys.stdin:
        kind, path, argument = line.rstrip("\n").split("\t")
        children = []
        for _ in range(8 if kind == "race" else 1):
            child = os.fork()
            if not child:
                say("pid", os.getpid())
                with suppress(EngineUnreachable):  # the server was killed, not the writer
                    (race if kind == "race" else work)(Path(path), argument)
                os._exit(0)
            children.append(child)
        for child in children:
            os.waitpid(child, 0)
        say("over", 0)


if __name__ == "__main__":
    main()
