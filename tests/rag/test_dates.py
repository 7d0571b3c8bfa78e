"""Dates are found by value, in any notation, and nothing else is taken for one."""

import sys
import unicodedata
from collections.abc import Callable
from datetime import date
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.values.dates import FoundDate, find_dates

FULL = (2025, 9, 12)
NO_YEAR = (None, 9, 12)
NO_DAY = (2025, 9, None)
MONTH = (None, 9, None)

Form = Literal["NFC", "NFD"]
Parts = tuple[int | None, int | None, int | None]

# What is written, the part of it that is the date, and its year, month and day.
FOUND: list[tuple[str, str, Parts]] = [
    # Numbers only
    ("released 2025-09-12, in short", "2025-09-12", FULL),
    ("입력 2025.09.12 10:30", "2025.09.12", FULL),
    ("작성일: 2025. 9. 12.(금)", "2025. 9. 12", FULL),
    ("2025/9/12", "2025/9/12", FULL),
    ("at 2025-09-12T10:30:00Z", "2025-09-12", FULL),
    ("report_20250912.txt", "20250912", FULL),
    ("20250912", "20250912", FULL),
    ("수정 ’25.9.12", "’25.9.12", FULL),
    ("am 12.09.2025 in Bonn", "12.09.2025", FULL),
    ("dne 12. 9. 2025", "12. 9. 2025", FULL),
    ("13/09/2025", "13/09/2025", (2025, 9, 13)),
    ("09/13/2025", "09/13/2025", (2025, 9, 13)),
    ("09/09/2025", "09/09/2025", (2025, 9, 9)),
    ("12/09/2025", "12/09/2025", (2025, None, None)),
    ("12-09-2025", "12-09-2025", (2025, None, None)),
    ("2025－09－12", "2025－09－12", FULL),
    ("2025‑09‑12", "2025‑09‑12", FULL),
    # English
    ("on September 12, 2025.", "September 12, 2025", FULL),
    ("on September 12th 2025", "September 12th 2025", FULL),
    ("12 September 2025", "12 September 2025", FULL),
    ("SEPTEMBER 12, 2025", "SEPTEMBER 12, 2025", FULL),
    ("Friday, Sept. 12", "Sept. 12", NO_YEAR),
    ("12th of September", "12th of September", NO_YEAR),
    ("September the 12th", "September the 12th", NO_YEAR),
    ("12-Sep-2025", "12-Sep-2025", FULL),
    ("September 2025", "September 2025", NO_DAY),
    ("since September", "September", MONTH),
    ("On May 12 people", "May 12", (None, 5, 12)),
    ("March 3", "March 3", (None, 3, 3)),
    ("2025 September 12", "2025 September 12", FULL),
    ("September\n12,\n2025", "September\n12,\n2025", FULL),
    ("12-14 September 2025", "14 September 2025", (2025, 9, 14)),
    ("until the 10th.", "the 10th", (None, None, 10)),
    ("the 10th of this month", "the 10th", (None, None, 10)),
    # Korean
    ("2025년 9월 12일 서울", "2025년 9월 12일", FULL),
    ("2025년9월12일자", "2025년9월12일", FULL),
    ("9월 12일", "9월 12일", NO_YEAR),
    ("2025년 9월", "2025년 9월", NO_DAY),
    ("2025년도 9월", "2025년도 9월", NO_DAY),
    ("오는 9월에 나온다", "9월", MONTH),
    ("25년 9월 12일", "25년 9월 12일", NO_YEAR),
    ("’25년 9월 12일", "’25년 9월 12일", FULL),
    ("26일", "26일", (None, None, 26)),
    ("지난 10일 발표했다", "10일", (None, None, 10)),
    ("26일(현지시간) 밝혔다", "26일", (None, None, 26)),
    ("26일 전국에서", "26일", (None, None, 26)),
    ("26일부터 접수", "26일", (None, None, 26)),
    # Japanese
    ("2025年9月12日（金）", "2025年9月12日", FULL),
    ("２０２５年９月１２日", "２０２５年９月１２日", FULL),
    ("令和7年9月12日", "令和7年9月12日", FULL),
    ("令和元年5月1日", "令和元年5月1日", (2019, 5, 1)),
    ("平成31年4月30日", "平成31年4月30日", (2019, 4, 30)),
    ("昭和64年1月7日", "昭和64年1月7日", (1989, 1, 7)),
    ("9月12日付", "9月12日", NO_YEAR),
    ("12日に発表", "12日", (None, None, 12)),
    ("九月十二日", "九月十二日", NO_YEAR),
    ("9月号", "9月", MONTH),
    # Chinese
    ("2025 年 9 月 12 日", "2025 年 9 月 12 日", FULL),
    ("9月12号", "9月12号", NO_YEAR),
    ("二〇二五年九月十二日", "二〇二五年九月十二日", FULL),
    ("二零二五年十二月三十一日", "二零二五年十二月三十一日", (2025, 12, 31)),
    ("民國114年9月12日", "民國114年9月12日", FULL),
    ("新华社北京12日电", "12日", (None, None, 12)),
    # German, Dutch, Scandinavian, Finnish
    ("12. September 2025", "12. September 2025", FULL),
    ("am 3. März", "3. März", (None, 3, 3)),
    ("im Jänner 2025", "Jänner 2025", (2025, 1, None)),
    ("12 augustus 2025", "12 augustus 2025", (2025, 8, 12)),
    ("den 12 september", "12 september", NO_YEAR),
    ("12. syyskuuta 2025", "12. syyskuuta 2025", FULL),
    # Romance
    ("le 12 septembre 2025", "12 septembre 2025", FULL),
    ("1er mai", "1er mai", (None, 5, 1)),
    ("12 août", "12 août", (None, 8, 12)),
    ("12 de septiembre de 2025", "12 de septiembre de 2025", FULL),
    ("12 de septiembre del 2025", "12 de septiembre del 2025", FULL),
    ("1º de mayo", "1º de mayo", (None, 5, 1)),
    ("septiembre de 2025", "septiembre de 2025", NO_DAY),
    ("12 de setembro de 2025", "12 de setembro de 2025", FULL),
    ("12 set 2025", "12 set 2025", FULL),
    ("il 12 settembre 2025", "12 settembre 2025", FULL),
    ("1° maggio", "1° maggio", (None, 5, 1)),
    ("12 d'agost de 2025", "12 d'agost de 2025", (2025, 8, 12)),
    ("12 septembrie 2025", "12 septembrie 2025", FULL),
    # Slavic, Hungarian, Greek, Turkish
    ("12 сентября 2025 г.", "12 сентября 2025", FULL),
    ("1-го мая", "1-го мая", (None, 5, 1)),
    ("в сентябре 2025 года", "сентябре 2025", NO_DAY),
    ("12 вересня 2025 року", "12 вересня 2025", FULL),
    ("12 септември 2025", "12 септември 2025", FULL),
    ("12 września 2025 r.", "12 września 2025", FULL),
    ("12. září 2025", "12. září 2025", FULL),
    ("2025. szeptember 12.", "2025. szeptember 12", FULL),
    ("szeptember 12-én", "szeptember 12", NO_YEAR),
    ("12 Σεπτεμβρίου 2025", "12 Σεπτεμβρίου 2025", FULL),
    ("τον Οκτώβριο του 1957", "Οκτώβριο του 1957", (1957, 10, None)),
    ("1η Μαΐου", "1η Μαΐου", (None, 5, 1)),
    ("12 Eylül 2025'te", "12 Eylül 2025", FULL),
    ("5 HAZİRAN 2025", "5 HAZİRAN 2025", (2025, 6, 5)),
    # Right to left
    ("في ١٢ سبتمبر ٢٠٢٥", "١٢ سبتمبر ٢٠٢٥", FULL),
    ("12 أيلول", "12 أيلول", NO_YEAR),
    ("12 أيلول/سبتمبر 2025", "12 أيلول/سبتمبر 2025", FULL),
    ("25 كانون الأول 2025", "25 كانون الأول 2025", (2025, 12, 25)),
    ("١٢/٩/٢٠٢٥", "١٢/٩/٢٠٢٥", FULL),
    ("۱۲ سپتامبر ۲۰۲۵", "۱۲ سپتامبر ۲۰۲۵", FULL),
    ("ב-12 בספטמבר 2025", "12 בספטמבר 2025", FULL),
    ("12 ספטמבר", "12 ספטמבר", NO_YEAR),
    # South and South-East Asia
    ("12 सितंबर 2025", "12 सितंबर 2025", FULL),
    ("१२ सितम्बर, २०२५", "१२ सितम्बर, २०२५", FULL),
    ("১২ সেপ্টেম্বর ২০২৫", "১২ সেপ্টেম্বর ২০২৫", FULL),
    ("วันที่ 12 กันยายน 2568", "12 กันยายน 2568", FULL),
    ("12 กันยายน พ.ศ. 2568", "12 กันยายน พ.ศ. 2568", FULL),
    ("12 ก.ย. 2568", "12 ก.ย. 2568", FULL),
    ("๑๒ กันยายน ๒๕๖๘", "๑๒ กันยายน ๒๕๖๘", FULL),
    ("วันที่ 12/9/2568", "12/9/2568", FULL),
    ("ngày 12 tháng 9 năm 2025", "ngày 12 tháng 9 năm 2025", FULL),
    ("tháng 9/2025", "tháng 9/2025", NO_DAY),
    ("ngày 12/9/2025", "ngày 12/9/2025", FULL),
    ("12 agustus 2025", "12 agustus 2025", (2025, 8, 12)),
    # A month alone, where a preposition or a capital says that it is one
    ("who leaves in May or later", "May", (None, 5, None)),
    ("open from March on", "March", (None, 3, None)),
    ("ouvert en mai", "mai", (None, 5, None)),
    ("seit Mai geschlossen", "Mai", (None, 5, None)),
    # Beside emoji and invisible marks
    ("🎉2025-09-12🎉", "2025-09-12", FULL),
]

