"""Where sentences begin and end, in any script.

`sentencex` finds the ends inside a paragraph and knows the abbreviations of many
languages; this module mends what it leaves open (a quotation that goes on, dates
with dots, scripts that end no sentence) and keeps it linear. Which lines form a
paragraph is for `rag.text.paragraphs` to say.
"""

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from sentencex import get_sentence_boundaries

from rag.text.paragraphs import code_blocks, is_record, paragraphs
from rag.types import UNDETERMINED

__all__ = ["sentences"]

Span = tuple[int, int]

# sentencex takes time with the square of the quotations in one text, so it is
# given windows. No sentence is longer than one.
_WINDOW = 4000
# A quotation of several sentences is one to sentencex. In anything longer than this
# its marks are hidden, so that each sentence can be cited alone.
_LONG_SENTENCE = 400
_QUOTES = dict.fromkeys(map(ord, '"“”„‟«»‹›「」『』《》()（）[]【】'), " ")
_OPENING = re.compile(r"""["“„«‹「『《(（\[【\s]+$""")
# Thai, Lao, Khmer and Burmese put a space where a thought ends and no mark; phrases
# of about one line are what can be quoted.
_THAI_LIKE = "[\u0e00-\u109f\u1780-\u17ff]"
_PHRASE = re.compile(
    rf"\S.{{0,158}}\Z|\S.{{59,159}}?{_THAI_LIKE}(?=\s+{_THAI_LIKE})|\S.{{59,159}}?(?=\s)|\S+", re.DOTALL
)
_LONG_PHRASE = 160

# Which rules of sentencex fit a script, and the languages written in it. A language
# that is in none of them is written in Latin letters.
_SCRIPT = re.compile(
    "(?P<ko>[\u1100-\u11ff\uac00-\ud7a3])|(?P<ja>[\u3041-\u30ff])|(?P<zh>[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff])"
    "|(?P<th>[\u0e00-\u0e7f])|(?P<lo>[\u0e80-\u0eff])|(?P<my>[\u1000-\u109f])|(?P<km>[\u1780-\u17ff])"
    "|(?P<ar>[\u0600-\u06ff])|(?P<he>[\u05d0-\u05ea])|(?P<hi>[\u0900-\u097f])|(?P<el>[\u0370-\u03ff\u1f00-\u1fff])"
    "|(?P<ru>[\u0400-\u052f])|(?P<en>[A-Za-z\u00c0-\u024f])"
)
_WRITTEN_ALIKE = {
    "zh": ("zh", "yue", "wuu"),
    "ar": ("ar", "fa", "ur", "ps", "ckb", "ug", "sd"),
    "he": ("he", "yi"),
    "hi": ("hi", "mr", "ne", "sa"),
    "ru": ("ru", "uk", "bg", "be", "sr", "mk", "kk", "ky", "mn", "tg", "tt"),
}
_NOT_LATIN = {"und", "ko", "ja", "th", "lo", "my", "km", "el"}.union(*_WRITTEN_ALIKE.values())
# Full stops that sentencex passes over: Khmer and Tibetan.
_FULL_STOPS = dict.fromkeys(map(ord, "។៕།༎"), "。")
# Where sentencex sees a decimal: 終えた。2023年には
_BEFORE_DIGIT = re.compile(r"[。！？](?=\d)(?![^「『“]*[」』”])")
# **Ground floor.** The kitchen: the marks that close the emphasis belong to what they close.
_CLOSING_MARKS = re.compile(r"(?:\*\*|__)(?=\s|$)")
_UNPUNCTUATED = frozenset({"th", "lo", "my", "km"})

