"""Where training examples come from: public sets, our own questions, parallel news, entailment pairs.

Reads the folders that docs/reader.md describes: ``train/`` (questions, paragraphs and
entailment pairs), ``ntrex/`` (news in parallel lines), and `train/questions` here.
"""

import gzip
import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

__all__ = ["Claim", "News", "Paragraph", "Question", "Sources"]

OWN = Path(__file__).parent / "questions"

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A passage under its title; others of the same `article` make hard negatives."""

    key: str
    lang: str
    article: str
    text: str
    title: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one paragraph.

    Attributes:
        source: Name of the set, for sampling and figures.
        answer: Code points of the paragraph's text; None if it does not say.
        exact: Whether `answer` is the words that answer, or the sentence they stand in.
    """

    source: str
    lang: str
    text: str
    paragraph: Paragraph
    answer: Span | None
    exact: bool = True


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence and a passage; `label` is 0 supported, 1 contradicted, 2 neither."""

    source: str
    text: str
    passage: str
    label: int
    title: str = ""


LABELS = {"entailment": 0, "contradiction": 1, "neutral": 2}


class Sources:
    """All training data under *root*, the folder that holds ``train/`` and ``ntrex/``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.news = News(root / "ntrex")

    @cached_property
    def paragraphs(self) -> Mapping[str, Paragraph]:
        """The passages of the public sets by their id."""
        rows = _rows(self.root / "train" / "paragraphs.jsonl.gz")
        return {row["id"]: Paragraph(row["id"], row["lang"], row["article"], row["text"]) for row in rows}

    @cached_property
    def parallel(self) -> Mapping[int, Mapping[str, Question]]:
        """Questions that exist in several languages: by number, then by language of the paragraph."""
        found: dict[int, dict[str, Question]] = defaultdict(dict)
        for row in self._public:
            if "parallel" in row:
                question = self._question(row)
                found[row["parallel"]][question.paragraph.lang] = question
        return found

    @cached_property
    def single(self) -> Mapping[str, Sequence[Question]]:
        """Questions of the other public sets, by set."""
        found: dict[str, list[Question]] = defaultdict(list)
        for row in self._public:
            if "parallel" not in row:
                found[row["set"]].append(self._question(row))
        return found

    @cached_property
    def korean(self) -> Mapping[bool, Sequence[tuple[int, str]]]:
        """Our Korean questions on the parallel paragraphs, by whether these answer: (number, question)."""
        found: dict[bool, list[tuple[int, str]]] = {True: [], False: []}
        for row in _rows(OWN / "korean.jsonl"):
            found[row["answerable"]].append((row["parallel"], row["question"]))
        return found

    @cached_property
    def documents(self) -> Sequence[Question]:
        """Our questions on documents of our own."""
        path = OWN / "documents.jsonl"
        found = []
        for row in _rows(path) if path.exists() else ():
            title = "\n".join(filter(None, (row["title"], row["heading"])))
            paragraph = Paragraph(row["doc"], row["passage_lang"], f"own/{row['doc']}", row["passage"], title)
            span = None if row["answer"] is None else (row["answer"][0], row["answer"][1])
            found.append(Question("own", row["lang"], row["question"], paragraph, span))
        return found

    @cached_property
    def claims(self) -> Mapping[str, Sequence[Claim]]:
        """Sentences with what a passage says of them, by set."""
        found: dict[str, list[Claim]] = defaultdict(list)
        for row in _rows(self.root / "train" / "nli.jsonl.gz"):
            found[row["set"]].append(
                Claim(row["set"], row["hypothesis"], row["premise"], LABELS[row["label"]])
            )
        for row in _rows(OWN.parents[1] / "eval" / "claims.jsonl"):
            for passage in row["passages"] if row["supported"] else row["passages"][:1]:
                if not row["supported"] or len(row["passages"]) == 1:
                    label = 0 if row["supported"] else 1
                    found["own"].append(Claim("own", row["claim"], passage["text"], label, passage["title"]))
        return found

    @cached_property
    def _public(self) -> Sequence[dict[str, Any]]:
        return list(_rows(self.root / "train" / "qa.jsonl.gz"))

    def _question(self, row: dict[str, Any]) -> Question:
        answer = row["answer"] and (row["answer"][0], row["answer"][1])
        return Question(
            row["set"], row["lang"], row["question"], self.paragraphs[row["paragraph"]], answer or None
        )


class News:
    """Parallel news: line *n* says the same in every language."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        ids = (folder / "DOCUMENT_IDS.tsv").read_text("utf-8").split("\n")
        self.document = [line.split("\t")[0] for line in ids if line]

    @cached_property
    def questions(self) -> Sequence[dict[str, Any]]:
        """Rows of `news.jsonl`: line, lang, question, and where that line answers, in two languages."""
        return list(_rows(OWN / "news.jsonl"))

    @cached_property
    def claims(self) -> Sequence[dict[str, Any]]:
        """Rows of `news_claims.jsonl`: line, lang, claim, label."""
        path = OWN / "news_claims.jsonl"
        return list(_rows(path)) if path.exists() else []

    @cached_property
    def lines(self) -> Mapping[str, Sequence[str]]:
        """The news in `LANGS`, by language."""
        return {lang: self._read(name) for lang, name in LANGS.items()}

    def around(self, line: int, before: int, after: int) -> range:
        """Return the lines near *line* that belong to the same document."""
        first, last = line, line
        while first > 0 and line - first < before and self.document[first - 1] == self.document[line]:
            first -= 1
        while (
            last + 1 < len(self.document)
            and last - line < after
            and self.document[last + 1] == self.document[line]
        ):
            last += 1
        return range(first, last + 1)

    def _read(self, name: str) -> Sequence[str]:
        return (self._folder / name).read_text("utf-8").split("\n")


_NEWS = "newstest2019-ref.{}.txt"
LANGS = {
    "en": "newstest2019-src.eng.txt",
    **{
        lang: _NEWS.format(name)
        for lang, name in {
            "ko": "kor", "ja": "jpn", "zh": "zho-CN", "zh-Hant": "zho-TW", "de": "deu", "es": "spa",
            "fr": "fra", "it": "ita", "pt": "por", "ru": "rus", "uk": "ukr", "pl": "pol", "cs": "ces",
            "nl": "nld", "sv": "swe", "tr": "tur", "ar": "arb", "he": "heb", "fa": "fas", "hi": "hin",
            "th": "tha", "vi": "vie", "id": "ind", "el": "ell", "hu": "hun", "ro": "ron", "bg": "bul",
            "bn": "ben",
        }.items()
    },
}  # fmt: skip


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    yield from map(json.loads, data.decode().split("\n")[:-1])
