"""What is quoted is the thing that was asked about, whole and alone."""

import unicodedata

import pytest

from rag.answer.excerpt import Excerpt
from rag.answer.named import held, telling
from rag.answer.parts import parts_of
from rag.types import Span


def quoted(text: str, question: str, *marked: str, above: str = "") -> list[str]:
    """Return what is quoted of *text* for the first of the *marked* words; those after it are less sure."""
    spans = [
        Span(text.index(each), text.index(each) + len(each), 5.0 - 3 * n) for n, each in enumerate(marked)
    ]
    topic = telling(question, {}, text)
    words = topic - held(topic, above)
    excerpt = Excerpt(text, parts_of(text, "und"), question, above, topic, words, spans)
    return [text[start:end] for start, end in excerpt.quotes(spans[0])]


TABLES = {
    "en": (
        "Boat: Otter; Load: 95 kg; Price: £7\nBoat: Grebe; Load: 180 kg; Price: £11",
        "What does the Grebe cost?",
    ),
    "ko": (
        "방: 느티방; 정원: 35명; 하루: 7만 원\n방: 자작방; 정원: 8명; 하루: 2만 원",
        "자작방을 하루 빌리면 얼마예요?",
    ),
    "ja": (
        "部品: 羽根; 型番: MH-2; 価格: 1,800円\n部品: 釜; 型番: MH-9; 価格: 5,300円",
        "釜の価格はいくらですか。",
    ),
    "zh": (
        "套装: 松影; 容量: 450毫升; 价格: 268元\n套装: 听雨; 容量: 600毫升; 价格: 395元",
        "听雨套装多少钱？",
    ),
    "ar": (
        "المنتج: تمر سكري; السعر: 28 درهمًا\nالمنتج: عسل السدر; السعر: 210 دراهم",
        "كم سعر عسل السدر؟",
    ),
    "th": (
        "เรือ: นาก; ราคา: 70 บาท\nเรือ: นกเป็ด; ราคา: 110 บาท",
        "เรือนกเป็ดราคาเท่าไร",
    ),
    "de": (
        "Art. Nr.: 4; Boot: Reiher; Plätze: 2\nArt. Nr.: 5; Boot: Eisvogel; Plätze: 8",
        "Wie viele Plätze hat der Eisvogel?",
    ),
}


@pytest.mark.parametrize("lang", TABLES)
def test_the_row_that_is_named_is_quoted_alone(lang: str) -> None:
    """Whichever row the reader took: its words tell what is asked, those of the question of which."""
    text, question = TABLES[lang]
    rows = text.split("\n")

    for row in rows:
        assert quoted(text, question, row.rpartition(": ")[2]) == rows[1:]


def test_a_row_is_found_in_hangul_that_is_taken_apart() -> None:
    """A question may be typed so."""
    text, question = TABLES["ko"]
    asked = unicodedata.normalize("NFC", unicodedata.normalize("NFD", question))

    assert quoted(text, asked, "7만 원") == [text.split("\n")[1]]


def test_rows_that_are_named_together_are_both_quoted() -> None:
    """And where the words tell no row from another, what was read decides."""
    text = "Loom: Finch; Price: 730\nLoom: Heron; Price: 1,180\nLoom: Bittern; Price: 1,640"

    assert quoted(text, "What do the Finch and the Bittern cost?", "1,180") == [
        "Loom: Finch; Price: 730",
        "Loom: Bittern; Price: 1,640",
    ]
    assert quoted(text, "¿Cuánto cuesta la garza?", "1,180") == ["Loom: Heron; Price: 1,180"]


def test_of_pairs_the_first_names_the_second() -> None:
    """What a contract says of the tenant is not said of the owner because the question names both."""
    text = "Item: Owner; Entry: Orla Venn\nItem: Tenant; Entry: Café Dalmuri\nItem: Rent; Entry: 400"

    assert quoted(text, "Who is the owner of the house of Café Dalmuri?", "Orla Venn") == [
        "Item: Owner; Entry: Orla Venn"
    ]