_CLOSED = re.compile(r"""[.!?。！？…][”’"'」』»）)\]]+$""")
_GOES_ON = re.compile(r"[,;:、，；：)\]）」』”’»›]|[—–-]\s*(?P<letter>\w)")
_JAPANESE_PARTICLE = re.compile(
    r"と(?!ても|ころ|りあえず|にかく|もあれ|うとう)|って|なんて|など|は(?!い|っ|じ|や)|が(?!ん)|を|に(?!わか)"
    r"|で(?!も|は、|すが|すから)|の(?!ち)|も(?!う|し|ち|っ)|へ|や(?!が|っ|は)|から|より|まで|だ(?!が|か|け)"
)
_CHINESE_SPEAKER = re.compile(
    r"[^，。！？“”]{0,8}(?:说|說|问|問|道|答|称|稱|喊|叫|想|表示|指出|认为|認為|回应|回應)[，。！？：着了]"
)
_CHINESE_PARTICLE = re.compile(r"[的地得就便]|然后|然後|随后|隨後|接着")
_ENUMERATOR = re.compile(r"[(（]?(?:\d{1,3}|[a-zA-Z가-하]|[ivxIVX]+)[.)）]")
# "Clause 3. Lanterns are lit": what a paragraph is numbered by, and no sentence.
_NUMBERED = re.compile(r"(?:[^\W\d_]{1,15}\.? |§ ?)?\d{1,3}(?:\.\d{1,3})*\.")
_DOTTED_DATE = re.compile(r"(?<!\d)(?:19|20)\d\d\.(?: ?\d{1,2}\.){0,2}$")
# Not after a quotation mark: the Hebrew צה"ל is a word.
_INITIAL = re.compile(r"(?:^|[\s.(«“\u3040-\ud7ff-])[^\W\d_\u3040-\ud7ff]\.$")
_SHORT_WORD = re.compile(r"(?<![^\W_])[^\W\d_]{1,4}\.$")
# What sentencex does not know, or not in a text whose language is not given.
_ABBREVIATION = re.compile(
    r"(?<![^\W_])(?:MM|Mlle|janv|févr|avr|juil|sept|oct|nov|déc|EE|UU|Av|Sra?|Dra?|Abs|Nr|Art|Bd|bzw|vgl|ca|डॉ|प्रो|श्री"
    r"|млн|млрд|тыс|руб|стр)\.$"
)
_BEFORE_NUMBER = re.compile(r"(?<![^\W_])(?:[Nn]o|[Nn]úm|[Tt]el|[Aa]rt|[Vv]ol|Av|рис|रु|โทร)\.$")
_ORDINAL = re.compile(r"(?<!\d)\d{1,2}\.$")
_MONTH = re.compile(r"Jan|Feb|Mär|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez")


def sentences(text: str, lang: str = UNDETERMINED) -> list[Span]:
    """Cut *text* into sentences.

    Args:
        text: Anything; its paragraphs may be in different languages.
        lang: BCP 47. A paragraph in another script is read by its script.

    Returns:
        ``(start, end)`` in code points, half-open, in order, without surrounding
        white space. Every character that is not white space or of a fence is in
        exactly one. Code between fences and a row of a table are one each.
    """
    found: list[Span] = []
    code = [(each.first, each.last) for each in code_blocks(text)]
    for start, end in paragraphs(text):
        if end - start <= _WINDOW and (_is_within(start, code) or is_record(text[start:end])):
            found.extend(_trimmed(text, start, end))
            continue
        paragraph = text[start:end].replace("\n", " ")
        for first, last in _cut(paragraph, _language(paragraph, lang)):
            found.extend(_trimmed(text, start + first, start + last))
    return found


def _is_within(offset: int, spans: Sequence[Span]) -> bool:
    place = bisect_right(spans, offset, key=lambda span: span[0])
    return place > 0 and offset < spans[place - 1][1]


def _language(paragraph: str, lang: str) -> str:
    """Return *lang*, or what the script of *paragraph* suggests where the two differ."""
    counts = Counter(match.lastgroup or "" for match in _SCRIPT.finditer(paragraph[:400]))
    primary = lang.split("-", maxsplit=1)[0]
    if not counts or (counts.most_common(1)[0][0] == "en" and primary not in _NOT_LATIN):
        return "en" if primary == UNDETERMINED else primary
    # Kana prove Japanese even where Han prevails.
    script = "ja" if counts["ja"] * 10 > counts["zh"] > counts["ko"] else counts.most_common(1)[0][0]
    return primary if primary in _WRITTEN_ALIKE.get(script, ()) else script


def _cut(paragraph: str, lang: str) -> Iterator[Span]:
    for start, end in _joined(paragraph, _boundaries(paragraph, lang), lang):
        if lang in _UNPUNCTUATED and end - start > _LONG_PHRASE:
            yield from (match.span() for match in _PHRASE.finditer(paragraph, start, end))
        elif end - start > _LONG_SENTENCE:
            yield from _unquoted(paragraph, start, end, lang)
        else:
            yield start, end


