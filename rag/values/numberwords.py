# ruff: noqa: E501 - one row of a table is one line
"""Number words of languages that write spaces between words: tables, and their look-up.

How a run of such words adds up is for `rag.values.numerals`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Words", "words_of"]

# From 1 or 2 up to 20, then 30 to 90; "/" separates forms, "-" is "not a number word here".
SMALL = {
    "en": "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety",
    "de": "- zwei/zwo drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn"
    " siebzehn achtzehn neunzehn zwanzig dreißig/dreissig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "nl": "- twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien"
    " zeventien achttien negentien twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "fr": "- deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept"
    " dix-huit dix-neuf vingt trente quarante cinquante soixante soixante-dix quatre-vingts/quatre-vingt"
    " quatre-vingt-dix",
    "es": "- dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis"
    " diecisiete dieciocho diecinueve veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "pt": "- dois/duas três quatro cinco seis sete oito nove dez onze doze treze quatorze/catorze quinze"
    " dezesseis/dezasseis dezessete/dezassete dezoito dezenove/dezanove vinte trinta quarenta cinquenta"
    " sessenta setenta oitenta noventa",
    "it": "- due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici"
    " diciassette diciotto diciannove venti trenta quaranta cinquanta sessanta settanta ottanta novanta",
    "ru": "- два/две/двух/двумя/двум три/трёх/трех/тремя/трём четыре/четырёх/четырех/четырьмя"
    " пять/пяти/пятью шесть/шести семь/семи восемь/восьми девять/девяти десять/десяти"
    " одиннадцать/одиннадцати двенадцать/двенадцати тринадцать/тринадцати четырнадцать пятнадцать/пятнадцати"
    " шестнадцать семнадцать восемнадцать девятнадцать двадцать/двадцати тридцать/тридцати сорок/сорока"
    " пятьдесят/пятидесяти шестьдесят семьдесят восемьдесят девяносто",
    "ar": "- اثنان/اثنين/اثنتين/اثنتان ثلاثة/ثلاث أربعة/أربع/اربعة خمسة/خمس ستة/ست سبعة/سبع ثمانية/ثماني/ثمان"
    " تسعة/تسع عشرة/عشر - - - - - - - - - عشرون/عشرين ثلاثون/ثلاثين أربعون/أربعين خمسون/خمسين ستون/ستين"
    " سبعون/سبعين ثمانون/ثمانين تسعون/تسعين",
    "he": "- שניים/שתיים/שני/שתי שלושה/שלוש ארבעה/ארבע חמישה/חמש שישה/שש שבעה/שבע שמונה תשעה/תשע עשרה/עשר - - - - -"
    " - - - - עשרים שלושים ארבעים חמישים שישים שבעים שמונים תשעים",
    "hi": "- दो तीन चार पाँच/पांच छह/छः सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस तीस चालीस"
    " पचास साठ सत्तर अस्सी नब्बे",
}
_LARGE = {
    "en": "hundred:100 thousand:1e3 million:1e6 millions:1e6 billion:1e9 trillion:1e12 bn:1e9 mn:1e6 tn:1e12 lakh:1e5 crore:1e7",
    "de": "hundert:100 tausend:1e3 million:1e6 millionen:1e6 mio:1e6 milliarde:1e9 milliarden:1e9 mrd:1e9"
    " billion:1e12 billionen:1e12",
    "nl": "honderd:100 duizend:1e3 miljoen:1e6 miljard:1e9 biljoen:1e12",
    "fr": "cent:100 cents:100 mille:1e3 million:1e6 millions:1e6 milliard:1e9 milliards:1e9 billion:1e12"
    " billions:1e12",
    "es": "cien:100 ciento:100 mil:1e3 millón:1e6 millones:1e6 billón:1e12 billones:1e12",
    "pt": "cem:100 cento:100 mil:1e3 milhão:1e6 milhões:1e6 bilhão:1e9 bilhões:1e9 trilhão:1e12 trilhões:1e12",
    "it": "cento:100 mille:1e3 mila:1e3 milione:1e6 milioni:1e6 miliardo:1e9 miliardi:1e9",
    "ru": "сто:100 ста:100 тысяча:1e3 тысячи:1e3 тысяч:1e3 тыс:1e3 миллион:1e6 миллиона:1e6 миллионов:1e6"
    " млн:1e6 миллиард:1e9 миллиарда:1e9 миллиардов:1e9 млрд:1e9 триллион:1e12 триллионов:1e12 трлн:1e12",
    "ar": "مئة:100 مائة:100 ألف:1e3 آلاف:1e3 ألفا:1e3 مليون:1e6 ملايين:1e6 مليار:1e9 مليارات:1e9 تريليون:1e12",
    "he": "מאה:100 אלף:1e3 אלפים:1e3 מיליון:1e6 מיליארד:1e9 טריליון:1e12",
    "hi": "सौ:100 हज़ार:1e3 हजार:1e3 लाख:1e5 करोड़:1e7",
}
# From the first to the twentieth; a trailing "*" takes any ending.
_ORDINALS = {
    "en": "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth"
    " fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth",
    "de": "erste* zweite* dritte* vierte* fünfte* sechste* siebte* achte* neunte* zehnte* elfte* zwölfte*"
    " dreizehnte* vierzehnte* fünfzehnte* sechzehnte* siebzehnte* achtzehnte* neunzehnte* zwanzigste*",
    "nl": "eerste tweede derde vierde vijfde zesde zevende achtste negende tiende elfde twaalfde",
    "fr": "premier/première deuxième/second/seconde troisième quatrième cinquième sixième septième huitième"
    " neuvième dixième onzième douzième treizième quatorzième quinzième seizième dix-septième dix-huitième"
    " dix-neuvième vingtième",
    "es": "primer/primero/primera segundo/segunda tercer/tercero/tercera cuarto/cuarta quinto/quinta sexto/sexta"
    " séptimo/séptima octavo/octava noveno/novena décimo/décima undécimo/undécima duodécimo/duodécima",
    "pt": "primeiro/primeira segundo/segunda terceiro/terceira quarto/quarta quinto/quinta sexto/sexta"
    " sétimo/sétima oitavo/oitava nono/nona décimo/décima",
    "it": "primo/prima secondo/seconda terzo/terza quarto/quarta quinto/quinta sesto/sesta settimo/settima"
    " ottavo/ottava nono/nona decimo/decima undicesim* dodicesim*",
    "ru": "перв* второй/вторая/второе/второго/второму/вторым/вторую/втором трети*/треть* четвёрт*/четверт*"
    " пятый/пятая/пятое/пятого/пятом/пятую шестой/шестая/шестое/шестого/шестом седьм*"
    " восьмой/восьмая/восьмое/восьмого/восьмом девятый/девятая/девятое/девятого/девятом"
    " десятый/десятая/десятое/десятого/десятом одиннадцат* двенадцат*",
    "ar": "الأول/الأولى/أول الثاني/الثانية/ثاني الثالث/الثالثة/ثالث الرابع/الرابعة/رابع الخامس/الخامسة/خامس"
    " السادس/السادسة السابع/السابعة الثامن/الثامنة التاسع/التاسعة العاشر/العاشرة",
    "he": "הראשון/הראשונה/ראשון/ראשונה השני/השנייה/שנייה השלישי/השלישית/שלישי/שלישית הרביעי/הרביעית"
    " החמישי/החמישית השישי/השישית השביעי/השביעית השמיני/השמינית התשיעי/התשיעית העשירי/העשירית",
    "hi": "पहला/पहली/पहले दूसरा/दूसरी/दूसरे तीसरा/तीसरी/तीसरे चौथा/चौथी/चौथे पाँचवाँ/पांचवां",
}
# Words of one language that mean something else in another; left out where the language is unknown.
_AMBIGUOUS_WORDS = "due sei once elf sept cent neuf mil prima second sette tre six sesta cents million"
_AMBIGUOUS = frozenset(_AMBIGUOUS_WORDS.split())
_VALUES_OF_SMALL = (*range(1, 21), *range(30, 100, 10))


@dataclass(frozen=True, slots=True)
class Words:
    """The number words of one language, in small letters.

    Attributes:
        ordinal_stems: Beginnings of ordinals that take endings, the longest first.
    """

    cardinals: Mapping[str, float]
    ordinals: Mapping[str, float]
    ordinal_stems: tuple[tuple[str, float], ...]

    def ordinal(self, word: str) -> float | None:
        """Return the rank that *word* says, if it says one."""
        if word in self.ordinals:
            return self.ordinals[word]
        return next((number for stem, number in self.ordinal_stems if word.startswith(stem)), None)


@lru_cache(maxsize=64)
def words_of(lang: str) -> Words:
    """Return the number words of *lang*, of all languages together where it is not known."""
    langs = [lang] if lang in SMALL else (["en"] if lang in {"ko", "ja", "zh", "th"} else [*SMALL][::-1])
    cardinals: dict[str, float] = {}
    ordinals: dict[str, float] = {}
    stems: list[tuple[str, float]] = []
    for each in langs:
        cardinals |= _cardinals(each)
        for number, forms in enumerate(_ORDINALS[each].split(" "), start=1):
            stems += [(form[:-1], number) for form in forms.split("/") if form.endswith("*")]
            ordinals |= dict.fromkeys(forms.split("/"), float(number))
    if len(langs) > 1:
        english = _cardinals("en")
        cardinals = {word: n for word, n in cardinals.items() if word not in _AMBIGUOUS or word in english}
        ordinals = {word: n for word, n in ordinals.items() if word not in _AMBIGUOUS - {"second"}}
    return Words(cardinals, ordinals, tuple(sorted(stems, key=lambda each: -len(each[0]))))


def _cardinals(lang: str) -> dict[str, float]:
    found = {
        form: float(number)
        for number, forms in zip(_VALUES_OF_SMALL, SMALL[lang].split(" "), strict=True)
        for form in forms.split("/")
        if form != "-"
    }
    if lang == "de":
        found |= _german(found)
    return found | {word: float(n) for word, n in (pair.split(":") for pair in _LARGE[lang].split(" "))}


def _german(small: Mapping[str, float]) -> dict[str, float]:
    """Join what German writes as one word: dreiundzwanzig, vierhundert, zwölftausend."""
    ones = {"ein": 1.0} | {word: n for word, n in small.items() if n < 10}
    tens = {word: n for word, n in small.items() if n >= 20}
    joined = {f"{one}und{ten}": a + b for one, a in ones.items() for ten, b in tens.items()}
    joined |= {f"{one}hundert": a * 100 for one, a in ones.items()}
    return joined | {f"{word}tausend": n * 1000 for word, n in ({"ein": 1.0} | dict(small)).items()}
