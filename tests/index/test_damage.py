"""Damaged files, full disks, read-only disks: an index is refused, or it answers rightly."""

import random
import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from stores import (
    AS_STORED,
    IDENTITY,
    NAMES,
    SOURCES,
    TRANSFORM,
    answers,
    asked,
    entries,
    entry,
    passages,
    query,
    reopened,
    whole,
    written,
)

from rag.errors import IndexDamaged, IndexMismatch, IndexMissing, LoadError, RagError, StoreFull
from rag.index.integrity import check
from rag.index.snapshot import open_snapshot
from rag.index.store import open_writer


def cut(data: bytes) -> bytes:
    return data[: len(data) // 2]


def flipped(data: bytes) -> bytes:
    return data[:90] + bytes([data[90] ^ 4]) + data[91:]


@pytest.mark.parametrize(
    "damage", [cut, flipped, lambda data: b"", None], ids=["cut", "flipped", "empty", "missing"]
)
def test_a_damaged_faiss_file_costs_time_and_no_answer(
    tmp_path: Path, damage: Callable[[bytes], bytes] | None
) -> None:
    """It is named by the doctor, made again in memory by a reader, and on disk by the next run."""
    expected = asked(written(tmp_path))
    (file,) = tmp_path.glob("*.faiss")
    sound = file.read_bytes()
    if damage:
        file.write_bytes(damage(sound))
    else:
        file.unlink()

    assert asked(tmp_path) == expected
    (fault,) = check(tmp_path, TRANSFORM)
    assert str(file) in fault
    assert "rag index" in fault
    with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        writer.publish()
    assert file.read_bytes() == sound
    assert check(tmp_path, TRANSFORM) == []


def test_a_stale_faiss_file_is_not_used(tmp_path: Path) -> None:
    """The file of an older generation, or of another transform, is not the index of this one."""
    (old,) = written(tmp_path).glob("*.faiss")
    stale = old.read_bytes()
    with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        writer.remove(NAMES[:3])
        generation = writer.publish()
    (file,) = tmp_path.glob("*.faiss")
    expected = asked(tmp_path)
    file.write_bytes(stale)

    assert file.name == f"dense-{generation}.faiss"
    assert asked(tmp_path) == expected
    with open_snapshot(tmp_path, IDENTITY, AS_STORED) as snapshot:
        made = passages(entries({name: SOURCES[name] for name in NAMES[3:]}))
        best = max(made, key=lambda name: float(made[name][0].vectors[made[name][1]] @ query(3)))
        assert snapshot.dense(query(3), 1)[0][0] == best


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    """Half-written files are gone after the next run."""
    (written(tmp_path) / "dense-7.faiss.tmp").write_bytes(b"half")
    (tmp_path / "dense-1.faiss").write_bytes(b"old")
    with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer:
        generation = writer.publish()
    assert sorted(file.name for file in tmp_path.iterdir()) == [
        f"dense-{generation}.faiss",
        "lock",
        "store.sqlite3",
    ]


def outcome(path: Path) -> list[object] | None:
    """Return all answers, or None when the index was refused."""
    try:
        return asked(path)
    except (IndexDamaged, IndexMismatch, IndexMissing, LoadError) as exc:
        assert "rag " in str(exc)
        return None


def test_a_damaged_store_is_refused_or_answers_rightly(tmp_path: Path) -> None:
    """400 flips and 40 truncations all over the file: never a traceback, never a wrong answer."""
    expected = asked(written(tmp_path / "sound"))
    sound = (tmp_path / "sound" / "store.sqlite3").read_bytes()
    copy = tmp_path / "copy"
    copy.mkdir()
    chance = random.Random(4)
    mutations = [_flip(sound, place, chance) for place in range(100)]  # the header decides everything
    mutations += [_flip(sound, chance.randrange(len(sound)), chance) for _ in range(300)]
    mutations += [sound[: chance.randrange(len(sound))] for _ in range(40)]
    refused = 0
    for number, mutation in enumerate(mutations):
        for file in copy.iterdir():
            file.unlink()
        (copy / "store.sqlite3").write_bytes(mutation)
        found = outcome(copy)
        assert found in (None, expected), f"mutation {number}"
        refused += found is None
        if found is None:
            assert check(copy, TRANSFORM), f"mutation {number}"
    assert refused > 100


def _flip(data: bytes, place: int, chance: random.Random) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << chance.randrange(8))]) + data[place + 1 :]


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM documents WHERE id = (SELECT min(id) FROM documents)",
        "DELETE FROM texts WHERE id = (SELECT min(id) FROM texts)",
        "DELETE FROM vectors WHERE id = (SELECT min(id) FROM vectors)",
        "DELETE FROM terms WHERE id = (SELECT min(id) FROM terms)",
        "DELETE FROM signs WHERE id = (SELECT min(id) FROM signs)",
        "INSERT INTO texts SELECT 999, body, seal FROM texts LIMIT 1",
        "UPDATE texts SET (body, seal) = (SELECT body, seal FROM texts ORDER BY id DESC LIMIT 1)",
        "UPDATE vectors SET (body, seal) = (SELECT body, seal FROM vectors ORDER BY id DESC LIMIT 1)",
        "DELETE FROM lexicon_docsize WHERE id = (SELECT min(id) FROM lexicon_docsize)",
        "DELETE FROM state",
        "UPDATE lexicon_data SET block = NULL WHERE id = 1",
        "UPDATE lexicon_data SET block = 7 WHERE id = 10",
        "PRAGMA writable_schema = 1; UPDATE sqlite_schema SET sql = CAST(x'63ff' AS TEXT) WHERE rootpage = 4",
    ],
)
def test_rows_that_are_gone_or_elsewhere_are_noticed(tmp_path: Path, statement: str) -> None:
    """A sound file with the wrong rows is damaged too: a lost row, a stray one, one in another's place."""
    expected = asked(written(tmp_path))
    connection = sqlite3.connect(tmp_path / "store.sqlite3")
    connection.executescript(statement)
    connection.commit()
    connection.close()

    assert outcome(tmp_path) in (None, expected)
    faults = check(tmp_path, TRANSFORM)
    assert faults
    assert all("store.sqlite3" in fault and "--rebuild" in fault for fault in faults)


