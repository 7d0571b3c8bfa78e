"""Values are read by what they say: one table of notations, and what must not be taken for one another."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.characters import clean_text
from rag.values import Value, find_values
from rag.values.agreement import equal, missing, rounded_equal, says, shares

ROWS = [
    [cell.strip() for cell in row.split("|")]
    for row in (Path(__file__).parent / "values.txt").read_text(encoding="utf-8").splitlines()
]
CASES = [(row[0], *cell.split(" ", 1)) for row in ROWS for cell in row[1:]]


def only(text: str, lang: str = "und") -> Value:
    (value,) = find_values(text, lang)
    return value


@pytest.mark.parametrize(("said", "lang", "text"), CASES, ids=[f"{lang}-{text}" for _, lang, text in CASES])
def test_one_value_in_every_notation(said: str, lang: str, text: str) -> None:
    """Kind, number and unit are the same in digits and words, in every language of the table."""
    kind, number, *unit = said.split()

    value = only(text, lang)

    assert (kind, "".join(unit)) == (value.kind, value.unit)
    assert value.number == pytest.approx(float(number))


def test_the_table_is_large_enough() -> None:
    """At least 200 cases over ten languages."""
    assert len(CASES) >= 200
    assert len({lang for _, lang, _ in CASES}) >= 10


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_rows_agree_within_and_not_with_the_next(row: list[str]) -> None:
    """All notations of a row are equal; none is equal to a notation of the row below."""
    values = [only(text, lang) for lang, text in (cell.split(" ", 1) for cell in row[1:])]
    below = ROWS[(ROWS.index(row) + 1) % len(ROWS)]
    lang, text = below[1].split(" ", 1)

    assert all(equal(values[0], each) for each in values)
    assert not equal(values[0], only(text, lang))


@pytest.mark.parametrize(
    ("lang", "asked", "text"),
    [
        ("en", "25", "founded in 2025"),
        ("en", "12 people", "the 12th of May"),
        ("en", "12", "the 12th office"),
        ("ko", "12개", "12번째 지사"),
        ("ko", "5위", "5위 안에 든다"),
        ("en", "35", "3.5 metres"),
        ("en", "3.5", "35 metres"),
        ("en", "second", "30 seconds, 5 per second"),
        ("en", "80 kg", "80 km"),
        ("en", "7 euros", "7 dollars"),
        ("ko", "오후 6시", "오전 6시"),
        ("ko", "6시간", "6시에 닫는다"),
        ("de", "1.250", "1,250 Meter"),
        ("en", "September 12", "September 13, 2025"),
        ("en", "2", "Moru R2, GPT-2, 5G and version 2.1.3"),
        ("en", "4 people", "GPT-4o"),
        ("ko", "1명", "한 번도 없다"),
        ("zh", "10", "十分重要，千万小心，一般来说"),
        ("ja", "3人", "三菱は四国で"),
        ("ko", "2명", "두루 살핀다"),
        ("zh", "第五", "前五名"),
        ("en", "50%", "half an hour"),
        ("en", "1250", "call 010-1250-5678"),
        ("ko", "1층", "한층 더 높아졌다"),
        ("ko", "3분기", "3분기 연속"),
        ("en", "a third", "a third plant"),
    ],
)
def test_false_friends_are_kept_apart(lang: str, asked: str, text: str) -> None:
    """A number inside another, a rank for a count, another unit: never said."""
    said = find_values(text, lang)

    assert not any(says(each, only(asked, lang)) for each in said)


@pytest.mark.parametrize(
    ("given_text", "asked"),
    [
        ("2025년 9월 12일", "September 12"),
        ("September 12, 2025", "2025-09-12"),
        ("12 September 2025", "9월 12일"),
        ("2012년", "2012"),
        ("Wednesday evening at six.", "오후 6시"),
        ("18시에 닫는다", "6 PM"),
        ("100 trillion won", "100조"),
        ("four times a week", "네 번"),
    ],
)
def test_more_exact_says_less_exact(given_text: str, asked: str) -> None:
    """A full date says the day of the year; a time of 24 hours says the one on the clock face."""
    assert not missing(find_values(asked), find_values(given_text))


def test_a_day_does_not_say_its_year() -> None:
    """What is not written is not said: the claim has to get it elsewhere."""
    assert [(2025, 9, 12)] == [v.day for v in missing(find_values("2025-09-12"), find_values("September 12"))]


@pytest.mark.parametrize(
    "text",
    [
        "seven out of ten",
        "7 in 10",
        "열 명 중 일곱 명",
        "10人中7人",
        "10个人中有7个",
        "sieben von zehn",
        "7 из 10",
        "10 में से 7",
    ],
)
def test_a_part_of_a_whole_is_a_share(text: str) -> None:
    """Seven of ten are 70 percent, whichever stands first."""
    assert [70] == [share.number for share in shares(find_values(text), text)]


def test_two_numbers_are_not_always_a_share() -> None:
    """More than all is none."""
    assert not shares(find_values("12 in 10 rooms", "en"), "12 in 10 rooms")


@pytest.mark.parametrize(
    ("rough", "fine", "same"),
    [
        ("340,000", "338,900", True),
        ("48,000 people", "48,200 people", True),
        ("20%", "15%", False),
        ("8", "9", False),
    ],
)
def test_round_figures_are_told_from_others(rough: str, fine: str, *, same: bool) -> None:
    """Rounded means rounded: at most five in a hundred away."""
    assert rounded_equal(only(rough, "en"), only(fine, "en")) is same


@pytest.mark.parametrize("text", ["회원은 책을 다섯 권까지", "오후 6시 30분", "세 번째"])
def test_decomposed_text_is_read_after_cleaning(text: str) -> None:
    """Documents and replies are composed at the border; values are read behind it."""
    decomposed = unicodedata.normalize("NFD", text)

    assert find_values(text, "ko") == find_values(clean_text(decomposed), "ko")


@given(st.text(max_size=40))
def test_spans_lie_in_the_text_in_order(text: str) -> None:
    """Whatever the text, values have spans inside it that do not overlap."""
    ends = [0]
    for value in find_values(text, "en"):
        assert ends[-1] <= value.start < value.end <= len(text)
        ends.append(value.end)


@given(st.integers(min_value=0, max_value=10**12), st.sampled_from(["en", "de", "ko"]))
def test_grouped_digits_are_one_number(number: int, lang: str) -> None:
    """Thousands are grouped by comma or dot; the language decides."""
    written = f"{number:,}".replace(",", "." if lang == "de" else ",")

    assert number == only(written, lang).number


@pytest.mark.parametrize(
    ("lang", "text", "expected"),
    [
        ("en", "850 to 870 million dollars", [(850e6, "usd"), (870e6, "usd")]),
        ("de", "von 3,2 auf 3,9 Millionen Euro", [(3.2e6, "eur"), (3.9e6, "eur")]),
        ("ko", "8억 5천만~8억 7천만 달러", [(850e6, "usd"), (870e6, "usd")]),
        ("ko", "3~5만 명", [(30_000, "person"), (50_000, "person")]),
        ("zh", "3万到5万人", [(30_000, "person"), (50_000, "person")]),
        ("en", "two to three hours", [(7200, "s"), (10800, "s")]),
        ("en", "won 2–1", [(2, ""), (1, "")]),
        ("ko", "2대 1로 이겼다", [(2, ""), (1, "")]),
    ],
)
def test_the_first_of_two_values_takes_the_unit_of_the_second(
    lang: str, text: str, expected: list[tuple[float, str]]
) -> None:
    """A range names its unit and its scale once; a score has none."""
    found = find_values(text, lang)

    assert [each.unit for each in found] == [unit for _, unit in expected]
    assert [each.number for each in found] == pytest.approx([number for number, _ in expected])


@pytest.mark.parametrize(
    ("lang", "text"),
    [
        ("ko", "하나도 없다"),
        ("ko", "한 번도 오지 않았다"),
        ("ko", "한층 더"),
        ("ko", "한쪽 팔"),
        ("ja", "一度もない"),
        ("ko", "세인트 브라이드"),
        ("zh", "与上一年相同"),
        ("zh", "零部件"),
        ("zh", "一日游"),
        ("ja", "1棟あたり"),
    ],
)
def test_idioms_hold_no_number(lang: str, text: str) -> None:
    """What only looks like one of something counts nothing."""
    assert find_values(text, lang) == ()


def test_what_is_counted_by_is_no_value() -> None:
    """Twice a day holds one value in every language."""
    for lang, text in (
        ("ko", "하루에 두 번"),
        ("ko", "한 달에 두 번"),
        ("ja", "1日に2回"),
        ("ja", "月2回"),
        ("ko", "하루 두 번"),
    ):
        (value,) = find_values(text, lang)
        assert (value.number, value.unit) == (2, "time")


def test_degrees_are_open_where_a_language_leaves_them_open() -> None:
    """37.5度 says 37.5 °C and 37.5 degrees; 2度 is twice."""
    (fever,) = find_values("37.5度", "ja")
    (twice,) = find_values("2度", "ja")

    assert says(fever, only("37.5 °C", "en")) and says(fever, only("37.5 degrees", "en"))
    assert says(twice, only("두 번", "ko"))
