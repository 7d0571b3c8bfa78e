# ruff: noqa: E501 - one row of a table is one line
"""Proper names: where they stand, and whether two are the same, across scripts.

Names are told by their writing (capitals, katakana) or by a title beside them
(오지훈 대표, 館長). Latin letters and Hangul or kana are compared by the order of
their consonants, so that 몽크스 meets Monks; Han characters have no sound here,
and a name is compared with Han only by its characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import Final

from rag.text.characters import fold
from rag.values.units import is_unit

__all__ = [
    "Name",
    "by_surname",
    "find_names",
    "is_unheard",
    "mentions",
    "misspelt",
    "places",
    "same_name",
    "script",
    "skeleton",
]


@dataclass(frozen=True, slots=True)
class Name:
    """``text[start:end]``; `sure` is False where a capital may only begin the sentence.

    Attributes:
        person: Told by a title beside it, or written as only names are.
    """

    text: str
    start: int
    end: int
    sure: bool = True
    person: bool = False


# Latin letters, also with accents; "GPT-4o", "O'Neill", "SK".
_LATIN: Final = re.compile(
    r"(?<![A-Za-z0-9])[A-Z\u00c0-\u00d6\u00d8-\u00de][A-Za-z0-9\u00c0-\u024f'’&-]*"
    r"|(?<![A-Za-z0-9])[a-z]+[A-Z][A-Za-z0-9]*"
)
_KATAKANA: Final = re.compile(r"[ァ-ヴー]{2,}(?:・[ァ-ヴー]+)+|[ァ-ヴー]{3,}")
_SURNAMES_KO: Final = "김이박최정강조윤장임한오서신권황안송류전홍고문양손배백허유남심노하곽성차주우구민진지엄채원천방공현함변염여추도소석선설마길연위표명기반왕금옥육인맹제모탁국어은편용"
_TITLES_KO: Final = (
    "대표|사장|회장|부사장|이사|교수|박사|장관|차관|대통령|총리|의원|위원장|시장|구청장|도지사|주무관|과장|부장|팀장|관장|원장|소장|감독|선수|기자"
    "|변호사|판사|작가|위원|국장|실장|본부장|센터장|조합장|이장|간사|총무|코치|주장|연구원|학예사|조교|셰프|목사|신부|씨|CEO|CSO|CTO|CFO|COO"
)
# A first part that ends in a particle is none: 반으로 갈라 씨, 마친 한도윤 대표.
_KOREAN: Final = re.compile(
    rf"(?<![가-힣])(?P<name>[{_SURNAMES_KO}](?:[가-힣]{{2}}|[가-힣]{{1,3}}(?<![은는을를이가의로서고며친한던할된진])\s[가-힣]{{1,3}})?)"
    rf"\s(?=(?:{_TITLES_KO}))"
)
# 책임자 라일라 하다드는
_FOREIGN: Final = re.compile(
    rf"(?<![가-힣])(?:{_TITLES_KO}|책임자|담당자|대변인|건축가|화가|배우|가수|시인)\s(?P<name>[가-힣]{{2,6}}\s[가-힣]{{2,6}}?)(?=[은는이가]\s|\s?씨)"
)
# 송마시청 주장 허가영이다
_KOREAN_AFTER: Final = re.compile(
    rf"(?<![가-힣])(?:{_TITLES_KO}|상인|화가|배우|가수|시인)\s(?P<name>[{_SURNAMES_KO}][가-힣]{{2}})"
    r"(?=(?:[은는이가을를의과와도]|이다|이며|입니다|였다)(?![가-힣]))"
)
# 김하늘 남도해운 대표; many nouns look like that, so that it counts only beside another such.
_KOREAN_APART: Final = re.compile(
    rf"(?<![가-힣])(?P<name>[{_SURNAMES_KO}][가-힣]{{2}})(?=\s[가-힣A-Za-z0-9]+\s(?:{_TITLES_KO}))"
)
_TITLES_HAN: Final = (
    "馆长|館長|总经理|董事长|校长|校長|社長|社长|部長|部长|課長|教授|主任|総裁|总裁|总统|主席|首相|市長|市长|知事|経理|经理|工程师|記者|记者|監督"
    "|队长|建築家|作家|院長|院长|会長|所長|店長|代表|大臣"
)
_CHINESE: Final = re.compile(
    rf"(?:{_TITLES_HAN})(?P<name>[\u4e00-\u9fff]{{2,3}}?)(?=说|說|表示|称|稱|认为|指出|介绍|宣布|和|，|。|、|的|在|将|已)"
    r"|是(?P<surnamed>[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文]"
    r"[\u4e00-\u9fff]{1,2})(?=$|[，。])"
    r"|(?:^|[是由和与與向，。、：])(?P<titled>(?![是由和与與向])[\u4e00-\u9fff]{2,3})(?=博士|先生|女士|小姐|老师|老師)"
)
_JAPANESE: Final = re.compile(
    rf"(?:{_TITLES_HAN})の(?P<name>[\u4e00-\u9fff々]{{2,5}})(?=[はがをにとさ氏、。]|$)"
    rf"|(?P<suffixed>[\u4e00-\u9fff々]{{2,5}})(?=さん|氏)"
)
_BY_TITLE: Final = {"ja": (_CHINESE, _JAPANESE), "zh": (_CHINESE,)}
# What makes a name of a word in katakana; without it most are loanwords (エレベーター).
_NAMED_BY: Final = re.compile(r"さん|氏|様|選手|監督|社長|会長|教授|博士|議員|市|州|県|町|村|島|社|大学")
# Begin an English sentence without being a name.
_PLAIN_WORDS: Final = """
    a an the this that these those it its he his she her they their we our you your i my in on at by for
    from to of with without as if when while after before since until because although though but and or
    so no not all any both each every some many most few more about around over under between during
    there here what who how why where which is are was were do does did has have had can could may might
    must will would should yes according however also one two three four five six seven eight nine ten
    der die das ein eine im am el la los las un una le les des en et de a.m p.m am pm
