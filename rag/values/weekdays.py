# ruff: noqa: E501 - one row of a table is one line
"""Days of the week in text, by number from Monday."""

import re
from collections.abc import Iterator
from typing import Final

__all__ = ["weekdays"]

_EVERY: Final = {
    "ko": "월화수목금토일",
    "ja": "月火水木金土日",
    "zh": "一二三四五六日",
}
_WEEKDAYS = """
monday mondays mon montag montags lundi lunes segunda-feira lunedì понедельник* الاثنين الإثنين δευτέρα* วันจันทร์ सोमवार
tuesday tuesdays tue dienstag dienstags mardi martes terça-feira martedì вторник* الثلاثاء τρίτη วันอังคาร मंगलवार
wednesday wednesdays wed mittwoch mittwochs mercredi miércoles quarta-feira mercoledì сред* الأربعاء τετάρτη τετάρτες วันพุธ बुधवार
thursday thursdays thu donnerstag donnerstags jeudi jueves quinta-feira giovedì четверг* الخميس πέμπτη πέμπτες วันพฤหัส* गुरुवार
friday fridays fri freitag freitags vendredi viernes sexta-feira venerdì пятниц* الجمعة παρασκευή* παρασκευές วันศุกร์ शुक्रवार
saturday saturdays sat samstag samstags sonnabend samedi sábado sábados sabato суббот* السبت σάββατο* σάββατα วันเสาร์ शनिवार
sunday sundays sun sonntag sonntags dimanche domingo domingos domenica воскресень* الأحد κυριακή* κυριακές วันอาทิตย์ रविवार
"""
_NO_WEEKDAY_ALONE = frozenset({"sun", "sat", "mon", "wed", "сред*"})
_WEEKDAY: Final = {
    form: day
    for day, row in enumerate(_WEEKDAYS.strip().split("\n"))
    for form in row.split(" ")
    if form not in _NO_WEEKDAY_ALONE
}


def _alternation(forms: list[str]) -> str:
    pieces = (
        re.escape(form.rstrip("*")) + (r"[^\W\d_]*" if form[-1] == "*" else "") + r"(?![^\W_])"
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
