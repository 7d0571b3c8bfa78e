"""The bundled model as an ONNX graph, in one of two precisions.

Measured on this model (`docs/decisions/0002-embedder.md`): its begin and end
marks carry single activations of up to 60 where every other token stays below
10. Rounded to 8 bits on one scale they blur the whole text; with these two
tokens calculated apart, the rest in int8 is as good as float32 in retrieval.
"""

from collections.abc import Callable, Sequence

import numpy as np

from rag.model.onnx import CONTRIB, Graph, Shape
from rag.model.weights import Bytes, Weights, expand, unpacked

__all__ = ["MARKS", "Linear", "blockwise", "encoder", "int8", "trunk"]

MARKS = 2
"""How many vectors at the front are the begin and end marks.

Order is free otherwise: a token's place is part of its vector.
"""

Linear = Callable[[Graph, Weights, Sequence[str], str, int], str]
"""Adds ``state @ weights.T + bias`` for matrices side by side; the last argument is the width of *state*."""


def encoder(weights: Weights, *linears: Linear) -> bytes:
    """Return the embedder: input ``vectors`` (1, tokens, hidden), outputs ``mean`` (1, hidden), ``states``.

    The states are those of the last layer, in the shape of the input, and `mean` is theirs.

    Args:
        weights: Of the bundled model.
        linears: One for all tokens, or one for the marks and one for the rest;
            the two streams meet in attention only.
    """
    graph = Graph()
    graph.node("Concat", trunk(graph, weights, linears, MARKS), outputs=["states"], axis=1)
    tokens = graph.constant(np.array([1]))
    graph.node("ReduceMean", ["states", tokens], outputs=["mean"], keepdims=0)
    rows: Shape = [1, "tokens", weights.hidden]
    return graph.model({"vectors": rows}, {"mean": [1, weights.hidden], "states": rows})


def trunk(graph: Graph, weights: Weights, linears: Sequence[Linear], marks: int) -> list[str]:
    """Add all layers behind the input ``vectors``; return the last states, one value for each of *linears*.

    Args:
        marks: How many vectors at the front go through the first of two *linears*.
    """
    streams = _streams(graph, "vectors", len(linears), marks)
    states = [_normalised(graph, weights, "emb.ln", stream) for stream in streams]
    for layer in range(weights.layers):
        states = _layer(graph, weights, f"l{layer}", states, linears, marks)
    return states


def _layer(
    graph: Graph, weights: Weights, layer: str, states: Sequence[str], linears: Sequence[Linear], marks: int
) -> list[str]:
    mixed = _attention(graph, weights, layer, states, linears, marks)
    return [
        _fed_forward(graph, weights, layer, state, context, linear)
        for state, context, linear in zip(states, mixed, linears, strict=True)
    ]


def _fed_forward(graph: Graph, weights: Weights, layer: str, state: str, context: str, linear: Linear) -> str:
    update = linear(graph, weights, [f"{layer}.ao"], context, weights.hidden)
    state = _normalised(graph, weights, f"{layer}.aln", graph.node("Add", [state, update]))
    wide = graph.node("Gelu", [linear(graph, weights, [f"{layer}.fi"], state, weights.hidden)], CONTRIB)
    update = linear(graph, weights, [f"{layer}.fo"], wide, weights.intermediate)
    return _normalised(graph, weights, f"{layer}.oln", graph.node("Add", [state, update]))


def _attention(
    graph: Graph, weights: Weights, layer: str, states: Sequence[str], linears: Sequence[Linear], marks: int
) -> list[str]:
    names = [f"{layer}.{part}" for part in "qkv"]
    projected = [
        linear(graph, weights, names, state, weights.hidden)
        for state, linear in zip(states, linears, strict=True)
    ]
    heads = graph.split(_joined(graph, projected), [weights.hidden] * 3)
    mixed = graph.node("MultiHeadAttention", heads, CONTRIB, num_heads=weights.heads)
    return _streams(graph, mixed, len(states), marks)


def _normalised(graph: Graph, weights: Weights, name: str, state: str) -> str:
    scale_and_shift = [graph.constant(weights.vector(f"{name}.{part}")) for part in "wb"]
    return graph.node("LayerNormalization", [state, *scale_and_shift], epsilon=weights.epsilon)


def _streams(graph: Graph, state: str, count: int, marks: int) -> list[str]:
    if count == 1:
        return [state]
    start, cut, end, axis = (graph.constant(np.array([n])) for n in (0, marks, np.iinfo(np.int64).max, 1))
    return [graph.node("Slice", [state, *part, axis]) for part in ((start, cut), (cut, end))]


def _joined(graph: Graph, states: Sequence[str]) -> str:
    return graph.node("Concat", states, axis=1) if len(states) > 1 else states[0]


def blockwise(graph: Graph, weights: Weights, names: Sequence[str], state: str, columns: int) -> str:
    """Multiply by the stored 4-bit blocks as they are."""
    scales, nibbles = unpacked(_stacked(weights, names, columns))
    packed = nibbles[..., ::2] | nibbles[..., 1::2] << 4
    constants = [graph.constant(packed), graph.constant(scales), "", "", _bias(graph, weights, names)]
    sizes = {"K": columns, "N": len(packed), "bits": 4, "block_size": nibbles.shape[-1]}
    return graph.node("MatMulNBits", [state, *constants], CONTRIB, **sizes, accuracy_level=4)


def int8(graph: Graph, weights: Weights, names: Sequence[str], state: str, columns: int) -> str:
    """Multiply in int8, one scale for each output and one for all of *state*.

    Right only where sums of two products do not saturate: ARM, and x86 with VNNI.
    """
    matrix = expand(_stacked(weights, names, columns))
    scales = np.abs(matrix).max(axis=1) / 127
    rounded = np.rint(matrix.T / scales).astype(np.int8)
    constants = [graph.constant(rounded), graph.constant(scales), "", _bias(graph, weights, names)]
    return graph.node("DynamicQuantizeMatMul", [state, *constants], CONTRIB)


def _stacked(weights: Weights, names: Sequence[str], columns: int) -> Bytes:
    return np.concatenate([weights.rows(f"{name}.w", columns) for name in names])


def _bias(graph: Graph, weights: Weights, names: Sequence[str]) -> str:
    return graph.constant(np.concatenate([weights.vector(f"{name}.b") for name in names]))
