"""When a document was published: from its metadata, its dateline, its name, or not at all.

A date in the running story is not a publication date, and a wrong one is worse
than none: sides of a conflict are shown newest first. So a line of the text counts
only if it names the day as that of publication or of the last change, or is a dateline:
little else than a date, under no label of another kind. The day on which something was
founded, born or takes effect is not the day on which it was told. Dates of creation that
PDF and Word files carry are not asked (docs/decisions/0003-loading.md).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rag.index.date_words import OTHER, PUBLISHED, UPDATED, is_of_another
from rag.index.reading import content
from rag.types import Mask
from rag.values.dates import FoundDate, find_dates

__all__ = ["published"]

# Where a dateline stands: so many lines from either end of the text.
_HEAD, _TAIL = 14, 6
MAX_LINE_CHARS = 200
# What may stand beside a date, in half-width cells of letters: "By Jane Doe", "연합뉴스 김현수 기자".
_MAX_BESIDE = 20

_TIERS = (PUBLISHED, UPDATED)
_BARE, _ANOTHER = len(_TIERS), len(_TIERS) + 1
# What a label that stands on a line of its own may have, and the date below it.
_MAX_LABEL, _MAX_BARE = 30, 24
# "No. 12 · Dresden, 14 May 2025", "Working paper 7. 11 April 2024"; not inside "Sept. 10" and "2025. 5. 27."
_SEPARATOR = re.compile(r"\s+[-–—]\s+|[|·•∙;・]|(?<=[^\W\d_])[.。]\s+(?!\d)")
_PROSE_END = re.compile(r"[^\W\d][.。।]$")
# "It was released on 12 May 2020" and "2020年5月12日に公開された" tell of something else.
_TOLD_BEFORE = re.compile(
    r"\b(?:was|were|been|be|wurden?|fue(?:ron)?|a été|ont été|è stat[oa]|foi|werd|blev|был[аио]?)\s*$",
    re.IGNORECASE,
)
_TOLD_AFTER = re.compile("(?:さ|し|된|되|됐|돼|했|한|하|了|的)")
# A list of other pages below a story: how many rows make one, and how far up it is sought.
_MIN_ROWS, _MAX_ROWS = 5, 60
_MAX_STORY_CHARS = 20_000


def published(text: str, masks: Sequence[Mask], stated: str, name: str) -> date | None:
    """Return the publication date of a document, or None if nothing tells it.

    Args:
        text, masks: The document's; masked lines are not asked.
        stated: What its metadata give as date of publication; may be empty.
        name: Its file name without suffix.
    """
    lines = _lines(text, masks)
    spaced = re.sub(r"_|(?<!\d)-|-(?!\d)", " ", name)
    return _first_day(stated) or _dateline(lines) or _first_day(spaced) or _list_day(lines)


def _lines(text: str, masks: Sequence[Mask]) -> list[str]:
    return [line for line in (each.strip() for each in content(text, masks).splitlines()) if line]


def _first_day(text: str) -> date | None:
    return next((day for _, day in _days(text)), None)


def _days(text: str) -> Iterator[tuple[FoundDate, date]]:
    for found in find_dates(text):
        if (day := found.date) is not None:
            yield found, day


def _dateline(lines: Sequence[str]) -> date | None:
    """Return the day of the line at either end that names a date of publication best."""
    places = [*range(min(_HEAD, len(lines))), *range(max(len(lines) - _TAIL, _HEAD), len(lines))]
    claims = [
        claim
        for place in places
        if len(lines[place]) <= MAX_LINE_CHARS
        for claim in _claims(lines[place], lines[place - 1] if place else "")
    ]
    if len({day for tier, day in claims if tier >= _BARE}) > 2:  # A calendar, or a list of news.
        claims = [claim for claim in claims if claim[0] != _BARE]
    claims = [claim for claim in claims if claim[0] != _ANOTHER]
    return min(claims, key=lambda claim: claim[0], default=(0, None))[1]


def _claims(line: str, above: str) -> Iterator[tuple[int, date]]:
    """Yield the days that parts of *line* give, each with the rank of its claim, 0 the best.

    A line under a label ("Date of birth", "게시일") is read with it.
    """
    if _is_label(above) and _cells(line) <= _MAX_BARE:
        line = f"{above.rstrip(':：')}: {line}"
    is_prose = _PROSE_END.search(line) is not None
    told = ""
    for each in _SEPARATOR.split(line):
        # "| Founded | 22 May 1934 |"
        part, told = (f"{told}: {each}" if OTHER.search(told) else each), each.strip()
        days = list(_days(part))
        if not days:
            continue
        named = next(((tier, word) for tier, each in enumerate(_TIERS) if (word := each.search(part))), None)
        if named:
            tier, word = named
            if (day := _named_day(part, word, days)) is not None:
                yield tier, day
        elif len(days) == 1 and not is_prose:
            found, day = days[0]
            before, after = part[: found.start], part[found.end :]
            if _cells(before + after) <= _MAX_BESIDE:
                yield _ANOTHER if is_of_another(before) or OTHER.search(after) else _BARE, day


def _is_label(line: str) -> bool:
    """Tell whether *line*, above a date, says of what it is the date."""
    return len(line) <= _MAX_LABEL and any(each.search(line) for each in (OTHER, PUBLISHED, UPDATED))


def _named_day(part: str, word: re.Match[str], days: Sequence[tuple[FoundDate, date]]) -> date | None:
    """Return the day that the keyword *word* is said of: the next one, else the last: "2025-05-27 게시"."""
    before, after = part[: word.start()], part[word.end() :]
    if _TOLD_BEFORE.search(before) or _TOLD_AFTER.match(after):
        return None
    found, day = next(((each, day) for each, day in days if each.start >= word.end()), days[-1])
    aside = part[: found.start].replace(word[0], "", 1).rpartition(", ")[2]
    if found.start < word.end():
        aside += part[found.end : word.start()]
    return day if _cells(aside) <= _MAX_BESIDE else None


def _cells(text: str) -> int:
    """Return the width of the letters and digits of *text*, in half-width cells."""
    return sum(1 + (unicodedata.east_asian_width(char) in "WF") for char in text if char.isalnum())


def _list_day(lines: Sequence[str]) -> date | None:
    """Return the day of the list of other pages below a story, if the story is of that day.

    A page saved from a board carries its neighbours' titles, each with its date. They
    date the story only if they agree and the story itself speaks of that day of the
    month, or of the day before.
    """
    rows = [i for i in range(max(0, len(lines) - _MAX_ROWS), len(lines)) if _row_day(lines[i])]
    days = {_row_day(lines[i]) for i in rows}
    day = days.pop() if len(rows) >= _MIN_ROWS and len(days) == 1 else None
    if day is None:
        return None
    story = "\n".join(lines[: rows[0]])[:_MAX_STORY_CHARS]
    told = {found.day for found in find_dates(story) if found.month is None or found.month == day.month}
    return day if told & {day.day, (day - timedelta(days=1)).day} else None


def _row_day(line: str) -> date | None:
    days = list(_days(line)) if len(line) <= MAX_LINE_CHARS else []
    return days[-1][1] if days and not line[days[-1][0].end :].strip(" .") else None