def _boundaries(paragraph: str, lang: str) -> Iterator[Span]:
    """Yield what sentencex takes for sentences; together they are the paragraph."""
    cursor = 0
    while cursor < len(paragraph):
        window = paragraph[cursor : cursor + _WINDOW].translate(_FULL_STOPS)
        found = [cursor + sentence["end_index"] for sentence in get_sentence_boundaries(lang, window)]
        found += [cursor + stop.end() for stop in _BEFORE_DIGIT.finditer(window)]
        ends = sorted({_closed(paragraph, end) for end in found})
        if cursor + _WINDOW < len(paragraph):
            # What the window cut short is read again, from its beginning.
            ends = ends[:-1] or [cursor + (window.rfind(" ") + 1 or _WINDOW)]
        for end in ends:
            yield cursor, end
            cursor = end


def _closed(paragraph: str, end: int) -> int:
    marks = _CLOSING_MARKS.match(paragraph, end)
    return marks.end() if marks else end


def _joined(paragraph: str, spans: Iterable[Span], lang: str) -> Iterator[Span]:
    start = end = -1
    for first, last in spans:
        if end >= 0 and (last - start > _WINDOW or not _continues(paragraph, start, first, lang)):
            yield start, end
            start = first
        start, end = max(start, 0), last
    if end >= 0:
        yield start, end


def _unquoted(paragraph: str, start: int, end: int, lang: str) -> Iterator[Span]:
    hidden = paragraph[start:end].translate(_QUOTES)
    spans = [(start + first, start + last) for first, last in _boundaries(hidden, lang)]
    cursor = start
    for _, last in _joined(paragraph, spans, lang):
        # A mark that opens belongs to what it opens.
        opening = _OPENING.search(paragraph[cursor:last]) if last < end else None
        stop = cursor + opening.start() if opening else last
        yield cursor, stop
        cursor = stop


def _continues(paragraph: str, start: int, cut: int, lang: str) -> bool:
    """Tell whether the sentence that begins at *start* goes on behind *cut*."""
    before = paragraph[max(start, cut - 40) : cut]
    after = paragraph[cut : cut + 40].lstrip()
    spaced = before[-1:].isspace()
    before = before.rstrip()
    if not before or not after:
        return True
    if goes_on := _GOES_ON.match(after):
        letter = goes_on["letter"]
        # "กว.-ชม." is one word of a script without small letters.
        return not letter or letter.islower() or not (spaced or letter.isupper())
    if _CLOSED.search(before):
        return not spaced and _quotation_continues(paragraph[start], after, lang)
    return before.endswith(".") and _dot_is_inside(before, after, spaced=spaced)


def _quotation_continues(opening: str, after: str, lang: str) -> bool:
    """Tell 「行くよ。」と言った from 「行くよ。」彼は帰った, where no space helps."""
    if lang == "ja":
        return _JAPANESE_PARTICLE.match(after) is not None
    if lang in _WRITTEN_ALIKE["zh"]:
        # “我走了。”他说 names the speaker; in 他说：“我走了。” the inner full stop ends both.
        speaker = opening in '“「『"' and _CHINESE_SPEAKER.match(after)
        return bool(speaker or _CHINESE_PARTICLE.match(after))
    return after[0].isalpha()


def _dot_is_inside(before: str, after: str, *, spaced: bool) -> bool:
    if _ENUMERATOR.fullmatch(before.lstrip()) or _NUMBERED.fullmatch(before.lstrip()):
        return True
    if _ABBREVIATION.search(before):
        return True
    if after[0].isdigit() and _BEFORE_NUMBER.search(before):
        return True
    if _ORDINAL.search(before) and (_MONTH.match(after) or after[0].islower()):
        return True  # "18. března": no sentence begins small
    if not spaced and (after[0] in "/-" or after[0].islower()):
        return True  # "χλμ./ώρα"
    if _DOTTED_DATE.search(before):
        # "2025. 6. 12. 오후" is one date; a year may well end an English sentence.
        return after[0].isdigit() or "가" <= after[0] <= "힣" or after[0] == "("
    if _INITIAL.search(before) and after[0].isalnum():
        return not spaced or not before[-2].islower() or after[0].islower()
    return after[0].islower() and _SHORT_WORD.search(before) is not None


def _trimmed(text: str, start: int, end: int) -> Iterator[Span]:
    piece = text[start:end]
    if stripped := piece.strip():
        start += len(piece) - len(piece.lstrip())
        yield start, start + len(stripped)
