"""What differs between two runs: documents, pairs and settings, by name. Pure."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from rag.eval.pairs import Pair
from rag.types import Document

__all__ = ["Changes", "Subject", "changes", "pair_changes", "same_text", "subject_of"]

# Neither decides whether an answer is right: renumbering a file, or taking the mark
# off a draft, makes no other question of it.
_NOT_JUDGED = {"id", "draft"}
_LISTED = 20


@dataclass(frozen=True, slots=True)
class Subject:
    """What was judged.

    Attributes:
        documents: SHA-256 of each file by document id.
        pairs: Fingerprint of all pairs together.
        settings: What the answers depend on, by name.
    """

    documents: Mapping[str, str]
    pairs: str
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Changes:
    """Names that only the later run has, that have another content in it, and that only the earlier has."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def lines(self, what: str) -> Iterator[str]:
        """Yield for example ``documents changed: a.txt, b.txt``, for each kind of change there is."""
        for kind in ("added", "changed", "removed"):
            if found := getattr(self, kind):
                more = [f"and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
                yield f"{what} {kind}: {', '.join([*found[:_LISTED], *more])}"


def subject_of(documents: Iterable[Document], pairs: Iterable[Pair], settings: Mapping[str, str]) -> Subject:
    """Return what a run judges. The order of documents and pairs is no part of it."""
    texts = sorted(pair.model_dump_json(by_alias=True) for pair in pairs)
    return Subject(
        documents={each.doc_id: each.sha256 for each in sorted(documents, key=lambda each: each.doc_id)},
        pairs=hashlib.sha256("\0".join(texts).encode()).hexdigest(),
        settings=dict(sorted(settings.items())),
    )


def changes(before: Mapping[str, str], now: Mapping[str, str]) -> Changes:
    """Compare two mappings of names to contents."""
    return Changes(
        added=tuple(sorted(now.keys() - before.keys())),
        changed=tuple(sorted(name for name in now.keys() & before.keys() if now[name] != before[name])),
        removed=tuple(sorted(before.keys() - now.keys())),
    )


def same_text(pairs: Iterable[Pair], others: Iterable[Pair]) -> Mapping[str, str]:
    """Return by the id of each of *pairs* the id of the one of *others* that asks for the same.

    The one with the same id if it does, for a question may stand in a file twice.
    """
    by_id = {each.id: _text(each) for each in others}
    by_text = {text: name for name, text in by_id.items()}
    found = {}
    for pair in pairs:
        text = _text(pair)
        if text in by_text:
            found[pair.id] = pair.id if by_id.get(pair.id) == text else by_text[text]
    return found


def _text(pair: Pair) -> str:
    return pair.model_dump_json(include=Pair.model_fields.keys() - _NOT_JUDGED)


def pair_changes(before: Sequence[Pair], now: Sequence[Pair], same: Mapping[str, str]) -> Changes:
    """Compare two sets of pairs by id, without those that are the *same* in both."""
    kept = set(same.values())
    return changes(
        {each.id: _text(each) for each in before if each.id not in kept},
        {each.id: _text(each) for each in now if each.id not in same},
    )
