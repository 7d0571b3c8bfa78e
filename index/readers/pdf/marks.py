"""Raised and lowered characters: powers, chemical formulas, and marks of notes.

A raised 3 after 8,400 is the mark of a note, and 8,4003 is another number; a raised 6
after 10 is a power. Which it is, what stands before it tells, and whether there is a
note with this mark on the page.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from rag.index.readers.pdf.glyphs import Run

__all__ = ["attached", "written"]

_RAISED = str.maketrans("0123456789+-−=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱ")
_LOWERED = str.maketrans("0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_POWER = re.compile(r"[-−+]?[\dni]{1,3}|\d?[-−+]|\(?[\dni]+[-−+][\dni]+\)?")
_INDEX = re.compile(r"[\d+\-−=()aehijklmnoprstuvx]{1,4}")
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡§¶※]+|[a-z])(?:\s?[,，]\s?(?:\d{1,3}|[a-z]))*[)）.]?")
# What is raised to a power: a unit or a variable, a bracket, ten or a figure; and what is so even where
# there is a note with that mark.
_RAISABLE = re.compile(r"(?<![a-zA-Zα-ωΑ-Ω])[a-zA-Zα-ωΑ-Ω]{1,2}$|[)\]]$|(?:^|[^\d.,])(?:10|[2-9])$|[㎞㎝㎜]$")
_SURELY = re.compile(r"(?:^|[^\d.,])10$|(?<![a-zA-Z])(?:[kcdmµ]?m|in|ft|mi)$")
_RAISED_BY = (0.12, 0.75)
_LOWERED_BY = (0.08, 0.45)
_ADJOINS = 0.35
# A page with more small runs than this is a drawing or a map.
_MOST = 600


def attached(found: Sequence[Run]) -> dict[int, tuple[Run, int]]:
    """Return, by the id of a run, the run it is raised (1) or lowered (-1) beside."""
    sizes = sorted(run.size for run in found for _ in range(1 + len(run.text) // 8))
    usual = sizes[len(sizes) // 2] if sizes else 0
    small = [run for run in found if len(run.text) <= 8 and (run.size < 0.9 * usual or _is_short_number(run))]
    if len(small) > _MOST:
        return {}
    by_base = sorted(found, key=lambda run: run.base)
    bases = [run.base for run in by_base]
    tallest = max(sizes, default=0.0)
    hosts: dict[int, tuple[Run, int]] = {}
    for run in small:
        start = bisect_left(bases, run.base - _LOWERED_BY[1] * tallest)
        end = bisect_right(bases, run.base + _RAISED_BY[1] * tallest)
        if host := _host(run, by_base[start:end]):
            hosts[id(run)] = host, 1 if run.base < host.base else -1
    return {key: host for key, host in hosts.items() if id(host[0]) not in hosts}


def _is_short_number(run: Run) -> bool:
    return len(run.text) <= 3 and run.text.isdigit()


def _host(run: Run, near: Sequence[Run]) -> Run | None:
    """Return the larger run that *run* stands beside, rather before than after it."""
    after = None
    for other in near:
        slack = _ADJOINS * other.size
        is_after, is_before = abs(run.x0 - other.x1) < slack, -slack < other.x0 - run.x1 < 1.5 * slack
        if not (is_after or is_before) or other is run or other.size < 0.98 * run.size:
            continue
        if _is_shifted(run, other):
            if is_after:
                return other
            after = other
    return after


def _is_shifted(run: Run, other: Run) -> bool:
    by = (other.base - run.base) / (other.size or 1)
    # Of the same size it must be raised clearly: drawn text is uneven.
    least = 0.25 if run.size > 0.9 * other.size else 0.0
    return max(_RAISED_BY[0], least) < by < _RAISED_BY[1] or (
        run.size < 0.9 * other.size and _LOWERED_BY[0] < -by < _LOWERED_BY[1]
    )


def written(before: str, gap: str, text: str, shift: int, notes: frozenset[str]) -> str:
    """Return how a raised or lowered *text* is written after *before*; nothing for the mark of a note.

    Args:
        before: The line up to here.
        gap: A space, or nothing, between the two.
        text: What is raised or lowered.
        shift: 1 or -1.
        notes: The marks that stand before notes on this page.
    """
    if shift < 0:
        return gap + (text.translate(_LOWERED) if _INDEX.fullmatch(text) else text)
    if not before:  # The note itself.
        return f"[{text.strip('().[]')}] " if _NOTE.fullmatch(text) else text
    if _POWER.fullmatch(text) and not gap and _is_power(before, text, notes):
        return text.translate(_RAISED)
    if _NOTE.fullmatch(text) and (text[0].isdigit() or text in notes):
        return ""
    return gap + text


def _is_power(before: str, text: str, notes: frozenset[str]) -> bool:
    """Tell a power from the mark of a note."""
    if not text.isdigit():
        return True
    if _SURELY.search(before):
        return True
    return text not in notes and _RAISABLE.search(before) is not None
