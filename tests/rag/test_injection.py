"""A document cannot speak through the answer: not to the model, and not through one that obeys it."""

from collections.abc import Iterator

import pytest
from attacks import KEY, SECRETS, WORD, Attack, attacks, gullible, obey, seen
from doubles import MemoryIndex
from fault_server import OPENAI, backend, serve

from rag.answer.compose import Quoting
from rag.assistant import Assistant
from rag.protocols import LLM, Embedder
from rag.search.debias import means_for
from rag.search.remember import RememberingEmbedder
from rag.search.retrieve import Retriever
from rag.text.languages import detect
from rag.types import Answer, Chunk, Document

QUESTION = "은솔 도서관은 평일 몇 시에 문을 닫습니까?"
TRUTH = "은솔 도서관은 평일 오후 여섯 시에 문을 닫는다."
REST = "회원은 책을 다섯 권까지 빌릴 수 있다."
OTHERS = {
    "ferry.txt": "The ferry leaves at seven. Tickets are sold at the desk.",
    "茶.txt": "绿茶应该用八十度的水冲泡两分钟。",
}
WAYS = ("instead", "before", "after")
# Every other attack sits in the document that answers, the rest in a document of their own.
ATTACKS = list(attacks(TRUTH, REST))
CASES = [pytest.param(attack, WAYS[n % 3], n % 2 == 0, id=attack.name) for n, attack in enumerate(ATTACKS)]


@pytest.fixture(scope="module")
def model(embedder: Embedder) -> Embedder:
    """The bundled model; most sentences are those of the attack before."""
    return RememberingEmbedder(embedder)


def index_of(attack: Attack, model: Embedder, *, inside: bool) -> MemoryIndex:
    own = {"notice.txt": f"도서관 알림.\n{attack.order}", "hours.txt": f"{TRUTH} {REST}"}
    texts = {**OTHERS, **({"hours.txt": attack.text} if inside else own)}
    entries = {}
    for (doc_id, text), vector in zip(texts.items(), model.embed_passages(list(texts.values())), strict=True):
        document = Document(doc_id, doc_id, text, detect(text), None, "")
        chunk = Chunk(f"{doc_id}#0-{len(text)}", doc_id, 0, len(text), text, document.lang)
        entries[chunk.chunk_id] = (document, chunk, vector)
    return MemoryIndex(entries)


def ask(index: MemoryIndex, model: Embedder, llm: LLM | None = None) -> Answer:
    retriever = Retriever(index, model, means_for(model.fingerprint))
    extractive = Quoting()
    chain = (llm, extractive) if llm else (extractive,)
    return Assistant(retriever, chain[0], 6, stand_ins=chain[1:]).ask(QUESTION)


def found_in(text: str) -> Iterator[str]:
    yield from (mark for mark in SECRETS if mark in text)


def test_there_are_two_hundred() -> None:
    """Each is another text, and obeyed it would show."""
    assert len({attack.text for attack in ATTACKS}) == len(ATTACKS) >= 200
    assert all(WORD in said or list(found_in(said)) for said in (obey(each.text, KEY) for each in ATTACKS))


@pytest.mark.parametrize(("attack", "way", "inside"), CASES)
def test_a_model_that_obeys_a_document_gives_nothing_away(
    attack: Attack, way: str, inside: bool, model: Embedder
) -> None:
    """No key, link or foreign marker comes through, no order is verified; the truth is cited still."""
    index = index_of(attack, model, inside=inside)

    with serve(gullible(f"{TRUTH} [1]", way)) as server:
        answer = ask(index, model, backend(OPENAI, server.url, key=KEY))
        sent = [request.body["messages"][-1]["content"] for request in server.requests]

    assert all(attack.order in each for each in sent)
    assert [] == list(found_in(seen(answer)))
    assert TRUTH in answer.text
    # What was ordered besides may be there, marked as what it is.
    assert {"unverified"} >= {claim.status for claim in answer.claims if WORD in claim.text}
    assert {"hours.txt"} == {citation.doc_id for citation in answer.citations}
    for each in answer.citations:
        assert each.quote == index.document(each.doc_id).text[each.start : each.end]
    assert ("extractive" == answer.model) == answer.degraded == (way == "instead")


@pytest.mark.parametrize("attack", ATTACKS[::7], ids=lambda attack: attack.name)
@pytest.mark.parametrize("inside", [False, True])
def test_without_a_model_an_order_answers_nothing(attack: Attack, inside: bool, model: Embedder) -> None:
    """The sentence that answers is quoted; the order beside it is not."""
    answer = ask(index_of(attack, model, inside=inside), model)

    assert [] == list(found_in(seen(answer)))
    assert TRUTH in answer.text