NOT_FOUND = [
    *["version 3.5.12", "v2025.9.12", "Python 3.11.4", "10.0.2025.1", "192.168.1.10", "build 2025.9.12.4"],
    *["010-2025-0912", "+20250912", "tel. 02-2025-0912", "ISBN 9780201309", "120250912", "20259912"],
    *[
        "24/7",
        "1/2",
        "16:9",
        "10:30",
        "9.12",
        "$9.12",
        "₩20250912",
        "3.14",
        "50%",
        "2020-2025",
        "2025",
        "in 2025",
    ],
    *["2025-13-01", "2025-02-30", "31.04.2025", "2월 30일", "13월 1일", "February 30", "29 February 2025"],
    *[
        "may 12 people come",
        "Section 12 may apply",
        "set 12 goals",
        "Set 12 goals",
        "10 out of 12",
        "march 12 km",
    ],
    *[
        "March on!",
        "it may",
        "Gen 3",
        "mar 12",
        "Sept",
        "the 10th floor",
        "the 16th and 17th century",
    ],
    *[
        "10일간",
        "3일 만에",
        "7일 이내",
        "14일 전까지",
        "최대 30일",
        "약 5일",
        "주 5일 근무",
        "3일차",
        "1일 3회",
        "3~5일",
    ],
    *["12일본", "2002월드컵", "9개월", "2박 3일 동안", "15일의 휴가", "30일 후에", "12월급"],
    *["12日間", "3日以内", "約10日", "1日3回", "5日後", "9ヶ月", "3か月", "12日目"],
    *["12天", "9个月", "3日内", "第9号", "共10日"],
    *["12 tháng 9 ngày", "12 месяцев", "12 Monate", "12 mois", "12 meses", "12 أشهر", "12 महीने", "12 เดือน"],
    *["", "🎉", "제12조", "第12条", "(12)", "12.", "12kg", "A4", "R7"],
]

