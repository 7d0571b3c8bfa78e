"""When a watched folder is due for a run."""

import os
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripts import SENTENCES

from rag.index.activity import Activity, announced, read_activity
from rag.index.watch import Pace, View, emptied, look

DOCS = Path("docs")


def seen(version: int) -> View:
    """What a folder looks like in this *version*; 0 holds no file."""
    return {DOCS: frozenset({("docs/a.txt", version, 0, 0, 0)} if version else ())}


@given(st.lists(st.integers(0, 3), min_size=1), st.integers(0, 3))
def test_a_folder_that_came_to_rest_is_indexed_as_it_is(versions: list[int], last: int) -> None:
    """Whatever came before, two equal looks are enough: the last run has seen what is there."""
    pace = Pace()
    for now_s, version in enumerate([*versions, last, last, last]):
        if pace.is_due(seen(version), now_s):
            pace.ran(seen(version), now_s, ok=True)

    assert pace.indexed == seen(last)
    assert not pace.is_due(seen(last), len(versions) + 3)


def test_a_change_is_waited_out_and_indexed_once() -> None:
    """A file that is being copied is read when it is whole."""
    pace = Pace()
    pace.ran(seen(1), 0, ok=True)

    assert [pace.is_due(seen(version), 1) for version in (1, 2, 3, 4, 4)] == [False] * 4 + [True]


def test_a_restless_folder_is_indexed_now_and_then() -> None:
    """A log that grows with every look does not keep the others waiting for ever."""
    pace = Pace()
    pace.ran(seen(1), 0, ok=True)
    due = [now_s for now_s in range(1, 100) if pace.is_due(seen(now_s + 1), now_s)]

    assert due[0] == 31


def test_a_failed_run_is_tried_again_after_a_while() -> None:
    """Without a further change too: the lock is free some time, the disk has room."""
    pace = Pace()
    assert pace.is_due(seen(1), 0)
    pace.ran(seen(1), 0, ok=False)

    assert [now_s for now_s in range(1, 8) if pace.is_due(seen(1), now_s)] == [5, 6, 7]


def test_what_changes_during_a_run_is_for_the_next() -> None:
    """The run may have read the file before it changed."""
    pace = Pace()
    assert pace.is_due(seen(1), 0)
    pace.ran(seen(1), 9, ok=True)

    assert [pace.is_due(seen(2), 10), pace.is_due(seen(2), 11)] == [False, True]


def test_a_folder_that_lost_all_is_told_apart() -> None:
    """An unmounted disk is an empty folder; one file less is a change like any other.

    A folder inside that of the index is on no other disk.
    """
    index = Path("index").resolve()
    assert emptied(seen(1), seen(0), index) == [DOCS]
    assert emptied(seen(1), seen(2), index) == emptied(seen(0), seen(0), index) == []
    assert emptied({}, seen(0), index) == emptied(seen(1), seen(0), DOCS.resolve().parent) == []


@pytest.mark.parametrize("name", [f"{each[:20].strip()}.txt" for each in SENTENCES.values()])
def test_every_change_of_a_file_that_is_read_shows(name: str, tmp_path: Path) -> None:
    """Added, written to, with the old time put back, renamed, removed: in every script."""
    path = tmp_path / "deep" / name
    looks = [look([tmp_path])]
    path.parent.mkdir()
    path.write_text("one")
    looks.append(look([tmp_path]))
    times = path.stat()
    path.write_text("two")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    looks.append(look([tmp_path]))
    path = path.rename(path.with_suffix(".md"))
    looks.append(look([tmp_path]))
    path.unlink()
    looks.append(look([tmp_path]))

    assert [before == after for before, after in pairwise(looks)] == [False] * 4
    assert looks[0] == looks[-1]


@pytest.mark.parametrize("name", [".hidden.txt", "~$open.docx", ".git/a.txt", "node_modules/a.md", "a.mp4"])
def test_files_that_are_not_read_do_not_wake_anyone(name: str, tmp_path: Path) -> None:
    """Editors and version control write all the time."""
    before = look([tmp_path])
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("x")

    assert look([tmp_path]) == before


def test_what_is_ignored_may_change(tmp_path: Path) -> None:
    """A `.ragignore` decides what is read, so it is looked at, though its name hides it."""
    before = look([tmp_path])
    (tmp_path / ".ragignore").write_text("*.txt")

    assert look([tmp_path]) != before
    assert look([tmp_path / "absent"]) == {tmp_path / "absent": frozenset()}


def test_a_run_tells_what_it_does_until_it_ends(tmp_path: Path) -> None:
    """Other processes see the stage and how far it is, and nothing once it is over."""
    with announced(tmp_path) as announcement:
        announcement("reading", 1, 3)
        first = read_activity(tmp_path)
        announcement("reading", 2, 3)
        again = read_activity(tmp_path)
        announcement.wait("IndexBusy")
        waiting = read_activity(tmp_path)

    assert first == again == Activity("reading", 1, 3)
    assert waiting == Activity("waiting", failed="IndexBusy")
    assert read_activity(tmp_path) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("left", [b"", b"{", b"[]", b'{"stage": "reading", "speed": 3}', b"\xff"])
def test_a_file_that_says_nothing_is_nothing(left: bytes, tmp_path: Path) -> None:
    """It is another process's: half of it, or a newer version's, may be there."""
    (tmp_path / "activity.json").write_bytes(left)

    assert read_activity(tmp_path) is None


def test_a_file_that_a_killed_run_left_is_nothing(tmp_path: Path) -> None:
    """Who is alive touches it again and again."""
    file = tmp_path / "activity.json"
    file.write_text('{"stage": "reading"}')
    alive = read_activity(tmp_path)
    os.utime(file, (0, file.stat().st_mtime - 120))

    assert (alive, read_activity(tmp_path)) == (Activity("reading"), None)
