"""Does a quote support a claim? By what both say, in the same language or in two.

Nearness of meaning is asked of a `Scorer`; numbers, dates, units, names,
negation and parts must agree besides, since a sentence with one digit changed is
as near as it can be. Where the quote is found, and what is done with the
verdict, is for `rag.cite`. Figures: docs/decisions/0011-checked-citations.md.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import numpy as np

from rag.debias import LanguageMeans
from rag.names import Name, find_names, places, same_name, skeleton
from rag.polarity import clauses, negations
from rag.protocols import Embedder
from rag.roles import swapped
from rag.text import fold, tokens
from rag.types import Matrix
from rag.values import Value, find_values, missing, rounded_equal, says

__all__ = ["Context", "Scorer", "Statement", "VectorScorer", "Verdict", "judge"]


class Scorer(Protocol):
    """Tells how near statements are in meaning, whatever their languages."""

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        """Return unit rows whose inner products are comparable across languages."""
        ...


@dataclass(frozen=True, slots=True)
class VectorScorer:
    """By the embedder, without the bias of the languages (see `rag.debias`)."""

    embedder: Embedder
    means: LanguageMeans

    def vectors(self, texts: Sequence[str], langs: Sequence[str]) -> Matrix:
        """Return unit rows, float32, shape ``(len(texts), dim)``."""
        if not texts:
            return np.empty((0, self.embedder.dim), np.float32)
        return self.means.passages(self.embedder.embed_passages(texts), langs)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence and its language."""

    text: str
    lang: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a quote leaves to its surroundings: the day it was published, its headings."""

    published: date | None = None
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What stands against a quote as the support of a claim; nothing if it supports it."""

    against: str = ""

    @property
    def supported(self) -> bool:
        """Whether the quote supports the claim."""
        return not self.against


# Set on the first passages of eval/claims.jsonl; see docs/decisions/0011.
_NEAR = 0.72
_NEAR_WITH_VALUES = 0.65
_NEAR_ACROSS = 0.60
_NEAR_ACROSS_WITH_VALUES = 0.47
# Korean, Japanese and Chinese lie nearer to one another than to the rest.
_NEAR_EAST_ASIAN = 0.64
_NEAR_EAST_ASIAN_WITH_VALUES = 0.57
_BESIDE = 0.06
_CLAUSE_ACROSS = 0.57
# Words of the claim that the quote lacks must be this near to words that only the quote has.
_REWORDED = 0.60
_EAST_ASIAN = frozenset({"ja", "ko", "zh"})
_ABOUT = re.compile(
    r"(?:약|대략|거의|가까이|約|およそ|ほぼ|约|大约|近|(?<!\w)(?:about|around|roughly|nearly|approximately|almost|some|etwa"
    r"|rund|ungefähr|circa|ca|environ|près de"
    r"|unos|unas|cerca de|casi|около|примерно|حوالي|כ))[\s-]?$",
    re.IGNORECASE,
)
_LAST_MONTH = re.compile(r"(?:지난\s?달|先月|上个?月|last month)\D{0,6}$", re.IGNORECASE)


def judge(claim: Statement, quote: Statement, similarity: float, context: Context, scorer: Scorer) -> Verdict:
    """Return whether *quote* supports *claim*.

    Args:
        similarity: Inner product of the two, language bias removed.
        context: Completes a date of the quote that lacks its month or year.
    """
    claimed, quoted = find_values(*_args(claim)), find_values(*_args(quote))
    if lacking := _lacking(claim, claimed, [*completed(quote.text, quoted, context)]):
        return Verdict(lacking[0].kind)
    if _names_differ(claim, quote, context):
        return Verdict("name")
    shared = any(says(theirs, ours) for ours in claimed for theirs in quoted)
    if not _near(claim, quote, similarity, proven=shared and _names_meet(claim, quote, context)):
        return Verdict("meaning")
    if swapped(claim.text, claim.lang, quote.text, quote.lang):
        return Verdict("parts")
    if _negation_differs(claim, quote, scorer):
        return Verdict("negation")
    if (_adds if claim.lang == quote.lang else _adds_across)(claim, quote, scorer):
        return Verdict("addition")
    return Verdict()


