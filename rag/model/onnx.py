"""ONNX models written byte by byte.

An ONNX file is a protocol buffer of a handful of messages. Writing them takes
less than installing the 31 MB package that does. Field numbers are those of
onnx.proto.
"""

import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["CONTRIB", "Graph", "Shape"]

CONTRIB = "com.microsoft"
"""Domain of the operators that ONNX Runtime adds to the standard ones."""

_IR_VERSION = 9
_OPSETS = {"": 19, CONTRIB: 1}
_FLOAT = 1
_TYPES = {np.dtype(np.float32): _FLOAT, np.dtype(np.uint8): 2, np.dtype(np.int8): 3, np.dtype(np.int64): 7}

Shape = Sequence[int | str]
"""A size that is a name may differ from call to call."""


class Graph:
    """Collects constants and nodes; names the values between them."""

    def __init__(self) -> None:
        self._nodes: list[bytes] = []
        self._constants: list[bytes] = []
        self._names = 0

    def constant(self, values: npt.NDArray[Any]) -> str:
        """Add an array and return its name."""
        name = self._new_name()
        sizes = b"".join(_integer(1, size) for size in values.shape)
        kind = _integer(2, _TYPES[values.dtype])
        self._constants.append(sizes + kind + _text(8, name) + _message(9, values.tobytes()))
        return name

    def node(
        self,
        operator: str,
        inputs: Sequence[str],
        domain: str = "",
        outputs: Sequence[str] = (),
        **attributes: int | float,
    ) -> str:
        """Add an operator and return the name of its first output; an absent input is ``""``."""
        outputs = outputs or [self._new_name()]
        fields = [
            *((1, name) for name in inputs),
            *((2, name) for name in outputs),
            (4, operator),
            (7, domain),
        ]
        named = b"".join(_text(field, text) for field, text in fields)
        self._nodes.append(named + b"".join(_message(5, _attribute(*pair)) for pair in attributes.items()))
        return outputs[0]

    def split(self, value: str, sizes: Sequence[int]) -> list[str]:
        """Cut a value along its last axis and return the names of the parts."""
        outputs = [self._new_name() for _ in sizes]
        self.node("Split", [value, self.constant(np.array(sizes))], outputs=outputs, axis=-1)
        return outputs

    def model(self, inputs: Mapping[str, Shape], outputs: Mapping[str, Shape]) -> bytes:
        """Return the graph as a model file; all inputs and outputs are float32."""
        parts = {1: self._nodes, 5: self._constants, 11: _values(inputs), 12: _values(outputs)}
        graph = _text(2, "graph") + b"".join(
            _message(field, part) for field, list_ in parts.items() for part in list_
        )
        opsets = [_text(1, domain) + _integer(2, version) for domain, version in _OPSETS.items()]
        return (
            _integer(1, _IR_VERSION) + _message(7, graph) + b"".join(_message(8, opset) for opset in opsets)
        )

    def _new_name(self) -> str:
        self._names += 1
        return f"v{self._names}"


def _values(shapes: Mapping[str, Shape]) -> list[bytes]:
    return [_text(1, name) + _message(2, _message(1, _tensor(shape))) for name, shape in shapes.items()]


def _tensor(shape: Shape) -> bytes:
    sizes = [_integer(1, size) if isinstance(size, int) else _text(2, size) for size in shape]
    return _integer(1, _FLOAT) + _message(2, b"".join(_message(1, size) for size in sizes))


def _attribute(name: str, value: int | float) -> bytes:
    if isinstance(value, float):
        return _text(1, name) + _varint(2 << 3 | 5) + struct.pack("<f", value) + _integer(20, 1)
    return _text(1, name) + _integer(3, value) + _integer(20, 2)


def _text(field: int, text: str) -> bytes:
    return _message(field, text.encode())


def _message(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _integer(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _varint(value: int) -> bytes:
    value &= (1 << 64) - 1  # negative numbers are written as their two's complement
    digits = bytearray()
    while value > 127:
        digits.append(value & 127 | 128)
        value >>= 7
    return bytes([*digits, value])
