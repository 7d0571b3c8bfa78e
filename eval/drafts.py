"""Pairs drafted from documents, for a person to correct: by a model, or from what a text itself sets apart.

A draft is kept only if its fact stands in the document and its question does not
give it away, whoever drafted it; whether it is worth asking, only a person can tell.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rag.answer.prompt import Passages
from rag.eval.facts import holds, without_markers
from rag.eval.pairs import Pair, Type, next_id
from rag.protocols import LLM
from rag.text.characters import fold
from rag.text.languages import detect
from rag.text.paragraphs import is_heading, paragraphs
from rag.text.sentences import sentences
from rag.types import UNDETERMINED, Chunk, Document, Hit
from rag.values import find_values

__all__ = ["Source", "drafts", "from_model", "from_text"]

# A fact is compared word by word: nobody says twelve words again as they stood.
_LONGEST_FACT = 60
_LONGEST_SUBJECT = 40
# A paragraph below this says too little to ask a model about.
_SHORTEST = 40
_LONGEST_PASSAGE = 1500

_KINDS: dict[str, Type] = {"date": "date", "time": "date", "weekday": "date"}

# "Key: value", as forms, tables and metadata write it.
_RECORD = re.compile(r"[\s\-*•|]*(?P<subject>[^:：.!?。|]{2,40}?)\s*[:：](?!//)\s*(?P<fact>\S[^|]*?)[\s|]*")

# A definition by language: the sentence, and how its subject is asked for.
_DEFINED = {
    "en": (r"(?P<subject>[^,;:]+?) (?:is|are|was|were) (?P<fact>(?:an?|the) .+)", "What is {}?"),
    "de": (r"(?P<subject>[^,;:]+?) (?:ist|sind|war) (?P<fact>(?:eine?|der|die|das) .+)", "Was ist {}?"),
    "fr": (
        r"(?P<subject>[^,;:]+?) (?:est|sont|était) (?P<fact>(?:une?|la|les?|l') ?.+)",
        "Qu’est-ce que {} ?",
    ),
    "es": (r"(?P<subject>[^,;:]+?) (?:es|son|fue|era) (?P<fact>(?:una?|el|la|los|las) .+)", "¿Qué es {}?"),
    "pt": (r"(?P<subject>[^,;:]+?) (?:é|são|foi|era) (?P<fact>(?:uma?|os?|as?) .+)", "O que é {}?"),
    "it": (r"(?P<subject>[^,;:]+?) (?:è|sono|era) (?P<fact>(?:un[oa']?|il|la|lo|l') ?.+)", "Che cos’è {}?"),
    "ru": (r"(?P<subject>[^,;:—]+?) (?:—|– это|это) (?P<fact>.+)", "Что такое {}?"),
    "ko": (
        r"(?P<subject>[^,;:]+?)(?:이란|란|은|는) (?P<fact>.+?)(?:이다|입니다|이에요|예요)",
        "{}에 대해 무엇이라고 하나요?",
    ),
    "ja": (r"(?P<subject>[^、,;:]+?)(?:とは|は)、?(?P<fact>.+?)(?:である|です|のことだ)", "{}とは何ですか？"),
    "zh": (r"(?P<subject>[^，,;:]+?)是(?P<fact>(?:指|一).+)", "{}是什么？"),
    "ar": (r"(?P<subject>[^،,;:]+?) (?:هو|هي) (?P<fact>.+)", "ما المقصود بـ{}؟"),
    "hi": (r"(?P<subject>[^,;:]+?) (?P<fact>एक .+?) (?:है|हैं|था|थी)", "{} क्या है?"),
}
_CLAUSE = re.compile(r"[,;(（，、；،]| (?:which|that|who|where|und|qui|que|который) ")
_END = re.compile(r"[\s.!?。！？।؟…]+$")

# 9 is no time of day, and neither is 6시.
_HALF_BEFORE = re.compile(r"(?:오전|오후|새벽|아침|저녁|밤|午前|午後|毎?朝|夜|上午|下午|早上|晚上) ?$")
_HALF_AFTER = re.compile(r" ?(?:[ap]\.? ?m\b\.?|uhr\b|o’clock|o'clock|น\.)", re.IGNORECASE)

_ASKED = (
    "Write one question that a reader of passage 1 might ask and that passage 1 answers, in the language of "
    "the passage. Then write => and the answer in at most five words, copied from the passage. Do not use "
    "the words of the answer in the question. Reply with this one line and nothing else, like this: "
    "How long is the Alder Bridge? => 84 metres"
)
_QUOTES = " \t\"'`*“”«»「」"
_REPLY = re.compile(r"(?P<question>[^\n]+?)\s*=>\s*(?P<fact>[^\n]+)")


@dataclass(frozen=True, slots=True)
class Source:
    """A question that may be asked, its fact, and the words of the document it was made from."""

    question: str
    fact: str
    words: str


Sources = Callable[[Document], Iterator[Source]]


def drafts(
    documents: Iterable[Document], known: Sequence[Pair], most: int, sources: Sources
) -> Iterator[Pair]:
    """Yield at most *most* drafts whose questions are not *known*, from each document in turn.

    No two from the same words, nor from words that a known draft was made from.
    """
    pairs = list(known)
    used = {fold(each) for pair in known for each in (pair.question, pair.draft)}
    for document, source in _in_turns([_sound(each, sources) for each in documents]):
        if len(pairs) - len(known) >= most:
            return
        texts = {fold(source.question), fold(source.words)}
        if used.isdisjoint(texts):
            used |= texts
            pairs.append(_pair(document, source, pairs))
            yield pairs[-1]


def _in_turns(found: Iterable[Iterator[tuple[Document, Source]]]) -> Iterator[tuple[Document, Source]]:
    # One at a time, not a row of all: a model is asked for each.
    waiting = deque(found)
    while waiting:
        each = waiting.popleft()
        if (first := next(each, None)) is not None:
            yield first
            waiting.append(each)


def _sound(document: Document, sources: Sources) -> Iterator[tuple[Document, Source]]:
    for source in sources(document):
        if (
            0 < len(source.fact) <= _LONGEST_FACT
            and holds(document.text, source.fact)
            and not holds(source.question, source.fact)
        ):
            yield document, source


def _pair(document: Document, source: Source, known: Sequence[Pair]) -> Pair:
    lang = next(
        (each for each in (detect(source.words), document.lang) if each != UNDETERMINED), UNDETERMINED
    )
    kind = _kind(source.fact, lang)
    return Pair(
        id=next_id(known, lang, kind),
        question=source.question,
        lang=lang,
        type=kind,
        facts=((source.fact,),),
        docs=((document.doc_id,),),
        draft=source.words,
    )


def _kind(fact: str, lang: str) -> Type:
    # "一种不发酵的茶" holds a number and is none.
    values = [each for each in find_values(fact, lang) if 2 * (each.end - each.start) >= len(fact)]
    return _KINDS.get(values[0].kind, "number") if values else "fact"


def from_text(document: Document) -> Iterator[Source]:
    """Yield what *document* sets apart: definitions, "key: value" lines, values below a heading.

    Last, so that any text in any language gives drafts, sentences with a value left
    out (Taylor's cloze, 1953).
    """
    found = list(_sentences(document))
    for _, words in found:
        yield from _definition(words)
    for heading, words in found:
        yield from _record(document, heading, words)
    for heading, words in found:
        yield from _below_heading(document, heading, words)
    for _, words in found:
        yield from _cloze(words)


def _sentences(document: Document) -> Iterator[tuple[str, str]]:
    """Yield each sentence outside the masks with the heading above it."""
    masked = [(each.start, each.end) for each in document.boilerplate]
    heading = ""
    for start, end in paragraphs(document.text):
        if any(first < end and start < last for first, last in masked):
            continue
        paragraph = document.text[start:end]
        if is_heading(paragraph):
            heading = paragraph.strip("# \t\n")
            continue
        for first, last in sentences(paragraph, document.lang):
            yield heading, " ".join(paragraph[first:last].split())


def _definition(words: str) -> Iterator[Source]:
    if (lang := detect(words)) not in _DEFINED:
        return
    pattern, question = _DEFINED[lang]
    found = re.fullmatch(pattern, _END.sub("", words), re.IGNORECASE)
    if found and len(found["subject"]) <= _LONGEST_SUBJECT:
        fact = _CLAUSE.split(found["fact"])[0].strip()
        yield Source(question.format(found["subject"].strip()), fact, words)


def _record(document: Document, heading: str, words: str) -> Iterator[Source]:
    if found := _RECORD.fullmatch(words):
        place = heading or document.title
        yield Source(f"{place}: {found['subject']}?", _END.sub("", found["fact"]), words)


def _below_heading(document: Document, heading: str, words: str) -> Iterator[Source]:
    if heading and (span := _value(words)):
        question = heading if heading == document.title else f"{document.title}: {heading}"
        yield Source(f"{_END.sub('', question)}?", words[slice(*span)], words)


def _cloze(words: str) -> Iterator[Source]:
    if span := _value(words):
        question = f"{words[: span[0]]}___{words[span[1] :]}"
        yield Source(f"{_END.sub('', question)}?", words[slice(*span)], words)


def _value(words: str) -> tuple[int, int] | None:
    """Return where the first value of *words* stands, with the half of the day that belongs to a time."""
    # A bare number is a good fact only with its unit: the "1" of a list is none.
    value = next((each for each in find_values(words) if each.unit or each.kind in _KINDS), None)
    if value is None:
        return None
    before = _HALF_BEFORE.search(words, 0, value.start)
    after = _HALF_AFTER.match(words, value.end)
    if value.kind != "time":
        return value.start, value.end
    return before.start() if before else value.start, after.end() if after else value.end


def from_model(llm: LLM, document: Document) -> Iterator[Source]:
    """Ask *llm* for one question on each paragraph; replies that are none are passed over.

    Raises:
        BackendError: There is no reply.
    """
    for start, end in paragraphs(document.text):
        text = document.text[start:end][:_LONGEST_PASSAGE]
        if len(text) >= _SHORTEST and not is_heading(text):
            passage = Hit(Chunk("1", document.doc_id, start, start + len(text), text, document.lang), 0.0, 1)
            reply = "".join(llm.stream(Passages(_ASKED, document.lang, (passage,))))
            if found := _REPLY.search(without_markers(reply)):
                fact = _END.sub("", found["fact"]).strip(_QUOTES)
                yield Source(found["question"].strip(_QUOTES), fact, " ".join(text.split()))
