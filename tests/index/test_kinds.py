"""A file is what its bytes say, whatever it is called."""

from collections.abc import Mapping
from pathlib import Path

import pytest
from documents import DOCX, docx_bytes, pdf
from hypothesis import given
from hypothesis import strategies as st
from office import package

from rag.index.load import load, scan
from rag.index.readers import FORMATS, MAX_BYTES
from rag.index.readers.kinds import guess, kind_of
from rag.index.reading import Unreadable

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504)


def ole(stream: str) -> bytes:
    return OLE + stream.encode("utf-16-le") + bytes(600)


def read_all(folder: Path, files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the text of each file, or the reason why it has none."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    found = scan(folder)
    return {
        source.doc_id: document.text if document else problems[0].reason
        for source, document, problems in load(found.sources)
    } | {problem.doc_id: problem.reason for problem in found.problems}


def test_files_are_read_as_what_they_are(tmp_path: Path) -> None:
    """The name may lie, or say nothing."""
    files = {
        "report.doc": docx_bytes("도서관은 월요일에 쉽니다."),
        "plain.doc": "図書館は月曜日に休みます。\n二行目。".encode(),
        "page.txt": b"\n<!-- saved --><!DOCTYPE html><p>Closed <b>today</b>.</p>",
        "page.xls": b"<html><table><tr><td>Gear<td>14</table></html>",
        "table.xls": b"size\tteeth\nsmall\t14\nlarge\t22\n",
        "scan": pdf([["Keller", "Archiv"]]),
        "letter": docx_bytes("Καλημέρα."),
        "picture.docx": pdf([["No picture"]]),
    }

    found = read_all(tmp_path, files)

    assert found["report.doc"] == "도서관은 월요일에 쉽니다."
    assert found["plain.doc"] == "図書館は月曜日に休みます。\n二行目。"
    assert found["page.txt"] == "Closed today."
    assert "Gear" in found["page.xls"]
    assert "<" not in found["page.xls"]
    assert found["table.xls"] == "size: small; teeth: 14\nsize: large; teeth: 22"
    assert "Archiv" in found["scan"]
    assert found["letter"] == "Καλημέρα."
    assert "No picture" in found["picture.docx"]


@pytest.mark.parametrize(
    ("data", "suffix", "reason"),
    [
        (ole("WordDocument"), ".doc", "old Word document .* Save it as .docx"),
        (ole("WordDocument"), ".docx", "old Word document"),
        (ole("PowerPoint Document"), ".ppt", "Save it as .pptx"),
        (ole("EncryptedPackage"), ".xlsx", "is encrypted. Save a copy without a password"),
        (ole("__substg1.0_0037001F"), ".msg", "Save it as .eml"),
        (package({"xl/workbook.bin": b"x"}), ".xlsx", "Save it as .xlsx"),
        (package({"a.txt": b"x", "b/c.txt": b"y"}), ".txt", "archive .* Unpack it"),
        (b"Rar!\x1a\x07\x01" + bytes(40), ".pdf", "archive .* Unpack it"),
        (b"HWP Document File V3.00 \x1a" + bytes(90), ".hwp", "Save it as .hwpx"),
    ],
)
def test_kinds_that_are_not_read_say_what_to_do(data: bytes, suffix: str, reason: str) -> None:
    """An old or packed file has a remedy."""
    with pytest.raises(Unreadable, match=reason):
        kind_of(data, suffix)


@pytest.mark.parametrize(
    ("data", "suffix", "kind"),
    [
        (DOCX, ".pdf", ".docx"),
        (
            package({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
            ".zip",
            ".odt",
        ),
        (package({"mimetype": "application/epub+zip"}), "", ".epub"),
        (package({"mimetype": "application/hwp+zip", "Contents/section0.xml": "<x/>"}), ".hwp", ".hwpx"),
        (b"PK\x03\x04 broken", ".docx", ".docx"),
        (b"{\\rtf1 a}", ".doc", ".rtf"),
        (b"From: a@b\r\nMIME-Version: 1.0\r\n\r\nx", ".txt", ".eml"),
        (b"<html>in a README</html>", ".md", ".md"),
        ("나는 <html>을 쓴다".encode(), ".txt", ".txt"),
        (b"Note: about a letter\nReceived: never\n", ".py", ".py"),
        (b"plain", ".docx", ".docx"),
    ],
)
def test_marks_of_formats(data: bytes, suffix: str, kind: str) -> None:
    """The formats' own marks decide; without one the name is believed."""
    assert kind_of(data, suffix) == kind


def test_files_without_a_suffix_are_guessed_or_counted() -> None:
    """Documents are found; programs and plain lists stay what they were: skipped and counted."""
    assert guess(DOCX) in MAX_BYTES
    assert guess(pdf([["x"]])) == ".pdf"
    assert (guess(b"\x7fELF" + bytes(90)), guess(b"all: build\n")) == ("", "")


@given(st.binary(max_size=600), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_have_a_kind_or_a_reason(data: bytes, suffix: str) -> None:
    """Nothing else is raised, and a known kind has a reader."""
    for prefix in (b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"<html>", b"{\\rtf"):
        try:
            assert kind_of(prefix + data, suffix)
        except Unreadable as exc:
            assert str(exc)
