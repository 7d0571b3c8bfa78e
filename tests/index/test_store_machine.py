"""Any sequence of steps leaves the index that a dictionary says it should be."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

import pytest
from engines import SQLITE, Engine, Milvus, Server
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from stores import IDENTITY, NAMES, QUESTIONS, TRANSFORM, entries, entry, passages, query, reopened

from rag.text.characters import tokens
from rag.types import Matrix

names = st.sampled_from(NAMES)
sources = st.integers(0, 30).map(str)


class Store(RuleBasedStateMachine):
    """The model is a dictionary from document id to the word that the document is made from."""

    engine: ClassVar[Engine] = SQLITE

    def __init__(self) -> None:
        super().__init__()
        self.path = Path(tempfile.mkdtemp())
        self.model: dict[str, str] = {}
        self.generation = 0
        self.writer = self.engine.writer(self.path, IDENTITY, TRANSFORM)

    def teardown(self) -> None:
        self.writer.close()
        shutil.rmtree(self.path)

    @rule(changes=st.dictionaries(names, sources, max_size=4))
    def put(self, changes: dict[str, str]) -> None:
        self.writer.put(entries(changes))
        self.model |= changes

    @rule(gone=st.lists(names, max_size=3))
    def remove(self, gone: list[str]) -> None:
        self.writer.remove(gone)
        self.model = {name: source for name, source in self.model.items() if name not in gone}

    @precondition(lambda self: 0 < len(self.model) < len(NAMES))
    @rule(data=st.data())
    def move(self, data: st.DataObject) -> None:
        old = data.draw(st.sampled_from(sorted(self.model)))
        new = data.draw(st.sampled_from([name for name in NAMES if name not in self.model]))
        self.writer.move(old, new)
        self.model[new] = self.model.pop(old)

    @rule()
    def fail(self) -> None:
        good, bad = entry(NAMES[0], "31"), entry(NAMES[1], "2")
        with pytest.raises(ValueError, match="finite"):
            self.writer.put([good, replace(bad, vectors=bad.vectors[:, :1])])

    @rule()
    def publish(self) -> None:
        assert self.writer.publish() >= self.generation
        assert self.engine.faults(self.path, TRANSFORM) == []

    @rule()
    def reopen(self) -> None:
        self.writer.close()
        self.writer = self.engine.writer(self.path, IDENTITY, TRANSFORM)

    @rule(question=st.sampled_from(QUESTIONS), seed=st.integers(0, 5), k=st.integers(1, 40))
    def search(self, question: str, seed: int, k: int) -> None:
        made = entries(self.model)
        shown = {
            chunk.chunk_id: row
            for each in made
            for chunk, row in zip(
                each.chunks, _shown(each.vectors, [c.lang for c in each.chunks]), strict=True
            )
        }
        held = {
            name: set(
                tokens(f"{each.document.title}\n{each.chunks[place].heading}\n{each.chunks[place].text}")
            )
            for name, (each, place) in passages(made).items()
        }
        with reopened(self.path, self.engine) as snapshot:
            dense = snapshot.dense(query(seed), k)
            lexical = {name for name, _ in snapshot.lexical(tokens(question), 1000)}
        best = sorted((float(row @ query(seed)) for row in shown.values()), reverse=True)[:k]
        assert [score for _, score in dense] == pytest.approx(best, abs=1e-6)
        assert [float(shown[name] @ query(seed)) for name, _ in dense] == pytest.approx(best, abs=1e-6)
        assert lexical == {name for name, found in held.items() if found & set(tokens(question))}

    @invariant()
    def holds_what_the_model_holds(self) -> None:
        assert {doc_id: known.sha256 for doc_id, known in self.writer.known().items()} == self.model
        with reopened(self.path, self.engine) as snapshot:
            assert snapshot.generation >= self.generation
            self.generation = snapshot.generation
            made = entries(self.model)
            assert [snapshot.document(each.document.doc_id) for each in made] == [
                each.document for each in made
            ]
            chunks = [chunk for each in made for chunk in each.chunks]
            assert snapshot.chunks([chunk.chunk_id for chunk in chunks]) == chunks


def _shown(vectors: Matrix, langs: list[str]) -> Matrix:
    return TRANSFORM.apply(vectors, langs)


TestStore = Store.TestCase
TestStore.settings = settings(max_examples=20, stateful_step_count=20, deadline=None)


def test_a_server_holds_what_the_model_holds(milvus_server: Server) -> None:
    """The same steps on Milvus; fewer of them, since each is a dozen calls."""

    class Remote(Store):
        engine = Milvus(milvus_server.url)

    few = settings(max_examples=3, stateful_step_count=8, deadline=None)
    run_state_machine_as_test(Remote, settings=few)
