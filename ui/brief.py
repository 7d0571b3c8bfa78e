"""Results cut to a number of bytes, each part whole: what a model reads costs its context."""

from typing import Any

from rag.ui.schemas import encode

__all__ = ["fitted"]

_SHORT = 280
# In the order in which they are dispensable.
_LISTS = ("history", "faults", "pages", "hits", "documents", "conflicts", "citations", "claims")


def fitted(fields: dict[str, Any], at_most: int) -> dict[str, Any]:
    """Return *fields* in at most *at_most* bytes of JSON; ``left_out`` counts the items that were dropped.

    First the passages are shortened, then lists lose their last items (a history its
    oldest turns), last of all the text its end.
    """
    told = dict(fields)
    if _size(told) > at_most and "hits" in told:
        told["hits"] = [_shortened(hit) for hit in told["hits"]]
    left_out: dict[str, int] = {}
    for name in _LISTS:
        items = list(told.get(name) or ())
        while items and _size({**told, name: items, "left_out": left_out}) > at_most:
            items.pop(0 if name == "history" else -1)
            left_out[name] = left_out.get(name, 0) + 1
        if name in told:
            told[name] = items
    if left_out:
        told["left_out"] = left_out
    while _size(told) > at_most and told.get("text"):
        over = _size(told) - at_most
        # A character takes four bytes at most, or six as an escape: a little is cut at a time.
        told["text"] = told["text"][: -max(1, over // 6)]
    return told


def _size(fields: dict[str, Any]) -> int:
    return len(encode(fields))


def _shortened(hit: dict[str, Any]) -> dict[str, Any]:
    text = hit["chunk"]["text"]
    return hit if len(text) <= _SHORT else {**hit, "chunk": {**hit["chunk"], "text": text[:_SHORT] + "…"}}
