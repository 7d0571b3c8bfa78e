"""Files in the formats that are read, made without fonts, word processors or fixtures."""

# ruff: noqa: E501

import io
import zipfile
from collections.abc import Sequence

import docx

SAMPLES = {
    "ko": "도서관은 매주 월요일에 쉽니다. 책은 한 사람이 다섯 권까지 두 주 동안 빌릴 수 있고, 예약한 사람이 없으면 한 번 더 늘릴 수 있습니다.",
    "ja": "図書館は毎週月曜日に休みます。本は一人五冊まで二週間借りられます。予約がなければ、もう一度だけ延長できます。カードを忘れた人は受付でお尋ねください。",
    "zh": "图书馆每逢星期一闭馆。每位读者最多可以借五本书，借期两周；如果没有人预约，还可以续借一次。忘带借书证的读者请到服务台登记。",
    "zh-Hant": "圖書館每逢星期一閉館。每位讀者最多可以借五本書，借期兩週；如果沒有人預約，還可以續借一次。忘記帶借書證的讀者請到服務臺登記。",
    "ru": "Библиотека закрыта по понедельникам. Один читатель может взять не более пяти книг на две недели, а если книгу никто не ждёт, срок можно продлить.",
    "uk": "Бібліотека зачинена щопонеділка. Один читач може взяти щонайбільше п’ять книжок на два тижні, а якщо книжку ніхто не чекає, строк можна продовжити.",
    "el": "Η βιβλιοθήκη είναι κλειστή κάθε Δευτέρα. Κάθε αναγνώστης μπορεί να δανειστεί έως πέντε βιβλία για δύο εβδομάδες και να ανανεώσει μία φορά.",
    "ar": "تغلق المكتبة أبوابها كل يوم اثنين. يمكن لكل قارئ أن يستعير خمسة كتب على الأكثر لمدة أسبوعين، وله أن يمدد المدة مرة واحدة إن لم يحجزها أحد.",
    "he": "הספרייה סגורה בכל יום שני. כל קורא רשאי לשאול עד חמישה ספרים לשבועיים, ואם איש לא הזמין אותם אפשר להאריך פעם אחת נוספת.",
    "th": "ห้องสมุดปิดทุกวันจันทร์ ผู้อ่านหนึ่งคนยืมหนังสือได้ไม่เกินห้าเล่มเป็นเวลาสองสัปดาห์ และต่ออายุได้อีกหนึ่งครั้งหากไม่มีผู้จอง",
    "hi": "पुस्तकालय हर सोमवार को बंद रहता है। एक पाठक दो सप्ताह के लिए अधिकतम पाँच पुस्तकें ले सकता है, और यदि किसी ने आरक्षण न किया हो तो अवधि बढ़ सकती है।",
    "de": "Die Bücherei bleibt montags geschlossen. Jede Leserin und jeder Leser darf höchstens fünf Bücher für zwei Wochen ausleihen und einmal verlängern, wenn niemand sie für später vorgemerkt hat.",
    "fr": "La bibliothèque est fermée le lundi. Chaque lecteur peut emprunter jusqu’à cinq livres pendant deux semaines, délai prolongé une fois si personne ne les a réservés.",
    "es": "La biblioteca cierra los lunes. Cada lector podrá llevarse hasta cinco libros durante dos semanas; el préstamo se prolongará una vez más si nadie los pidió después, según el reglamento del año pasado.",
    "pl": "Biblioteka jest zamknięta w poniedziałki. Każdy czytelnik może wypożyczyć najwyżej pięć książek na dwa tygodnie i raz przedłużyć, jeśli nikt ich nie zamówił.",
    "cs": "Knihovna je v pondělí zavřená. Každý čtenář si může půjčit nejvýše pět knih na čtrnáct dní a jednou výpůjčku prodloužit, pokud je nikdo nežádá.",
    "tr": "Kütüphane pazartesi günleri kapalıdır. Her okuyucu iki haftalığına en çok beş kitap alabilir; ayırtan yoksa süre bir kez uzatılır. Kartını unutanlar danışmaya başvurmalıdır.",
    "lt": "Biblioteka pirmadieniais nedirba. Kiekvienas skaitytojas gali dviem savaitėms pasiimti ne daugiau kaip penkias knygas ir vieną kartą pratęsti terminą, jeigu jų niekas neužsisakė.",
    "vi": "Thư viện đóng cửa vào thứ Hai. Mỗi bạn đọc được mượn nhiều nhất năm cuốn sách trong hai tuần và gia hạn thêm một lần nếu không có ai đặt trước.",
    "emoji": "The library is closed on Mondays 📚. Bring your card 👩🏽‍🏫 and a smile 😀, or ask at the desk. Flags are welcome: 🇰🇷 🏴󠁧󠁢󠁷󠁬󠁳󠁿.",
}
"""A paragraph in each of several languages and scripts, all saying about the same."""