def _args(statement: Statement) -> tuple[str, str]:
    return statement.text, statement.lang


def _near(claim: Statement, quote: Statement, similarity: float, *, proven: bool) -> bool:
    if claim.lang == quote.lang:
        return similarity >= (_NEAR_WITH_VALUES if proven else _NEAR)
    if {claim.lang, quote.lang} <= _EAST_ASIAN:
        return similarity >= (_NEAR_EAST_ASIAN_WITH_VALUES if proven else _NEAR_EAST_ASIAN)
    return similarity >= (_NEAR_ACROSS_WITH_VALUES if proven else _NEAR_ACROSS)


# --- values -----------------------------------------------------------------------


def _lacking(claim: Statement, claimed: Sequence[Value], quoted: Sequence[Value]) -> list[Value]:
    """Return the values of the claim that the quote does not say, "about" taken as said."""
    lacking = missing(claimed, quoted)
    if not any(value.kind == "ordinal" for value in quoted):
        # "The first ferry" may be 始发 or 첫차 elsewhere; "the second" is a number.
        lacking = [value for value in lacking if (value.kind, value.number) != ("ordinal", 1)]
    return [v for v in lacking if not (_is_rough(claim.text, v) and any(rounded_equal(v, q) for q in quoted))]


def _is_rough(text: str, value: Value) -> bool:
    return _ABOUT.search(text[: value.start]) is not None


def completed(text: str, quoted: Sequence[Value], context: Context) -> list[Value]:
    """Return the values of a quote, dates also as the day of publication and the heading complete them."""
    found = [*quoted, *(v for v in find_values(context.heading) if v.kind == "date")]
    for value in quoted:
        if value.kind == "date" and context.published and None in value.day:
            found += [replace(value, day=day) for day in _completions(text, value, context.published)]
    return found


def _completions(text: str, value: Value, published: date) -> list[tuple[int | None, int | None, int | None]]:
    """Complete a date by the day of publication: the 12th is of that month, September of that year.

    Years on either side are kept when the month is far from the publication:
    a December story may well mean the next January.
    """
    year, month, day = value.day
    if year is not None:
        return []
    if month is None:
        back = _LAST_MONTH.search(text[: value.start]) is not None
        first = published.month - back
        return [(published.year - (first == 0), first or 12, day)]
    years = [published.year]
    if abs(month - published.month) > 6:
        years.append(published.year + (1 if month < published.month else -1))
    return [(each, month, day) for each in years]


# --- names ------------------------------------------------------------------------


def _names_differ(claim: Statement, quote: Statement, context: Context) -> bool:
    if places(claim.text) - places(quote.text) - places(context.heading):
        return True
    theirs = [*find_names(*_args(quote)), *find_names(context.heading, quote.lang)]
    ours = [name for name in find_names(*_args(claim)) if name.sure and not places(name.text)]
    words = fold(quote.text + " " + context.heading)
    return any(not _is_said(name, quote, theirs, words) for name in ours)


def _names_meet(claim: Statement, quote: Statement, context: Context) -> bool:
    """Tell whether the claim names nobody, or somebody whom the quote or its headings name too."""
    ours = [name for name in find_names(*_args(claim)) if name.sure]
    words = re.findall(r"[^\W_]{2,}", f"{quote.text} {context.heading}")
    return not ours or any(same_name(name.text, word) for name in ours for word in words)


def _is_said(name: Name, quote: Statement, theirs: Sequence[Name], words: str) -> bool:
    plain = fold(name.text)
    if plain in words or any(same_name(name.text, other.text) for other in theirs):
        return True
    if _scripts_differ(name.text, quote.text):
        return not _is_another(name, quote)
    # A word that is also written small is none, in whatever form: "Members" of "a member".
    return len(plain) > 4 and plain[:-1] in words and not any(char.isdigit() for char in plain)


