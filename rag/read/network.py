"""The reader's network: the bundled encoder with its upper layers and heads replaced by trained ones.

The trained matrices are int8 with one scale for each output. The lower layers and the
vocabulary are those of the bundled model. As in `rag.model.graph`, the marks between
the texts are calculated apart from the other tokens: their single large activations
would blur everything that shares their scale.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import WeightsError
from rag.model.graph import Linear, blockwise, int8, trunk
from rag.model.onnx import CONTRIB, Graph
from rag.model.session import int8_saturates
from rag.model.weights import Weights, read_weights
from rag.types import Matrix

__all__ = ["FILE", "MARKS", "READER_SHA256", "Trained", "network", "read_trained"]

FILE = Path(__file__).with_name("reader.npz")
READER_SHA256 = "b28fa0e7776c7e3f4389cf5cea4b2277c66b03f5a460179d6e6f9c204191382f"

MARKS = 4
"""Marks at the front: begin, two between question and passage, end."""

_BLOCK = 32
_MIDDLE = 128  # unsigned 8-bit blocks are stored around it
_HEADS = ("span", "verdict", "claim")

Arrays = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class Trained(Weights):
    """The bundled weights under the trained ones; `vector` gives the trained one where there is one.

    Attributes:
        base: The bundled weights alone, whose vocabulary is that of the reader, too.
    """

    arrays: Arrays
    base: Weights

    def vector(self, name: str) -> Matrix:
        """Return a float32 tensor, flat."""
        found: Matrix | None = self.arrays.get(name)
        # super() without arguments fails in a dataclass with slots: the class is made twice.
        return Weights.vector(self, name) if found is None else found


def read_trained(path: Path = FILE) -> Trained:
    """Return the weights of the reader.

    Raises:
        WeightsError: The file is missing, unreadable or has another sha256.
    """
    remedy = "Reinstall citewise."
    try:
        found = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as exc:
        raise WeightsError(f"The reader's weights in {str(path)!r} cannot be read: {exc}. {remedy}") from exc
    if found != READER_SHA256:
        raise WeightsError(f"The reader's weights in {str(path)!r} are damaged: sha256 {found}. {remedy}")
    with np.load(path) as file:
        arrays = dict(file)
    base = read_weights()
    return Trained(**{each.name: getattr(base, each.name) for each in fields(base)}, arrays=arrays, base=base)


def network(weights: Trained) -> bytes:
    """Return the model: input ``vectors`` (1, tokens, hidden), marks first.

    Outputs: ``spans`` (1, tokens, 2), logits of begin and end; ``verdict`` (1, 2), of
    answering and of relevance; ``claim`` (1, 3), of supported, contradicted, neither.
    """
    graph = Graph()
    linears: tuple[Linear, ...] = (_marks,) if int8_saturates() else (_marks, _rest)
    states = trunk(graph, weights, linears, MARKS)
    joined = graph.node("Concat", states, axis=1)
    front = [graph.constant(np.array([n])) for n in (0, 1, 1)]
    begin = graph.node("Squeeze", [graph.node("Slice", [joined, *front]), front[1]])
    for head, state, output in zip(
        _HEADS, (joined, begin, begin), ("spans", "verdict", "claim"), strict=True
    ):
        matrix = graph.constant(np.ascontiguousarray(weights.arrays[f"{head}.w"].T))
        product = graph.node("MatMul", [state, matrix])
        graph.node("Add", [product, graph.constant(weights.arrays[f"{head}.b"])], outputs=[output])
    return graph.model(
        {"vectors": [1, "tokens", weights.hidden]},
        {"spans": [1, "tokens", 2], "verdict": [1, 2], "claim": [1, 3]},
    )


def _marks(graph: Graph, weights: Weights, names: Sequence[str], state: str, columns: int) -> str:
    """Multiply in blocks of 32, each with its own scale: for the marks, and where int8 saturates."""
    assert isinstance(weights, Trained)
    if f"{names[0]}.s" not in weights.arrays:
        return blockwise(graph, weights, names, state, columns)
    matrix, scales, bias = _stacked(weights.arrays, names)
    blocks = (matrix.astype(np.int16) + _MIDDLE).astype(np.uint8).reshape(len(matrix), -1, _BLOCK)
    each = np.repeat(scales[:, np.newaxis], columns // _BLOCK, axis=1)
    constants = [graph.constant(blocks), graph.constant(each), "", "", graph.constant(bias)]
    return graph.node(
        "MatMulNBits",
        [state, *constants],
        CONTRIB,
        K=columns,
        N=len(matrix),
        bits=8,
        block_size=_BLOCK,
        accuracy_level=4,
    )


def _rest(graph: Graph, weights: Weights, names: Sequence[str], state: str, columns: int) -> str:
    """Multiply in int8, one scale for each output and one for all of *state*."""
    assert isinstance(weights, Trained)
    if f"{names[0]}.s" not in weights.arrays:
        return int8(graph, weights, names, state, columns)
    matrix, scales, bias = _stacked(weights.arrays, names)
    constants = [
        graph.constant(np.ascontiguousarray(matrix.T)),
        graph.constant(scales),
        "",
        graph.constant(bias),
    ]
    return graph.node("DynamicQuantizeMatMul", [state, *constants], CONTRIB)


def _stacked(arrays: Arrays, names: Sequence[str]) -> tuple[npt.NDArray[np.int8], Matrix, Matrix]:
    matrix, scales, bias = (np.concatenate([arrays[f"{name}.{part}"] for name in names]) for part in "wsb")
    return matrix, scales, bias
