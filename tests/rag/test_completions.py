"""Dates are completed by the day of publication, and no further than they are told."""

from datetime import date

import pytest

from rag.completions import completions
from rag.values import find_values
from rag.values.agreement import says

PUBLISHED = date(2025, 10, 6)


def is_told(lang: str, quote: str, claim: str) -> bool:
    (asked,) = find_values(claim)
    dates = [each for each in find_values(quote, lang) if each.kind == "date"]
    return any(says(each, asked) for each in [*dates, *completions(quote, dates, PUBLISHED)])


@pytest.mark.parametrize(
    ("lang", "quote", "claim"),
    [
        ("ko", "지난해 9월에 요청했다.", "in September 2024"),
        ("ko", "내년 3월부터 쓰인다.", "2026년 3월"),
        ("ko", "올해 2분기 매출", "2025年"),
        ("en", "from next April", "April 2026"),
        ("en", "A second planting begins next spring.", "2026년"),
        ("en", "It closed in September last year.", "2024年9月"),
        ("en", "last November", "November 2024"),
        ("ja", "来年の2月に開かれる。", "2026년 2월"),
        ("zh", "去年6月塌方", "2024年6月"),
        ("de", "im vergangenen Jahr", "2024년"),
        ("fr", "l'an dernier", "in 2024,"),
        ("en", "It was shut on 2 September.", "2 September 2025"),
        ("en", "It opens in January.", "January 2026"),
        ("en", "Last month the clinic treated 29 people.", "2025년 9월"),
        ("ko", "26일 발표했다.", "2025년 10월 26일"),
    ],
)
def test_a_date_is_completed_by_the_day_of_publication(lang: str, quote: str, claim: str) -> None:
    """Words for the year, the month beside them, the nearest such month, a day of the month."""
    assert is_told(lang, quote, claim)


@pytest.mark.parametrize(
    ("lang", "quote", "claim"),
    [
        ("ko", "지난해 9월에 요청했다.", "September 2025"),
        ("ja", "来年の2月に開かれる。", "2025년 2월"),
        ("en", "from next April", "April 2025"),
        ("en", "It was shut on 2 September.", "2 September 2024"),
        ("en", "It was shut on 2 September 2023.", "2 September 2025"),
    ],
)
def test_another_year_is_not_told(lang: str, quote: str, claim: str) -> None:
    """Last September is not this one, and a year that is written stays."""
    assert not is_told(lang, quote, claim)
