"""Opposite words are told apart in every language; negation turns them round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.verify.polarity import clauses, denied, negations
from rag.verify.stances import hardens, stances, widens

SIDES = [
    ("rise", 1, "Sales rose by a tenth."),
    ("rise", 1, "매출이 늘었다."),
    ("rise", 1, "売上が増加した。"),
    ("rise", 1, "销量增长了。"),
    ("rise", 1, "Der Umsatz ist gestiegen."),
    ("rise", 1, "Les ventes ont augmenté."),
    ("rise", 1, "Продажи выросли."),
    ("rise", -1, "Sales fell by a tenth."),
    ("rise", -1, "매출이 줄었다."),
    ("rise", -1, "売上が減少した。"),
    ("rise", -1, "销量下降了。"),
    ("rise", -1, "Las ventas disminuyeron."),
    ("rise", -1, "انخفضت المبيعات."),
    ("rise", -1, "Sales did not rise."),
    ("free", 1, "Entry is free."),
    ("free", 1, "Visitors need not pay."),
    ("free", 1, "입장은 무료다."),
    ("free", 1, "不用花钱就能进。"),
    ("free", -1, "Parking is no longer free."),
    ("accept", -1, "주민이 반대했다."),
    ("accept", -1, "方案被取消。"),
    ("safe", 1, "Eine Gefahr besteht nicht."),
    ("safe", 1, "Das ist ungefährlich."),
]


@pytest.mark.parametrize(("axis", "side", "text"), SIDES, ids=[text for *_, text in SIDES])
def test_a_statement_takes_a_side(axis: str, side: int, text: str) -> None:
    """Up or down, for or against, free or not, whatever the language and the negation."""
    assert side == stances(text)[axis]


@pytest.mark.parametrize(
    "text", ["At least 40 people came.", "Dies ist ein Gebäude.", "책을 줄 사람", "بيت كبير", "हरा घर", "🎈"]
)
def test_most_statements_take_none(text: str) -> None:
    """No side is read into what has none."""
    assert not stances(text)


def test_both_sides_are_none() -> None:
    """Up in one clause and down in the other says nothing of the whole."""
    assert not stances("Sales rose while costs fell.")


@given(st.sampled_from([text for *_, text in SIDES]))
def test_no_statement_opposes_itself(text: str) -> None:
    """What agrees with a statement is the statement."""
    assert not widens(text, text)
    assert not hardens(text, text)


@pytest.mark.parametrize(
    ("claim", "quote", "wider"),
    [
        ("All members voted for it.", "Some members voted for it.", True),
        ("위원 전원이 찬성했다.", "위원 일부가 찬성했다.", True),
        ("Some members voted for it.", "All members voted for it.", False),
        ("All members voted for it.", "Every member voted for it.", False),
        ("تصويت جميع الأعضاء", "صوت سبعة أعضاء", True),
        ("全員が賛成した。", "3割が賛成した。", True),
        ("It is not cold at all.", "It is not cold.", False),
    ],
)
def test_all_is_more_than_some(claim: str, quote: str, *, wider: bool) -> None:
    """A claim about all needs a quote about all."""
    assert wider is widens(claim, quote)


@pytest.mark.parametrize(
    ("claim", "quote", "harder"),
    [
        ("Output has already doubled.", "Output is expected to double.", True),
        ("생산량이 이미 두 배가 되었다.", "생산량이 두 배로 늘어날 전망이다.", True),
        ("Work begins in autumn.", "Work may begin in autumn.", True),
        ("Work could begin in autumn.", "Work may begin in autumn.", False),
        ("The meeting is on the 17th.", "The next meeting is on 17 May.", False),
        ("Output has already doubled.", "Output has doubled.", False),
        ("이사회는 합병을 결정했다.", "이사회는 합병 논의를 다음 달로 연기했다.", True),
        ("橋の工事は完了した。", "橋の工事は来月終わる見込みだ。", True),
        ("The board decided on a merger.", "The board decided on a merger in May.", False),
    ],
)
def test_done_is_more_than_planned(claim: str, quote: str, *, harder: bool) -> None:
    """What a source expects or holds possible is not yet so; May is no doubt."""
    assert harder is hardens(claim, quote)


@pytest.mark.parametrize(
    "text",
    [
        "ห้ามนำสัตว์เลี้ยงเข้ามา",
        "इस घटना में कोई घायल नहीं हुआ।",
        "لا تستخدم المياه",
        "אין כניסה",
        "Вход запрещён",
        "Vietato: senza cane",
    ],
)
def test_negation_is_counted_in_every_script(text: str) -> None:
    """Thai, Hindi, Arabic, Hebrew, Russian and Italian deny in their own words."""
    assert negations(text)


def test_a_word_inside_another_denies_nothing() -> None:
    """मरम्मत (repair) holds the letters of मत (do not)."""
    assert not negations("मरम्मत पर खर्च हुआ")


@pytest.mark.parametrize(
    ("text", "said", "turned"),
    [
        ("第3土曜日ではなく第2土曜日です", "3土曜日", True),
        ("第3土曜日ではなく第2土曜日です", "2土曜日", False),
        ("on Friday, not on Monday", "Monday", True),
        ("금요일이 아니라 토요일", "금요일", True),
    ],
)
def test_what_is_denied_is_not_said(text: str, said: str, *, turned: bool) -> None:
    """ "Not A but B" says B."""
    start = text.index(said)

    assert turned is denied(text, start, start + len(said))


def test_a_list_of_nouns_is_one_clause() -> None:
    """ "Closed on Mondays and holidays": the closing reaches both."""
    assert 1 == len(clauses("The library is closed on Mondays and public holidays."))
    assert 2 == len(clauses("Sales rose by two percent and profits fell by three."))
