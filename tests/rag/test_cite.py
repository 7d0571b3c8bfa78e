"""A citation is a quote at exact offsets, or there is none."""

import re
import unicodedata
from collections.abc import Sequence

import pytest
from doubles import HashEmbedder, MemoryIndex, hits, memory_index
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.search.debias import UNCHANGED
from rag.types import Hit, Matrix
from rag.verify.citations import Citations, Cited
from rag.verify.cite import cite as cite_with
from rag.verify.nearness import Statement, VectorScorer
from rag.verify.support import Context, judge

PASSAGES = {
    "ko.txt": "도서관은 오후 6시에 문을 닫는다. 회원은 책을 5권까지 빌릴 수 있다.",
    "en.txt": "The library closes at 6 p.m. in 2012. Members may borrow five books.",
    "ja.txt": "図書館は午後六時に閉まります。会員は五冊まで借りられます。",
    "zh.txt": "图书馆晚上六点关门。会员最多可以借五本书。",
    "th.txt": "ห้องสมุดปิดเวลาหกโมงเย็น สมาชิกยืมได้ห้าเล่ม",
    "ar.txt": "تغلق المكتبة في الساعة السادسة. يمكن للأعضاء استعارة خمسة كتب.",
    "he.txt": "הספרייה נסגרת בשעה שש. חברים יכולים לשאול חמישה ספרים.",
    "hi.txt": "पुस्तकालय छह बजे बंद होता है। सदस्य पाँच किताबें ले सकते हैं।",
    "el.txt": "Η βιβλιοθήκη κλείνει στις έξι. Τα μέλη δανείζονται πέντε βιβλία.",
    "ru.txt": "Библиотека закрывается в шесть. Читатель может взять пять книг.",
    "fr.txt": "La bibliothèque ferme à six heures. Les membres empruntent cinq livres.",
    "emoji.txt": "👩‍👩‍👧 Family day is Sunday 🎈. Bring cake 🎂.",
}
INDEX = memory_index(PASSAGES)
HITS = hits(INDEX)
# Words in common, and nothing else, make texts near: no model is needed.
SCORER = VectorScorer(HashEmbedder(dim=256), UNCHANGED)


def cite(reply: str, hits: tuple[Hit, ...], index: MemoryIndex, *, strict: bool = False) -> Cited:
    return cite_with(reply, hits, index, SCORER, strict=strict)


@pytest.mark.parametrize("text", PASSAGES.values(), ids=PASSAGES)
def test_a_quoted_sentence_is_verified_at_its_offsets(text: str) -> None:
    """What a passage says word for word is verified, in every script."""
    found = cite(text, HITS, INDEX)

    assert {"verified"} == {claim.status for claim in found.claims}
    for citation in found.citations:
        assert PASSAGES[citation.doc_id][citation.start : citation.end] == citation.quote


class Refusing:
    """A scorer that nobody may ask."""

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        raise AssertionError(f"asked about {texts}")


def test_words_of_a_passage_need_no_model() -> None:
    """Extractive answers are their own proof: the embedder is not asked."""
    reply = "\n".join(PASSAGES.values())

    found = cite_with(reply, HITS, INDEX, Refusing())

    assert {"verified"} == {claim.status for claim in found.claims}


@pytest.mark.parametrize(
    "reply",
    [
        "The library closes at 7 p.m. in 2012.",
        "closes at 6 p.m. in 201",
        "도서관은 오후 7시에 문을 닫는다.",
        "Napoleon was born in Ajaccio. [2]",
        "[1] [2] [99]",
    ],
)
def test_what_no_passage_says_is_not_cited(reply: str) -> None:
    """Another number, half a number, another story: no citation, whatever marker the model wrote."""
    found = cite(reply, HITS, INDEX)

    assert () == found.citations
    assert {"unverified"} >= {claim.status for claim in found.claims}
    assert not re.search(r"\[\d+\]", found.text)


def test_the_hinted_passage_is_preferred() -> None:
    """When two passages hold the same words, the model's marker decides."""
    index = memory_index({"a.txt": "Tea is served at four.", "b.txt": "Tea is served at four."})

    found = cite("Tea is served at four. [2]", hits(index), index)

    assert ["b.txt"] == [citation.doc_id for citation in found.citations]


def test_a_quote_is_cited_where_its_words_are() -> None:
    """Some of them are enough; the words beside them, or the same place of another document, are not."""
    citations = Citations(INDEX)
    one, other = HITS[0].chunk, HITS[1].chunk
    citations.cite((one, 2, 8))

    assert [citations.quotes((one, *span)) for span in ((0, 3), (7, 9), (0, 2), (8, 9))] == [
        True,
        True,
        False,
        False,
    ]
    assert not citations.quotes((other, 2, 8))


def test_markers_are_renumbered_by_appearance_and_shared_by_equal_quotes() -> None:
    """[1] is the first quote in the text; the same quote twice keeps its number."""
    japanese = "会員は五冊まで借りられます。"
    reply = f"{japanese}[3] Members may borrow five books. [2]\n{japanese}［3］"

    found = cite(reply, HITS, INDEX)

    assert [(1, "ja.txt"), (2, "en.txt")] == [(each.marker, each.doc_id) for each in found.citations]
    assert [(1,), (2,), (1,)] == [claim.markers for claim in found.claims]


def test_decomposed_and_spaced_replies_still_match() -> None:
    """A model may change composition, width, case and white space, not words."""
    reply = unicodedata.normalize("NFC", "THE  LIBRARY closes at\t６ p.m. in 2012.")

    assert "en.txt" == cite(reply, HITS, INDEX).citations[0].doc_id


