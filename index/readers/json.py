"""JSON and JSON Lines become text: see `rag.index.readers.values`."""

import json

from rag.index.readers.text import decoded
from rag.index.readers.values import Value, blocks
from rag.index.reading import Reading, Unreadable, compose

__all__ = ["read"]


def read(data: bytes) -> Reading:
    """Read one value, or one a line; lines that are none are counted in `Reading.left_out`.

    Raises:
        Unreadable: It is no JSON, or nested too deep.
    """
    text, doubt = decoded(data)
    left_out: tuple[str, ...] = ()
    value: Value
    try:
        value = json.loads(text)
    except ValueError as exc:
        value, bad = _lines(text)
        if not value:
            raise Unreadable(f"is not JSON ({exc}). Mend it, or name it .txt") from exc
        left_out = (f"{bad:,} lines that are no JSON",) if bad else ()
    title = value.get("title") if isinstance(value, dict) else ""
    made = compose(blocks(value))
    return Reading(made.text, title=title if isinstance(title, str) else "", doubt=doubt, left_out=left_out)


def _lines(text: str) -> tuple[list[Value], int]:
    values: list[Value] = []
    bad = 0
    for line in text.splitlines():
        try:
            values += [json.loads(line)] if line.strip() else []
        except ValueError:
            bad += 1
    return values, bad