def _scripts_differ(name: str, text: str) -> bool:
    """Tell whether the name could only be written another way in *text*."""
    latin = re.search("[A-Za-z]", name) is not None
    return latin != (len(re.findall("[A-Za-z]", text)) > len(text) / 2)


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
    """Compare each clause of the claim with the clause of the quote that is nearest to it."""
    if not negations(claim.text) and not negations(quote.text):
        return False
    ours, theirs = clauses(claim.text), clauses(quote.text)
    if len({negations(each) % 2 for each in theirs}) == len({negations(each) % 2 for each in ours}) == 1:
        return negations(ours[0]) % 2 != negations(theirs[0]) % 2
    langs = [claim.lang] * len(ours) + [quote.lang] * len(theirs)
    vectors = scorer.vectors([*ours, *theirs], langs)
    near = vectors[: len(ours)] @ vectors[len(ours) :].T + _shared(ours, theirs)
    turned = np.array([[negations(a) % 2 != negations(b) % 2 for b in theirs] for a in ours])
    # A clause that says the opposite need only come close: "only online" stands beside "not at the desk".
    return bool(((near >= near.max(axis=1, keepdims=True) - _BESIDE) & turned).any())


def _shared(ours: Sequence[str], theirs: Sequence[str]) -> Matrix:
    """Return the share of each clause's tokens that the other holds, shape ``(ours, theirs)``."""
    held = [set(tokens(each)) for each in theirs]
    words = [set(tokens(each)) for each in ours]
    return np.array([[len(w & h) / max(len(w), 1) for h in held] for w in words], np.float32)


# --- additions --------------------------------------------------------------------


def _adds(claim: Statement, quote: Statement, scorer: Scorer) -> bool:
    """Tell whether the claim says something that the quote does not, in the same language.

    A run of words that the quote lacks must reword something that only the quote
    has: "will go up" and "rises", but not "and the seed bank" and "from Tomasz Lis".
    """
    ours, theirs = _words(claim), _words(quote)
    added = [run for run in _runs(ours, theirs) if _weight(run, claim.lang) >= 2]
    if not added:
        return False
    joint = "" if claim.lang in _UNSPACED else " "
    left = _runs(theirs, ours)
    if not left:
        return True
    texts = [joint.join(run) for run in [*added, *left]]
    vectors = scorer.vectors(texts, [claim.lang] * len(texts))
    near = vectors[: len(added)] @ vectors[len(added) :].T
    return bool((near.max(axis=1) < _REWORDED).any())


def _adds_across(claim: Statement, quote: Statement, scorer: Scorer) -> bool:
    """Tell whether a clause of the claim is far from the quote, between Korean, Japanese and Chinese.

    Only there are clauses near enough across languages: right ones reach 0.57 and
    more, while between English and these three they come down to 0.33.
    """
    ours = clauses(claim.text)
    if len(ours) < 2 or not {claim.lang, quote.lang} <= _EAST_ASIAN:
        return False
    theirs = [quote.text, *clauses(quote.text)]
    vectors = scorer.vectors([*ours, *theirs], [claim.lang] * len(ours) + [quote.lang] * len(theirs))
    return bool(((vectors[: len(ours)] @ vectors[len(ours) :].T).max(axis=1) < _CLAUSE_ACROSS).any())


_UNSPACED = frozenset({"ja", "zh"})


def _words(statement: Statement) -> list[str]:
    plain = fold(statement.text)
    return list(re.sub(r"[\W_]", "", plain)) if statement.lang in _UNSPACED else re.findall(r"\w+", plain)


def _runs(words: Sequence[str], others: Sequence[str]) -> list[list[str]]:
    """Return the runs of *words* whose beginnings none of *others* has."""
    known = {_stem(word) for word in others}
    runs: list[list[str]] = [[]]
    for word in words:
        if _stem(word) in known:
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _stem(word: str) -> str:
    """Return what stays of a word through its endings, roughly."""
    if "가" <= word[0] <= "힣":
        # 바뀌고 and 바뀝니다 differ in the final of the second syllable only.
        return word[:1] + unicodedata.normalize("NFD", word[1:2])[:2]
    return word[: max(3, len(word) - 2)]


def _weight(run: Sequence[str], lang: str) -> float:
    """Return how many words of content a run holds; two characters make one in Chinese and Japanese."""
    if lang in _UNSPACED:
        return sum("\u4e00" <= char <= "\u9fff" or "ァ" <= char <= "ヴ" for char in run) / 2
    return sum(len(word) > 3 or "가" <= word[0] <= "힣" for word in run)
