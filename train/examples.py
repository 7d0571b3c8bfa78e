"""Training examples: a question and a passage as tokens, with where the answer may begin and end."""

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from transformers import PreTrainedTokenizerFast

from train.sources import Claim, Paragraph, Question, Sources, Span

__all__ = ["Example", "Examples", "Group", "encode"]

BOS, PAD, EOS = 0, 1, 2
QUESTION_TOKENS = 64
# How often the question before stands in front, as in a conversation: the last one is to be answered.
AFTER_ANOTHER = 0.15
TITLE_TOKENS = 24
# Passages are cut to windows of these sizes: questions over documents meet short and long ones.
WINDOWS = (64, 96, 128, 128, 192, 224)


@dataclass(frozen=True, slots=True)
class Example:
    """Tokens of ``<s> question </s></s> title passage </s>`` and what is right about them.

    Attributes:
        passage: First token of the passage, behind the title.
        starts, ends: Tokens at which the answer may begin and end; ``[0]`` for no answer.
        answers: 1 if the passage answers, 0 if not, -1 for claims.
        label: Of a claim: 0 supported, 1 contradicted, 2 neither; -1 for questions.
    """

    ids: list[int]
    passage: int
    starts: list[int]
    ends: list[int]
    answers: int
    label: int = -1
    source: str = ""


Group = list[Example]
"""One question with one passage or with several, the first of which answers it."""


