"""Books, Rich Text, messages and mailboxes: each with what it says about itself."""

# ruff: noqa: E501

from email.message import EmailMessage

import pytest
from documents import DOCX, SAMPLES, pdf
from hypothesis import given
from hypothesis import strategies as st
from office import package
from readings import masked
from samples import epub, rtf

from rag.index.readers import read
from rag.index.reading import Reading, Unreadable
from rag.text.characters import clean_text

# --- epub


def test_chapters_are_places() -> None:
    """The pages of a book are read in the order of its spine, with what it tells of itself."""
    about = "<dc:title>물레방아</dc:title><dc:creator>김가람</dc:creator><dc:language>ko</dc:language><dc:date>2024-05-01</dc:date>"

    reading = read(
        epub("<h1>첫째</h1><p>물이 흐른다.</p>", "<img/>", "<h1>둘째</h1><nav>menu</nav>", about=about),
        ".epub",
    )

    assert reading.text == "# 첫째\n\n물이 흐른다.\n\n# 둘째\n\nmenu"
    assert [(page.start, page.label) for page in reading.pages] == [(0, "chapter 1"), (15, "chapter 2")]
    assert (reading.title, reading.author, reading.lang, reading.published) == (
        "물레방아",
        "김가람",
        "ko",
        "2024-05-01",
    )
    assert masked(reading) == [("menu", "html nav")]


def test_protected_books_say_so() -> None:
    """Scrambled fonts do no harm; scrambled chapters cannot be read."""
    method = '<encryption xmlns:e="http://www.w3.org/2001/04/xmlenc#"><e:EncryptionMethod Algorithm="{}"/></encryption>'
    fonts = method.format("http://www.idpf.org/2008/embedding")

    assert read(epub("<p>open</p>", **{"META-INF/encryption.xml": fonts}), ".epub").text == "open"
    with pytest.raises(Unreadable, match="protected"):
        read(epub("<p>x</p>", **{"META-INF/encryption.xml": method.format("aes128-cbc")}), ".epub")
    with pytest.raises(Unreadable, match="names no chapters"):
        read(package({"mimetype": "application/epub+zip"}), ".epub")


# --- rtf


@pytest.mark.parametrize(
    ("charset", "encoding", "lang"),
    [(129, "cp949", "ko"), (128, "cp932", "ja"), (134, "gb18030", "zh"), (136, "cp950", "zh-Hant"), (204, "cp1251", "ru"), (161, "cp1253", "el"), (178, "cp1256", "ar"), (177, "cp1255", "he"), (222, "cp874", "th"), (238, "cp1250", "pl")],
)  # fmt: skip
def test_bytes_are_read_by_the_font_they_are_in(charset: int, encoding: str, lang: str) -> None:
    """Before Unicode each font had its code page."""
    text = clean_text(SAMPLES[lang])
    hexed = "".join(
        chr(b) if 31 < b < 127 and chr(b) not in "\\{}" else f"\\'{b:02x}" for b in text.encode(encoding)
    )
    data = f"{{\\rtf1\\ansi\\ansicpg1252{{\\fonttbl{{\\f0 A;}}{{\\f3\\fcharset{charset} B;}}}}\\f3 {hexed}\\par}}".encode(
        "ascii"
    )

    assert read(data, ".rtf").text == text


def test_rich_text_gives_the_shapes_of_word() -> None:
    """Headings, numbers of lists, notes, comments, boxes, margins; hidden and deleted text is gone."""
    body = (
        r"{\stylesheet{\s0 Normal;}{\s5 heading 2;}}{\info{\title 물레}{\author 김가람}{\creatim\yr2020}}"
        r"{\header 문서번호 17\par}{\footer 3\par}"
        r"\pard\s5 {\listtext 1.\tab}Größe\par\pard\plain It has 8,400{\super\chftn{\footnote\pard Counted in May.\par}} bricks"
        r"{\v secret}{\deleted gone} on 5 m{\super 2}.{\*\shpinst{\sp{\sn a}{\sv b}}{\shptxt In a box.\par}}\par"
        r"{\pntext\bullet\tab}point\par{\*\unknown nothing}{\*\atnauthor Lee}{\*\annotation Check.}End{\field{\*\fldinst HYPERLINK x}{\fldrslt  here}}.\par"
    )

    reading = read(rtf(body), ".rtf")

    assert reading.text == (
        "## 1. Größe\n\nIt has 8,400 bricks on 5 m².\n\n1) Counted in May.\n\nIn a box.\n\n- point\n\nEnd here.\n\nComment by Lee: Check.\n\n문서번호 17\n\n3"
    )
    assert (reading.title, reading.author, masked(reading)) == ("물레", "김가람", [("3", "page footer")])


def test_tables_of_rich_text_are_rows() -> None:
    """Header rows, bold ones and merged cells, as in Word."""
    body = (
        r"\trowd\cellx1\cellx2\cellx3\intbl\b Gear\cell Teeth\cell Bore\b0\cell\row"
        r"\trowd\clvmgf\cellx1\cellx2\cellx3\intbl 가\cell 14\cell 8\cell\row"
        r"\trowd\clvmrg\cellx1\clmgf\cellx2\clmrg\cellx3\intbl\cell none\cell\cell\row\pard After.\par"
    )

    assert (
        read(rtf(body), ".rtf").text == "Gear: 가; Teeth: 14; Bore: 8\nGear: 가; Teeth, Bore: none\n\nAfter."
    )