STEPS = (
    "To clean the stove:\n\n1. Let it cool.\n2. Open the lower door.\n3. Pull the grate.\n4. Wipe the glass."
)


@pytest.mark.parametrize("marked", [("1.",), ("Let it cool",), ("it", "grate"), ("cool.\n2. Open",)])
def test_a_list_that_is_asked_for_comes_with_what_introduces_it(marked: tuple[str, ...]) -> None:
    """If the words that answer are a number, a whole item, or spread over items."""
    assert quoted(STEPS, "How is the stove cleaned?", *marked) == [STEPS]


@pytest.mark.parametrize("marked", ["1.", "cool.\n2. Open the lower door.\n3. Pull", "the grate"])
def test_a_step_that_is_named_comes_with_its_neighbours(marked: str) -> None:
    """The next step is asked for by naming the one before it."""
    (found,) = quoted(STEPS, "What comes after opening the lower door?", marked)

    assert "3. Pull the grate." in found and "4." not in found


def test_a_code_is_quoted_alone() -> None:
    """Its neighbours are about other things, however alike they are."""
    text = "エラー:\n- E-04: ふたが開いています。\n- E-14: 温度が高すぎます。\n- E-40: 電源を抜いてください。"

    for marked in ("ふたが開いています", "温度が高すぎます。\n- E-40", "電源"):
        assert quoted(text, "E-14は何を意味しますか。", marked) == ["- E-14: 温度が高すぎます。"]


@pytest.mark.parametrize(
    ("clauses", "question"),
    [
        (["Clause 1. Boats are signed out.", "Clause 2. Oars hang."], "What does clause 2 say?"),
        (["제1조 함께 쓴다.", "제2조 해마다 이월에 연다."], "제2조의 내용은 무엇인가요?"),
        (["§ 1 Der Verein heißt so.", "§ 2 Der Beitrag beträgt 84 Euro."], "Was steht in § 2?"),
        (["Low season: October to March", "High season: April to May"], "When is the high season?"),
    ],
)
def test_a_clause_is_known_by_its_number_or_name(clauses: list[str], question: str) -> None:
    """Paragraphs that are labelled alike stand beside each other as the rows of a table do."""
    assert quoted("\n\n".join(clauses), question, clauses[0].split()[-1]) == clauses[1:]


@pytest.mark.parametrize(
    "text",
    [
        "백업을 복원하려면 다음 명령을 실행한다.\n\n```sh\nnaru restore --from last.tgz\n```",
        "The search looks like this:\n\n~~~\nbrambit find --tag garden\n~~~",
        "一日の給餌量は次の式で求める。G = 12k + 80",
    ],
)
def test_code_and_formulas_come_with_their_introduction(text: str) -> None:
    """Whether the sentence was marked or the code, and whether or not the reader noticed the other."""
    lines = [line for line in text.splitlines() if line and line[0] not in "`~"]
    first, code = lines[0].partition("。")[0][:8], lines[-1].rpartition("。")[2]

    for marked in ((first, code), (code,), (first,)):
        assert [each.rstrip("`~\n") for each in quoted(text, "?", *marked)] == [text.rstrip("`~\n")]


def test_a_sentence_about_a_neighbour_is_left_out_of_a_stretch() -> None:
    """Of what was marked across sentences stays what holds most of the question."""
    sentences = ("성벽의 길이는 1,820미터이다.", "1) 1998년에 성벽을 잴 때는 64미터를 빼고 쟀다.")
    text = "\n\n".join(sentences)
    marked = text[text.index("1,820") : text.index("를 빼고")]

    assert quoted(text, "1998년에 성벽을 잴 때 뺀 구간은 몇 미터인가요?", marked) == [sentences[1]]


def test_a_heading_stands_with_what_is_marked_below_it() -> None:
    """If it says more than the question: the version in which a fault was mended."""
    text = "## 4.5.3 (2 May)\n\n- Repairs a crash"
    plain = "# The crash\n\nIt was repaired in May."

    assert quoted(text, "Which version repaired the crash?", text[3:]) == [text]
    assert quoted(plain, "When was the crash repaired?", plain[2:]) == ["It was repaired in May."]