MONTHS_RU = "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split()  # noqa: SIM905
MONTHS_AR = ["يناير", "فبراير", "مارس", "أبريل", "مايو", "يونيو", "يوليو", "أغسطس", "سبتمبر", "أكتوبر"]
MONTHS_AR += ["نوفمبر", "ديسمبر"]
NOTATIONS: list[Callable[[date], str]] = [
    lambda day: day.isoformat(),
    lambda day: f"{day:%Y.%m.%d}",
    lambda day: f"{day.year}. {day.month}. {day.day}.",
    lambda day: f"{day:%d.%m.%Y}",
    lambda day: f"{day:%B} {day.day}, {day.year}",
    lambda day: f"{day.day} {day:%b} {day.year}",
    lambda day: f"{day.year}년 {day.month}월 {day.day}일",
    lambda day: f"{day.year}年{day.month}月{day.day}日",
    lambda day: f"{day.day} {MONTHS_RU[day.month - 1]} {day.year} года",
    lambda day: f"ngày {day.day} tháng {day.month} năm {day.year}",
    lambda day: f"{day.day} {MONTHS_AR[day.month - 1]} {day.year}".translate(
        {ord("0") + i: chr(0x660 + i) for i in range(10)}
    ),
]


def parts(found: FoundDate) -> Parts:
    return found.year, found.month, found.day


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(("text", "written", "expected"), FOUND)
def test_a_date_is_found_where_and_as_it_is_written(
    text: str, written: str, expected: Parts, form: Form
) -> None:
    """Value and offsets are right in every notation, and in the normal form that was given."""
    text, written = (unicodedata.normalize(form, part) for part in (text, written))

    found = find_dates(text)

    assert [(written, expected)] == [(text[one.start : one.end], parts(one)) for one in found]