_FONT = (
    "<< /Type /Font /Subtype /Type0 /BaseFont /X /Encoding /Identity-H /ToUnicode 4 0 R"
    " /DescendantFonts [<< /Type /Font /Subtype /CIDFontType2 /BaseFont /X /DW 1000"
    " /CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> >>] >>"
)


def pdf(pages: Sequence[Sequence[str]], title: str = "", trailer: str = "") -> bytes:
    """Return a PDF whose *pages* show lines of text in any script.

    Two bytes stand for a character (UTF-16), and a ToUnicode map says so: no font
    file is needed to write it, as none is to read it.
    """
    chars = sorted({char for lines in pages for line in lines for char in line})
    pairs = "\n".join(f"<{_utf16(char)}> <{_utf16(char)}>" for char in chars)
    cmap = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        f"1 begincodespacerange <0000> <FFFF> endcodespacerange\n{len(chars)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    )
    kids = " ".join(f"{6 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>",
        _FONT,
        _stream(cmap),
        f"<< /Title <FEFF{_utf16(title)}> >>",
    ]
    for i, lines in enumerate(pages):
        shown = " ".join(f"<{_utf16(line)}> Tj 0 -14 Td" for line in lines)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 4000 842] /Contents {7 + 2 * i} 0 R"
            " /Resources << /Font << /F 3 0 R >> >> >>"
        )
        objects.append(_stream(f"BT /F 11 Tf 50 800 Td {shown} ET"))
    return _assembled(objects, trailer)


def _utf16(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()


def _stream(content: str) -> str:
    return f"<< /Length {len(content)} >>\nstream\n{content}\nendstream"


def _assembled(objects: Sequence[str], trailer: str) -> bytes:
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places = []
    for number, each in enumerate(objects, start=1):
        places.append(out.tell())
        out.write(f"{number} 0 obj\n{each}\nendobj\n".encode("ascii"))
    start = out.tell()
    rows = "".join(f"{place:010d} 00000 n \n" for place in places)
    out.write(f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{rows}".encode("ascii"))
    info = f"<< /Size {len(objects) + 1} /Root 1 0 R /Info 5 0 R {trailer} >>"
    out.write(f"trailer\n{info}\nstartxref\n{start}\n%%EOF".encode("ascii"))
    return out.getvalue()


def docx_bytes(*paragraphs: str) -> bytes:
    document = docx.Document()
    for text in paragraphs:
        document.add_paragraph(text)
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def repacked(data: bytes, document_xml: bytes) -> bytes:
    """Return the docx *data* with another main part."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, document_xml if name == "word/document.xml" else old.read(name))
    return out.getvalue()


def main_part(body: bytes) -> bytes:
    space = b'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
    return b"<w:document " + space + b"><w:body>" + body + b"</w:body></w:document>"


DOCX = docx_bytes("Unharmed text of a good file.")
