"""Write the trained layers and heads as the one file that ships."""

from pathlib import Path

import numpy as np

from train.model import Reader

__all__ = ["export"]

_PARTS = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


def export(reader: Reader, path: Path) -> None:
    """Write the layers that were trained, in int8 with one scale an output, and the heads in float32."""
    state = {name: value.detach().cpu().float().numpy() for name, value in reader.state_dict().items()}
    arrays: dict[str, np.ndarray] = {}
    for number, layer in enumerate(reader.encoder.encoder.layer):
        if not any(parameter.requires_grad for parameter in layer.parameters()):
            continue
        for short, long in _PARTS.items():
            matrix = state[f"encoder.encoder.layer.{number}.{long}.weight"]
            scales = np.abs(matrix).max(axis=1) / 127
            arrays[f"l{number}.{short}.w"] = np.rint(matrix / scales[:, None]).astype(np.int8)
            arrays[f"l{number}.{short}.s"] = scales
            arrays[f"l{number}.{short}.b"] = state[f"encoder.encoder.layer.{number}.{long}.bias"]
        for short, long in _NORMS.items():
            for kind, name in (("w", "weight"), ("b", "bias")):
                arrays[f"l{number}.{short}.{kind}"] = state[f"encoder.encoder.layer.{number}.{long}.{name}"]
    for head in ("span", "verdict", "claim"):
        arrays[f"{head}.w"], arrays[f"{head}.b"] = state[f"{head}.weight"], state[f"{head}.bias"]
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")
