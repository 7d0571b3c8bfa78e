"""What a file sent over HTTP may be called, and what becomes of a name that no system should take."""

import unicodedata
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.readers import MAX_BYTES
from rag.ui.schemas import Problem
from rag.ui.upload_names import MAX_NAME_BYTES, file_name


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("보고서.pdf", "보고서.pdf"),
        (unicodedata.normalize("NFD", "보고서 2분기.pdf"), "보고서 2분기.pdf"),
        ("Ελλάδα.md", "Ελλάδα.md"),
        ("תקנון.docx", "תקנון.docx"),
        ("รายงาน 🏺.TXT", "รายงาน 🏺.TXT"),
        ("../../etc/passwd.txt", "_.._etc_passwd.txt"),
        ("..\\..\\windows\\win.txt", "_.._windows_win.txt"),
        ("/etc/motd.txt", "_etc_motd.txt"),
        ("C:\\a.txt", "C__a.txt"),
        ("a\0b.txt", "ab.txt"),
        ("a\r\nb\t.md", "a b .md"),
        ("invoice\u202efdp.txt", "invoicefdp.txt"),
        ("\ud800x.txt", "x.txt"),
        (".htaccess.txt", "htaccess.txt"),
        ("~$report.docx", "report.docx"),
        ("  spaces \u3000 .txt. ", "spaces .txt"),
        ("CON.txt", "_CON.txt"),
        ("nul.tar.md", "_nul.tar.md"),
        ("com¹.pdf", "_com¹.pdf"),
        ("console.pdf", "console.pdf"),
        ('what? "this": <b>|*.md', "what_ _this__ _b___.md"),
        ("가" * 65 + ".txt", "가" * 65 + ".txt"),
    ],
)
def test_a_name_becomes_one_that_every_system_takes(sent: str, name: str) -> None:
    """No folder, device, control or hidden file comes of it; letters of any script stay."""
    assert file_name(sent) == name


@pytest.mark.parametrize(
    ("sent", "refused"),
    [
        ("", "bad_name"),
        ("..", "bad_name"),
        (" \u200b\u202e ", "bad_name"),
        ("가" * 66 + ".txt", "bad_name"),
        ("x" * 5000 + ".md", "bad_name"),
        ("photo.gif", "unsupported_file"),
        ("run.exe\u202e", "unsupported_file"),
        ("report.docx.zip", "unsupported_file"),
        (".txt", "unsupported_file"),
        ("old.pages", "unsupported_file"),
        ("README", "unsupported_file"),
        ("a.txt/", "unsupported_file"),
    ],
)
def test_a_name_that_cannot_be_mended_is_refused(sent: str, refused: str) -> None:
    """What its kind would be is not guessed, and nothing is cut off to make it fit."""
    with pytest.raises(Problem) as problem:
        file_name(sent)

    assert problem.value.code == refused


@given(st.text(), st.sampled_from(sorted(MAX_BYTES)))
def test_any_name_is_refused_or_safe(stem: str, suffix: str) -> None:
    """And a safe one stays as it is."""
    try:
        name = file_name(stem + suffix)
    except Problem as problem:
        assert problem.code in ("bad_name", "unsupported_file")
        return

    assert name == file_name(name) == unicodedata.normalize("NFC", name)
    assert PurePosixPath(name).name == name
    assert not name.startswith((".", "~", " ")) and not name.endswith((".", " "))
    assert len(name.encode()) <= MAX_NAME_BYTES
    assert not any(char in '/\\:*?"<>|' or unicodedata.category(char) == "Cc" for char in name)