class Examples:
    """Draws groups of examples; what is drawn depends on the seed alone.

    Args:
        sources: The training data.
        tokenizer: Of the bundled model, with offsets.
        near: For a question of a public set, the ids of the paragraphs that search finds for it, best first.
        held_out: Articles that are never drawn.
    """

    def __init__(
        self,
        sources: Sources,
        tokenizer: PreTrainedTokenizerFast,
        near: Mapping[str, Sequence[str]],
        held_out: frozenset[str],
    ) -> None:
        self._sources = sources
        self._tokenizer = tokenizer
        self._near = near
        self._held_out = held_out
        self._articles: dict[tuple[str, str], list[Paragraph]] = defaultdict(list)
        for paragraph in sources.paragraphs.values():
            self._articles[paragraph.article, paragraph.lang].append(paragraph)
        self._pools = {
            name: [each for each in questions if self._is_open(each)] for name, questions in self._all()
        }
        self._asked: dict[tuple[str, str], list[str]] = defaultdict(list)
        for questions in (*self._pools.values(), sources.documents):
            for each in questions:
                self._asked[each.paragraph.article, each.lang].append(each.text)
        self._everything = [p for p in sources.paragraphs.values() if p.article not in held_out]
        self._parallel = [
            number for number, langs in sources.parallel.items() if self._is_open(next(iter(langs.values())))
        ]
        self._kinds: Mapping[str, tuple[float, Callable[[random.Random], Group]]] = {
            **{
                name: (weight, lambda rng, name=name: self._public(name, rng))  # type: ignore[misc]
                for name, weight in SETS.items()
                if self._pools.get(name)
            },
            "cross": (8.0, self._cross),
            "korean": (4.0, self._korean),
            "news": (8.0, self._news),
            "gaps": (5.0, self._gap),
            "claims": (3.0, self._claim),
            "news claims": (4.0, self._news_claim),
            **({"own": (6.0, self._own)} if sources.documents else {}),
        }

    def _all(self) -> Iterator[tuple[str, Sequence[Question]]]:
        yield from self._sources.single.items()
        yield "xquad", [each for langs in self._sources.parallel.values() for each in langs.values()]

    def _is_open(self, question: Question) -> bool:
        return question.paragraph.article not in self._held_out

    def draw(self, rng: random.Random) -> Group:
        """Return the next group."""
        names = list(self._kinds)
        weights = [self._kinds[name][0] for name in names]
        while True:
            group = self._kinds[rng.choices(names, weights)[0]][1](rng)
            if group:
                return group

    # --- questions --------------------------------------------------------------

    def _public(self, name: str, rng: random.Random) -> Group:
        return self._group(rng.choice(self._pools[name]), rng)

    def _cross(self, rng: random.Random) -> Group:
        """Return a question in one language on a paragraph in another."""
        langs = self._sources.parallel[rng.choice(self._parallel)]
        asked, read = rng.sample(sorted(langs), 2)
        return self._group(replace(langs[read], text=langs[asked].text, lang=asked, source="cross"), rng)

    def _korean(self, rng: random.Random) -> Group:
        answerable = rng.random() < 0.75
        number, text = rng.choice(self._sources.korean[answerable])
        langs = self._sources.parallel.get(number)
        if not langs or not self._is_open(next(iter(langs.values()))):
            return []
        lang = rng.choice(sorted(langs))
        question = replace(langs[lang], text=text, lang="ko", source="korean")
        return self._group(question if answerable else replace(question, answer=None), rng)

    def _news(self, rng: random.Random) -> Group:
        news = self._sources.news
        row = rng.choice(news.questions)
        lang = rng.choices([row["lang"], "ko", "en", rng.choice(sorted(news.lines))], [0.35, 0.2, 0.15, 0.3])[
            0
        ]
        span, exact = (row["own"], True) if lang == row["lang"] else (None, False)
        if lang == "en":
            span, exact = row["en"], True
        near = news.around(row["line"], rng.randint(0, 4), rng.randint(0, 4))
        text, starts = _joined([news.lines[lang][n] for n in near])
        here = starts[row["line"] - near.start]
        whole = (0, len(news.lines[lang][row["line"]]))
        answer = None
        if row["own"] is not None:
            start, end = span if exact else whole
            answer = (here + start, here + end)
        paragraph = Paragraph("", lang, f"news/{news.document[row['line']]}", text)
        question = Question("news", row["lang"], row["question"], paragraph, answer, exact)
        group = self._encoded(question, rng)
        if answer and group:
            group += self._news_miss(question, row["line"], lang, rng)
        return group

    def _news_miss(self, question: Question, line: int, lang: str, rng: random.Random) -> Group:
        """Return the question on what stands around it without the line that answers, or elsewhere."""
        news = self._sources.news
        if rng.random() < 0.6:
            left = [n for n in news.around(line, 6, 6) if n != line]
        else:
            other = rng.randrange(len(news.document))
            if news.document[other] == news.document[line]:
                return []
            left = list(news.around(other, 2, 3))
        if not left:
            return []
        text, _ = _joined([news.lines[lang][n] for n in left])
        paragraph = replace(question.paragraph, text=text)
        return self._encoded(replace(question, paragraph=paragraph, answer=None), rng)

    def _gap(self, rng: random.Random) -> Group:
        """Return a line of the news with a number or name left out, on its translation, which has it.

        There are few parallel questions; lines are parallel in all languages, and what is
        written alike in two of them is an answer whose place is known.
        """
        news = self._sources.news
        asked, read = rng.sample(sorted(news.lines), 2)
        line = rng.randrange(len(news.document))
        said, there = news.lines[asked][line], news.lines[read][line]
        gaps, answers = _once(said), _once(there)
        alike = sorted(gaps.keys() & answers.keys())
        if not alike:
            return []
        word = rng.choice(alike)
        near = news.around(line, rng.randint(0, 3), rng.randint(0, 3))
        text, starts = _joined([news.lines[read][n] for n in near])
        here = starts[line - near.start] + answers[word]
        paragraph = Paragraph("", read, f"news/{news.document[line]}", text)
        left = f"{said[: gaps[word]]}…{said[gaps[word] + len(word) :]}"
        question = Question("gaps", asked, left, paragraph, (here, here + len(word)))
        group = self._encoded(question, rng)
        return group + self._news_miss(question, line, read, rng) if group and rng.random() < 0.5 else group

    def _own(self, rng: random.Random) -> Group:
        return self._group(rng.choice(self._sources.documents), rng)

    def _group(self, question: Question, rng: random.Random) -> Group:
        """Return the question on its paragraph, and mostly on another that does not answer it."""
        group = self._encoded(question, rng)
        if not group or question.answer is None or rng.random() < 0.25:
            return group
        other = self._miss(question, rng)
        if other is None:
            return group
        return group + self._encoded(replace(question, paragraph=other, answer=None), rng)

    def _miss(self, question: Question, rng: random.Random) -> Paragraph | None:
        """Return a passage that does not answer: near by subject, by search, by its words, or not at all."""
        paragraph = question.paragraph
        assert question.answer is not None
        said = paragraph.text[slice(*question.answer)].casefold()
        way = rng.random()
        if way < 0.25:
            return _without(paragraph, question.answer)
        if way < 0.6:
            pool = [p for p in self._articles[paragraph.article, paragraph.lang] if p.key != paragraph.key]
        elif way < 0.9:
            keys = self._near.get(paragraph.key, ())
            pool = [self._sources.paragraphs[key] for key in keys if key != paragraph.key]
        else:
            pool = []
        pool = pool or [rng.choice(self._strangers(paragraph))]
        pool = [p for p in pool if said not in p.text.casefold() and p.article not in self._held_out]
        return rng.choice(pool) if pool else None

    def _strangers(self, paragraph: Paragraph) -> Sequence[Paragraph]:
        own = [each.paragraph for each in self._sources.documents] if paragraph.title else []
        return own or self._everything

    def _encoded(self, question: Question, rng: random.Random) -> Group:
        often = 0.8 if question.paragraph.title else 0.4
        title = self._title(question.paragraph, rng) if rng.random() < often else ""
        if rng.random() < AFTER_ANOTHER:
            question = replace(question, text=f"{self._before(question, rng)} {question.text}")
        example = encode(self._tokenizer, question, title, rng.choice(WINDOWS), rng)
        return [example] if example else []

    def _before(self, question: Question, rng: random.Random) -> str:
        """Return a question that was asked before: on the same article, or on something else."""
        asked = self._asked.get((question.paragraph.article, question.lang), ())
        others = [text for text in asked if text != question.text]
        if others and rng.random() < 0.7:
            return rng.choice(others)
        return rng.choice(self._pools[rng.choice(sorted(self._pools))]).text

    def _title(self, paragraph: Paragraph, rng: random.Random) -> str:
        """Return the title of a passage; if it has none, the beginning of its article stands in."""
        if paragraph.title:
            return paragraph.title
        article = self._articles.get((paragraph.article, paragraph.lang))
        text = article[0].text if article else paragraph.text
        return text[: rng.randint(8, 60)]

    # --- claims -----------------------------------------------------------------

    def _claim(self, rng: random.Random) -> Group:
        claims = self._sources.claims
        name = rng.choices(list(CLAIM_SETS), list(CLAIM_SETS.values()))[0]
        return [_claim_example(self._tokenizer, rng.choice(claims[name]))]

    def _news_claim(self, rng: random.Random) -> Group:
        """Return a sentence of the news against a passage in any language: there, changed, or not there."""
        news = self._sources.news
        langs = sorted(news.lines)
        lang, read = (
            rng.choice(["ko", "en", "ja", "zh", rng.choice(langs)]),
            rng.choice(["ko", "en", rng.choice(langs)]),
        )
        line = rng.randrange(len(news.document))
        text, label = news.lines[lang][line], 0
        if news.claims and rng.random() < 0.6:
            row = rng.choice(news.claims)
            line, text, label = row["line"], row["claim"], row["label"]
        elif rng.random() < 0.35:
            text, label = _other_number(text, rng), 1
            if text == news.lines[lang][line]:
                label = 0
        near = news.around(line, rng.randint(0, 2), rng.randint(0, 2))
        kept = list(near)
        if label == 0 and rng.random() < 0.4:
            kept, label = [n for n in news.around(line, 4, 4) if n != line], 2
        if not kept:
            return []
        passage, _ = _joined([news.lines[read][n] for n in kept])
        return [_claim_example(self._tokenizer, Claim("news", text, passage, label))]


