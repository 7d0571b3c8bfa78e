"""Bytes become the text that was written, whatever encoding it was written in."""

import codecs
import unicodedata

import pytest
from documents import SAMPLES
from hypothesis import given
from hypothesis import strategies as st

from rag.index.encoding import decode
from rag.index.reading import Unreadable

LEGACY = [
    *[("ko", "cp949"), ("ko", "euc_kr"), ("ko", "johab"), ("ko", "iso2022_kr")],
    *[("ja", "shift_jis"), ("ja", "cp932"), ("ja", "euc_jp"), ("ja", "iso2022_jp")],
    *[("zh", "gb2312"), ("zh", "gbk"), ("zh", "gb18030"), ("zh-Hant", "big5"), ("zh-Hant", "cp950")],
    *[("ru", "cp1251"), ("ru", "koi8_r"), ("ru", "iso8859_5"), ("uk", "cp1251"), ("uk", "koi8_u")],
    *[("el", "cp1253"), ("el", "iso8859_7"), ("ar", "cp1256"), ("he", "cp1255"), ("th", "cp874")],
    *[("de", "cp1252"), ("fr", "cp1252"), ("es", "cp1252"), ("de", "latin_1"), ("tr", "cp1254")],
    *[("pl", "cp1250"), ("pl", "iso8859_2"), ("cs", "cp1250"), ("lt", "cp1257"), ("vi", "cp1258")],
]
UNICODE = ["utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]
BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
]


def encoded(lang: str, encoding: str) -> bytes:
    """Encode the sample; Vietnamese needs its tones apart in cp1258, as its keyboards typed them."""
    if encoding != "cp1258":
        return SAMPLES[lang].encode(encoding, "ignore")
    bases = (unicodedata.normalize("NFD", char) for char in SAMPLES[lang])
    tones = "\u0300\u0301\u0303\u0309\u0323"
    apart = (
        unicodedata.normalize("NFC", "".join(c for c in base if c not in tones))
        + "".join(c for c in base if c in tones)
        for base in bases
    )
    return "".join(apart).encode(encoding)


@pytest.mark.parametrize(("lang", "encoding"), LEGACY)
def test_a_legacy_encoding_is_told_from_two_sentences(lang: str, encoding: str) -> None:
    """A paragraph in its language's own encoding is read as it was written."""
    data = encoded(lang, encoding)

    decoded = decode(data)

    assert decoded.text == data.decode(encoding)


@pytest.mark.parametrize("encoding", UNICODE)
@pytest.mark.parametrize("lang", SAMPLES)
def test_unicode_needs_no_mark(lang: str, encoding: str) -> None:
    """UTF-8, UTF-16 and UTF-32 are certain without a byte order mark, in every script."""
    decoded = decode((SAMPLES[lang] + "\n").encode(encoding))

    assert (decoded.text, decoded.doubt) == (SAMPLES[lang] + "\n", "")


@pytest.mark.parametrize(("mark", "encoding"), BOMS)
@given(text=st.text(min_size=3))
def test_a_mark_decides(mark: bytes, encoding: str, text: str) -> None:
    """Whatever follows a byte order mark is in the encoding of the mark."""
    text = "".join(char for char in text if char.isprintable() and char != "\ufffd") or "text"

    decoded = decode(mark + text.encode(encoding))

    assert (decoded.text, decoded.encoding, decoded.doubt) == (text, encoding, "")


@given(text=st.text(alphabet=st.characters(exclude_categories=["C"]), min_size=1))
def test_valid_utf8_is_never_guessed(text: str) -> None:
    """Bytes that are UTF-8 are read as UTF-8."""
    assert decode(text.encode()).text == text


@given(data=st.binary(max_size=300))
def test_any_bytes_give_text_or_a_reason(data: bytes) -> None:
    """No input makes the decoder fail in another way."""
    try:
        decode(data)
    except Unreadable as exc:
        assert "not text" in str(exc)


@pytest.mark.parametrize("lang", SAMPLES)
def test_one_damaged_character_does_not_spoil_the_rest(lang: str) -> None:
    """A file that is UTF-8 but for a cut character is read as UTF-8, and the loss is told."""
    data = (SAMPLES[lang] * 3).encode()
    if sum(byte >= 0xC2 for byte in data) < 20:
        pytest.skip("almost ASCII")

    decoded = decode(b"\xff\n" + data)

    assert SAMPLES[lang] in decoded.text
    assert "1 of its characters" in decoded.doubt


