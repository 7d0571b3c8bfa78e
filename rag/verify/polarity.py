"""Negation: how often a statement is turned round, in many languages.

Counts cues; "not unknown" has two and says yes. Words that only look like a
negation ("not only", 不仅, 뿐만 아니라) are taken out first.
"""

import re
from typing import Final

__all__ = ["clauses", "denied", "negations"]

_HARMLESS: Final = re.compile(
    r"not only|no later than|not just|nicht nur|non seulement|no s[oó]lo|não só|не только|non solo|"
    r"뿐(?:만)?\s?아니라|지\s?않으면\s?안|지\s?않을\s?수\s?없|없이는|だけで(?:は)?なく|のみならず|なければ(?:なら|いけ)(?:ない|ません)|なくては(?:なら"
    r"|いけ)(?:ない|ません)"
    r"|ないと(?:いけ|なら)(?:ない|ません)|かもしれ(?:ない|ません)|に違いない|少なく|不得不|不仅|不僅|不但|不同|不过|不過|不少|不断|不足|不斷|不久|不管|不论|不論|无论|無論"
    r"|未来|未來|非常"
    r"|无线|無線|無料|無事|\bno\.\s?\d",
    re.IGNORECASE,
)
_CUES: Final = re.compile(
    # Latin
    r"(?<!\w)(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|unable|lacks?|lacking"
    r"|prohibited|forbidden|banned"
    r"|fail(?:s|ed)? to|refus(?:es?|ed) to|closed(?! (?:at|on \d|a|the|down)\b)"
    r"|nicht|kein\w*|nie|niemals|niemand|nichts|ohne|weder|verboten|untersagt|geschlossen"
    r"|nunca|ning[uú]n\w*|nadie|sin|tampoco|prohibid\w+|cerrad\w+|jamais|aucun\w*|sans|interdit\w*"
    r"|fermée?s?|pas"
    r"|não|nenhum\w*|ninguém|sem|proibid\w+|fechad\w+|non|senza|nessun\w*|niet|geen|zonder|не|нет|никогда"
    r"|без|нельзя|запрещ\w+)(?!\w)"
    r"|n['’]t(?!\w)"
    # Korean
    r"|(?<![가-힣])(?<![월년주일간위]\s)안\s(?=[가-힣])|(?<![가-힣])못\s?(?=[가-힣])|지(?:는|도|를)?\s?(?:않|못|마[시라십세]|말)"
    r"|없[^애앤앴]|없$|아니(?=[다라며고었오])"
    r"|아닙|아닌(?!가)|불가|금지|휴관|휴무|쉰다|쉽니다|쉬는|쉬며|쉬고"
    # Japanese
    r"|(?<![少危つ])ない(?!し|部)|なかっ|(?<![少])なく(?=て|な|、|$|。)|ません|[まさせべけえれ]ず(?=に|、|。|$)|[きさ]ず(?=に|、|。|$)|禁止"
    r"|不可(?!欠)|休館|休業|定休|休み(?=[でだ。、]|$)"
    # Chinese
    r"|(?<![a-z])不(?!可)|[没沒](?:有)?|未(?!満|满)|无(?!锡)|勿|闭馆|閉館日|休馆"
    # Arabic, Hebrew, Hindi
    r"|(?<!\w)(?:لا|لم|لن|ليس\w*|غير|بدون|دون|ممنوع\w*|محظور\w*|לא|אין|בלי|אסור|אינ\w+)(?!\w)"
    # Vowel signs are no letters to `re`: मरम्मत holds no मत.
    r"|(?<![\w\u0900-\u097f])(?:नहीं|न|मत|बिना|मना|निषिद्ध)(?![\w\u0900-\u097f])"
    # Thai
    r"|(?<!แต่)ไม่(?!เพียง|ว่า|เกิน|น้อย)|มิได้|ห้าม|ปราศจาก|งด(?!งาม)",
    re.IGNORECASE,
)
_FRENCH_NE: Final = re.compile(r"(?<!\w)(?:ne\s|n['’](?!t))", re.IGNORECASE)
_SPANISH_NO: Final = re.compile(r"(?<!\w)(?:plus|rien|personne|que)(?!\w)", re.IGNORECASE)
_CLAUSE: Final = re.compile(
    r"(?<!\d)[,;:，；：、。.!?！？](?!\d)|\s(?:and|but|because|although|while|whereas|which|und|aber|weil|y|pero"
    r"|porque|et|mais|и|но)\s"
    r"|(?<=[가-힣][고며])\s|(?<=지만)\s|(?<=으나)\s|(?<=는데)\s|\n"
)


def negations(text: str) -> int:
    """Return how many negations *text* holds."""
    plain = _HARMLESS.sub(" ", text)
    count = len(_CUES.findall(plain))
    if _FRENCH_NE.search(plain) and not re.search(r"(?<!\w)(?:pas|jamais|aucun\w*)(?!\w)", plain):
        count += bool(_SPANISH_NO.search(plain))
    return count


_DENIED_BEFORE: Final = re.compile(
    r"(?<!\w)(?:not|rather than|instead of|nicht|statt|anstatt|pas|no|не|вместо)(?:\s\w{1,4}){0,2}\s$",
    re.IGNORECASE,
)
_DENIED_AFTER: Final = re.compile(
    r"[^\s,.、。，]{0,6}\s?(?:ではなく|じゃなく|でなく|[이가]\s아니[라고]|[이가]\s아닌|\s대신|の代わり)"
)


def denied(text: str, start: int, end: int) -> bool:
    """Tell whether ``text[start:end]`` is what is denied: 第3土曜日ではなく, "not on Monday"."""
    return bool(_DENIED_BEFORE.search(text[:start]) or _DENIED_AFTER.match(text, end))


def clauses(text: str) -> list[str]:
    """Cut *text* where a negation stops reaching: at commas and conjunctions."""
    found: list[str] = []
    for piece in _CLAUSE.split(text):
        clause = piece.strip()
        if found and clause.isascii() and len(clause.split()) < 3:
            found[-1] += f", {clause}"  # "closed on Mondays and holidays" says one thing
        elif len(clause) > 3:
            found.append(clause)
    return found or [text]