SETS = {
    "jsquad": 3.0,
    "cmrc": 2.2,
    "drcd": 1.8,
    "xquad": 2.0,
    "es2": 2.6,
    "piaf": 1.0,
    "it": 1.0,
    "arcd": 0.4,
}
# Numbers, and words in Latin letters.
_ALIKE = re.compile(r"\d+(?:[.,:]\d+)*|[A-Za-z\u00c0-\u024f]{3,}")
CLAIM_SETS = {"indonli": 2.0, "farstail": 1.5, "jnli": 2.0, "klue-nli": 2.5, "own": 2.5}


def _once(text: str) -> dict[str, int]:
    """Return where the numbers and names stand that *text* has once."""
    found = list(_ALIKE.finditer(text))
    words = [each[0] for each in found]
    return {each[0]: each.start() for each in found if words.count(each[0]) == 1}


def _joined(lines: Sequence[str]) -> tuple[str, list[int]]:
    text, starts = "", []
    for line in lines:
        starts.append(len(text))
        text += line.strip("\r") + " "
    return text, starts


def _without(paragraph: Paragraph, answer: Span) -> Paragraph | None:
    """Return the paragraph without the sentence that answers; None if that leaves too little."""
    start = max((paragraph.text.rfind(stop, 0, answer[0]) for stop in ".。！？!?।"), default=-1) + 1
    ends = [end for stop in ".。！？!?।" if (end := paragraph.text.find(stop, answer[1])) >= 0]
    rest = paragraph.text[:start] + paragraph.text[min(ends, default=len(paragraph.text) - 1) + 1 :]
    return replace(paragraph, key="", text=rest) if len(rest) > 80 else None


