"""The date of a document is the day it was published, or nothing."""

import unicodedata
from datetime import date

import pytest

from rag.index.published import published
from rag.types import Mask

BODY = "\n\nThe library lends five books to each reader, and asks for them after two weeks.\n" * 4


def day_of(line: str, *, stated: str = "", name: str = "notes") -> date | None:
    return published(f"A title\n{line}{BODY}", (), stated, name)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("입력 2025.05.27 10:20 | 수정 2025.05.28 09:00", date(2025, 5, 27)),
        ("등록 : 2025-05-27", date(2025, 5, 27)),
        ("2025년판 · 발행일 2025년 5월 27일 · 총무팀", date(2025, 5, 27)),
        ("公開日：2025年3月1日　更新日：2025年4月2日", date(2025, 3, 1)),
        ("令和7年4月2日 更新", date(2025, 4, 2)),
        ("发布时间：2024-12-01 08:00 来源：编辑部", date(2024, 12, 1)),
        ("Published: 12 May 2024", date(2024, 5, 12)),
        ("Posted by Jo Doe on May 3, 2024", date(2024, 5, 3)),
        ("Second edition, printed on 3 June 2024", date(2024, 6, 3)),
        ("Veröffentlicht am 5. März 2025", date(2025, 3, 5)),
        ("Mis à jour le 3 février 2025", date(2025, 2, 3)),
        ("Edición 2, publicada el 9 de octubre de 2025. Departamento de obras", date(2025, 10, 9)),
        ("Опубликовано: 7 мая 2024 г.", date(2024, 5, 7)),
        ("Δημοσιεύτηκε: 3 Μαΐου 2025", date(2025, 5, 3)),
        ("تاريخ النشر: 5 مارس 2025", date(2025, 3, 5)),
        ("פורסם: 6 באפריל 2025", date(2025, 4, 6)),
        ("เผยแพร่ 12 มีนาคม 2568", date(2025, 3, 12)),
        ("प्रकाशित: 12 मार्च 2025", date(2025, 3, 12)),
    ],
)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_a_line_that_names_the_date_counts(line: str, day: date, form: str) -> None:
    """In any language: published before updated, and each in any normal form that is composed later."""
    composed = unicodedata.normalize("NFC", line if form == "NFC" else unicodedata.normalize("NFD", line))

    assert day_of(composed) == day


@pytest.mark.parametrize(
    "line",
    ["2025-05-27", "2025. 5. 27. (화)", "Seoul, 27 May 2025", "By Jo Doe | May 27, 2025", "**27. Mai 2025**"],
)
def test_a_line_of_little_else_counts(line: str) -> None:
    """A place, a name or a weekday may stand beside the date."""
    assert day_of(line) == date(2025, 5, 27)


@pytest.mark.parametrize(
    "line",
    [
        "김하나 대표가 26일 기자간담회에서 발언하고 있다. 2025.5.26 photo@example.org",
        "The lamp was released on 12 May 2020.",
        "本製品は2020年5月12日に公開された仕様による。",
        "The works on the bridge began on 3 March 2025 and will take two years to finish",
        "일시: 2025년 6월 3일 오후 2시",
        "日時：2025年6月3日 14:00",
        "Deadline: 3 June 2025",
        "Next meeting: 27 September 2025",
        "시험 기간 2025-06-03 ~ 2025-06-05",
        "September 2025",
        "12 September",
        "© 2025",
    ],
)
def test_a_date_of_something_else_does_not(line: str) -> None:
    """Captions, stories, appointments and incomplete dates are not publication dates."""
    assert day_of(line) is None


def test_a_calendar_dates_nothing() -> None:
    """Several lines that are dates are a list, not a dateline."""
    assert day_of("2025-05-27\nopening\n2025-06-01\nconcert\n2025-06-09\nclosing") is None


def test_the_better_claim_wins() -> None:
    """Metadata, then the text, then the name; in the text, publication, then change, never force."""
    lines = "시행 2025-03-01\n수정 2025-02-01\n2025-01-15\n발행 2025-01-01"

    assert day_of(lines, stated="2024-12-31T10:00:00+09:00", name="2024-11-11") == date(2024, 12, 31)
    assert day_of(lines, name="2024-11-11") == date(2025, 1, 1)
    assert day_of("시행 2025-03-01\n수정 2025-02-01", name="2024-11-11") == date(2025, 2, 1)
    assert day_of("시행 2025-03-01", name="2024-11-11") == date(2024, 11, 11)
    assert day_of("nothing", name="2024-11-11") == date(2024, 11, 11)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        *[("2025-05-27_report", date(2025, 5, 27)), ("20250527", date(2025, 5, 27))],
        *[("report-20250527", date(2025, 5, 27)), ("회의록(2025.05.27)", date(2025, 5, 27))],
        *[
            ("2025년 5월 27일 회의록", date(2025, 5, 27)),
            ("v1.2.3", None),
            ("2025-05", None),
            ("12345678", None),
        ],
    ],
)
def test_a_file_name_may_tell_the_day(name: str, day: date | None) -> None:
    """Dates in names are taken in the notations people use there."""
    assert day_of("nothing", name=name) == day


def test_masked_lines_are_not_asked() -> None:
    """Today's date in the menu of a saved page is not that of its story."""
    text = "2025-05-27\nA title" + BODY

    assert published(text, (Mask(0, 10, "html nav"),), "", "x") is None