@pytest.mark.parametrize("text", NOT_FOUND)
def test_what_is_no_date_is_left_alone(text: str) -> None:
    """Versions, prices, times, phone numbers, durations and impossible days are no dates."""
    assert [] == find_dates(text)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.sampled_from(NOTATIONS))
def test_a_written_date_is_read_back(day: date, notation: Callable[[date], str]) -> None:
    """Formatting a date and finding it again gives the same day."""
    assert [day] == [found.date for found in find_dates(f"« {notation(day)} »")]


@given(
    st.lists(st.sampled_from([text for text, _, _ in FOUND] + NOT_FOUND), max_size=6), st.sampled_from("\n|")
)
def test_neighbours_do_not_change_what_is_found(texts: list[str], border: str) -> None:
    """A date is the same alone and among others, apart by a border and far from Thai; dates come in order."""
    expected = [(text[one.start : one.end], parts(one)) for text in texts for one in find_dates(text)]

    # Thai nearby tells that the day comes first, and in which era the year is.
    joined = f" {border}{' ' * 60}{border} ".join(texts)
    found = find_dates(joined)

    assert expected == [(joined[one.start : one.end], parts(one)) for one in found]
    assert [one.start for one in found] == sorted(one.start for one in found)


@given(st.text(alphabet=st.sampled_from("0123456789.-/: ,년월일年月日SeptMayหเ١२ᄒ\u1161\u0301'")))
def test_any_text_can_be_searched(text: str) -> None:
    """Spans are not empty, do not overlap, and a complete date is a calendar day."""
    found = find_dates(text)

    edges = [edge for one in found for edge in (one.start, one.end)]
    assert edges == sorted(edges)
    assert all(one.start < one.end <= len(text) for one in found)
    assert all(one.date is not None for one in found if one.year and one.month and one.day)


def test_small_letters_keep_offsets() -> None:
    """Only İ changes its length in small letters, which is why it is replaced before."""
    longer = [char for char in map(chr, range(sys.maxunicode + 1)) if len(char.lower()) != 1]

    assert ["İ"] == longer


def test_an_incomplete_date_is_no_calendar_day() -> None:
    """`date` is given only when year, month and day are all written."""
    written = ["2025년 9월", "9월 12일", "26일", "12/09/2025"]

    assert [None] * 4 == [one.date for text in written for one in find_dates(text)]