def _other_number(text: str, rng: random.Random) -> str:
    """Return *text* with one of its numbers changed."""
    places = [i for i, char in enumerate(text) if char.isdecimal()]
    if not places:
        return text
    place = rng.choice(places)
    digit = rng.choice([d for d in "123456789" if d != text[place]])
    return text[:place] + digit + text[place + 1 :]


def encode(
    tokenizer: PreTrainedTokenizerFast, question: Question, title: str, window: int, rng: random.Random
) -> Example | None:
    """Return the example of *question* on a window of its paragraph; None if no window holds the answer."""
    asked = tokenizer(question.text, add_special_tokens=False)["input_ids"][-QUESTION_TOKENS:]
    above = tokenizer(title, add_special_tokens=False)["input_ids"][:TITLE_TOKENS] if title else []
    read = tokenizer(question.paragraph.text, add_special_tokens=False, return_offsets_mapping=True)
    ids, offsets = read["input_ids"], read["offset_mapping"]
    inside = []
    if question.answer:
        start, end = question.answer
        inside = [i for i, (a, b) in enumerate(offsets) if b > start and a < end]
        if not inside or inside[-1] - inside[0] >= window:
            return None
    first = 0
    if len(ids) > window:
        low, high = (
            (max(0, inside[-1] - window + 1), min(inside[0], len(ids) - window))
            if inside
            else (0, len(ids) - window)
        )
        first = rng.randint(low, max(low, high))
    body = ids[first : first + window]
    front = [BOS, *asked, EOS, EOS, *above]
    places = [len(front) + i - first for i in inside]
    starts, ends = (places[:1], places[-1:]) if question.exact else (places, places)
    return Example(
        [*front, *body, EOS],
        len(front),
        starts or [0],
        ends or [0],
        int(bool(places)),
        source=question.source,
    )


def _claim_example(tokenizer: PreTrainedTokenizerFast, claim: Claim) -> Example:
    said = tokenizer(claim.text, add_special_tokens=False)["input_ids"][: 2 * QUESTION_TOKENS]
    above = (
        tokenizer(claim.title, add_special_tokens=False)["input_ids"][:TITLE_TOKENS] if claim.title else []
    )
    read = tokenizer(claim.passage, add_special_tokens=False)["input_ids"][:256]
    front = [BOS, *said, EOS, EOS, *above]
    return Example([*front, *read, EOS], len(front), [0], [0], -1, claim.label, claim.source)
