"""Make the table of `rag.index.characters` from the bundled vocabulary, and measure its limits.

    python bench/characters.py make
    python bench/characters.py measure FOLDER    # of text files, one language each

`measure` cuts each file into pages of 1,000 characters and reports how many are taken for
noise as they are, and how many are not once their characters are changed as fonts without a
Unicode map change them.
"""

import itertools
import math
import random
import sys
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np

from rag.index.characters import SCALE, TABLE, is_noise
from rag.model.weights import read_weights

_PAGE = 1000
# Pairs that are hardly likelier than the second character alone say nothing.
_GAIN = 0.5
_MOST_INSIDE = 0.95


def make() -> None:
    weights = read_weights()
    alone, pairs, inside = (
        defaultdict[str, float](float),
        defaultdict[tuple[str, str], float](float),
        defaultdict[str, float](float),
    )
    for piece, score in zip(weights.pieces, weights.scores.tolist(), strict=True):
        if piece.startswith("<"):
            continue
        weight = math.exp(score)
        for char in piece:
            alone[char] += weight
        for first, second in itertools.pairwise(piece):
            pairs[first, second] += weight
            inside[first] += weight
    total = sum(alone.values())
    logs = {char: math.log(weight / total) for char, weight in alone.items()}
    rest = {char: math.log(1 - min(inside[char] / alone[char], _MOST_INSIDE)) for char in alone}
    after = {}
    for (first, second), weight in pairs.items():
        backed_off = math.exp(rest[first] + logs[second])
        found = math.log(weight / alone[first] + backed_off)
        if found > math.log(backed_off) + _GAIN:
            after[ord(first) << 21 | ord(second)] = found
    chars, keys = sorted(alone), sorted(after)
    np.savez_compressed(
        TABLE,
        chars=np.array([ord(char) for char in chars], np.uint32),
        alone=_stored([logs[char] for char in chars]),
        rest=_stored([rest[char] for char in chars]),
        firsts=np.array([key >> 21 for key in keys], np.uint32),
        seconds=np.array([key & (1 << 21) - 1 for key in keys], np.uint32),
        after=_stored([after[key] for key in keys]),
    )
    print(f"{len(chars):,} characters, {len(keys):,} pairs, {TABLE.stat().st_size:,} bytes")


def _stored(logs: list[float]) -> np.ndarray:
    return np.round(-np.array(logs) / SCALE).clip(0, 255).astype(np.uint8)


def _by_order(text: str) -> str:
    """Number the characters in the order of their first use, as subset fonts do."""
    places = {char: chr(0x21 + n) for n, char in enumerate(dict.fromkeys("".join(text.split())))}
    return "".join(places.get(char, " ") for char in text)


def _ciphered(text: str) -> str:
    letters = sorted({char for char in text if char.isalpha()})
    mixed = letters[:]
    random.Random(len(text)).shuffle(mixed)
    return text.translate({ord(one): other for one, other in zip(letters, mixed, strict=True)})


def _shifted(by: int) -> Callable[[str], str]:
    return lambda text: "".join(char if char.isspace() else chr(max(33, ord(char) + by)) for char in text)


def _spread(start: int, size: int) -> Callable[[str], str]:
    return lambda text: "".join(
        char if char.isspace() else chr(start + ord(char) * 7919 % size) for char in text
    )


def _misread(as_bytes: str, encoding: str) -> Callable[[str], str]:
    return lambda text: text.encode(as_bytes, "ignore").decode(encoding, "ignore")


NOISES: dict[str, Callable[[str], str]] = {
    "numbered by first use": _by_order,
    "letters exchanged": _ciphered,
    "glyph numbers, -29": _shifted(-29),
    "glyph numbers, anywhere": _spread(0x20, 0x2F00),
    "other Han": _spread(0x4E00, 0x5000),
    "other Hangul": _spread(0xAC00, 11172),
    "private use": _spread(0xF000, 0x100),
    "UTF-8 as Latin-1": _misread("utf-8", "cp1252"),
    "Korean as Latin-1": _misread("cp949", "latin-1"),
    "Japanese as Latin-1": _misread("cp932", "latin-1"),
    "Cyrillic as Latin-1": _misread("cp1251", "latin-1"),
}


def measure(folder: Path) -> None:
    clean, wrong = Counter[str](), Counter[str]()
    noisy, missed = Counter[str](), Counter[str]()
    for path in sorted(folder.glob("*.txt")):
        text = path.read_text(encoding="utf-8")[:60_000]
        pages = [text[start : start + _PAGE] for start in range(0, len(text) - _PAGE, _PAGE)]
        clean[path.stem] = len(pages)
        wrong[path.stem] = sum(map(is_noise, pages))
        for name, change in NOISES.items():
            changed = [change(page) for page in pages]
            # What leaves most of a text as it was, such as UTF-8 as Latin-1 of English, is no noise.
            changed = [
                new for new, old in zip(changed, pages, strict=True) if len(new) > 200 and _differ(new, old)
            ]
            noisy[name] += len(changed)
            missed[name] += sum(not is_noise(page) for page in changed)
    print(f"clean: {wrong.total()} of {clean.total()} taken for noise", {k: n for k, n in wrong.items() if n})
    for name, count in noisy.items():
        print(f"{name}: {missed[name]} of {count} missed")


def _differ(new: str, old: str) -> bool:
    kept = Counter(new) & Counter(old)
    kept.pop(" ", None)
    return kept.total() < 0.5 * len("".join(new.split()))


if __name__ == "__main__":
    if sys.argv[1] == "make":
        make()
    else:
        measure(Path(sys.argv[2]))
