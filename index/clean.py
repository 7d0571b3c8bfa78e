"""Which lines of a document are a page's furniture rather than its content.

Furniture is masked, not deleted: the text and its offsets stay, only the chunker
leaves such spans out. A line is judged by its shape, by its place (furniture is at
the edges of a page, around the prose), by the words of `rag.index.furniture`, and
by whether other documents carry it too. Tables, lists and dated rows are content
unless several of these agree: a lost fact costs more than a menu that stays.
"""

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from hashlib import blake2b
from itertools import pairwise, takewhile

from rag.index import furniture
from rag.index.page import Line, Page, is_prose, lines_of, runs
from rag.text.characters import fold
from rag.text.paragraphs import is_ended, is_heading, is_list_item
from rag.types import Document, Mask

__all__ = ["REASONS", "Recurring", "line_keys", "masks"]

# A line in at least so many documents, near the edge of each, is a header or footer.
# Two are no evidence: a policy and its new version share every line.
_RECURS = 3
# Where headers and footers are looked for, in lines that are not blank.
_EDGE_LINES = 12
# Of them, fewer in a row are as likely the name of who signs every report.
_LEAST_RUN = 3
_LABEL_CHARS = 30
_HEADLINE_CHARS = 160
# The words of furniture are looked for in lines up to this length.
_LINE_CHARS = 400
# A message board's list. Post numbers run high and down; tables that people write
# count from 1 and up.
_LEAST_ROWS = 4
_LEAST_POST_NUMBER = 100
# An author box is the last of the page and short beside it.
_AUTHOR_BOX_LINES = 4
_AUTHOR_BOX_SHARE = 0.3

_DATE = r"\d{1,4}(?:[.\-/]\s?\d{1,4}){1,2}\.?|\d{1,2}:\d{2}"
_POST = re.compile(rf"(?P<number>\d{{1,9}})\s+\S.*?\s(?P<date>{_DATE})(?:\s+[\d,]+){{0,3}}")
_ITEMS = re.compile(r"\s*(?:[|·•>›»/]|\s{2,})\s*")
_COLON = re.compile(r"\s*[:：]")
_CRUMBS = re.compile(r"\s*[>›»]\s*")
_YEAR = re.compile(r"(?:19|20)\d\d")
_HASHTAGS = re.compile(r"(?:#[^\s#]+[\s,]*){3,}")
_EMAIL = re.compile(r"(?:\S+ ){0,3}(?:[\w.+-]+@[\w-]+\.[\w.-]+|(?P<hidden>\[email.protected\]))")
_MENU_ITEMS = (furniture.NAVIGATION, furniture.SECTION, furniture.SHARE, furniture.NETWORK)
_FACTUAL = re.compile(r"[\d:：@]|https?:|www\.")


class Recurring:
    """Counts in how many documents each line stands at the edge, and so which lines are repeated.

    Lines are kept as numbers, for a collection has many: 100,000 documents take 250 MB.

    Attributes:
        since: When each line that is repeated became so: how many documents had been added.
    """

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.since: dict[int, int] = {}
        self.added: int = 0

    def add(self, text: str) -> None:
        """Count the lines of a document."""
        self.added += 1
        for line in _edge_lines(text):
            self._counts[line] += 1
            if self._counts[line] == _RECURS:
                self.since[line] = self.added

    def remove(self, text: str) -> None:
        """Count the lines of a document no more."""
        for line in _edge_lines(text):
            self._counts[line] -= 1
            if self._counts[line] == _RECURS - 1:
                del self.since[line]
            if not self._counts[line]:
                del self._counts[line]


def _edge_lines(text: str) -> set[int]:
    lines = [key for line in lines_of(text) if (key := line_key(line.text)) is not None]
    return {*lines[:_EDGE_LINES], *lines[-_EDGE_LINES:]}