def test_a_killed_run_seals_no_damage(tmp_path: Path) -> None:
    """The lexical index has no seal while a run changes it; the next writer makes it from sealed rows."""
    expected = asked(written(tmp_path / "whole"))
    killed = tmp_path / "killed"
    with open_writer(tmp_path / "running", IDENTITY, TRANSFORM) as writer:
        writer.put(entries(SOURCES))
        shutil.copytree(tmp_path / "running", killed)
    connection = sqlite3.connect(killed / "store.sqlite3")
    connection.execute("UPDATE lexicon_data SET block = zeroblob(length(block)) WHERE id > 10")
    connection.commit()
    connection.close()

    open_writer(killed, IDENTITY, TRANSFORM).close()

    assert asked(killed) == expected
    assert check(killed, TRANSFORM) == []


@pytest.mark.parametrize("data", [b"not a database", b"SQLite format 3\x00" + b"\xff" * 5000])
def test_a_damaged_store_is_made_again_on_demand_only(tmp_path: Path, data: bytes) -> None:
    """A writer refuses it with the command to run; that command begins anew."""
    (written(tmp_path) / "store.sqlite3").write_bytes(data)

    with pytest.raises(IndexDamaged, match="rag index DIR --rebuild"):
        open_writer(tmp_path, IDENTITY, TRANSFORM)
    with open_writer(tmp_path, IDENTITY, TRANSFORM, rebuild=True) as writer:
        writer.put(entries(SOURCES))
        writer.publish()
    assert asked(tmp_path) == asked(written(tmp_path / "fresh"))
    assert check(tmp_path, TRANSFORM) == []


