"""Equations of Office (OMML) as one line: "N = 7q + 45", "(a+b)/2", "√(x)", "∑_(i=1)^n i".

Powers and indices of digits are written as such (x², H₂); all else in the linear
notation that Word itself takes from the keyboard.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from rag.index.readers.superscript import lowered

__all__ = ["MATH", "linear"]

_Element = Any

MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_W_T = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}t"
_VAL = f"{MATH}val"
_SIMPLE = re.compile(r"\w+(?:[.,]\d+)?|\W")
_POWER = str.maketrans("0123456789+-−n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻ⁿ")


def linear(element: _Element) -> str:
    """Return the equation *element* on one line."""
    name = element.tag.removeprefix(MATH) if isinstance(element.tag, str) else ""
    if element.tag in (f"{MATH}t", _W_T):
        return element.text or ""
    if name.endswith("Pr"):
        return ""
    return _WRITERS.get(name, _inside)(element)


def _inside(element: _Element) -> str:
    return "".join(map(linear, element))


def _of(element: _Element, name: str) -> str:
    child = element.find(f"{MATH}{name}")
    return _inside(child).strip() if child is not None else ""


def _grouped(text: str) -> str:
    return text if _SIMPLE.fullmatch(text) or not text or _is_bracketed(text) else f"({text})"


def _is_bracketed(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth = 0
    for place, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if not depth and place < len(text) - 1:
            return False
    return True


def _property(element: _Element, name: str, otherwise: str) -> str:
    found = next(element.iter(f"{MATH}{name}"), None)
    owner = found.getparent().getparent() if found is not None else None
    return found.get(_VAL, "") if found is not None and owner is element else otherwise


def _fraction(element: _Element) -> str:
    return f"{_grouped(_of(element, 'num'))}/{_grouped(_of(element, 'den'))}"


def _up(text: str) -> str:
    raised = text.translate(_POWER)
    return raised if text and all(char not in raised for char in text) else f"^{_grouped(text)}"


def _down(text: str) -> str:
    return lowered(text) if text.isdecimal() else f"_{_grouped(text)}"


def _scripts(element: _Element) -> str:
    sub, sup = _of(element, "sub"), _of(element, "sup")
    return _grouped(_of(element, "e")) + (_down(sub) if sub else "") + (_up(sup) if sup else "")


def _prescripts(element: _Element) -> str:
    sub, sup = _of(element, "sub"), _of(element, "sup")
    return (_down(sub) if sub else "") + (_up(sup) if sup else "") + _of(element, "e")


def _root(element: _Element) -> str:
    degree = _of(element, "deg")
    sign = {"": "√", "2": "√", "3": "∛", "4": "∜"}.get(degree)
    return f"{sign}({_of(element, 'e')})" if sign else f"√({degree}&{_of(element, 'e')})"


def _sum(element: _Element) -> str:
    sub, sup = _of(element, "sub"), _of(element, "sup")
    limits = (f"_{_grouped(sub)}" if sub else "") + (f"^{_grouped(sup)}" if sup else "")
    return f"{_property(element, 'chr', '∫')}{limits} {_of(element, 'e')}"


def _delimited(element: _Element) -> str:
    between = _property(element, "sepChr", "|")
    inner = between.join(_inside(each).strip() for each in element.iterchildren(f"{MATH}e"))
    return _property(element, "begChr", "(") + inner + _property(element, "endChr", ")")


def _function(element: _Element) -> str:
    return f"{_of(element, 'fName')} {_grouped(_of(element, 'e'))}"


def _limit_below(element: _Element) -> str:
    return f"{_of(element, 'e')}_{_grouped(_of(element, 'lim'))}"


def _limit_above(element: _Element) -> str:
    return f"{_of(element, 'e')}^{_grouped(_of(element, 'lim'))}"


def _accent(element: _Element) -> str:
    sign = _property(element, "chr", "̂")
    return _of(element, "e") + sign


def _matrix(element: _Element) -> str:
    lines = (
        ", ".join(_inside(each).strip() for each in row.iterchildren(f"{MATH}e"))
        for row in element.iterchildren(f"{MATH}mr")
    )
    return "[" + "; ".join(lines) + "]"


def _lines(element: _Element) -> str:
    return "; ".join(_inside(each).replace("&", "").strip() for each in element.iterchildren(f"{MATH}e"))


def _paragraph(element: _Element) -> str:
    return "; ".join(filter(None, (_inside(each).strip() for each in element.iterchildren(f"{MATH}oMath"))))


_WRITERS: Mapping[str, Callable[[_Element], str]] = {
    "oMathPara": _paragraph,
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "sPre": _prescripts,
    "rad": _root,
    "nary": _sum,
    "d": _delimited,
    "func": _function,
    "limLow": _limit_below,
    "limUpp": _limit_above,
    "acc": _accent,
    "m": _matrix,
    "eqArr": _lines,
}
