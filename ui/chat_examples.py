"""Questions to begin with: headings of the documents, in several languages, that the documents answer.

Decides which ones a person is offered; nothing here knows of HTTP.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice, zip_longest

from rag.answer.reading import read_hits
from rag.assistant import Assistant
from rag.index.engines import View
from rag.read.evidence import probability
from rag.types import Document
from rag.ui.generations import Opened

__all__ = ["Example", "examples"]

_EXAMPLES = 4
_TRIES = 12
_LOOKED_AT = 20
_READ = 8
_SURE = 0.5
_HEADING = re.compile(r"^#{2,6} +(.+?)(?: +#+)? *$", re.MULTILINE)
_LONGEST = 60
# Numbers of sections say nothing to somebody who has not seen the document: "3.2 Opening hours".
# A numeral that nothing sets apart belongs to the words: "24 hours", "一般规定".
_NUMBERING = re.compile(
    r"^(?:第[\d一二三四五六七八九十]+[条條章節节項项]|제\s?\d+\s?[조장절항관]|\d+(?:\.\d+)+[.)]?|\d+[.)．、:：]|"
    r"[一二三四五六七八九十]+[、．.])\s*"
)
# Languages in which a question is asked about a heading that is none.
_ABOUT = {
    "ar": "ماذا تقول الوثيقة «{title}» عن: {heading}؟",
    "de": "Was steht in „{title}“ über: {heading}?",
    "en": "What does “{title}” say about: {heading}?",
    "es": "¿Qué dice «{title}» sobre: {heading}?",
    "fr": "Que dit « {title} » sur : {heading} ?",
    "he": "מה נאמר ב“{title}” על: {heading}?",
    "ja": "「{title}」の「{heading}」について教えてください。",
    "ko": "‘{title}’에서 ‘{heading}’에 관한 내용은 무엇인가요?",
    "pt": "O que diz “{title}” sobre: {heading}?",
    "ru": "Что сказано в «{title}» о разделе «{heading}»?",
    "zh": "《{title}》中关于“{heading}”是怎么说的？",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A question that the documents answer."""

    question: str
    lang: str


def examples(opened: Opened) -> tuple[Example, ...]:
    """Return up to four questions, each in another language as far as there are any."""
    tried = islice(_candidates(opened.index), _TRIES)
    found = (each for each, doc_id in tried if _is_found(opened.assistant, each, doc_id))
    return tuple(islice(found, _EXAMPLES))


def _is_found(assistant: Assistant, example: Example, doc_id: str) -> bool:
    """Tell whether the question leads back to its document. No answer is composed: that takes too long."""
    retrieval = assistant.retriever.retrieve(example.question, _READ)
    readings = read_hits(assistant.reader, example.question, retrieval.hits)
    hits = retrieval.hits
    return bool(hits) and hits[0].chunk.doc_id == doc_id and probability(retrieval, readings) >= _SURE


def _candidates(index: View) -> Iterator[tuple[Example, str]]:
    """Yield a question of each language in turn, the commonest language first."""
    by_lang: dict[str, list[str]] = {}
    for each in index.documents():
        by_lang.setdefault(each.lang, []).append(each.doc_id)
    commonest = sorted(by_lang.values(), key=lambda doc_ids: -len(doc_ids))
    streams = [_of_documents(index, doc_ids) for doc_ids in commonest]
    return (each for each in chain.from_iterable(zip_longest(*streams)) if each)


def _of_documents(index: View, doc_ids: list[str]) -> Iterator[tuple[Example, str]]:
    for doc_id in doc_ids[:_LOOKED_AT]:
        document = index.document(doc_id)
        if question := _question(document):
            yield Example(question, document.lang), doc_id


def _question(document: Document) -> str:
    """Return a heading that is a question, or a question about one; empty if there is none."""
    headings = [heading for heading in _headings(document) if 2 <= len(heading) <= _LONGEST]
    asked = [heading for heading in headings if _is_question(heading)]
    if asked:
        return asked[0]
    template = _ABOUT.get(document.lang.partition("-")[0])
    return template.format(title=document.title, heading=headings[0]) if headings and template else ""


def _headings(document: Document) -> Iterator[str]:
    for match in _HEADING.finditer(document.text):
        heading = _NUMBERING.sub("", match[1]).strip("*_ ")
        is_masked = any(mask.start <= match.start() < mask.end for mask in document.boilerplate)
        if not is_masked and heading != document.title:
            yield heading


def _is_question(heading: str) -> bool:
    """Tell whether *heading* ends in a question mark of any script (NFKC folds the wide one)."""
    return unicodedata.normalize("NFKC", heading).endswith(("?", "؟", ";", "՞"))
