"""An author is a person whom a line names as one, and nobody else."""

import unicodedata
from typing import Literal

import pytest

from rag.index.byline import byline

STORY = "The ferry will run again from March, the harbour office said.\n" * 20


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ("By Ann Lee", "Ann Lee"),
        ("By Ann Lee and Bo de la Cruz | 3 May 2025", "Ann Lee and Bo de la Cruz"),
        ("Written by: J. R. Díaz-Peña", "J. R. Díaz-Peña"),
        ("Author: Siobhán O'Neill, harbour office", "Siobhán O'Neill"),
        ("_Von Jürgen Weiß_", "Jürgen Weiß"),
        ("Par Zoé Lemaître", "Zoé Lemaître"),
        ("Por Lucía Ibáñez (Vigo)", "Lucía Ibáñez"),
        ("김하나 기자 hana@example.org", "김하나"),
        ("(서울=새벽뉴스) 박별 기자 =", "박별"),
        ("글쓴이: 한여울", "한여울"),
        ("文／青木涼", "青木涼"),
        ("著者：高橋 まゆ", "高橋 まゆ"),
        ("记者：李望舒", "李望舒"),
        ("本报记者 陈小满", "陈小满"),
        ("Автор: Олег Лось", "Олег Лось"),
        ("بقلم: ليلى حداد", "ليلى حداد"),
        ("מאת נועה ברק", "נועה ברק"),
        ("लेखक: मीरा जोशी", "मीरा जोशी"),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_byline_names_the_author(line: str, name: str, form: Literal["NFC", "NFD"]) -> None:
    """Near the head or at the end, with a date, a place or an address behind it."""
    composed = unicodedata.normalize("NFC", unicodedata.normalize(form, line))

    assert byline(f"Title\n\n{composed}\n\n{STORY}", ()) == name
    assert byline(f"Title\n\n{STORY}\n{composed}\n", ()) == name


@pytest.mark.parametrize(
    "line",
    [
        "By Monday all boats are back.",
        "By the time the ferry came, Ann Lee had left.",
        "Dear Ann Lee,",
        "Ann Lee",
        "Von Montag bis Freitag geöffnet",
        "Por favor, cierren la puerta.",
        "김하나 대표가 말했다.",
        "기자 회견은 세 시에 열린다.",
        "文化の日",
        "글 쓰는 법: 첫걸음",
        "Text size: Large Print",
    ],
)
def test_who_is_only_named_is_no_author(line: str) -> None:
    """A reader, a day of the week or a person in the story wrote nothing."""
    assert byline(f"Title\n\n{line}\n\n{STORY}", ()) == ""
