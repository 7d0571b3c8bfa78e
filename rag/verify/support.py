"""Does a quote support a claim? By what both say, in the same language or in two.

Nearness of meaning is asked of a `Scorer`; numbers, dates, units, names,
negation and parts must agree besides, since a sentence with one digit changed is
as near as it can be. Where the quote is found, and what is done with the
verdict, is for `rag.verify.cite`. Figures: docs/decisions/0011-checked-citations.md.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from rag.text.characters import fold, tokens
from rag.types import UNDETERMINED, Doubt, Matrix
from rag.values import Value, find_values
from rag.values.agreement import missing, rounded_equal, says, shares
from rag.values.designated import designated
from rag.values.find import measured
from rag.values.units import named
from rag.verify.additions import adds
from rag.verify.names import (
    Name,
    by_surname,
    find_names,
    is_unheard,
    misspelt,
    places,
    same_name,
    script,
    skeleton,
)
from rag.verify.nearness import Scorer, Statement
from rag.verify.polarity import clauses, denied, negations
from rag.verify.roles import swapped
from rag.verify.stances import hardens, stances, widens

__all__ = ["Context", "Verdict", "judge"]


@dataclass(frozen=True, slots=True)
class Context:
    """What a quote leaves to its surroundings: headings, the sentence before."""

    heading: str = ""
    before: str = ""


_DOUBTS: Final[Mapping[str, Doubt]] = {
    "": "",
    "meaning": "meaning",
    "name": "name",
    "parts": "parts",
    **dict.fromkeys(("date", "time", "weekday", "quarter"), "date"),
    **dict.fromkeys(("negation", "opposite"), "negation"),
    **dict.fromkeys(("scope", "certainty", "addition"), "addition"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against a quote as the support of a claim; nothing if it supports it.

    Attributes:
        contradicts: The quote speaks of the same thing and says otherwise.
    """

    against: str = ""
    contradicts: bool = False

    @property
    def supported(self) -> bool:
        """Whether the quote supports the claim."""
        return not self.against

    @property
    def doubt(self) -> Doubt:
        """What a reader is told of it; each kind of value that is no date is a number."""
        return _DOUBTS.get(self.against, "number")


# Set on the first passages of eval/claims.jsonl; see docs/decisions/0011.
_NEAR = 0.78
_NEAR_WITH_VALUES = 0.70
_NEAR_ACROSS = 0.66
_NEAR_ACROSS_WITH_VALUES = 0.52
_EAST_ASIAN = frozenset({"ja", "ko", "zh"})
_BESIDE = 0.06
# From this share of repeated words on, a claim is a copy that may have been turned round.
_COPIED = 0.5
_ABOUT = re.compile(
    r"(?:약|대략|거의|가까이|約|およそ|ほぼ|约|大约|近|(?<!\w)(?:about|around|roughly|nearly|approximately|almost|some|etwa"
    r"|rund|ungefähr|circa|ca|environ|près de"
    r"|unos|unas|cerca de|casi|около|примерно|حوالي|כ))[\s-]?$",
    re.IGNORECASE,
)
# What is compared with is told from when: "a year earlier", 1년 전보다.
_YEAR_AGO = re.compile(
    r"(?:1|한|일)\s?년\s?전|(?:a|one) year (?:ago|earlier|before)|1年前|一年前|un an plus tôt|vor einem jahr",
    re.IGNORECASE,
)


def judge(claim: Statement, quote: Statement, similarity: float, context: Context, scorer: Scorer) -> Verdict:
    """Return whether *quote* supports *claim*.

    Args:
        similarity: Inner product of the two, language bias removed.
        context: Completes a date of the quote that lacks its year, and a number that lacks its unit.
    """
    claimed, quoted = _counted(claim, context), _counted(quote, context)
    affirmed = [v for v in quoted if not denied(quote.text, v.start, v.end)]
    if any(denied(claim.text, v.start, v.end) for v in claimed):
        affirmed = list(quoted)
    told = [*completed(affirmed, context), *shares(affirmed, quote.text)]
    if lacking := _lacking(claim, claimed, told):
        instead = any(
            q.kind == v.kind and q.unit == v.unit for v in lacking for q in missing(quoted, claimed)
        )
        against = lacking[0].unit if lacking[0].unit == "quarter" else lacking[0].kind
        if any(_within(v, designated(claim.text, context.heading).others) for v in lacking):
            return Verdict("name")
        return Verdict(against, instead and _near(claim, quote, similarity, proven=False))
    if _names_differ(claim, quote, context):
        return Verdict("name")
    kin = claim.lang == quote.lang or {claim.lang, quote.lang} <= _EAST_ASIAN
    said = [v for v in claimed if (kin or _is_telling(v)) and any(says(each, v) for each in told)]
    if not _near(claim, quote, similarity, proven=bool(said)):
        return Verdict("meaning")
    against = _otherwise(claim, quote, context, scorer)
    return Verdict(against, bool(against))


