"""A value that a sentence names as what was before, or as what is compared, is no fact of now."""

import pytest

from rag.former import says_former
from rag.values import find_values

FELL = ("en", "Net profit fell from 31 million to 24 million dollars.")


def former(claim: str, lang: str, quote: str, quote_lang: str) -> bool:
    return says_former(claim, find_values(claim, lang), quote, find_values(quote, quote_lang))


@pytest.mark.parametrize(
    ("lang", "claim", "quote"),
    [
        ("de", "Der Nettogewinn liegt bei 31 Millionen Dollar.", FELL),
        ("en", "The dairy pays 44 cents a litre.", ("en", "It pays 58 cents a litre, up from 44 cents.")),
        ("ko", "영업이익은 118억 원이다.", ("ko", "영업이익은 97억 원으로 118억 원보다 줄었다.")),
        ("ko", "정원은 4명이다.", ("ko", "정원은 4명에서 6명으로 늘었다.")),
        ("ja", "定員は4人だ。", ("ja", "定員は4人から6人に増えた。")),
        ("zh", "高峰间隔为4分钟。", ("zh", "高峰间隔由4分钟缩短为3分钟。")),
        ("ko", "직원은 412명이다.", ("es", "La plantilla se redujo de 412 a 389 personas.")),
    ],
)
def test_a_former_value_is_not_what_holds(lang: str, claim: str, quote: tuple[str, str]) -> None:
    """From A to B, A instead of B, B more than A: a claim of A alone is wrong, in any language."""
    assert former(claim, lang, quote[1], quote[0])


@pytest.mark.parametrize(
    ("lang", "claim", "quote"),
    [
        ("en", "Net profit is 24 million dollars.", FELL),
        ("en", "Net profit fell from 31 million dollars to 24 million dollars.", FELL),
        ("ko", "순이익은 기존 3,100만 달러였다.", FELL),
        ("en", "Net profit had been 31 million dollars.", FELL),
        ("ja", "9時に開く。", ("ja", "9時から17時まで開いている。")),
        ("en", "Members may borrow 5 books.", ("en", "Members may borrow 5 books for 14 days.")),
    ],
)
def test_what_holds_and_what_is_told_of_the_past_stays(lang: str, claim: str, quote: tuple[str, str]) -> None:
    """The value of now, the whole change, a claim about before, and a range are right."""
    assert not former(claim, lang, quote[1], quote[0])
