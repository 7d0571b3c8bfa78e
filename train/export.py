"""The trained layers and heads as the one file that ships, and back."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from train.model import Reader

__all__ = ["export", "restore"]

_MATRICES = {
    "q": "attention.self.query", "k": "attention.self.key", "v": "attention.self.value",
    "ao": "attention.output.dense", "fi": "intermediate.dense", "fo": "output.dense",
}  # fmt: skip
_NORMS = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}
_HEADS = ("span", "verdict", "claim")


def export(reader: Reader, path: Path) -> None:
    """Write the layers that were trained, in int8 with one scale an output, and the heads in float32."""
    state = {name: value.detach().cpu().float().numpy() for name, value in reader.state_dict().items()}
    arrays: dict[str, np.ndarray] = {}
    for short, long, is_matrix in _names(reader):
        weight = state[f"{long}.weight"]
        arrays[f"{short}.b"] = state[f"{long}.bias"]
        if is_matrix:
            arrays[f"{short}.s"] = np.abs(weight).max(axis=1) / 127
            weight = np.rint(weight / arrays[f"{short}.s"][:, None]).astype(np.int8)
        arrays[f"{short}.w"] = weight
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB")


def restore(reader: Reader, path: Path) -> None:
    """Read back what `export` wrote, so that training can go on from the file that ships."""
    with np.load(path) as file:
        arrays = dict(file)
    state = reader.state_dict()
    for short, long, is_matrix in _names(reader):
        weight = arrays[f"{short}.w"].astype(np.float32)
        scales = arrays[f"{short}.s"][:, None] if is_matrix else 1.0
        state[f"{long}.weight"] = torch.from_numpy(weight * scales)
        state[f"{long}.bias"] = torch.from_numpy(arrays[f"{short}.b"])
    reader.load_state_dict(state)


def _names(reader: Reader) -> Iterator[tuple[str, str, bool]]:
    """Yield what was trained: its name in the file, its name in torch, whether it is stored in int8."""
    for number, layer in enumerate(reader.encoder.encoder.layer):
        if any(parameter.requires_grad for parameter in layer.parameters()):
            front = f"encoder.encoder.layer.{number}"
            yield from ((f"l{number}.{short}", f"{front}.{long}", True) for short, long in _MATRICES.items())
            yield from ((f"l{number}.{short}", f"{front}.{long}", False) for short, long in _NORMS.items())
    yield from ((head, head, False) for head in _HEADS)