@pytest.mark.parametrize(
    ("pragma", "error"), [("user_version = 5", IndexMismatch), ("application_id = 1", IndexDamaged)]
)
def test_other_formats_and_other_databases_are_refused(
    tmp_path: Path, pragma: str, error: type[RagError]
) -> None:
    """A newer format, or a database of something else, is left alone."""
    connection = sqlite3.connect(written(tmp_path) / "store.sqlite3")
    connection.execute(f"PRAGMA {pragma}")
    connection.close()

    for opening in (open_writer, open_snapshot):
        with pytest.raises(error):
            opening(tmp_path, IDENTITY, TRANSFORM)
    assert len(check(tmp_path, TRANSFORM)) == 1


@contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Make every write beyond *size* bytes of a file fail."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """Wherever the disk is full, the last generation stands, and the writer goes on when there is room."""
    written(tmp_path)
    for kilobytes in (*range(1, 40, 6), *range(40, 400, 40)):
        expected = asked(tmp_path)
        with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer:
            known = dict(writer.known())
            with files_limited_to(kilobytes * 1024):
                try:
                    writer.put([entry("big.md", str(kilobytes)), whole("large.md", "가나다 " * 20_000)])
                except StoreFull as exc:
                    assert "Nothing that was committed is lost" in str(exc)
            if writer.known() == known:
                assert asked(tmp_path) == expected
            writer.put([entry("after.md", str(kilobytes))])
            writer.remove(["big.md", "large.md"])
            writer.publish()
        assert check(tmp_path, TRANSFORM) == []


def test_a_full_disk_spares_the_faiss_file(tmp_path: Path) -> None:
    """When the new file does not fit, no half of it is left, and answers are right all the same."""
    with open_writer(written(tmp_path), IDENTITY, TRANSFORM) as writer:
        writer.put([entry("new.md", "1")])
        with files_limited_to(64), pytest.raises(StoreFull):
            writer.publish()
        assert not list(tmp_path.glob("*.tmp"))
        expected = asked(tmp_path)
        writer.publish()
    assert asked(tmp_path) == expected
    assert check(tmp_path, TRANSFORM) == []


def test_a_read_only_disk_is_enough_to_ask(tmp_path: Path) -> None:
    """Reading needs no write; writing says why it cannot."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", tmp_path], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"mounting a tmpfs is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        expected = asked(written(tmp_path))
        subprocess.run(["mount", "-o", "remount,ro", tmp_path], check=True)

        assert asked(tmp_path) == expected
        assert check(tmp_path, TRANSFORM) == []
        with pytest.raises(StoreFull, match="Read-only"):
            open_writer(tmp_path, IDENTITY, TRANSFORM)
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_full_tmpfs_loses_nothing(tmp_path: Path) -> None:
    """A real disk that is full: what was acknowledged is there, what was not is not."""
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", tmp_path], capture_output=True
    )
    if mounted.returncode:
        pytest.skip(f"mounting a tmpfs is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        acknowledged = 0
        with open_writer(tmp_path, IDENTITY, TRANSFORM) as writer, pytest.raises(StoreFull):
            while True:
                writer.put([whole(f"{acknowledged}.md", "가나다 라마바 " * 500)])
                acknowledged += 1
        with reopened(tmp_path) as snapshot:
            assert len(snapshot.documents()) == acknowledged > 0
    finally:
        subprocess.run(["umount", tmp_path], check=True)


def test_a_store_without_its_log_is_an_older_generation_or_refused(tmp_path: Path) -> None:
    """A copy of the database alone, taken while a reader kept the log, is a whole generation."""
    with reopened(written(tmp_path / "index")) as reader:
        expected = answers(reader)
        with open_writer(tmp_path / "index", IDENTITY, TRANSFORM) as writer:
            writer.put([entry("new.md", "3")])
        (tmp_path / "copy").mkdir()
        shutil.copy(tmp_path / "index" / "store.sqlite3", tmp_path / "copy")
    assert outcome(tmp_path / "copy") in (None, expected, asked(tmp_path / "index"))
