"""The markers that a model writes behind its claims, whatever form it gives them."""

import re
import unicodedata
from collections.abc import Iterator

__all__ = ["segments"]

# [1], [1, 2], [1-3], (full-width) ［１］, 【1】, 【1†source】, [^1], [Passage 2], 「1」 is speech.
_LIST = r"\d{1,4}(?:\s*[-–~,、，;]\s*\^?\d{1,4}){0,20}"
_MARKER = re.compile(
    rf"`*\s*[\[［【〔]\s*(?:(?:passage|source|doc(?:ument)?|출처|문서|来源|出典)\s*)?\^?(?P<list>{_LIST})\s*(?:†[^\]］】〕\n]*)?[\]］】〕]`*",
    re.IGNORECASE,
)
_RANGE = re.compile(r"(\d+)(?:\s*[-–~]\s*(\d+))?")
_LETTERS = re.compile(r"[^\W_]")


def segments(line: str) -> Iterator[tuple[str, list[int]]]:
    """Yield the text before each run of markers, with their numbers.

    Text without a letter or digit is punctuation between markers; it is dropped,
    and so is an opening bracket that a removed marker left behind.
    """
    start = 0
    pending: str | None = None
    numbers: list[int] = []
    for match in _MARKER.finditer(line):
        text = line[start : match.start()].strip()
        if _LETTERS.search(text):
            if pending is not None:
                yield pending, numbers
            pending, numbers = _joined_stop(text), []
        numbers = [*numbers, *_numbers(match["list"])]
        start = match.end()
        stop = re.match(r"\s*[.。!?！？]+", line[start:])
        if stop and pending is not None:
            # "closes at six [1]." : the full stop belongs to the claim.
            pending += stop[0].strip() if not pending.endswith((".", "。", "!", "?", "！", "？")) else ""
            start += stop.end()
    rest = line[start:].strip()
    if pending is not None or numbers:
        yield pending or "", numbers
    if _LETTERS.search(rest):
        yield _joined_stop(rest), []


def _joined_stop(text: str) -> str:
    return re.sub(r"^[.。,，、;:]+\s*", "", text)


def _numbers(written: str) -> list[int]:
    """Return the numbers of a marker; a range means every one between."""
    found: list[int] = []
    for match in _RANGE.finditer(unicodedata.normalize("NFKC", written)):
        first = int(match[1])
        last = int(match[2] or first)
        found.extend(range(first, min(last, first + 20) + 1) if last >= first else (first, last))
    return found