def _counted(statement: Statement, context: Context) -> list[Value]:
    """Return the values of *statement*; the digits of what the headings name are none: "Kappa 5"."""
    names = designated(statement.text, context.heading).same
    return [value for value in find_values(*_args(statement)) if not _within(value, names)]


def _within(value: Value, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start < value.end and value.start < end for start, end in spans)


def _otherwise(claim: Statement, quote: Statement, context: Context, scorer: Scorer) -> str:
    """Return how a near quote with the same values and names says something else."""
    if swapped(claim.text, claim.lang, quote.text, quote.lang):
        return "parts"
    if _opposed(claim, quote, scorer):
        return "opposite"
    if _negation_differs(claim, quote, scorer):
        return "negation"
    if widens(claim.text, quote.text):
        return "scope"
    if hardens(claim.text, quote.text):
        return "certainty"
    surroundings = f"{context.heading} {context.before}"
    more = claim.lang == quote.lang and adds(claim, quote, surroundings, scorer)
    return "addition" if more else ""


def _args(statement: Statement) -> tuple[str, str]:
    return statement.text, statement.lang


def _near(claim: Statement, quote: Statement, similarity: float, *, proven: bool) -> bool:
    if claim.lang == quote.lang:
        return similarity >= (_NEAR_WITH_VALUES if proven else _NEAR)
    return similarity >= (_NEAR_ACROSS_WITH_VALUES if proven else _NEAR_ACROSS)


# --- values -----------------------------------------------------------------------


def _lacking(claim: Statement, claimed: Sequence[Value], quoted: Sequence[Value]) -> list[Value]:
    """Return the values of the claim that the quote does not say, "about" taken as said."""
    lacking = [v for v in missing(claimed, quoted) if not _YEAR_AGO.match(claim.text, v.start)]
    # "Seven out of ten" says what 70 % says.
    told = [share for share in shares(claimed, claim.text) if not missing([share], quoted)]
    lacking = [v for v in lacking if not any(s.start <= v.start and v.end <= s.end for s in told)]
    # Once is what a thing done is done, if nothing else is said.
    lacking = [value for value in lacking if (value.unit, value.number) != ("time", 1)]
    if not any(value.kind == "ordinal" for value in quoted):
        # "The first ferry" may be 始发 or 첫차 elsewhere, "the last" 막차; "the second" is a number.
        lacking = [v for v in lacking if v.kind != "ordinal" or v.number not in {1, -1}]
    return [v for v in lacking if not (_is_rough(claim.text, v) and any(rounded_equal(v, q) for q in quoted))]


def without_values(text: str, lang: str) -> str:
    """Return *text* with blanks for its values, offset for offset."""
    for value in find_values(text, lang):
        text = text[: value.start] + " " * (value.end - value.start) + text[value.end :]
    return text


def _is_telling(value: Value) -> bool:
    """Tell a value that few sentences share from a year, a month or a weekday."""
    if value.kind == "date":
        return sum(part is not None for part in value.day) > 1
    return value.kind != "weekday" and not (
        value.kind == "number" and not value.unit and value.number in range(1900, 2100)
    )


def _is_rough(text: str, value: Value) -> bool:
    return _ABOUT.search(text[: value.start]) is not None


def completed(quoted: Sequence[Value], context: Context) -> list[Value]:
    """Return the values of a quote with what its headings add: dates, and the unit of "Price (EUR)"."""
    units = [
        unit for match in _IN_BRACKETS.finditer(context.heading) for unit in named(match[1], UNDETERMINED)
    ]
    bare = [value for value in quoted if value.kind == "number" and not value.unit and not value.word]
    found = [measured(value, units) for value in bare if units]
    return [*quoted, *found, *(v for v in find_values(context.heading) if v.kind == "date")]


_IN_BRACKETS = re.compile(r"[(\[（](?:in\s)?([^()\[\]（）]{1,20})[)\]）]")


# --- names ------------------------------------------------------------------------


def _names_differ(claim: Statement, quote: Statement, context: Context) -> bool:
    # "Czech korunas" and "11 Desember" are values, and no names.
    claim = replace(claim, text=without_values(claim.text, claim.lang))
    if places(claim.text) - places(quote.text) - places(context.heading):
        return True
    theirs = [*find_names(*_args(quote)), *find_names(context.heading, quote.lang)]
    ours = [name for name in find_names(*_args(claim)) if not places(name.text)]
    words = fold(quote.text + " " + context.heading)
    if any(misspelt(a.text, b.text) and fold(a.text) not in words for a in ours for b in theirs):
        return True
    ours = [name for name in ours if name.sure]
    return any(not _is_said(name, quote, theirs, words) for name in ours)