@pytest.mark.parametrize(
    "reply",
    [
        "Members may borrow five books [2].",
        "Members may borrow five books.[2][3]",
        "Members may borrow five books. [1, 2]",
        "Members may borrow five books. [1-3]",
        "Members may borrow five books. ［２］",
        "Members may borrow five books. 【2】",
        "Members may borrow five books. 【2†source】",
        "Members may borrow five books. [^2]",
        "Members may borrow five books. [Source 2]",
        "Members may borrow five books. `[2]`",
        "```\nMembers may borrow five books. [2]\n```",
        "Members may borrow five books. [99]",
        "Members may borrow five books. [0][2]",
        "Members may borrow five books. [2, 40, 41]",
        "[77] Members may borrow five books.",
    ],
)
def test_markers_of_any_form_become_ours(reply: str) -> None:
    """However a marker is written, the text holds our [1]; those that point nowhere are gone."""
    found = cite(reply, HITS, INDEX)

    assert "Members may borrow five books. [1]" == found.text
    assert ["en.txt"] == [each.doc_id for each in found.citations]


def test_markers_may_be_split_across_pieces_of_a_stream() -> None:
    """The reply is read whole, so a marker cut in two by the stream is one marker."""
    pieces = ["Members may borrow five bo", "oks. [", "2", "]"]

    assert "Members may borrow five books. [1]" == cite("".join(pieces), HITS, INDEX).text


def test_strict_leaves_out_what_was_not_verified() -> None:
    """Under `strict` only verified claims stand in the text."""
    reply = "Members may borrow five books. [2] The roof is made of gold. [2]"

    strict = cite(reply, HITS, INDEX, strict=True)

    assert "Members may borrow five books. [1]" == strict.text
    assert ["verified", "unverified"] == [claim.status for claim in cite(reply, HITS, INDEX).claims]


@pytest.mark.parametrize(
    ("claim", "against"),
    [
        ("Members may borrow 6 books.", "number"),
        ("Members may borrow five books on Mondays.", "weekday"),
        ("Members may not borrow five books.", "negation"),
        ("Brenda Holt lends members five books.", "name"),
        ("Members may borrow 5 books.", ""),
    ],
)
def test_what_stands_against_a_quote_is_named(claim: str, against: str) -> None:
    """Near as a sentence may be, another number, day, name or a negation speaks against it."""
    verdict = judge(
        Statement(claim, "en"), Statement("Members may borrow five books.", "en"), 0.95, Context(), SCORER
    )

    assert against == verdict.against


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("Members may borrow five books.", ""),
        ("Members may borrow 6 books.", "number"),
        ("Members may borrow five books on Mondays.", "date"),
        ("Members may not borrow five books.", "negation"),
        ("도서관은 오후 7시에 문을 닫는다.", "date"),
        ("Napoleon was born in Ajaccio.", "meaning"),
    ],
)
def test_a_reader_is_told_why_a_claim_is_not_verified(reply: str, why: str) -> None:
    """Of what the nearest sentence says; days and times of day are dates to a reader."""
    assert [why] == [claim.why for claim in cite(reply, HITS, INDEX).claims]


@pytest.mark.parametrize(
    ("claim", "quote", "against"),
    [
        ("Nobody was hurt in the fire.", "The fire left no casualties, and the hall was not insured.", ""),
        ("The dog is not allowed in the hall.", "Only guide dogs may be brought into the building.", ""),
        ("The hall is not heated.", "The hall is heated.", "negation"),
        ("The hall is heated.", "The hall is not heated.", "negation"),
    ],
)
def test_a_denial_in_other_words_is_not_counted(claim: str, quote: str, against: str) -> None:
    """How often a paraphrase denies tells nothing; a copy with a "not" more or less says the opposite."""
    verdict = judge(Statement(claim, "en"), Statement(quote, "en"), 0.95, Context(), SCORER)

    assert against == verdict.against


QUOTES = [s for text in PASSAGES.values() for s in re.split(r"(?<=[.。।])\s*", text) if s]
MARKERS = [
    "[1]",
    "[12]",
    "[99]",
    "[0]",
    "［２］",
    "[1][2]",
    "```",
    "\n",
    "[1, 2]",
    "[1-3]",
    "【3】",
    "[",
    "]",
    "[^4]",
]
ALTERED = [quote.replace("6", "7").replace("five", "nine").replace("五", "九") for quote in QUOTES[2:4]]
# Outputs of the same few pieces, in any order: many are checked for the time of one.
outputs = st.lists(
    st.lists(st.sampled_from([*QUOTES[:4], *MARKERS, *ALTERED]), max_size=3), min_size=40, max_size=40
)
pieces = st.one_of(st.sampled_from([*QUOTES, *MARKERS, *ALTERED]), st.text(max_size=12))
FEW = HITS[:2]


@pytest.mark.slow
@settings(max_examples=500)
@given(outputs)
def test_no_marker_without_a_passage_in_20_000_outputs(replies: list[list[str]]) -> None:
    """Quotes, altered quotes and markers in any order: 500 times 40 outputs."""
    for reply in replies:
        assert_sound(cite(" ".join(reply), FEW, INDEX))


@settings(max_examples=200)
@given(st.lists(pieces, max_size=8).map(" ".join))
def test_no_marker_without_a_passage_and_no_quote_that_is_not_there(reply: str) -> None:
    """Whatever a model writes, every marker has a citation and every quote is in its document."""
    assert_sound(cite(reply, HITS, INDEX))


def assert_sound(found: Cited) -> None:
    known = {each.marker for each in found.citations}
    assert known == {m for claim in found.claims for m in claim.markers}
    assert {int(n) for n in re.findall(r"(?<= \[)\d+(?=\])", found.text)} <= known
    for each in found.citations:
        assert PASSAGES[each.doc_id][each.start : each.end] == each.quote
