"""What a raised or lowered sign says: an exponent, an ordinal, a formula, or a note.

"8,400" with the mark of note 3 must not become "8,4003", nor "10" with exponent 6
"106". The file does not say which it is; what stands before the sign does.
"""

import re

__all__ = ["lowered", "raised"]

_UP = str.maketrans("0123456789+-−–()=n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁻⁽⁾⁼ⁿ")
_DOWN = str.maketrans("0123456789+-−–()=", "₀₁₂₃₄₅₆₇₈₉₊₋₋₋₍₎₌")
_FORMULA = re.compile(r"[0-9+\-−–()=n]+")
# Powers of ten and two, and of a letter that stands alone or in a formula: x, mc, πr.
_BASE = re.compile(r"(?:(?<![\w.,])(?:10|2)|(?<![^\W_])[^\W\d_]{1,2})$")
_UNIT = re.compile(
    r"(?:^|[\d\s/·⋅×(])(?:[kcdmµμnh]?m|[kmµ]?s|ft|in|yd|mi|kg|g|mol|K|Hz|L|l|bar|V|A|미터|센티미터|킬로미터)$"
)
_WORD_END = re.compile(r"[^\W\d_]{3,}$")
_ORDINAL = re.compile(
    r"(?:st|nd|rd|th|er|re|ère|ers|es|e|ème|ième|nde|o|a|os|as|º|ª|ten|te|ter|mo|ma)\.?", re.IGNORECASE
)
_SMALL = re.compile(r"(?<![\d.,])\d{1,2}$")
_SIGNS = re.compile(r"(?:TM|SM|MC|™|®|©|℠)")
_NOTE = re.compile(r"[\[(]?(?:\d{1,3}|[a-z]|[*†‡§¶#]+)(?:\s?[,;–-]\s?(?:\d{1,3}|[a-z]))*[\])]?")


def raised(before: str, mark: str) -> str:
    """Return what a raised *mark* adds to the text *before* it: nothing if it marks a note."""
    sign = mark.strip()
    if _SIGNS.fullmatch(sign) or (before[-1:].isdigit() and _is_ordinal(before, sign)):
        return mark
    if sign.endswith(("+", "-", "−", "–")) or sign.startswith(("+", "-", "−", "–")):
        return mark.translate(_UP) if _FORMULA.fullmatch(sign) else f"^{sign}"
    if not before or before[-1].isspace():
        return mark.translate(_UP)
    if _FORMULA.fullmatch(sign) and (_BASE.search(before) or _UNIT.search(before)):
        return mark.translate(_UP)
    if _NOTE.fullmatch(sign):
        return ""
    return mark if _WORD_END.search(before) else f"^{sign}"


def _is_ordinal(before: str, sign: str) -> bool:
    # "8,400" with note a is no ordinal; "1a" and "2o" are, in Spanish and Italian.
    return _ORDINAL.fullmatch(sign) is not None and (len(sign) > 1 or _SMALL.search(before) is not None)


def lowered(mark: str) -> str:
    """Return a lowered *mark*: the digits of formulas as such ("H₂O"), letters as they are."""
    return mark.translate(_DOWN) if _FORMULA.fullmatch(mark.strip()) else mark