def _is_said(name: Name, quote: Statement, theirs: Sequence[Name], words: str) -> bool:
    plain = fold(name.text)
    if plain in words or any(same_name(name.text, other.text) for other in theirs):
        return True
    if by_surname(name.text, quote.text):
        return True
    if _scripts_differ(name.text, quote):
        return not (_is_another(name, quote) or (name.person and is_unheard(name.text, words)))
    # A word that is also written small is none, in whatever form: "Members" of "a member".
    return len(plain) > 4 and plain[:-1] in words and not any(char.isdigit() for char in plain)


def _scripts_differ(name: str, quote: Statement) -> bool:
    """Tell whether the name could only be written another way in *quote*."""
    if script(name) == "latin":
        return len(re.findall("[A-Za-z]", quote.text)) <= len(quote.text) / 2
    return script(name) != script(quote.text)


def _is_another(name: Name, quote: Statement) -> bool:
    """Tell whether a name in another script is surely not in the quote.

    Only acronyms and codes stay as they are in every script (CR2032, SK); any
    other may be translated, or be written in characters that have no sound here.
    """
    return bool(re.search(r"\d", name.text)) or (
        name.text.isupper() and len(name.text) > 2 and not skeleton(quote.text)
    )


# --- negation ---------------------------------------------------------------------


def _negation_differs(claim: Statement, quote: Statement, scorer: Scorer) -> bool:
    """Compare each clause of the claim with the clause of the quote that is nearest to it.

    A claim that denies in other words than its quote ("was not allowed", "was barred")
    tells nothing by its count of negations; one that repeats the quote's words does.
    """
    if not negations(claim.text) and not negations(quote.text):
        return False
    copied = claim.lang == quote.lang and _shared([claim.text], [quote.text])[0, 0] >= _COPIED
    if negations(claim.text) and not copied:
        return False
    ours, theirs = clauses(claim.text), clauses(quote.text)
    if len(ours) == 1 and any(_agree_on_a_side(claim.text, each) for each in (quote.text, *theirs)):
        return False
    if len({negations(each) % 2 for each in theirs}) == len({negations(each) % 2 for each in ours}) == 1:
        return negations(ours[0]) % 2 != negations(theirs[0]) % 2
    langs = [claim.lang] * len(ours) + [quote.lang] * len(theirs)
    vectors = scorer.vectors([*ours, *theirs], langs)
    near = vectors[: len(ours)] @ vectors[len(ours) :].T + _shared(ours, theirs)
    turned = np.array(
        [[negations(a) % 2 != negations(b) % 2 and not _agree_on_a_side(a, b) for b in theirs] for a in ours]
    )
    # A clause that says the opposite need only come close: "only online" stands beside "not at the desk".
    return bool(((near >= near.max(axis=1, keepdims=True) - _BESIDE) & turned).any())


def _agree_on_a_side(ours: str, theirs: str) -> bool:
    """Tell whether two statements take one side by opposite words: "free", "need not pay"."""
    return bool(stances(ours).items() & stances(theirs).items())


def _opposed(claim: Statement, quote: Statement, scorer: Scorer) -> bool:
    """Tell whether a clause of the claim takes the other side of what the quote says: fell, rose."""
    ours, theirs = clauses(claim.text), clauses(quote.text)
    for clause in ours:
        for axis, side in stances(clause).items():
            if any(stances(each).get(axis) == -side for each in theirs):
                nearest = _nearest(clause, claim.lang, theirs, quote.lang, axis, scorer)
                sides = {stances(each).get(axis) for each in nearest}
                if -side in sides and side not in sides:
                    return True
    return False


def _nearest(
    clause: str, lang: str, others: Sequence[str], their_lang: str, axis: str, scorer: Scorer
) -> list[str]:
    """Return the clauses that share most values with *clause*; else, of those on *axis*, the nearest."""
    values = [value for value in find_values(clause, lang) if _is_telling(value)]
    held = [len(values) - len(missing(values, find_values(each, their_lang))) for each in others]
    if max(held):
        return [each for each, count in zip(others, held, strict=True) if count == max(held)]
    told = [each for each in others if axis in stances(each)]
    if len(told) == 1:
        return told
    vectors = scorer.vectors([clause, *told], [lang, *[their_lang] * len(told)])
    return [told[int((vectors[1:] @ vectors[0]).argmax())]]


def _shared(ours: Sequence[str], theirs: Sequence[str]) -> Matrix:
    """Return the share of each clause's tokens that the other holds, shape ``(ours, theirs)``."""
    held = [set(tokens(each)) for each in theirs]
    words = [set(tokens(each)) for each in ours]
    return np.array([[len(w & h) / max(len(w), 1) for h in held] for w in words], np.float32)
