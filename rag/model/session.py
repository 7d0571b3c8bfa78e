"""Runs the bundled network: ONNX Runtime, set up once for embedder and reader."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rag.types import Matrix

__all__ = ["Session", "cores", "int8_saturates", "open_session"]


def cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def int8_saturates() -> bool:
    """Tell whether this is an x86 processor without VNNI.

    There 8-bit products are added in pairs in 16 bits: 255 * 127 * 2 is cut off at 32,767.
    """
    try:
        cpu = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return "sse2" in cpu and "vnni" not in cpu


class Session(Protocol):
    """A model that is ready to run."""

    def run(self, names: Sequence[str], inputs: dict[str, Matrix]) -> list[Matrix]:
        """Return the outputs called *names* for *inputs*, float32."""
        ...


def open_session(model: bytes, threads: int) -> Session:
    """Return *model*, an ONNX file, ready to run on *threads* threads a call."""
    # From 1.29 on, ONNX Runtime reports its use to its maker and leaves a device id in the user's
    # home. It begins with the import; only this variable, set before, stops it.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    # Waiting threads would spin, and on a busy machine take the time that the working ones need.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Beyond the basic level Add and LayerNormalization become one operator that takes seven times as long.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    session: Session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    return session
