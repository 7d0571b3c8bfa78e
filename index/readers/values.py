"""Nested values (of JSON, YAML and XML) become text: paths as headings, one line a value.

A list of objects is a table: a line each, every value beside its key. What is nested
deeper stands below a heading that names the way to it: "## server > limits".
"""

from collections.abc import Iterator, Mapping, Sequence

from rag.index.reading import MAX_CHARS, Block, Unreadable

__all__ = ["Value", "blocks"]

Value = str | int | float | bool | None | Sequence["Value"] | Mapping[str, "Value"]

MAX_DEPTH = 60
_MAX_VALUES = 1_000_000


def blocks(value: Value) -> Iterator[Block]:
    """Yield the text of *value*.

    Raises:
        Unreadable: It is nested too deep, or refers to itself to become too much.
    """
    yield from _Walk().blocks(value, ())


class _Walk:
    def __init__(self) -> None:
        self._values = 0
        self._length = 0

    def blocks(self, value: Value, path: tuple[str, ...]) -> Iterator[Block]:
        self._check(path)
        if isinstance(value, Mapping):
            yield from self._object(value, path)
        elif _is_list(value):
            yield from self._list(value, path)
        else:
            yield Block(self._shown(value))

    def _object(self, value: Mapping[str, Value], path: tuple[str, ...]) -> Iterator[Block]:
        """Yield the plain values of an object, then what is nested in it."""
        plain = {key: each for key, each in value.items() if _is_plain(each)}
        yield from (Block(f"{key}: {self._shown(each)}", kind="item") for key, each in plain.items())
        for key, each in value.items():
            if key not in plain:
                inner = (*path, " ".join(str(key).split()))
                yield Block("#" * min(len(inner), 6) + " " + " > ".join(inner))
                yield from self.blocks(each, inner)

    def _list(self, value: Sequence[Value], path: tuple[str, ...]) -> Iterator[Block]:
        """Yield a line an item; items that hold more than lines are numbered below the list."""
        for number, each in enumerate(value, start=1):
            if isinstance(each, Mapping) and all(map(_is_plain, each.values())):
                line = "; ".join(
                    f"{key}: {shown}" for key, one in each.items() if (shown := self._shown(one))
                )
                yield Block(line, kind="row")
            elif isinstance(each, Mapping) or (_is_list(each) and not _is_plain(each)):
                inner = (*path[:-1], f"{path[-1]} {number}" if path else str(number))
                yield Block("#" * min(len(inner), 6) + " " + " > ".join(inner))
                yield from self.blocks(each, inner)
            else:
                yield Block(f"- {self._shown(each)}", kind="item")

    def _shown(self, value: Value) -> str:
        self._check(())
        if _is_list(value):
            text = ", ".join(self._shown(each) for each in value)
        elif isinstance(value, bool):
            text = "true" if value else "false"
        else:
            text = "" if value is None else str(value)
        self._length += len(text)
        return text

    def _check(self, path: tuple[str, ...]) -> None:
        self._values += 1
        if len(path) > MAX_DEPTH:
            raise Unreadable(f"is nested deeper than {MAX_DEPTH} levels. Split it")
        if self._values > _MAX_VALUES or self._length > MAX_CHARS:
            raise Unreadable(f"holds more than {_MAX_VALUES:,} values. Split it, or save it as a database")


def _is_list(value: Value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_plain(value: Value) -> bool:
    """Tell whether *value* fits on the line of its key: no object, no list of more than short words."""
    if isinstance(value, Mapping):
        return False
    if not _is_list(value):
        return True
    assert isinstance(value, Sequence)
    return len(value) <= 50 and not any(
        isinstance(each, Mapping) or _is_list(each) or len(str(each)) > 100 for each in value
    )