def test_a_short_guess_is_reported() -> None:
    """Two syllables could be anything: the text is read, and the encoding named."""
    decoded = decode("요금표".encode("cp949"))

    assert decoded.encoding in decoded.doubt
    assert "UTF-8" in decoded.doubt


@pytest.mark.parametrize(
    ("label", "encoding"),
    [("euc-kr", "cp949"), ("Shift_JIS", "cp932"), ("gb2312", "gb18030"), ("ISO-8859-1", "cp1252")],
)
def test_a_declared_encoding_is_read_as_its_writers_meant_it(label: str, encoding: str) -> None:
    """Pages that declare the standard were written with the vendor's extension of it."""
    text = {"cp949": "똠방각하 펲시콜라", "cp932": "①～髙橋", "gb18030": "朱镕基", "cp1252": "“naïve” – 5 €"}[
        encoding
    ]

    decoded = decode(text.encode(encoding), label)

    assert (decoded.text, decoded.doubt) == (text, "")


@pytest.mark.parametrize("label", ["", "no-such-charset", "hex", "rot13", "\x00", "utf-16"])
def test_a_useless_declaration_is_passed_over(label: str) -> None:
    """A page may declare nonsense; its bytes speak for themselves."""
    text = SAMPLES["ko"]

    assert decode(text.encode(), label).text == text
    assert decode(text.encode("cp949"), label).text == text


@pytest.mark.parametrize(
    "data",
    [
        bytes(range(256)) * 8,
        b"\x89PNG\r\n\x1a\n" + bytes(range(0, 256, 3)) * 20,
        b"\x7fELF\x02\x01\x01" + b"\x00" * 400,
        b"PK\x03\x04" + bytes(range(1, 200)) * 10,
    ],
)
def test_binary_files_are_not_text(data: bytes) -> None:
    """A picture that is called notes.txt is named, not indexed as garbage."""
    with pytest.raises(Unreadable, match="not text"):
        decode(data)


@pytest.mark.parametrize(
    ("pasted", "encoding"),
    [
        ("정기 총회는 삼월 둘째 토요일에 강당에서 열립니다. 회비는 만 원입니다.", "cp949"),
        ("総会は三月の第二土曜日に講堂で開かれます。会費は千円です。", "cp932"),
        ("Общее собрание состоится в марте, в большом зале, взнос сто рублей.", "cp1251"),
        ("Die Versammlung für Mitglieder findet im März in der Aula statt, übrigens früh.", "cp1252"),
    ],
)
def test_a_line_in_another_encoding_costs_that_line(pasted: str, encoding: str) -> None:
    """The lines around it are what they were; the doubt counts the others."""
    before, after = "도서관은 월요일에 쉰다.\nห้องสมุดปิดวันจันทร์\n", "\n図書館は休みます。"

    found = decode(before.encode() + pasted.encode(encoding) + after.encode())

    assert found.text.startswith(before) and found.text.endswith(after)
    assert found.text.count("\n") == 3
    assert found.doubt.startswith("1 of its lines")


@pytest.mark.parametrize(
    ("own", "pasted", "encoding"),
    [
        ("은솔역 안내 방송입니다.", "정기 총회는 삼월에 강당에서 열립니다. 회비는 만 원입니다.", "cp949"),
        ("図書館は休みます。", "総会は三月の第二土曜日に講堂で開かれます。", "cp932"),
        (
            "Öffnungszeiten für alle Häuser",
            "Die Versammlung für Mitglieder ist im März, übrigens früh.",
            "cp1252",
        ),
    ],
)
def test_one_line_of_its_own_is_enough_beside_one_of_another(own: str, pasted: str, encoding: str) -> None:
    """Most of a text may be ASCII, which tells nothing."""
    plain = "Boats and harbours of the northern lakes.\n" * 3

    found = decode(f"{plain}{own}\n".encode() + pasted.encode(encoding) + f"\n{plain}".encode())

    assert found.text.startswith(f"{plain}{own}\n") and found.text.endswith(f"\n{plain}")


def test_a_damaged_line_loses_its_damaged_characters_only() -> None:
    """A cut character in each of a few lines is no other encoding."""
    whole = "도서관은 월요일에 쉰다.\n" * 5

    found = decode(whole.encode() + "회원은 책을 다섯 권까지 빌린다.".encode()[:-2] + b"\n" + whole.encode())

    assert "회원은 책을 다섯 권까지 빌린" in found.text and found.doubt