@given(st.text(alphabet="\\{}*'; \n0123456789abcfhlnoprstuwx가é", max_size=200))
def test_rich_text_of_any_shape_is_read_or_refused(body: str) -> None:
    """Braces without partners and words without end are text, or nothing."""
    assert isinstance(read(rtf(body), ".rtf"), Reading)


def test_deep_groups_are_refused() -> None:
    """A file of nothing but braces has a reason."""
    with pytest.raises(Unreadable, match="nested deeper"):
        read(rtf("{" * 100_000), ".rtf")


# --- messages


def letter(**attachments: bytes) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = "창고 열쇠 · Schlüssel"
    mail["From"] = "김해솔 <kim@example.org>"
    mail["To"] = "b@example.org"
    mail["Date"] = "Tue, 27 May 2025 23:30:00 +0900"
    mail.set_content("열쇠는 세 번째 서랍에 있다.\n")
    mail.add_alternative("<p>열쇠는 <b>세 번째</b> 서랍에 있다.</p>", subtype="html")
    for name, data in attachments.items():
        mail.add_attachment(data, "application", "octet-stream", filename=name.replace("_", "."))
    return mail


def test_a_message_says_who_wrote_what_and_when() -> None:
    """Its headers are what is known of it; its words stand once though it carries them twice."""
    reading = read(letter().as_bytes(), ".eml")

    assert reading.text == (
        "# 창고 열쇠 · Schlüssel\n\nFrom: 김해솔 <kim@example.org>\nTo: b@example.org\n"
        "Date: Tue, 27 May 2025 23:30:00 +0900\n\n열쇠는 세 번째 서랍에 있다."
    )
    assert (reading.title, reading.published, reading.author) == (
        "창고 열쇠 · Schlüssel",
        "2025-05-27",
        "김해솔",
    )


def test_attachments_are_read_by_their_own_readers() -> None:
    """Each is a place; what cannot be read is named, and takes nothing else with it."""
    inner = letter(b_csv=b"x,y\n1,2\n")
    mail = letter(notes_docx=DOCX, plan=pdf([["Keller", "Archiv"]]), run_exe=b"MZ\0", bad_docx=b"PK\x03\x04")
    mail.add_attachment(inner)

    reading = read(mail.as_bytes(), ".eml")

    assert "## notes.docx\n\nUnharmed text of a good file." in reading.text
    assert "Keller" in reading.text
    assert "## b.csv\n\nx: 1; y: 2" in reading.text
    assert [page.label for page in reading.pages][:2] == ["notes.docx", "plan"]
    assert [each.split(":")[0] for each in reading.left_out] == ["run.exe", "bad.docx"]


def test_messages_in_messages_end() -> None:
    """A chain of forwards is read some messages deep."""
    mail = letter()
    for _ in range(7):
        outer = letter()
        outer.add_attachment(mail)
        mail = outer

    assert "in more than 4 others" in read(mail.as_bytes(), ".eml").left_out[0]


@pytest.mark.parametrize(
    ("charset", "lang"),
    [("euc-kr", "ko"), ("iso-2022-jp", "ja"), ("koi8-r", "ru"), ("nonsense", "hi"), ("us-ascii", "ar")],
)
def test_words_are_decoded_though_the_letter_lies(charset: str, lang: str) -> None:
    """The stated encoding counts if it is one, and fits."""
    text = clean_text(SAMPLES[lang])
    data = text.encode(charset if lang in ("ko", "ja", "ru") else "utf-8")
    head = f"From: a@b\nSubject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset={charset}\n\n"

    assert text in read(head.encode() + data, ".eml").text


def test_flowed_lines_are_joined_and_html_alone_is_read() -> None:
    """Lines that end in a space go on; a page that was sent alone is the message."""
    head = "Subject: x\nMIME-Version: 1.0\nContent-Type: text/{}\n\n"

    flowed = read(
        (head.format("plain; format=flowed") + "We come on \nMonday.\nNot Tuesday.\n").encode(), ".eml"
    )
    page = read((head.format("html") + "<table><tr><th>a<th>b<tr><td>1<td>2</table>").encode(), ".eml")

    assert flowed.text.endswith("We come on Monday.\nNot Tuesday.")
    assert "<" not in page.text
    assert "1" in page.text


def test_a_mailbox_is_its_messages() -> None:
    """Each message is a place; a quoted "From " is no new one."""
    first = letter(run_exe=b"MZ\0").as_bytes()
    data = (
        b"From a@b Tue May 27 10:00:00 2025\n"
        + first
        + b"\nFrom c@d Wed May 28 10:00:00 2025\nSubject: two\n\n>From here on.\nFrom now\n"
    )

    reading = read(data, ".mbox")

    assert [page.label for page in reading.pages] == ["message 1", "message 2"]
    assert reading.text.endswith("# two\n\nFrom here on.\nFrom now")
    assert reading.left_out[0].startswith("message 1: run.exe: ")


@pytest.mark.parametrize(("data", "suffix"), [(b"", ".eml"), (b"no letter\n", ".eml"), (b"x\n", ".mbox")])
def test_what_is_no_message_says_so(data: bytes, suffix: str) -> None:
    """Any text parses as a message without headers; that is none."""
    with pytest.raises(Unreadable, match="message"):
        read(data, suffix)
