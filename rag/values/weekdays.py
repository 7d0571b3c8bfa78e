"""Days of the week in text, by number from Monday."""

import re
from collections.abc import Iterator
from typing import Final

from rag.values.calendar import forms_of

__all__ = ["weekdays"]

_EVERY: Final = {
    "ko": "월화수목금토일",
    "ja": "月火水木金土日",
    "zh": "一二三四五六日",
}
_WEEKDAY: Final = forms_of("weekday")


def _alternation(forms: list[str]) -> str:
    pieces = (
        re.escape(form.rstrip("*")).replace(r"\ ", r"\s")
        + (r"[^\W\d_]*" if form[-1] == "*" else "")
        + r"(?![^\W_])"
        for form in sorted(forms, key=len, reverse=True)
    )
    return "|".join(pieces)


_PATTERN: Final = re.compile(
    rf"(?<![^\W_])(?P<word>{_alternation([*_WEEKDAY])})|(?<![가-힣])(?P<ko>[월화수목금토일])요일"
    r"|(?P<ja>[月火水木金土日])曜|(?:星期|周|週|礼拜|禮拜)(?P<zh>[一二三四五六日天])"
)


def weekdays(text: str) -> Iterator[tuple[int, int, int]]:
    """Return (day, start, end) of the weekdays of *text*, which is folded; 0 is Monday."""
    for match in _PATTERN.finditer(text):
        written = match[match.lastgroup or 0]
        if match.lastgroup == "word":
            stems = (
                day for form, day in _WEEKDAY.items() if form[-1] == "*" and written.startswith(form[:-1])
            )
            day = _WEEKDAY.get(written, next(stems, -1))
        else:
            day = _EVERY[match.lastgroup or "ko"].find(written)
        yield day if day >= 0 else 6, match.start(), match.end()
