"""Furniture is masked; content never is."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.index.clean import Recurring, masks
from rag.text.characters import clean_text
from rag.types import Document, Mask

PAGES = Path(__file__).parent / "pages"
SEEDS = Path(__file__).resolve().parents[2].parent / "shared" / "seeds"
NOISY = sorted(path.stem for path in PAGES.glob("*.txt") if not path.stem.startswith("content-"))
CONTENT = sorted(path.stem for path in PAGES.glob("content-*.txt"))
LINES = [line for path in sorted(PAGES.glob("*.txt")) for line in path.read_text("utf-8").split("\n")]


def page(text: str, title: str = "page", boilerplate: tuple[Mask, ...] = ()) -> Document:
    return Document("page.txt", title, text, "und", date(2025, 6, 1), "", boilerplate)


def repeated_lines(texts: Iterable[str]) -> set[int]:
    counted = Recurring()
    for text in texts:
        counted.add(text)
    return set(counted.since)


def kept(document: Document, repeated: Collection[int] = ()) -> list[str]:
    """Return the lines that hold a letter or digit outside every mask."""
    text, end = "", 0
    for mask in masks(document, repeated):
        text, end = text + document.text[end : mask.start], mask.end
    lines = (text + document.text[end:]).split("\n")
    return [line.strip() for line in lines if any(map(str.isalnum, line))]


@pytest.mark.parametrize("name", NOISY)
def test_each_line_of_furniture_and_no_other_is_masked(name: str) -> None:
    """In these pages the lines marked ~ are furniture; what is left is the article, whole."""
    lines = (PAGES / f"{name}.txt").read_text(encoding="utf-8").split("\n")

    found = kept(page("\n".join(line.removeprefix("~") for line in lines)))

    assert [line.strip() for line in lines if line.strip() and not line.startswith("~")] == found


@pytest.mark.parametrize("name", CONTENT)
def test_lists_tables_and_dated_rows_of_people_are_content(name: str) -> None:
    """Minutes, prices, hours, registers, results, glossaries and changelogs lose nothing."""
    text = (PAGES / f"{name}.txt").read_text(encoding="utf-8")

    assert () == masks(page(text), frozenset())


@pytest.mark.parametrize("name", CONTENT)
def test_content_stays_content_below_an_article(name: str) -> None:
    """The same lists at the end of a page with prose above and a copyright line below."""
    text = (PAGES / f"{name}.txt").read_text(encoding="utf-8")
    prose = "The committee met twice in the spring and agreed on everything that follows here.\n\n"

    found = masks(page(f"{prose}{text}\n© 2025 Example Ltd. All rights reserved."), frozenset())

    assert ["copyright line"] == [mask.reason for mask in found]


def test_every_mask_gives_its_reason() -> None:
    """A person who reads the report learns which rule it was."""
    lines = (PAGES / "en-blog.txt").read_text(encoding="utf-8").replace("~", "")

    assert {
        "skip link",
        "navigation",
        "cookie notice",
        "related headlines",
        "newsletter box",
        "author box",
        "disclaimer",
        "share buttons",
        "counter",
        "copyright line",
    } == {mask.reason for mask in masks(page(lines), frozenset())}


def test_what_the_loader_knew_stays_masked() -> None:
    """Structure outranks shape: its spans come back, in order with the others."""
    text = "Docs Blog Shop\nWells are dug by hand in this valley, as they have always been.\n© 2025 Well Co."
    known = Mask(0, 14, "html nav")

    found = masks(page(text, boilerplate=(known,)), frozenset())

    assert known == found[0]
    assert ["html nav", "copyright line"] == [mask.reason for mask in found]


def test_a_header_of_many_documents_is_furniture() -> None:
    """Labels at the same edge of three documents that share nothing else are a header."""
    header = "Muster GmbH\nIntranet\nStartbereich\nNur für Mitarbeitende\n\n"
    texts = [
        f"{header}{topic} wird in diesem Absatz ausführlich und mit allen Zahlen beschrieben.\n{topic}."
        for topic in ("Die Heizung", "Der Aufzug", "Das Tor")
    ]

    repeated = repeated_lines(texts)

    assert [text.split("\n\n")[1].split("\n") for text in texts] == [
        kept(page(text), repeated) for text in texts
    ]


def test_versions_of_one_document_keep_what_they_share() -> None:
    """Repetition says nothing where most of the text is repeated."""
    versions = [
        f"여비 규정\n총칙\n적용 범위\n정의\n숙박비는 하루 {price}원까지 쓴다.\n식비는 실비다.\n부칙\n부서"
        for price in ("80,000", "90,000", "95,000")
    ]

    repeated = repeated_lines(versions)

    assert all(() == masks(page(text), repeated) for text in versions)


def test_two_documents_are_no_evidence_of_furniture() -> None:
    """A line must recur three times."""
    assert not repeated_lines(["Same line\nfoo", "Same line\nbar"])
    assert len(repeated_lines(["Same line\na1", "SAME LINE\nb2", "same  line\nc3"])) == 1


def test_lines_are_counted_no_more_when_their_document_is_gone() -> None:
    """What is left is what counting the rest alone would give."""
    counted = Recurring()
    for text in ("도서관 안내\n가", "도서관 안내\n나", "도서관 안내\n다", "도서관 안내\n라"):
        counted.add(text)
    before = dict(counted.since)
    counted.remove("도서관 안내\n가")
    three = set(counted.since)
    counted.remove("도서관 안내\n나")

    assert (list(before.values()), three, set(counted.since)) == ([3], set(before), set())


@given(
    st.lists(
        st.sampled_from(
            [
                line
                for name in NOISY + CONTENT
                for line in (PAGES / f"{name}.txt").read_text("utf-8").split("\n")
            ]
        ),
        max_size=30,
    )
)
def test_masks_are_ordered_disjoint_and_inside(lines: list[str]) -> None:
    """Whatever the page, spans are in order, apart, not empty, and inside the text."""
    document = page("\n".join(lines))

    found = masks(document, frozenset())

    assert all(0 <= mask.start < mask.end <= len(document.text) for mask in found)
    assert all(first.end <= second.start for first, second in pairwise(found))
    assert found == masks(document, frozenset())


@pytest.mark.parametrize(
    "hostile", ["1 ", "«1 ", "a@", "#a ", "| ", "© ", "1 2025.", "a > ", "쿠키 ", "[a](", "\n1"]
)
def test_no_line_is_too_odd(hostile: str) -> None:
    """100,000 characters of anything are read (a pattern that backtracks would hit the time limit)."""
    masks(page(hostile * (100_000 // len(hostile))), frozenset())


@pytest.mark.skipif(not SEEDS.is_dir(), reason=f"needs the real articles in {SEEDS}")
def test_real_articles_lose_their_furniture_and_nothing_else() -> None:
    """Headline tables, skip links, copyright, disclaimer and author box go; all else stays."""
    gone: dict[str, list[str]] = {}
    for path in sorted(SEEDS.glob("*.txt")):
        document = page(clean_text(path.read_text(encoding="utf-8")))
        lines = [line.strip() for line in document.text.split("\n") if line.strip()]
        left = kept(document)
        gone[path.name[:3]] = [line for line in lines if line not in left]
        assert left == [line for line in lines if line not in gone[path.name[:3]]]

    assert [] == gone["000"]
    assert ["©"] == [line[:1] for line in gone["001"]]
    assert ["Please note that", "About Ali Raza P", "Ali is a profess"] == [line[:16] for line in gone["002"]]
    for name, numbers in (("003", range(48562, 48542, -1)), ("004", range(50974, 50954, -1))):
        assert gone[name][0].startswith("메뉴")
        assert [str(number) for number in numbers] == [line[:5] for line in gone[name][-20:]]
        assert gone[name][-21].split() == ["번호", "제목", "글쓴이", "날짜"]
        assert len(gone[name]) <= 24


def test_masks_do_not_depend_on_other_fields() -> None:
    """Only text, title and known spans count: renaming a file changes nothing."""
    document = page((PAGES / "ko-board.txt").read_text(encoding="utf-8").replace("~", ""))

    assert masks(document, frozenset()) == masks(replace(document, doc_id="x", lang="ko"), frozenset())
