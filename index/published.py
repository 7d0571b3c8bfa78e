"""When a document was published: from its metadata, its dateline, its name, or not at all.

A date in the running story is not a publication date, and a wrong one is worse
than none: sides of a conflict are shown newest first. So a line of the text counts
only if it is little else than a date or names it as one. Dates of creation that
PDF and Word files carry are not asked (docs/decisions/0003-loading.md).
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from rag.dates import FoundDate, find_dates
from rag.index.reading import content
from rag.types import Mask

__all__ = ["published"]

# Where a dateline stands: so many lines from either end of the text.
_HEAD, _TAIL = 14, 6
MAX_LINE_CHARS = 200
# What may stand beside a date, in half-width cells of letters: "By Jane Doe", "연합뉴스 김현수 기자".
_MAX_BESIDE = 20

_PUBLISHED = re.compile(
    "입력|등록일?|게시일?|작성일|작성일시|발행일?|배포일|보도일|기사입력|승인|송고"
    "|公開|掲載|投稿|配信|発行|作成日|发布|發布|发表|發表|刊登|发文日期|發文日期|公布"
    r"|\b(?:published|posted|issued|released|publication date|date of issue|first published|release date)\b"
    "|veröffentlicht|erschienen|erstellt am|ausgegeben|publié|paru le|mis en ligne|publicado|publicada"
    "|publicação|fecha de publicación|emitido|pubblicato|gepubliceerd|publicerad|udgivet|publisert|julkaistu"
    "|opublikowano|publikováno|közzétéve|publicat|δημοσιεύτηκε|δημοσίευση|опубликован|дата публикации"
    "|опубліковано"
    "|yayın tarihi|yayınlan|diterbitkan|dipublikasikan|ngày đăng|xuất bản|เผยแพร่|ลงวันที่"
    "|نشر|תאריך פרסום|פורסם|प्रकाशित|প্রকাশিত",
    re.IGNORECASE,
)
_UPDATED = re.compile(
    "수정|개정|갱신|업데이트|최종|更新|改訂|改定|改正|修订|修訂|修改|最后编辑"
    r"|\b(?:updated|revised|modified|revision|last changed|as of|version|rev|edition|printed)\b"
    "|ausgabe|auflage|édition|edición|edizione|edição"
    "|aktualisiert|stand:?|geändert|überarbeitet|mis à jour|mise à jour|modifié|révisé|actualizad|revisad"
    "|modificad|atualizad|aggiornat|bijgewerkt|uppdaterad|opdateret|oppdatert|päivitetty|zaktualizowano|aktualizováno"
    "|frissítve|actualizat|ενημερώθηκε|обновлен|изменен|оновлено|güncellen|diperbarui|cập nhật|ปรับปรุง|แก้ไข"
    "|تحديث|עודכן|अद्यतन|হালনাগাদ",
    re.IGNORECASE,
)
# What takes effect on a day was written before it, yet a version of a policy goes by that day.
_EFFECTIVE = re.compile(
    "시행|발효|施行|発効|适用日|生效|實施|实施"
    r"|\b(?:effective|in force|valid from)\b"
    "|gültig ab|in kraft|en vigueur|applicable à|vigente|vigencia|en vigor|em vigor|in vigore|van kracht"
    "|действует с|вступает в силу|yürürlük|سارية|ساري|בתוקף|लागू",
    re.IGNORECASE,
)
_TIERS = (_PUBLISHED, _UPDATED, _EFFECTIVE)
# Days on which something happens or ends.
_APPOINTED = re.compile(
    "일시|마감|기한|까지|부터|예정|생년월일|다음 |차기|日時|締切|期限|まで|から|次回|截止|为止|起至|下次"
    r"|\b(?:when|deadline|due|until|expires?|born|starts?|ends?|next)\b"
    "|frist|bis zum|nächste|jusqu|échéance|prochain|hasta|plazo|próxim|até|entro|scadenza|prossim"
    "|до|срок|следующ|حتى|القادم|עד|הבא|अगली|ครั้งถัดไป",
    re.IGNORECASE,
)
_BARE = len(_TIERS)
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
    ends = [*lines[:_HEAD], *lines[max(len(lines) - _TAIL, _HEAD) :]]
    claims = [claim for line in ends if len(line) <= MAX_LINE_CHARS for claim in _claims(line)]
    if len({day for tier, day in claims if tier == _BARE}) > 2:  # A calendar, or a list of news.
        claims = [claim for claim in claims if claim[0] != _BARE]
    return min(claims, key=lambda claim: claim[0], default=(0, None))[1]


def _claims(line: str) -> Iterator[tuple[int, date]]:
    """Yield the days that parts of *line* give, each with the rank of its claim, 0 the best."""
    is_prose = _PROSE_END.search(line) is not None
    for part in _SEPARATOR.split(line):
        days = list(_days(part))
        if not days:
            continue
        named = next(((tier, word) for tier, each in enumerate(_TIERS) if (word := each.search(part))), None)
        if named:
            tier, word = named
            if (day := _named_day(part, word, days)) is not None:
                yield tier, day
        elif len(days) == 1 and not is_prose and not _APPOINTED.search(part):
            found, day = days[0]
            if _cells(part[: found.start] + part[found.end :]) <= _MAX_BESIDE:
                yield _BARE, day


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
