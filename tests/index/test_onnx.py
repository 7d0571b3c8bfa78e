"""What `Graph` writes, ONNX Runtime reads."""

import numpy as np
import onnxruntime
import pytest

from rag.model.onnx import Graph


@pytest.mark.parametrize("columns", [1, 127, 128, 300])
def test_a_written_graph_calculates_what_it_says(columns: int) -> None:
    """Attributes whole, negative and broken; several outputs; sizes of one byte and of two."""
    graph = Graph()
    values = np.arange(2 * (columns + 1), dtype=np.float32).reshape(2, -1)
    total = graph.node("Add", ["x", graph.constant(values)])
    first, rest = graph.split(total, [1, columns])
    leaky = graph.node("LeakyRelu", [first], alpha=0.5)
    graph.node("Concat", [leaky, rest], outputs=["y"], axis=-1)
    session = onnxruntime.InferenceSession(
        graph.model({"x": [2, "columns"]}, {"y": [2, "columns"]}), providers=["CPUExecutionProvider"]
    )
    x = np.random.default_rng(0).standard_normal(values.shape).astype(np.float32) - values

    (found,) = session.run(None, {"x": x})

    expected = x + values
    expected[:, 0] *= np.where(expected[:, 0] < 0, np.float32(0.5), np.float32(1))
    assert np.array_equal(expected, found)
