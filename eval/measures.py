"""What is measured of one answer. Pure functions; every measure is a number in [0, 1].

A measure that does not apply to a pair (citations of a question that has no
answer) is absent there, never zero, so that its mean says what its name says.
A pair that crashed gets zero for every measure that applies to it whatever the
answer, so that a crash can only lower a score.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.answer.phrases import without_lead
from rag.eval.facts import holds, shown, without_markers
from rag.eval.pairs import Pair, names
from rag.text.characters import fold, is_unspaced
from rag.text.languages import detect
from rag.types import UNDETERMINED, Answer, Document

__all__ = ["MEASURES", "Verdict", "crashed", "exact_match", "measure", "token_f1"]

MEASURES: Mapping[str, str] = {
    "correct": "answered with every fact and nothing forbidden, in a language that the pair asks for if it "
    "asks for any, or rightly not answered",
    "facts": "share of the fact groups of which the answer holds an alternative",
    "clean": "none of the forbidden strings occurs",
    "exact_match": "the answer is the short reference (SQuAD, normalised for any script)",
    "token_f1": "multiset F1 of the answer's tokens and the short reference's (SQuAD)",
    "answered": "of the questions that have an answer, share answered",
    "abstention_precision": "of the questions not answered, share that have no answer",
    "abstention_recall": "of the questions that have no answer, share not answered",
    "retrieval_recall": "share of the expected documents among the retrieved passages",
    "citation_recall": "share of the expected documents that are cited",
    "citation_precision": "share of the citations that point to an expected document",
    "claims_verified": "share of the claims that a quote supports",
    "quotes_exact": "share of the quotes that are the document's text at their offsets",
    "language": "the answer is in a language that the pair asks for, else in that of the question, "
    "where that can be told",
    "backend": "the chosen backend wrote the answer, and no stand-in",
    "conflict_recall": "share of a conflict's values that are shown as its sides",
}
"""Name and definition of every measure, in the order in which they are shown."""

_PUNCTUATION = re.compile(r"[^\w\s]+")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The measures of one answer, and in sentences what kept it from being right."""

    values: Mapping[str, float]
    missing: tuple[str, ...]


def measure(pair: Pair, answer: Answer, documents: Mapping[str, Document]) -> Verdict:
    """Return the measures of *answer* that apply to *pair*, and what was missing."""
    language = _language(pair, answer)
    values = {
        "correct": _correct(pair, answer) * (language.get("language", 1.0) if pair.answer_langs else 1.0),
        "backend": float(not answer.degraded),
        **_abstention(pair, answer),
        **_against_reference(pair, answer),
        **_against_documents(pair, answer),
        **_citations(answer, documents),
        **language,
    }
    if pair.facts:
        values["facts"] = 1 - len(_missing_facts(pair, answer)) / len(pair.facts) if answer.answered else 0.0
    if pair.forbidden:
        values["clean"] = float(not _forbidden(pair, answer))
    if pair.type == "conflict":
        values["conflict_recall"] = _conflict_recall(pair, answer)
    return Verdict(_in_order(values), tuple(_explanations(pair, answer, values)))


def crashed(pair: Pair) -> Mapping[str, float]:
    """Return the measures of a pair without an answer: zero wherever one was due."""
    due = ["correct", "backend"]
    if pair.answerable:
        due += ["facts", "answered", "retrieval_recall", "citation_recall"]
    else:
        due += ["abstention_recall"]
    due += ["exact_match", "token_f1"] if pair.reference else []
    due += ["clean"] if pair.forbidden else []
    due += ["conflict_recall"] if pair.type == "conflict" else []
    return _in_order(dict.fromkeys(due, 0.0))


def _in_order(values: Mapping[str, float]) -> dict[str, float]:
    return {name: values[name] for name in MEASURES if name in values}


def _correct(pair: Pair, answer: Answer) -> float:
    if not pair.answerable:
        return float(not answer.answered)
    return float(answer.answered and not _missing_facts(pair, answer) and not _forbidden(pair, answer))


def _missing_facts(pair: Pair, answer: Answer) -> list[tuple[str, ...]]:
    text = shown(answer)
    return [group for group in pair.facts if not any(holds(text, fact) for fact in group)]


def _forbidden(pair: Pair, answer: Answer) -> list[str]:
    return [each for each in pair.forbidden if holds(answer.text, each)]


def _abstention(pair: Pair, answer: Answer) -> dict[str, float]:
    values = {}
    if not answer.answered:
        values["abstention_precision"] = float(not pair.answerable)
    if pair.answerable:
        values["answered"] = float(answer.answered)
    else:
        values["abstention_recall"] = float(not answer.answered)
    return values


