"""What is true of all formats: every script comes back, and no file does any harm."""

import random
import unicodedata
from collections.abc import Iterator
from email.message import EmailMessage

import pytest
from documents import SAMPLES
from hypothesis import given, settings
from hypothesis import strategies as st
from office import package
from samples import FILES

from rag.index.readers import FORMATS, kind_of, read
from rag.index.reading import Unreadable
from rag.index.sandbox import Sandbox
from rag.text.characters import clean_text

SCRIPTS = {**SAMPLES, "ko-nfd": unicodedata.normalize("NFD", SAMPLES["ko"])}
MADE = {suffix: make("Unharmed text of a good file. 도서관은 쉽니다.") for suffix, make in FILES.items()}


@pytest.mark.parametrize("lang", SCRIPTS)
@pytest.mark.parametrize("suffix", FILES)
def test_every_format_holds_every_script(lang: str, suffix: str) -> None:
    """A paragraph comes back as it was written, in NFC, whatever the file around it."""
    reading = read(FILES[suffix](SCRIPTS[lang]), suffix)

    assert clean_text(SCRIPTS[lang]) in reading.text
    assert reading.text == clean_text(reading.text)


@pytest.mark.parametrize("suffix", FILES)
def test_every_format_is_known_by_its_bytes(suffix: str) -> None:
    """A good file is of the kind that its name says."""
    assert kind_of(MADE[suffix], suffix) == suffix


@settings(max_examples=400)
@given(data=st.data())
def test_damaged_files_are_read_or_refused(data: st.DataObject) -> None:
    """With some bytes changed, left out or doubled a file gives text or a reason, and raises nothing else."""
    suffix = data.draw(st.sampled_from(sorted(MADE)))
    chance = random.Random(data.draw(st.integers(0, 2**32)))
    damaged = bytearray(MADE[suffix])
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(damaged))
        what = chance.random()
        if what < 0.7:
            damaged[place] = chance.randrange(256)
        elif what < 0.85:
            del damaged[place : place + chance.randint(1, 40)]
        else:
            damaged[place:place] = damaged[place : place + chance.randint(1, 40)]
        damaged = damaged or bytearray(b"x")

    try:
        read(bytes(damaged), kind_of(bytes(damaged), suffix))
    except Unreadable as exc:
        assert str(exc)


@settings(max_examples=300)
@given(st.binary(max_size=400), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_are_read_or_refused(data: bytes, suffix: str) -> None:
    """A reader that is given anything else raises its own error alone."""
    try:
        reading = read(data, suffix)
    except Unreadable as exc:
        assert str(exc)
    else:
        assert all(0 <= page.start <= len(reading.text) for page in reading.pages)


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as shared:
        yield shared


@pytest.mark.parametrize("suffix", FILES)
def test_the_sandbox_reads_what_the_reader_reads(suffix: str, sandbox: Sandbox) -> None:
    """Nothing of a reading is lost on the way out of the child process."""
    assert sandbox.read(MADE[suffix], suffix) == read(MADE[suffix], suffix)


BOMB = package({"mimetype": "x", "word/document.xml": bytes(60_000_000), "content.xml": b"<x/>"})


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".pptx", ".odt", ".epub", ".hwpx"])
def test_packages_that_unpack_to_too_much_are_refused(suffix: str) -> None:
    """What a package says that it unpacks to is checked before anything is unpacked."""
    with pytest.raises(Unreadable, match="times its size are read"):
        read(BOMB, suffix)


def test_what_lies_in_a_book_or_a_message_has_the_same_limits() -> None:
    """A bomb that is attached is named, and the words around it are read."""
    mail = EmailMessage()
    mail["Subject"] = "see below"
    mail.set_content("Unharmed.")
    mail.add_attachment(BOMB, "application", "zip", filename="a.docx")

    reading = read(mail.as_bytes(), ".eml")

    assert "Unharmed." in reading.text
    assert "times its size" in reading.left_out[0]
