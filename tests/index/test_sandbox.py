"""Parsers run in a child: one that takes too long or too much is ended, and the next file is read."""

import unicodedata
from collections.abc import Iterator

import pytest
from documents import DOCX, SAMPLES, main_part, pdf, repacked
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.index.reading import Unreadable
from rag.index.sandbox import Sandbox


def test_a_parser_that_takes_too_long_is_ended() -> None:
    """The next file is read as if nothing had happened."""
    slow = repacked(DOCX, main_part(b"<w:p><w:r><w:t>ab</w:t></w:r></w:p>" * 300_000))

    # Long enough for a new child on a machine that has more to do.
    with Sandbox(timeout_s=5.0) as sandbox:
        with pytest.raises(Unreadable, match="more than 5 s"):
            sandbox.read(slow, ".docx")
        after = sandbox.read(DOCX, ".docx")

    assert after.text == "Unharmed text of a good file."


def test_a_parser_that_takes_too_much_is_ended() -> None:
    """Memory is the child's problem, and the next file gets a new child."""
    large = b"<p>" + b"a " * 24_000_000

    with Sandbox(memory_bytes=192 << 20) as sandbox:
        with pytest.raises(Unreadable, match=r"192 MiB|smaller parts"):
            sandbox.read(large, ".html")
        after = sandbox.read(b"<p>small</p>", ".html")

    assert after.text == "small"


def test_one_child_serves_many_files_and_keeps_nothing() -> None:
    """What one file declares does not colour the next."""
    with Sandbox() as sandbox:
        texts = [sandbox.read(f"<p>{text}</p>".encode(), ".html").text for text in SAMPLES.values()]

    assert texts == [unicodedata.normalize("NFC", text) for text in SAMPLES.values()]


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_mutated_files_never_stop_the_run(data: st.DataObject, sandbox: Sandbox) -> None:
    """A good file with some bytes changed gives text or a reason."""
    original, suffix = data.draw(st.sampled_from([(DOCX, ".docx"), (pdf([["Some text"]]), ".pdf")]))
    mutated = bytearray(original)
    for place in data.draw(st.lists(st.integers(0, len(original) - 1), min_size=1, max_size=20)):
        mutated[place] = data.draw(st.integers(0, 255))

    try:
        sandbox.read(bytes(mutated), suffix)
    except Unreadable as exc:
        assert str(exc)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as shared:
        yield shared
