"""Who wrote a document, by the line that says so: "By Ann Lee", "김하나 기자", "文／青木涼".

Asked only where a file does not declare its author. Such a line stands near the head
or the end, and holds little else than the name; a name alone is not enough, since
a letter names its reader and a profile its subject.
"""

import re
from collections.abc import Iterator, Sequence

from rag.index.reading import content
from rag.types import Mask

__all__ = ["byline"]

_HEAD, _TAIL = 14, 4
_MAX_LINE = 120
# Ann Lee, J. R. Díaz-Peña, Wanjirũ wa Thiong'o, Олег Лось: the first and last word with a capital.
_CAPITAL = r"(?:[^\W\d_a-zß-öø-ÿа-яα-ω][\w'’.-]*)"
_LATIN = rf"{_CAPITAL}(?: (?:{_CAPITAL}|van|von|der|den|de|da|di|del|la|wa|bin|al|el|ten|zu))* {_CAPITAL}"
_HAN = r"[\u3400-\u9fff々]"
_ASIAN = (
    rf"[가-힣]{{2,4}}|{_HAN}{{2,4}}(?:[ \u3000]?(?:{_HAN}|[\u3040-\u30ff]){{1,4}})?|[\u30a1-\u30fe・]{{3,16}}"
)
_OTHER = r"[\u0590-\u0e7f]+(?: [\u0590-\u0e7f]+){1,3}"
_NAME = rf"(?:{_LATIN}|{_ASIAN}|{_OTHER})"
_NAMES = rf"(?P<name>{_NAME}(?:(?:, | and | & | und | et | y | e | и |[·、,，] ?| 및 ){_NAME}){{0,4}})"
_LABEL = (
    "authors?|written by|by|text(?: by)?|report by|story by"
    "|저자|작성자|글쓴이|지은이|글|기자|취재|필자"
    "|著者|執筆者?|筆者|文|文責|取材|記者|作者|撰文|撰稿|记者"
    "|autor(?:in|a|es|as)?|verfasser(?:in)?|verfasst von|von|text von|auteure?s?|rédigé par|par"
    "|escrito por|por|autor[ei]|di|scritto da|door|auteur|av|af|kirjoittanut|автор(?:ы)?|текст"
    "|autorzy|tekst|yazar|yazan|tác giả|penulis|oleh|ผู้เขียน|โดย"
    "|الكاتب|المؤلف|بقلم|كتبه?|מאת|מחבר|लेखक"
)
# Behind a colon any of them; without one those that stand before names only, and names with a capital.
_LABELLED = re.compile(rf"\W{{0,3}}(?i:{_LABEL})\s*[:：/／]\s*{_NAMES}(?P<rest>.*)$")
_BY = "By|Von|Par|Por|Di|Door|Text|Oleh|بقلم|מאת|Автор"
_UNLABELLED = re.compile(rf"\W{{0,3}}(?:{_BY})\s+{_NAMES}(?P<rest>.*)$")
_TITLED = re.compile(
    r"(?:\W?[^=＝\s]{2,12}[=＝][^\s]{2,12}\W\s?)?(?P<name>[가-힣]{2,4})\s?(?:선임|수석|인턴)?\s?기자(?P<rest>.*)$"
)
_TITLED_CHINESE = re.compile(
    rf"\W{{0,3}}(?:本[报報]|[^\s]{{2,6}}社)?(?:记者|記者)\s?(?P<name>{_HAN}{{2,4}})(?P<rest>.*)$"
)
# What may stand behind the name: nothing, a date, a role behind a comma, an address.
_REST = re.compile(r"\s*(?:$|[|·•,，/(（\[–—-]|\d|[\w.+-]+@|[=＝])")


def byline(text: str, masks: Sequence[Mask]) -> str:
    """Return the author that a line of *text* names, empty if none does; masked lines are not asked."""
    return next(_found(content(text, masks)), "")


def _found(text: str) -> Iterator[str]:
    lines = [line.strip(" *_#>-") for line in text.splitlines() if line.strip()]
    for line in [*lines[:_HEAD], *lines[max(len(lines) - _TAIL, _HEAD) :]]:
        for pattern in (_LABELLED, _UNLABELLED, _TITLED, _TITLED_CHINESE):
            found = pattern.match(line) if len(line) <= _MAX_LINE else None
            if found and _REST.match(found["rest"]):
                yield " ".join(found["name"].split())
                break
