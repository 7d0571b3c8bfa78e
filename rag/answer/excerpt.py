"""What of one passage is quoted for the words that answer: neither half of a thing nor its neighbours.

A row comes alone, and it is the one that the question names; a list comes whole if it is
the answer, an item alone if it is; code comes with the sentence that introduces it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.answer.named import held, named
from rag.answer.parts import Part, touched
from rag.text.characters import fold, is_unspaced, tokens
from rag.types import Span

__all__ = ["MAX_ITEMS", "Bounds", "Excerpt"]

Bounds = tuple[int, int]

# Items or rows that are quoted of one list.
MAX_ITEMS = 12
# Two items of one list within this of each other: the list is the answer.
_ALIKE = 2.0
# What a sentence leads to is brought if words in it may answer at all.
_MARGIN = 8.0
_WHOLE = 0.8
# Words of the question in the introduction of a list, from which on the list is asked for.
_ASKED = 2
_MARKER = re.compile(r"\s*(?:[^\w\s(（\[]{1,2}|[(（]?\w{1,5}[.)）、．])\s*")
_DIGIT = re.compile(r"\d")
# What a row, an item or a clause is about: "Boat: Otter; Seats: 2", "Low season: from October".
_NAME = re.compile(r"(?:[^:;\n]{1,60}: (?=[^;\n]*; ))?([^:;：\n]{1,60})(?=[;:：])")
_COLON = re.compile(r"[:：]\s*$")


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A passage, cut, with what was read in it.

    Attributes:
        above: Its title and headings.
        topic: Those of them that tell what it is about.
        words: Those that are not in what stands above the passage: they tell what of it it is about.
        spans: Words that may answer, best first.
    """

    text: str
    parts: Sequence[Part]
    question: str
    above: str
    topic: frozenset[str]
    words: frozenset[str]
    spans: Sequence[Span]

    @property
    def asked(self) -> frozenset[str]:
        """The words of the question."""
        return frozenset(tokens(self.question))

    def quotes(self, span: Span) -> list[Bounds]:
        """Return what is to be quoted for the words of *span*, the best first; usually one stretch."""
        found = touched(self.parts, span)
        heads = [part for part in found if part.kind == "heading"]
        below = [part for part in found if part.kind != "heading"]
        is_told = not below or (found[0] == heads[0] and self._is_fresh(heads[-1])) if heads else False
        told = [(heads[-1].start, heads[-1].end)] if is_told else []
        if run := next((part.run for part in below if part.run), 0):
            equals = [part for part in self.parts if part.run == run]
            told += self._of_equals(equals, [part for part in below if part.run == run], span)
        else:
            told += [bounds for part in self._saying_most(below) for bounds in self._of_one(part)]
        return self._merged(told)

    def more(self, start: int, end: int) -> int:
        """Return how many items of its list a quotation leaves out, if it holds as many as are quoted."""
        told = [part.run for part in self.parts if part.run and start <= part.start and part.end <= end]
        return sum(part.run in told for part in self.parts) - len(told) if len(told) >= MAX_ITEMS else 0

    def _is_fresh(self, part: Part) -> bool:
        """Tell whether a heading says more than the question does."""
        return not self.asked.issuperset(tokens(self._text(part)))

    def _of_equals(self, equals: Sequence[Part], found: Sequence[Part], span: Span) -> list[Bounds]:
        """Return which of *equals* to quote where the words of *span* are in those *found*."""
        picked = self._named(equals)
        if equals[0].kind != "item" or self._is_numbered(picked):
            return [(part.start, part.end) for part in picked] or [_around(found[:MAX_ITEMS])]
        if picked and (len(found) > 1 or span.end <= self._content(found[0])):
            # Which step, the first or the next: what is named comes with what stands beside it.
            return [_beside(equals, picked)]
        if len(found) > 1 or (found[0] not in picked and self._is_list(equals, found[0], span)):
            return [self._whole(equals, found)]
        if picked and equals.index(found[0]) == equals.index(picked[-1]) + 1:
            return [_around([picked[-1], *found])]
        return [(part.start, part.end) for part in picked or found]

    def _named(self, equals: Sequence[Part]) -> list[Part]:
        """Return which of *equals* the question names, by other words than those of what introduces them."""
        lead = self._lead(equals[0]) if equals[0].kind == "item" else None
        words = self.words - held(self.words, self._text(lead)) if lead else self.words
        contents = [self.text[self._content(part) : part.end] for part in equals]
        names = [_NAME.match(content) for content in contents]
        if all(content.count("; ") == 1 for content in contents):
            # Of pairs the first names the second: "Item: Rent; Amount: 400".
            contents = [content.partition("; ")[0] for content in contents]
        each_held = [
            held(words, content) | (self._held_name(name[1]) if name else frozenset())
            for content, name in zip(contents, names, strict=True)
        ]
        return [equals[place] for place in named(each_held)]

    def _held_name(self, name: str) -> frozenset[str]:
        """Return which words of the question, short ones too, are in what a row, item or clause is called."""
        whole = fold(name)
        is_said = is_unspaced(whole[:1]) and whole in fold(self.question)
        return held(self.asked - held(self.asked, self.above), name) | frozenset([whole] * is_said)

    def _text(self, part: Part) -> str:
        return self.text[part.start : part.end]

    def _is_numbered(self, picked: Sequence[Part]) -> bool:
        """Tell whether the question names *picked* by a number or a code."""
        codes = {word for word in self.words if _DIGIT.search(word)}
        return any(held(codes, self.text[self._content(part) : part.end]) for part in picked)

    def _content(self, part: Part) -> int:
        """Return where what an item says begins, behind its bullet or number."""
        marker = _MARKER.match(self.text, part.start, part.end) if part.kind == "item" else None
        return marker.end() if marker else part.start

    def _is_list(self, equals: Sequence[Part], part: Part, span: Span) -> bool:
        """Tell whether *equals* answer together where the words of *span* are in *part*, one of them.

        They do if the words are its number, or all of it, if others answer as surely, or if
        the question asks for what introduces them.
        """
        start = self._content(part)
        if span.end <= start:
            return True
        sure = [span for span in self.spans if span.score > self.spans[0].score - _ALIKE]
        is_spread = len({part for span in sure for part in touched(equals, span)}) > 1
        lead = self._lead(equals[0])
        is_asked = lead is not None and len(held(self.topic, self._text(lead))) >= _ASKED
        covered = min(span.end, part.end) - max(span.start, start)
        is_element = self.parts[0] != equals[0] and covered >= _WHOLE * (part.end - start)
        return is_spread or is_asked or is_element

    def _whole(self, equals: Sequence[Part], found: Sequence[Part]) -> Bounds:
        """Return the list with its introduction, or as much of it from *found* on as is quoted."""
        first = equals.index(found[0]) if equals.index(found[0]) >= MAX_ITEMS else 0
        lead = None if first else self._lead(equals[0])
        return _around([lead or equals[first], *equals[first : first + MAX_ITEMS]])

    def _lead(self, part: Part) -> Part | None:
        """Return the sentence right before *part*."""
        place = self.parts.index(part)
        before = self.parts[place - 1] if place else None
        return before if before and before.kind == "text" else None

    def _saying_most(self, found: Sequence[Part]) -> list[Part]:
        """Return *found* without those that hold less of the question than another of them does."""
        each_held = {part: held(self.words, self._text(part)) for part in found}
        return [
            part
            for part in found
            if part.kind != "text" or not any(each_held[part] < other for other in each_held.values())
        ]

    def _of_one(self, part: Part) -> list[Bounds]:
        """Return a part that is none of equals, with what it introduces or is introduced by."""
        if part.kind == "code":
            return [_around([self._lead(part) or part, part])]
        led = self._led(part)
        if not led:
            return [(part.start, part.end)]
        if led[0].kind == "row":
            return [(part.start, part.end), *self._of_equals(led, led, self.spans[0])]
        return [_around([part, *led[:MAX_ITEMS]])]

    def _led(self, part: Part) -> list[Part]:
        """Return the list, table or code to which the sentence *part* leads."""
        place = self.parts.index(part) + 1
        if part.kind != "text" or place == len(self.parts) or self.parts[place].kind in ("text", "heading"):
            return []
        first = self.parts[place]
        led = [each for each in self.parts if each == first or (first.run and each.run == first.run)]
        sure = [span for span in self.spans if span.score > self.spans[0].score - _MARGIN]
        # What stands right above code or a formula introduces it, with a colon or with a full stop.
        is_led = first.kind == "code" or _COLON.search(self.text, part.start, part.end)
        return led if is_led or any(touched(led, span) for span in sure) else []

    def _merged(self, bounds: Sequence[Bounds]) -> list[Bounds]:
        """Join stretches that nothing or only white space parts."""
        joined: list[Bounds] = []
        for start, end in bounds:
            if joined and not self.text[joined[-1][1] : start].strip():
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined


def _beside(equals: Sequence[Part], picked: Sequence[Part]) -> Bounds:
    """Return the first of *picked* with the one before and the one after it."""
    place = equals.index(picked[0])
    return _around(equals[max(0, place - 1) : place + 2])


def _around(parts: Sequence[Part]) -> Bounds:
    return parts[0].start, parts[-1].end