"""
_PLAIN: Final = frozenset(_PLAIN_WORDS.split())
_WORDS_OF: Final = re.compile(r"[^\W_]{2,}")
_UNDER_18: Final = re.compile(r"[A-Z][a-z]+-\d+\w*")
_DATES: Final = re.compile(
    "jan|jän|feb|mar|mär|apr|may|mai$|june?$|juni$|juli$|okt|dez|july?$|aug|sep|oct|nov|dec|(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    "|christmas|cet|kst|utc|gmt|c$|[ap]m$"
)


def find_names(text: str, lang: str) -> list[Name]:
    """Return the proper names of *text*, single words of Latin ones, in order of appearance."""
    found = [*_latin(text, lang), *(_spans(_KATAKANA, text) if lang == "ja" else ())]
    for pattern in (_KOREAN, _KOREAN_AFTER, _FOREIGN, *_BY_TITLE.get(lang, ())):
        found += [
            Name(m[m.lastgroup or 0], m.start(m.lastgroup or 0), m.end(m.lastgroup or 0), person=True)
            for m in pattern.finditer(text)
        ]
    found += [
        Name(m["name"], m.start(), m.end(), sure=False)
        for m in _KOREAN_APART.finditer(text)
        if all(m.end() <= name.start or name.end <= m.start() for name in found)
    ]
    return sorted(set(found), key=lambda name: name.start)


def misspelt(name: str, other: str) -> bool:
    """Tell whether two names of one length differ in one character: 박진우, 박진호."""
    return (
        len(name) == len(other) > 2
        and sum(a != b for a, b in zip(fold(name), fold(other), strict=False)) == 1
    )


def _spans(pattern: re.Pattern[str], text: str) -> Iterator[Name]:
    for match in pattern.finditer(text):
        person = "・" in match[0]
        sure = person or _NAMED_BY.match(text, match.end()) is not None
        yield Name(match[0], match.start(), match.end(), sure=sure, person=person)


def _latin(text: str, lang: str) -> Iterator[Name]:
    matches = [
        m
        for m in _LATIN.finditer(text)
        if m[0].lower() not in _PLAIN and not _DATES.match(m[0].lower()) and not is_unit(m[0])
    ]
    firsts = {m.start() for m in matches if not re.search(r"[^\W_][\s,;:]*$", text[: m.start()])}
    # Every German noun has a capital; the last of two in a row is a name, but for the first word.
    spans = [m.span() for m in matches if lang != "de" or m.start() not in firsts]
    for match in matches:
        word = match[0].removesuffix("'s").removesuffix("’s")
        mixed = any(char.isupper() or char.isdigit() for char in word[1:]) and not _UNDER_18.fullmatch(word)
        follows = any(text[end : match.start()] == " " for _, end in spans)
        leads = any(text[match.end() : start] == " " for start, _ in spans)
        first = match.start() in firsts
        if lang == "de" and not mixed and (first or leads or not follows):
            continue
        yield Name(
            word, match.start(), match.start() + len(word), sure=mixed or not first or follows or leads
        )


# --- the same name in another script ----------------------------------------------

_INITIALS: Final = [
    "k",
    "k",
    "n",
    "t",
    "t",
    "r",
    "m",
    "p",
    "p",
    "s",
    "s",
    "",
    "c",
    "c",
    "c",
    "k",
    "t",
    "p",
    "",
]
_FINALS: Final = [*"_kkknnntrrrrrrrrmppttnttktp_"]
_KANA_ROWS: Final = {
    "": "アイウエオヤユヨワァィゥェォャュョヮーッハヒヘホ・", "k": "カキクケコガギグゲゴヵヶ", "s": "サシスセソ", "c": "ザジズゼゾチヂツヅ",
    "t": "タテトダデド", "n": "ナニヌネノン", "p": "バビブベボパピプペポフヴ", "m": "マミムメモ", "r": "ラリルレロ",
}  # fmt: skip
_KANA: Final = {char: sound for sound, row in _KANA_ROWS.items() for char in row}
_LETTER_ROWS: Final = {
    "k": "кгхكقغخ", "t": "тдتدطضثذ", "p": "пбвфبف", "s": "сшصسش", "c": "зжцчщجزظ", "n": "нن", "m": "мم", "r": "рлرل",
}  # fmt: skip
_LETTERS: Final = {char: sound for sound, row in _LETTER_ROWS.items() for char in row}
_LATIN_SOUNDS: Final = (
    ("tion", "sn"), ("sch", "s"), ("tch", "c"), ("sh", "s"), ("ch", "c"), ("ph", "p"), ("th", "s"), ("ts", "c"), ("ck", "k"), ("qu", "k"),
    ("ng", "n"), ("x", "ks"), ("ce", "s"), ("ci", "s"), ("cy", "s"), ("c", "k"), ("q", "k"), ("g", "k"), ("d", "t"), ("b", "p"),
    ("v", "p"), ("f", "p"), ("l", "r"), ("j", "c"), ("z", "c"),
)  # fmt: skip


@lru_cache(maxsize=4096)
def skeleton(word: str) -> str:
    """Return the consonants of *word* in classes that survive transliteration; empty for Han."""
    sounds: list[str] = []
    latin = ""
    plain = fold(word)
    # The plural stays behind: Foods, 푸드.
    for char in plain[:-1] if re.fullmatch(r"[a-z]{3,}s", plain) else plain:
        code = ord(char) - 0xAC00
        kana = chr(ord(char) + 0x60) if "ぁ" <= char <= "ゖ" else char
        if 0 <= code < 11172:
            final = code % 28
            sounds.append(_INITIALS[code // 588] + _FINALS[final].strip("_"))
        elif char in _LETTERS:
            sounds.append(_LETTERS[char])
        elif kana in _KANA:
            sounds.append(_KANA[kana])
        else:
            latin += char
    for written, sound in _LATIN_SOUNDS if latin else ():
        latin = latin.replace(written, sound.upper())
    joined = "".join(sounds) + re.sub(r"[^kntrmpsc]", "", latin.lower())
    return re.sub(r"(.)\1+", r"\1", joined)


@lru_cache(maxsize=1 << 16)
def same_name(name: str, other: str) -> bool:
    """Tell whether two names, in any two scripts that have sounds, can be one."""
    a, b = fold(name), fold(other)
    # "San" is no part of "Sandstein", but Hangul and Han names run on into the next word.
    shortest = min(len(a), len(b))
    if a == b or (shortest > (4 if a.isascii() else 2) and (a.startswith(b) or b.startswith(a))):
        return True
    if script(a) == script(b):
        return False
    x, y = skeleton(a), skeleton(b)
    if len(x) < 2 or len(y) < 2:
        return False
    if x == y or (len(x) > 2 and y.startswith(x)):
        return True
    # A final r is not spoken, and not written in Hangul or kana: Larkspur, 라크스퍼.
    silent = re.sub("r(?=[kntmpsc]|$)", "", x), re.sub("r(?=[kntmpsc]|$)", "", y)
    return len(silent[0]) > 2 and silent[0] == silent[1]


def mentions(text: str, name: str) -> bool:
    """Tell whether *text* holds the name, in any script that `same_name` can compare."""
    plain = fold(text)
    words = _WORDS_OF.findall(plain)
    # サンテルモ is "San Telmo".
    heard = {*words, *map("".join, pairwise(words))}
    return fold(name) in plain or any(same_name(name, word) or same_name(word, name) for word in heard)


def is_unheard(name: str, text: str) -> bool:
    """Tell whether no part of a person's name sounds like any word of *text*.

    Parts of a foreign name must have three sounds to decide, a Korean given name two
    (진우, Jin-woo), or else the whole name; a text with Han tells no sounds.
    """
    korean = re.fullmatch("[가-힣]{3}", name) is not None
    parts = re.split(r"[\s・]", name)
    if korean:
        parts = [name[1:] if len(skeleton(name[1:])) > 1 else name]
    sounds = [sound for part in parts if len(sound := skeleton(part)) > (1 if korean else 2)]
    words = re.findall(r"[^\W\d_]+(?:-[^\W\d_]+)*", text)
    heard = [
        skeleton(word)
        for pair in pairwise([*words, ""])
        for word in (pair[0], "".join(pair), "".join(pair[::-1]))
    ]
    if not sounds or not any(heard) or script(text) in {"han", "kana"}:
        return False
    # Kramer is no Loomis: one sound of three is too many.
    return not any(_resembles(sound, word, 1 if len(sound) > 3 else 0) for sound in sounds for word in heard)


def by_surname(name: str, text: str) -> bool:
    """Tell whether *text* means a Korean name by surname and title: 기 씨 is 기혜란."""
    return re.fullmatch("[가-힣]{3}", name) is not None and (
        re.search(rf"(?<![가-힣]){name[0]}\s(?:{_TITLES_KO})", text) is not None
    )


def script(text: str) -> str:
    """Return the script of *text*, one of "hangul", "kana", "han" and "latin" (any other)."""
    if re.search("[가-힣]", text):
        return "hangul"
    if re.search("[ぁ-ヿ]", text):
        return "kana"
    return "han" if re.search("[\u4e00-\u9fff]", text) else "latin"


def _resembles(a: str, b: str, slack: int) -> bool:
    """Tell whether *b* begins with *a*, *slack* sounds aside; endings may follow."""
    return any(_apart(a, b[:length]) <= slack for length in (len(a) - 1, len(a), len(a) + 1))


def _apart(a: str, b: str) -> int:
    """Return the Levenshtein distance."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        above, row = row, [i]
        for j, y in enumerate(b, start=1):
            row.append(min(row[-1] + 1, above[j] + 1, above[j - 1] + (x != y)))
    return row[-1]