def _against_reference(pair: Pair, answer: Answer) -> dict[str, float]:
    if not pair.reference:
        return {}
    text = shown(answer)
    return {"exact_match": exact_match(text, pair.reference), "token_f1": token_f1(text, pair.reference)}


def exact_match(text: str, reference: str) -> float:
    """Return 1 if both are the same words, case, width, punctuation and spacing aside.

    SQuAD's measure (Rajpurkar et al. 2016) without its removal of English articles,
    which has no counterpart in most languages.
    """
    return float(_scored_tokens(text) == _scored_tokens(reference))


def token_f1(text: str, reference: str) -> float:
    """Return the F1 of the tokens of both as multisets (Rajpurkar et al. 2016).

    Tokens are characters in scripts written without spaces and in Hangul, whose
    particles would make a different word of every noun, as in MLQA (Lewis et al. 2020).
    """
    ours, theirs = Counter(_scored_tokens(text)), Counter(_scored_tokens(reference))
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def _scored_tokens(text: str) -> list[str]:
    found: list[str] = []
    for word in _WORD.findall(_PUNCTUATION.sub(" ", fold(text))):
        run = ""
        for char in word:
            if is_unspaced(char):
                found += [run, char] if run else [char]
                run = ""
            else:
                run += char
        found += [run] if run else []
    return found


def _against_documents(pair: Pair, answer: Answer) -> dict[str, float]:
    if not pair.docs:
        return {}
    retrieved = {name for hit in answer.hits for name in names(hit.chunk.doc_id)}
    cited = [names(citation.doc_id) for citation in answer.citations]
    all_cited = {name for each in cited for name in each}
    expected = {name for group in pair.docs for name in group}
    values = {
        "retrieval_recall": _share([not retrieved.isdisjoint(group) for group in pair.docs]),
        "citation_recall": _share([not all_cited.isdisjoint(group) for group in pair.docs]),
    }
    if cited:
        values["citation_precision"] = _share([not expected.isdisjoint(each) for each in cited])
    return values


def _citations(answer: Answer, documents: Mapping[str, Document]) -> dict[str, float]:
    values = {}
    if answer.claims:
        values["claims_verified"] = _share([claim.status == "verified" for claim in answer.claims])
    if answer.citations:
        values["quotes_exact"] = _share(
            [
                bool(each.quote)
                and each.doc_id in documents
                and documents[each.doc_id].text[each.start : each.end] == each.quote
                for each in answer.citations
            ]
        )
    return values


def _language(pair: Pair, answer: Answer) -> dict[str, float]:
    # The sides of a conflict are quotations; the language of a source is no fault.
    lang = detect(without_markers(without_lead(answer.text, answer.lang)))
    return {} if lang == UNDETERMINED else {"language": float(lang in _wanted(pair))}


def _wanted(pair: Pair) -> Sequence[str]:
    """Return primary tags, which are all that can be told: "pt" for "pt-BR"."""
    return [each.partition("-")[0] for each in pair.answer_langs or (pair.lang,)]


def _conflict_recall(pair: Pair, answer: Answer) -> float:
    """Return the best share of the pair's values that one conflict of the answer shows."""
    return max(
        (
            _share(
                [
                    any(
                        holds(f"{side.value}\n{side.statement}", fact)
                        for side in each.sides
                        for fact in group
                    )
                    for group in pair.facts
                ]
            )
            for each in answer.conflicts
        ),
        default=0.0,
    )


def _share(found: Sequence[bool]) -> float:
    return sum(found) / len(found)


def _explanations(pair: Pair, answer: Answer, values: Mapping[str, float]) -> Iterator[str]:
    if answer.answered and not pair.answerable:
        yield "answered, though the documents do not say"
    elif pair.answerable and not answer.answered:
        yield f"not answered: {answer.reason}"
    elif pair.answerable:
        for group in _missing_facts(pair, answer):
            yield f"missing fact: {' | '.join(group)}"
    for each in _forbidden(pair, answer):
        yield f"forbidden: {each}"
    if values.get("citation_recall", 1.0) < 1 and answer.answered:
        cited = {name for citation in answer.citations for name in names(citation.doc_id)}
        for group in pair.docs:
            if cited.isdisjoint(group):
                yield f"not cited: {' | '.join(group)}"
    if values.get("retrieval_recall", 1.0) < 1:
        yield "an expected document is not among the retrieved passages"
    if values.get("quotes_exact", 1.0) < 1:
        yield "a quote is not the text at its offsets"
    if answer.degraded:
        yield f"a stand-in answered: {answer.reason}"
    if values.get("language", 1.0) < 1:
        yield f"the answer is not in {' or '.join(_wanted(pair))}"