def line_key(text: str) -> int | None:
    """Return a number for a line, the same for lines that differ in case, width or spacing; None for none."""
    folded = fold(text)
    digest = blake2b(folded.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little") if folded else None


def line_keys(text: str) -> set[int | None]:
    """Return the `line_key` of each line of a document."""
    return {line_key(line.text) for line in lines_of(text)}


def masks(document: Document, repeated: Collection[int]) -> tuple[Mask, ...]:
    """Return the spans of *document* that are furniture, with those it came with.

    Args:
        document: `document.boilerplate` holds what the loader knew from structure.
        repeated: `Recurring.since`, over the documents indexed together.

    Returns:
        In order, not overlapping; each reason names the rule.
    """
    page = Page(lines_of(document.text, document.boilerplate))
    # Twice: a copyright line may show only when the list below it is known, and the reverse.
    for rule in _RULES * 2:
        rule(page)
    _mark_repeated(page, repeated, fold(document.title))
    return _merged([*document.boilerplate, *_spans(page)])


# --- one line tells -------------------------------------------------------------


def _mark_single_lines(page: Page) -> None:
    edges = page.edges()
    for n in page.open():
        line = page.lines[n]
        for reason, holds in (_ANYWHERE | _AT_EDGE if n in edges else _ANYWHERE).items():
            if len(line.raw) <= _LINE_CHARS and holds(line):
                page.mark(n, n, reason)


def _is_copyright(line: Line) -> bool:
    marked, reserved = furniture.COPYRIGHT.match(line.text), furniture.RIGHTS.search(line.text)
    if len(line.raw) > 200 or not (marked or reserved):
        return False
    dated = _YEAR.search(line.text) or len(line.text) <= _LABEL_CHARS
    return bool(marked and (dated or reserved)) or (len(line.text) <= 90 and reserved is not None)


def _is_breadcrumb(line: Line) -> bool:
    crumbs = _CRUMBS.split(line.text)
    return len(crumbs) >= 2 and furniture.HOME.fullmatch(crumbs[0]) is not None


_ANYWHERE: dict[str, Callable[[Line], bool]] = {
    "page number": lambda line: furniture.PAGE_NUMBER.fullmatch(line.raw) is not None,
    "pagination": lambda line: furniture.PAGINATION.fullmatch(line.raw) is not None,
}
_AT_EDGE: dict[str, Callable[[Line], bool]] = {
    "skip link": lambda line: furniture.SKIP_LINK.fullmatch(line.text) is not None,
    "copyright line": _is_copyright,
    "disclaimer": lambda line: furniture.DISCLAIMER.search(line.text) is not None,
    "breadcrumb": _is_breadcrumb,
    "cookie notice": lambda line: furniture.COOKIE_NOTICE.search(line.text) is not None,
    "hashtags": lambda line: _HASHTAGS.fullmatch(line.raw) is not None,
    "newsletter box": lambda line: furniture.NEWSLETTER.fullmatch(line.text) is not None,
}


_REPEATED = "repeated across documents"
REASONS = frozenset({*_ANYWHERE, *_AT_EDGE, _REPEATED}) | {
    *("navigation", "share buttons", "counter", "newsletter box", "dated link rows", "related headlines"),
    *("author box", "e-mail line", "agency credit"),
}
"""Why a line may be masked here; readers have other reasons."""


# --- several lines tell ---------------------------------------------------------


def _mark_menus(page: Page) -> None:
    """Mark bars and stacks of links outside the prose: navigation, share buttons."""
    prose = page.prose()
    outside = [n for n in page.open() if prose and n not in prose]
    for n in outside:
        if reason := _menu_of([item for item in _ITEMS.split(page.lines[n].text) if item]):
            page.mark(n, n, reason)
    short = [n for n in outside if n not in page.found and _is_label(page.lines[n])]
    for first, last in runs(short):
        known = [n for n in range(first, last + 1) if _is_menu_item(page.lines[n].text)] or [first]
        if reason := _menu_of([line.text for line in page.lines[known[0] : known[-1] + 1]]):
            page.mark(known[0], known[-1], reason)


def _is_label(line: Line) -> bool:
    return len(line.text) <= _LABEL_CHARS and not is_ended(line.text) and not is_heading(line.raw)


def _is_menu_item(text: str) -> bool:
    return any(pattern.fullmatch(text) for pattern in _MENU_ITEMS)


def _menu_of(items: Sequence[str]) -> str:
    """Return what *items* are a menu of, empty when they are none.

    Names of sections alone are a table of contents, names of networks alone a list
    of them: one item must be an act (log in, share) or a place such as the home page.
    """
    acts, sections, shares, networks = (
        sum(pattern.fullmatch(item) is not None for item in items) for pattern in _MENU_ITEMS
    )
    if acts and acts + sections >= 3 and (acts + sections) * 2 >= len(items):
        return "navigation"
    if shares and shares + networks >= 2 and shares + networks == len(items):
        return "share buttons"
    return ""


def _mark_counters(page: Page) -> None:
    """Mark "12 comments" below the prose; below a label it is a figure someone reports."""
    edges = page.edges()
    counters = [n for n in page.open() if n in edges and furniture.COUNTER.fullmatch(page.lines[n].raw)]
    for first, last in runs(counters):
        if first == 0 or first - 1 in page.found or is_prose(page.lines[first - 1]):
            page.mark(first, last, "counter")


def _mark_box_after(page: Page, reason: str, opening: re.Pattern[str], closing: re.Pattern[str]) -> None:
    """Mark from a line that *opening* knows to a button below it, at most three lines on."""
    edges = page.edges()
    for n, line in enumerate(page.lines):
        opens = page.found.get(n) == reason or (n in edges and opening.search(line.text))
        closes = [
            k for k in range(n + 1, min(n + 4, len(page.lines))) if closing.fullmatch(page.lines[k].text)
        ]
        if opens and closes:
            page.mark(n, closes[-1], reason)


def _mark_boxes(page: Page) -> None:
    _mark_box_after(page, "cookie notice", furniture.COOKIES, furniture.BUTTON)
    _mark_box_after(page, "newsletter box", furniture.NEWSLETTER, furniture.SUBSCRIBE)


def _mark_board_lists(page: Page) -> None:
    """Mark a message board's list of posts below the prose, with its head."""
    posts = {n: match for n in page.open() if (match := _POST.fullmatch(page.lines[n].text))}
    prose = page.prose()
    for first, last in runs(posts):
        numbers = [int(posts[n]["number"]) for n in range(first, last + 1)]
        headed = first > 0 and _is_board_head(page.lines[first - 1].text)
        if prose and first >= prose.stop and _are_posts(numbers, headed=headed):
            page.mark(first - headed, last, "dated link rows")


def _are_posts(numbers: Sequence[int], *, headed: bool) -> bool:
    falling = all(a > b for a, b in pairwise(numbers))
    rising = all(a < b for a, b in pairwise(numbers))
    high = min(numbers) >= _LEAST_POST_NUMBER and len(numbers) >= _LEAST_ROWS
    return high and (falling or (rising and headed))


def _is_board_head(text: str) -> bool:
    columns = text.split()
    known = sum(furniture.BOARD_COLUMN.fullmatch(column) is not None for column in columns)
    return known >= 2 and any(map(furniture.TITLE_COLUMN.fullmatch, columns))


def _mark_related(page: Page) -> None:
    """Mark "Related articles" and the headlines below it, up to the next prose."""
    prose = page.prose()
    for n in (n for n in page.open() if n > prose.start):
        text = page.lines[n].text
        labelled = furniture.RELATED.fullmatch(text.rstrip(" :："))
        last = _last_headline(page, n) if labelled else n
        if last > n or furniture.READ_ALSO.fullmatch(text):
            page.mark(n, last, "related headlines")


def _last_headline(page: Page, label: int) -> int:
    last = label
    for n in range(label + 1, len(page.lines)):
        line = page.lines[n]
        if n in page.found or is_heading(line.raw) or is_prose(line) or len(line.text) > _HEADLINE_CHARS:
            break
        # A line of its own above prose is a subheading of the text that goes on.
        if line.gap and n + 1 < len(page.lines) and is_prose(page.lines[n + 1]):
            break
        last = n
    return last


def _mark_author_box(page: Page) -> None:
    prose, rest = page.prose(), page.open()
    total = sum(len(page.lines[n].raw) for n in rest)
    for n in rest[-_AUTHOR_BOX_LINES - 1 : -1]:
        box = [page.lines[k] for k in rest if k >= n]
        if n <= prose.start or sum(len(line.raw) for line in box) > _AUTHOR_BOX_SHARE * total:
            continue
        if not any(is_heading(line.raw) for line in box[1:]) and _opens_author_box(*box[:2]):
            for k in (k for k in rest if k >= n):
                page.mark(k, k, "author box")


def _opens_author_box(label: Line, bio: Line) -> bool:
    """Tell "About Jane Doe" above her profession from "About Acme" above its products."""
    if furniture.ABOUT_AUTHOR.fullmatch(_COLON.split(label.text)[0]):
        return True
    person = furniture.ABOUT_PERSON.fullmatch(label.text)
    return bool(person and person["person"] in bio.text and furniture.PROFESSION.search(bio.text))


def _mark_tail(page: Page) -> None:
    """Mark what only its place gives away: the last lines between prose and furniture."""
    for n in range(len(page.lines) - 1, 0, -1):
        if n in page.found:
            continue
        reason = _tail_reason(page, n)
        if not reason:
            return
        page.mark(n, n, reason)


def _tail_reason(page: Page, n: int) -> str:
    line, above, below = page.lines[n], page.lines[n - 1], page.found.get(n + 1, "")
    if len(line.raw) > _LINE_CHARS:
        return ""
    email = _EMAIL.fullmatch(line.raw)
    # Under a label ("Contact") an address is what a reader looks for.
    if email and is_prose(above) and (below or email["hidden"] or furniture.PROFESSION.search(line.text)):
        return "e-mail line"
    agency = len(line.text) <= _LABEL_CHARS and not _FACTUAL.search(line.raw) and not is_list_item(line.raw)
    if agency and below == "dated link rows" and (is_prose(above) or _EMAIL.fullmatch(above.raw)):
        return "agency credit"
    return ""


_RULES: tuple[Callable[[Page], None], ...] = (
    _mark_single_lines,
    _mark_menus,
    _mark_counters,
    _mark_boxes,
    _mark_board_lists,
    _mark_related,
    _mark_author_box,
    _mark_tail,
)


# --- other documents tell -------------------------------------------------------


def _mark_repeated(page: Page, repeated: Collection[int], title: str) -> None:
    """Mark runs of labels that other documents carry at the same edge.

    Not in a near-duplicate, which shares its content too.
    """
    recurring = {n for n, line in enumerate(page.lines) if line_key(line.text) in repeated}
    if sum(len(page.lines[n].raw) for n in recurring) * 2 > sum(len(line.raw) for line in page.lines):
        return
    furnished = {n for n in recurring if _may_repeat(page.lines[n], title)} | page.found.keys()
    for inwards in (range(len(page.lines)), range(len(page.lines) - 1, -1, -1)):
        run = list(takewhile(furnished.__contains__, inwards))
        for n in run if len(run) >= _LEAST_RUN else ():
            page.mark(n, n, _REPEATED)


def _may_repeat(line: Line, title: str) -> bool:
    return _is_label(line) and not _FACTUAL.search(line.raw) and fold(line.text) != title


def _spans(page: Page) -> Iterator[Mask]:
    for reason in set(page.found.values()):
        for first, last in runs(n for n in sorted(page.found) if page.found[n] == reason):
            yield Mask(page.lines[first].start, page.lines[last].end, reason)


def _merged(spans: Iterable[Mask]) -> tuple[Mask, ...]:
    merged: list[Mask] = []
    for mask in sorted(spans, key=lambda mask: (mask.start, -mask.end)):
        if merged and mask.start < merged[-1].end:
            end = max(merged[-1].end, mask.end)
            merged[-1] = Mask(merged[-1].start, end, merged[-1].reason)
        elif mask.start < mask.end:
            merged.append(mask)
    return tuple(merged)
