"""Values that a sentence names only to say that they hold no longer, or of something else.

"Fell from 31 to 24 million", 97억 원으로 118억 원보다 줄었다, "58 cents, up from 44":
a claim that says 31, 118 or 44 and nothing of a former time has read the wrong number.
"""

import re
from collections.abc import Sequence
from typing import Final

from rag.values import Value
from rag.values.agreement import says

__all__ = ["says_former"]

_MEASURED: Final = frozenset({"number", "money", "percent", "multiple"})
_INSTEAD: Final = re.compile(
    r"(?<!\w)(?:(?:up|down) from|instead of|rather than|compared (?:with|to)|statt|anstelle von|au lieu de"
    r"|contre|en lugar de|frente a|вместо)\s(?:the\s|about\s|just\s|only\s)?$",
    re.IGNORECASE,
)
_THAN: Final = re.compile(r"[^\s,.]{0,2}보다\s|より(?!も?(?:多|上|下|後|前)くの)|(?:이|였|이었)던\s")
# What stands before the first and between the two of a pair of values; the second holds.
_PAIRS: Final = (
    (
        re.compile(r"(?<!\w)(?:from|von|de|с|из)\s(?:about\s|rund\s|environ\s)?$", re.IGNORECASE),
        re.compile(r"[^,.;:]{0,14}?\s(?:to|auf|à|a|до)\s(?:about\s|rund\s|environ\s|just\s)?", re.IGNORECASE),
    ),
    (re.compile(r""), re.compile(r"[^\s\d]{0,6}?에서\s|から")),
    (re.compile(r"(?:由|从|從)[^，。]{0,4}$"), re.compile(r"[^，。]{0,6}?(?:至|到|为|為|成)")),
)
# 9時から5時まで and 3에서 5까지 are ranges.
_RANGE: Final = re.compile(r"[^\s,.]{0,4}(?:까지|사이|まで)|\s?(?:年|월|月)")
_CUE: Final = re.compile(
    r"(?<!\w)(?:before|previous\w*|earlier|former\w*|used to|had|until|last|ago|initial\w*|original\w*|was"
    r"|were|from|than|instead|vorher|zuvor|bisher\w*|früher\w*|statt|war|auparavant|avant|contre|était|antes"
    r"|anterior\w*|раньше|прежде)(?!\w)"
    r"|기존|이전|종전|지난|작년|당초|원래|[였았었]던|이던|보다|에서|以前|これまで|従来|前年|昨年|当初|かつて|より|から|だった"
    r"|原|之前|此前|去年|曾|从|由",
    re.IGNORECASE,
)


def says_former(claim: str, claimed: Sequence[Value], quote: str, quoted: Sequence[Value]) -> bool:
    """Tell whether *claim* says as a fact what *quote* has only as what was before or is compared."""
    former = [value for at, value in enumerate(quoted) if _is_former(quote, quoted, at)]
    if not former or _CUE.search(claim):
        return False
    holds = [value for value in quoted if value not in former]
    measured = [
        value
        for at, value in enumerate(claimed)
        if value.kind in _MEASURED and not _is_former(claim, claimed, at)
    ]
    return any(
        any(says(each, value) for each in former) and not any(says(each, value) for each in holds)
        for value in measured
    )


def _is_former(text: str, values: Sequence[Value], at: int) -> bool:
    value = values[at]
    if value.kind not in _MEASURED:
        return False
    before, after = text[: value.start], text[value.end :]
    if _INSTEAD.search(before) or _THAN.match(after):
        return True
    following = values[at + 1] if at + 1 < len(values) else None
    if following is None or following.kind != value.kind or _RANGE.match(text, following.end):
        return False
    between = text[value.end : following.start]
    return any(lead.search(before) and joint.fullmatch(between) for lead, joint in _PAIRS)
