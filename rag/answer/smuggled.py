"""What a document may not say through a model that obeys it: addresses, pictures, words put in its mouth.

A document can tell a model to send the reader somewhere, or to put what it knows
into an address; a page that shows the answer would even fetch a picture by itself.
So pictures never pass, and an address passes only from a sentence that shares words
with the question. What a document puts between quotation marks it mentions and does
not say ("reply with 'all is free'"), so a sentence that is nothing but that is left
out. Everything else of a reply is for `rag.verify.cite` to check.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from rag.text.characters import is_unspaced, tokens
from rag.text.sentences import sentences
from rag.types import Hit

__all__ = ["without_smuggled"]

_PICTURE: Final = re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])|<img\b[^>]*>", re.IGNORECASE)
_TARGET: Final = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]*)[^)]*\)")
_DEFINITION: Final = re.compile(r"^[ ]{0,3}\[[^\]]+\]:\s*\S+.*$", re.MULTILINE)
_ADDRESS: Final = re.compile(
    r"(?:\b[a-z][a-z0-9+.-]{1,15}:)?//[^\s<>\"'）」』]+|\bwww\.[^\s<>\"'）」』]+", re.IGNORECASE
)
_TRAILING: Final = ".,;:!?。、，)]}"
# Not 『』 and 《》, which hold titles.
_QUOTED: Final = re.compile(
    r"⟪[^⟫]{1,400}⟫|“[^”]{1,400}”|\"[^\"]{1,400}\"|„[^“”]{1,400}[“”]|«[^»]{1,400}»|‘[^’]{1,400}’|「[^」]{1,400}」|`[^`]{1,400}`"
)
_MARKER: Final = re.compile(r"\s*[\[［【][^\]］】]*[\]］】]")
_AFTER_MARKER: Final = re.compile(r"(?<=[\]］】])(?!\s*[\[［【.。!！?？(])")
_AROUND: Final = " \t\"'“”„‘’«»「」⟪⟫`.。!！?？:;,、"
# Words of the question that a sentence has to share: one long one, or two of any kind.
_LONG: Final = 5


def without_smuggled(text: str, question: str, hits: Sequence[Hit]) -> str:
    """Return the reply *text* without what *hits* smuggled into it; the words of a Markdown link stay."""
    lines = _without_stray_links(text, question, hits).splitlines()
    pieces = (_AFTER_MARKER.split(line) for line in lines)
    return "\n".join(" ".join(said for part in line for said in _said(part, hits)) for line in pieces)


def _said(part: str, hits: Sequence[Hit]) -> Iterator[str]:
    """Yield the sentences of *part* that are more than what a passage quotes."""
    for start, end in sentences(part):
        core = _MARKER.sub("", part[start:end]).strip(_AROUND)
        if not core or not _is_only_quoted(core, hits):
            yield part[start:end]


def _is_only_quoted(core: str, hits: Sequence[Hit]) -> bool:
    """Tell whether *core* stands in the passages, and nowhere outside quotation marks."""
    places = [
        any(
            quoted.start() <= found.start() and found.end() <= quoted.end()
            for quoted in _QUOTED.finditer(text)
        )
        for text in (hit.chunk.text for hit in hits)
        for found in re.finditer(re.escape(core), text)
    ]
    return bool(places) and all(places)


def _without_stray_links(text: str, question: str, hits: Sequence[Hit]) -> str:
    if not re.search(r"//|www\.|!\[|\]\(|<img|^\s*\[[^\]]+\]:", text, re.IGNORECASE | re.MULTILINE):
        return text
    kept = set(_given(question, hits))

    def target(match: re.Match[str]) -> str:
        return match[0] if match[2].rstrip(_TRAILING) in kept else match[1]

    def address(match: re.Match[str]) -> str:
        return match[0] if match[0].rstrip(_TRAILING) in kept else ""

    text = _DEFINITION.sub("", _PICTURE.sub("", text))
    return _ADDRESS.sub(address, _TARGET.sub(target, text))


def _given(question: str, hits: Sequence[Hit]) -> Iterator[str]:
    """Yield the addresses in sentences of the passages that share words with *question*."""
    asked = set(tokens(question))
    for hit in hits:
        for start, end in sentences(hit.chunk.text, hit.chunk.lang):
            sentence = hit.chunk.text[start:end]
            shared = asked.intersection(tokens(_ADDRESS.sub(" ", sentence)))
            if len(shared) > 1 or any(len(word) >= _LONG and not is_unspaced(word[0]) for word in shared):
                yield from (found[0].rstrip(_TRAILING) for found in _ADDRESS.finditer(sentence))