@pytest.mark.parametrize(
    ("told", "day"), [("26일", date(2025, 5, 27)), ("27일", date(2025, 5, 27)), ("9일", None)]
)
def test_a_list_of_neighbours_dates_a_story_of_the_same_day(told: str, day: date | None) -> None:
    """The rows below a saved story count only if the story itself speaks of that day, or the one before."""
    rows = "".join(f"\n{48560 + n} 오늘 시내 버스 노선 {n}개 바뀐다 편집부 2025.05.27" for n in range(8))
    story = f"도서관 새로 연다\n은솔시는 {told} 시청에서 도서관 계획을 밝혔다.\n책은 다섯 권까지 빌린다."

    assert published(story + rows, (), "", "x") == day
    assert published(story + rows.replace("27", "26", 3), (), "", "x") is None


@pytest.mark.parametrize(
    "line",
    [
        *(
            "Born 17 June 1968",
            "Date of birth: 17 June 1968",
            "Founded: 22 May 1934",
            "Effective 1 March 2025",
        ),
        *(
            "생년월일: 1979년 12월 3일",
            "설립 1967. 4. 2.",
            "시행일: 2025-03-01",
            "회사 설립일\n1967년 4월 2일",
        ),
        *("生年月日\n1979年12月3日", "設立：1967年4月2日", "施行日 2025年3月1日", "成立日期：1967年4月2日"),
        *("geboren am 4. August 1974", "Gründung\n4. August 1974", "Gültig ab 1. März 2025"),
        *("Fondée le 8 mars 1921", "Date de naissance\n8 mars 1921", "Entrée en vigueur : 1er mars 2025"),
        *("Fecha de nacimiento: 8 de marzo de 1921", "Fundada el 8 de marzo de 1921"),
        *("Дата рождения: 7 мая 1974 г.", "Основан 7 мая 1974 г.", "تاريخ الميلاد: 5 مارس 1974"),
        *("תאריך לידה: 6 באפריל 1974", "जन्म: 12 मार्च 1974", "วันเกิด 12 มีนาคม 2518"),
        "Zeremonielle Sache: 4. August 1974",
        "Name: Mill; Founded: 22 May 1934",
        "| Founded | 22 May 1934 |",
    ],
)
def test_the_day_of_a_birth_or_a_founding_dates_nothing(line: str) -> None:
    """Nor does the day of any other thing, whether its label stands beside it or above."""
    assert day_of(f"Title\n\n{line}\n\nWhat is told below.") is None


DAYS = {
    "en": "17 June 2019",
    "ko": "2019년 6월 17일",
    "ja": "2019年6月17日",
    "de": "17. Juni 2019",
    "es": "17 de junio de 2019",
}
OF_THE_TEXT = {
    "en": ["Published", "Last updated", "Date"],
    "ko": ["게시일", "최종 수정", "날짜"],
    "ja": ["公開日", "最終更新日", "日付"],
    "de": ["Veröffentlicht", "Zuletzt geändert", "Datum"],
    "es": ["Publicado", "Actualizado", "Fecha"],
}
OF_ANOTHER = {
    "en": ["Born", "Date of birth", "Founded", "Effective from", "Valid until", "Opening day", "Signed"],
    "ko": ["출생", "생년월일", "설립", "시행일", "만료일", "개관일", "체결일"],
    "ja": ["出生", "生年月日", "設立", "施行日", "有効期限", "開館日", "締結日"],
    "de": [
        "Geboren",
        "Geburtsdatum",
        "Gegründet",
        "In Kraft seit",
        "Gültig bis",
        "Eröffnung",
        "Unterzeichnet",
    ],
    "es": ["Nacimiento", "Fecha de nacimiento", "Fundación", "Entrada en vigor", "Válido hasta", "Firmado"],
}


@pytest.mark.parametrize("lang", DAYS)
@pytest.mark.parametrize("layout", ["{}: {}", "{} {}", "{}\n{}", "| {} | {} |", "Nr: 4; {}: {}"])
def test_what_a_date_is_of_is_said_beside_it_above_it_or_in_its_row(lang: str, layout: str) -> None:
    """The day of publication or of the last change dates a document, that of anything else does not."""
    text = "The mill\n\n{}" + BODY
    own = [layout.format(label, DAYS[lang]) for label in OF_THE_TEXT[lang]]
    others = [layout.format(label, DAYS[lang]) for label in OF_ANOTHER[lang]]

    assert [published(text.format(line), (), "", "x") for line in own] == [date(2019, 6, 17)] * len(own)
    assert [published(text.format(line), (), "", "x") for line in others] == [None] * len(others)


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("작성일\n2024년 7월 15일", date(2024, 7, 15)),
        ("Published\n\n15 July 2024", date(2024, 7, 15)),
        ("Date: 15 July 2024", date(2024, 7, 15)),
        ("設立：1967年4月2日\n公開日：2024年7月15日", date(2024, 7, 15)),
        ("geboren am 4. August 1974\nStand: 15. Juli 2024", date(2024, 7, 15)),
    ],
)
def test_a_label_above_the_date_counts_as_one_beside_it(line: str, day: date) -> None:
    """And a date of publication counts beside others."""
    assert day_of(f"Title\n\n{line}\n\nWhat is told below.") == day
