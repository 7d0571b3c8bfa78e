"""What a question is about: the words that tell its answer from that of a neighbouring question.

"A child ticket costs 5 dollars" answers no question about adults. Which words
these are is told by spelling alone: nouns of German by their capitals, of Korean
by what remains without particles, of Japanese by Han and katakana, of other
spaced languages by not being one of the words that any question uses.
"""

import re
from typing import Final

from rag.text.characters import fold, tokens

__all__ = ["lacking", "topics"]

# Verbs and nouns that an answer need not repeat: "cost" is said by "charges", "work" by "employs".
_COMMON_WORDS: Final = """
    what when where which whose whom does will would have from with into that this there their much
    many long often cost costs price charge take takes need open opens opened opening close closes
    closed start starts begin begins end ends work works live lives employ employs have stay last
    lasts weigh weighs visit visited come came hold held happen happens make made sell sold build
    built found founded create created join serve operate operates located place person people
    number name year years month months hour hours minute minutes week weeks date time today still
    about after before during until currently current right allowed allow possible must should could
    offer offers offered available produce produces contain contains ranked rank grow grew reopen
    reopens pass called spend spent earn score scored many full
    wann wird werden wurde haben hatte kostet viele welche welcher welches lange dauert gibt öffnet
    schließt
    cuánto cuánta cuántos cuántas cuándo dónde cuesta tiene tienen hay está están quién para sobre
    abre cierra desde hasta
    combien quand quelle quel quels quelles coûte sont dans pour avec ouvre ferme depuis année
"""
_COMMON: Final = frozenset(_COMMON_WORDS.split())
# What is counted may be told as a rank: "how many offices", "the twelfth branch".
_COUNTED: Final = re.compile(r"\b(?:how many|wie viele|cuánt[oa]s|combien d[e'’])\s?\w+", re.IGNORECASE)
_KOREAN: Final = re.compile(
    r"(?<![가-힣])[가-힣]+?(?=(?:에서는|에서|에게|으로|까지|부터|에는|은|는|이|가|을|를|의|에|로|와|과|도)?(?:\s|$|[?.,]))"
)
_KOREAN_COMMON: Final = re.compile(
    r"몇|언제|누구|누가|얼마|어디|무엇|어느|사람|사람이|현재|지금|올해|지난해|가격|요금|인원|날짜|시간"
)
_JAPANESE: Final = re.compile(r"[\u4e00-\u9fff々]{2,}|[ァ-ヴー]{3,}")
_JAPANESE_COMMON: Final = re.compile(r"何|誰|現在|今年|昨年|人数|料金|値段|時間")


def topics(question: str, lang: str) -> frozenset[str]:
    """Return the stems of the words that say what *question* is about; none where they cannot be told."""
    question = _COUNTED.sub(" ", question)
    if lang == "ko":
        words = [
            m[0] for m in _KOREAN.finditer(question) if len(m[0]) > 1 and not _KOREAN_COMMON.search(m[0])
        ]
        # The last word is what is asked of the rest: 운영하나요, 누구인가요.
        return frozenset(word for word in words if not question.rstrip("?. ").endswith(word))
    if lang == "ja":
        return frozenset(m[0] for m in _JAPANESE.finditer(question) if not _JAPANESE_COMMON.search(m[0]))
    if lang == "de":
        return frozenset(_stem(word) for word in re.findall(r"(?<=\s)[A-ZÄÖÜ]\w{3,}", question))
    if lang in {"en", "es", "fr", "pt", "it", "nl"}:
        words = re.findall(r"[^\W\d_]{4,}", fold(question))
        return frozenset(_stem(word) for word in words if word not in _COMMON)
    return frozenset()


def lacking(topic: frozenset[str], text: str) -> frozenset[str]:
    """Return the words of *topic* that *text* does not hold."""
    plain = fold(text)
    words = tuple(tokens(text))
    return frozenset(
        each for each in topic if each not in plain and not any(w.startswith(each) for w in words)
    )


def _stem(word: str) -> str:
    plain = fold(word)
    return plain[: max(4, len(plain) - 2)]