# --- countries --------------------------------------------------------------------

_COUNTRIES: Final = """
한국|대한민국|south korea|korea|korean|koreans|韓国|韩国|韓國|südkorea|corea|corée
미국|united states|america|american|u.s.|アメリカ|米国|美国|美國|usa|vereinigten staaten|estados unidos|états-unis
일본|japan|japanese|日本|japón|japon
중국|china|chinese|中国|中國|chine
독일|germany|german|ドイツ|德国|德國|deutschland|deutsche|alemania|allemagne
프랑스|france|french|フランス|法国|法國|frankreich|francia
영국|britain|british|united kingdom|uk|england|イギリス|英国|英國|großbritannien|reino unido|royaume-uni
이탈리아|italy|italian|イタリア|意大利|italien|italia|italie
스페인|spain|spanish|スペイン|西班牙|spanien|españa|espagne
러시아|russia|russian|ロシア|俄罗斯|俄羅斯|russland|rusia|russie
인도|india|indian|インド|印度|indien|inde
캐나다|canada|canadian|カナダ|加拿大|kanada
호주|australia|australian|オーストラリア|澳大利亚|澳大利亞|australien|australie
브라질|brazil|brazilian|ブラジル|巴西|brasilien|brasil|brésil
멕시코|mexico|mexican|メキシコ|墨西哥|mexiko|méxico|mexique
네덜란드|netherlands|dutch|オランダ|荷兰|荷蘭|niederlande|países bajos|pays-bas
스위스|switzerland|swiss|スイス|瑞士|schweiz|suiza|suisse
스웨덴|sweden|swedish|スウェーデン|瑞典|schweden|suecia|suède
핀란드|finland|finnish|フィンランド|芬兰|芬蘭|finnland|finlandia
노르웨이|norway|norwegian|ノルウェー|挪威|norwegen|noruega|norvège
덴마크|denmark|danish|デンマーク|丹麦|丹麥|dänemark|dinamarca|danemark
폴란드|poland|polish|ポーランド|波兰|波蘭|polen|polonia|pologne
오스트리아|austria|austrian|オーストリア|奥地利|奧地利|österreich|autriche
베트남|vietnam|vietnamese|ベトナム|越南
태국|thailand|thai|タイ王国|泰国|泰國
싱가포르|singapore|シンガポール|新加坡|singapur|singapour
대만|taiwan|taiwanese|台湾|台灣
인도네시아|indonesia|indonesian|インドネシア|印度尼西亚|indonesien
터키|튀르키예|turkey|turkish|トルコ|土耳其|türkei|turquía|turquie
이집트|egypt|egyptian|エジプト|埃及|ägypten|egipto|égypte
케냐|kenya|kenyan|ケニア|肯尼亚|kenia
서울|seoul|ソウル|首尔|首爾|seúl|séoul
부산|busan|釜山|プサン
도쿄|tokyo|東京|东京|tokio
오사카|osaka|大阪
베이징|beijing|北京|peking|pekín|pékin
상하이|shanghai|上海
런던|london|ロンドン|伦敦|倫敦|londres
파리|paris|パリ|巴黎|parís
베를린|berlin|ベルリン|柏林|berlín
뉴욕|new york|ニューヨーク|纽约|紐約|nueva york
"""
_PLACE_OF: Final = {
    form: row.split("|")[0] for row in _COUNTRIES.strip().split("\n") for form in row.split("|")
}
_PLACE: Final = re.compile(
    "|".join(
        (rf"(?<!\w){re.escape(form)}(?!\w)" if form.isascii() or form[0].isascii() or form[0] in "öä" else
         (rf"(?<![가-힣]){form}" if "가" <= form[0] <= "힣" else re.escape(form)))
        for form in sorted(_PLACE_OF, key=len, reverse=True)
    )
)  # fmt: skip


def places(text: str) -> set[str]:
    """Return the countries and large cities that *text* names, one word for each."""
    return {_PLACE_OF[match[0]] for match in _PLACE.finditer(fold(text))}
