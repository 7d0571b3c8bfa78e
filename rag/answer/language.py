"""Whether an answer is in the language that was asked for, said only where it can be told.

A name, a title or a quotation keeps the language it comes from, and says nothing
about the answer around it. So an answer counts as foreign only if two thirds of its
own words surely are; what follows from that is decided by `rag.assistant`.
"""

import re
from collections import Counter
from typing import Final

from rag.text.languages import can_tell, detect, has_own_script, without_script_of
from rag.text.sentences import sentences
from rag.types import UNDETERMINED

__all__ = ["foreign"]

# Markers, code, addresses, and what stands between quotation marks.
_NOT_ITS_OWN: Final = re.compile(
    r"\[[^\]]{0,40}\]|`[^`]*`|https?://\S+"
    r"|[\"“”„][^\"“”„\n]{1,400}[\"“”]|«[^»]{1,400}»|「[^」]{1,400}」|『[^』]{1,400}』|《[^》]{1,400}》|‘[^’\n]{1,400}’"
)
_CAPITALISED: Final = re.compile(r"\b\w*[A-ZÀ-ÞА-Я]\w*")
# A sentence with fewer letters is as likely a name; a character of East Asia counts twice.
_FEW: Final = 8
# Two languages of one script are told apart by models, which need more to be right.
_FEW_IN_ONE_SCRIPT: Final = 24
_EAST_ASIA: Final = "\u2e80"


def foreign(text: str, lang: str) -> str:
    """Return the language that two thirds of *text* are in if that is surely not *lang*, else nothing.

    Args:
        text: An answer, markers and quotations included.
        lang: BCP 47; of the region or script only the language is compared.
    """
    wanted = lang.split("-", maxsplit=1)[0]
    if not can_tell(wanted):
        return ""
    plain = _NOT_ITS_OWN.sub(" ", text)
    told: Counter[str] = Counter()
    for start, end in sentences(plain, wanted):
        told[_told(plain[start:end], wanted)] += _weight(plain[start:end])
    found, weight = max(told.items(), key=lambda each: each[1], default=("", 0))
    return found if weight * 3 > told.total() * 2 and found not in ("", wanted) else ""


def _told(sentence: str, wanted: str) -> str:
    """Return the language of *sentence*, nothing where it holds too little to be sure."""
    if _weight(_CAPITALISED.sub(" ", sentence)) < _FEW:
        return ""
    found = detect(sentence)
    if found == UNDETERMINED:
        return ""
    if has_own_script(found):
        # "The company is called 오픈AI코리아." : a name outweighs more words than it has letters.
        others = without_script_of(found, sentence)
        return wanted if _weight(others) * 2 >= _weight(sentence) and detect(others) == wanted else found
    return found if has_own_script(wanted) or _weight(sentence) >= _FEW_IN_ONE_SCRIPT else ""


def _weight(text: str) -> int:
    return sum(1 + (char >= _EAST_ASIA) for char in text if char.isalpha())
