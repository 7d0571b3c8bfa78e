"""Documents for the store, made from a word: the same word, the same document."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
from engines import SQLITE, Engine

from rag.index.dense import Transform
from rag.index.engines import View
from rag.index.store import Entry, Identity
from rag.text.characters import tokens
from rag.types import Chunk, Document, Mask, Matrix, Vector, Where

DIM = 16
IDENTITY = Identity("embedder-1", "chunker-1", DIM)
SENTENCES = {
    "ko": "한국은행은 기준금리를 동결했다. ",
    "ja": "東京の図書館は月曜日に休みます。",
    "zh": "公司修改了差旅政策。",
    "zh-Hant": "公司修改了差旅政策，請參閱。",
    "th": "ห้องสมุดปิดทุกวันจันทร์ ",
    "ar": "ارتفعت الأسعار خمسة بالمئة. ",
    "he": "הספרייה סגורה ביום שני. ",
    "hi": "पुस्तकालय सोमवार को बंद है। ",
    "el": "Η βιβλιοθήκη είναι κλειστή. ",
    "ru": "Библиотека закрыта. ",
    "fr": "L’été, la bibliothèque ferme à 18 h. ",
    "en": "C++ and gpt-4o don't agree: 3.5 or 24/7? ",
    "und": "👩‍🚀🇰🇷 #1 ",
}
NAMES = (
    "a.md",
    "기록/회의.txt",
    "기록/기타/2023.txt",
    "記録/会議.txt",
    "文档/政策.html",
    "บันทึก/ราคา.pdf",
    "تقرير.docx",
    "דוח #3-4.txt",
    "रिपोर्ट.md",
    "Größe/été.md",
    "Größe-alt/été.md",
    "📎/%41?x=1#0-9",
)


def unit_rows(matrix: Matrix) -> Matrix:
    return np.asarray(matrix / np.linalg.norm(matrix, axis=1, keepdims=True), np.float32)


def _shifted(vectors: Matrix, langs: Sequence[str]) -> Matrix:
    shift = np.array([[len(lang), *[0.0] * (DIM - 1)] for lang in langs], np.float32).reshape(-1, DIM)
    return unit_rows(vectors + shift) if len(vectors) else vectors


TRANSFORM = Transform("shifted by language", _shifted)
AS_STORED = Transform("as stored", lambda vectors, langs: vectors, by_row=True)


def entry(doc_id: str, source: str, root: str = "/documents") -> Entry:
    """Return a document with up to four passages, some of them overlapping."""
    chance = random.Random(source)
    text, chunks, start = f"# {source}\n", [], 0
    for number in range(chance.randrange(5)):
        lang = chance.choice(list(SENTENCES))
        begin = len(text) - chance.choice([0, 0, 3])
        text += SENTENCES[lang] * chance.randint(1, 3) + f"v{number}\n"
        name = f"{doc_id}#{begin}-{len(text)}"
        heading = chance.choice(["", "요약", "Überblick"])
        chunks.append(Chunk(name, doc_id, begin, len(text), text[begin:], lang, heading))
        start = len(text)
    text += "© 2026\n"
    published = chance.choice([None, date(2020, 1, 1) + timedelta(days=chance.randrange(2000))])
    masks = (Mask(start, len(text), "copyright"),)
    document = Document(doc_id, f"제목 {source}", text, "ko", published, source, masks)
    vectors = np.array([[chance.gauss(0, 1) for _ in range(DIM)] for _ in chunks], np.float32)
    signs = tuple(chance.randbytes(chance.randrange(4) * DIM // 8) for _ in chunks)
    return Entry(document, tuple(chunks), unit_rows(vectors.reshape(-1, DIM)), signs, root)


def entries(sources: Mapping[str, str]) -> list[Entry]:
    return [entry(doc_id, source) for doc_id, source in sources.items()]


def query(seed: int) -> Vector:
    row: Vector = np.random.default_rng(seed).standard_normal(DIM).astype(np.float32)
    return unit_rows(row[np.newaxis]).reshape(DIM)


QUESTIONS = [*SENTENCES.values(), "제목 1", "v0 v1 v2 v3", "nothing of the kind", '" OR NEAR(* ^']


def answers(snapshot: View, step: int = 1) -> list[object]:
    """Return all that can be asked of *snapshot*, to be compared with the same of another."""
    summaries = snapshot.documents()
    found: list[object] = [summaries, snapshot.roots, len(snapshot)]
    found += [snapshot.document(summary.doc_id) for summary in summaries]
    names = [name for name, _ in snapshot.dense(query(0), max(1, len(snapshot)))]
    found += [snapshot.chunks(names), snapshot.signs(names)]
    for seed, question in enumerate(QUESTIONS[::step]):
        words = tokens(question)
        where = Where(langs=("ko", "zh", "th")) if seed % 2 else Where()
        found.append(snapshot.dense(query(seed), 5, where))
        found += [snapshot.lexical(words, 5, where), snapshot.idf(words), snapshot.matches(words, names)]
    return found


def asked(path: Path, engine: Engine = SQLITE) -> list[object]:
    """Open the index in *path*, ask everything, close it."""
    with reopened(path, engine) as snapshot:
        return answers(snapshot, engine.step)


SOURCES = {name: str(number) for number, name in enumerate(NAMES)}


def written(path: Path, engine: Engine = SQLITE) -> Path:
    """Make an index of `SOURCES` and publish it."""
    with engine.writer(path, IDENTITY, TRANSFORM) as writer:
        writer.put(entries(SOURCES))
        writer.publish()
    return path


def reopened(path: Path, engine: Engine = SQLITE) -> View:
    return engine.view(path, IDENTITY, TRANSFORM)


def passages(found: list[Entry]) -> dict[str, tuple[Entry, int]]:
    return {chunk.chunk_id: (each, place) for each in found for place, chunk in enumerate(each.chunks)}


def whole(doc_id: str, text: str) -> Entry:
    """Return a document of one passage."""
    made = next(found for seed in range(50) if (found := entry(doc_id, str(seed))).chunks)
    chunk = replace(made.chunks[0], chunk_id=f"{doc_id}#0-{len(text)}", start=0, end=len(text), text=text)
    return replace(
        made,
        document=replace(made.document, text=text),
        chunks=(chunk,),
        vectors=made.vectors[:1],
        signs=made.signs[:1],
    )
