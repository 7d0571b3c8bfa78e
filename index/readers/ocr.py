"""Text in pictures, by Tesseract, if it is installed on the machine.

It is called as a program: its trained data are its own, and a picture that makes it
crash or hang takes nothing else with it. It is a child of the sandbox and has its limits.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

__all__ = ["INSTALL", "TIMEOUT_S", "Picture", "Word", "is_installed", "words"]

INSTALL = "To read them, install Tesseract: apt-get install tesseract-ocr tesseract-ocr-kor"
"""Ends a sentence about pages that were not read."""

TIMEOUT_S = 60.0
"""The longest time for a page."""

Picture = npt.NDArray[np.uint8]
"""Shades of gray, shape ``(height, width)``, 0 is black."""

_OSD_S = 20.0
_MOST_LANGUAGES = 3
_LEAST_CONFIDENCE = 30.0
_WORD_LEVEL = "5"
# Heights are uneven: within these bounds a line is of the usual type, beyond it is a heading or a note.
_USUAL = (0.65, 1.45)
_SCRIPTS = {
    "Korean": ("kor", "eng"),
    "Hangul": ("kor", "eng"),
    "Japanese": ("jpn", "eng"),
    "Katakana": ("jpn", "eng"),
    "Hiragana": ("jpn", "eng"),
    "Han": ("chi_sim", "chi_tra", "jpn", "kor"),
    "HanS": ("chi_sim", "eng"),
    "HanT": ("chi_tra", "eng"),
    "Cyrillic": ("rus", "ukr", "bul"),
    "Arabic": ("ara", "fas", "urd"),
    "Hebrew": ("heb", "eng"),
    "Thai": ("tha", "eng"),
    "Devanagari": ("hin", "mar", "eng"),
    "Greek": ("ell", "eng"),
}


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in pixels; words of one `line` stand on one line.

    Attributes:
        height: Of the type of its line.
        base: The lower edge of its line.
    """

    text: str
    left: float
    right: float
    base: float
    height: float


def is_installed() -> bool:
    """Tell whether there is a Tesseract with at least one language."""
    return bool(_languages())


def words(picture: Picture) -> tuple[list[Word], int]:
    """Return the words of *picture* once it is upright, and by how many quarters it was turned to the left.

    Raises:
        TimeoutError: It took more than `TIMEOUT_S`.
        OSError: Tesseract could not be run, or failed.
    """
    script, quarters = _seen(picture)
    upright = np.rot90(picture, quarters)
    table = _run(upright, "--psm", "4", "-l", "+".join(_chosen(script)), "tsv", timeout_s=TIMEOUT_S)
    return list(_words(table)), quarters


@cache
def _languages() -> frozenset[str]:
    """Return the languages for which there are trained data."""
    path = shutil.which("tesseract")
    if not path:
        return frozenset()
    listed = subprocess.run(
        [path, "--list-langs"], capture_output=True, text=True, check=False, timeout=_OSD_S
    )
    return frozenset(line.strip() for line in listed.stdout.splitlines()[1:]) - {"osd", "equ", "snum"}


def _chosen(script: str) -> Sequence[str]:
    """Return the languages to try for a script: its own, or the first of all that are installed."""
    own = [name for name in _SCRIPTS.get(script, ()) if name in _languages()]
    others = sorted(_languages(), key=lambda name: (name not in ("eng", "kor"), name))
    if script == "Latin":
        foreign = {name for each in _SCRIPTS.values() for name in each} - {"eng"}
        own = [name for name in others if name not in foreign]
    return (own or others)[:_MOST_LANGUAGES]


def _seen(picture: Picture) -> tuple[str, int]:
    """Return the script of a picture, and how many quarters to the left make it upright."""
    try:
        told = _run(picture, "--psm", "0", "-l", "osd", timeout_s=_OSD_S)
    except OSError:  # Too little text to tell, or the data for it are not installed.
        return "", 0
    script = re.search(r"Script: (\w+)", told)
    rotate = re.search(r"Rotate: (\d+)", told)
    # What it names is to the right.
    return script[1] if script else "", -int(rotate[1]) // 90 % 4 if rotate else 0


def _run(picture: Picture, *options: str, timeout_s: float) -> str:
    height, width = picture.shape
    command = [shutil.which("tesseract") or "tesseract", "stdin", "stdout", "--dpi", "300", *options]
    done = subprocess.run(
        command,
        input=b"P5 %d %d 255\n" % (width, height) + picture.tobytes(),
        capture_output=True,
        check=False,
        timeout=timeout_s,
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    if done.returncode:
        raise OSError(f"Tesseract ended with status {done.returncode}")
    return done.stdout.decode("utf-8", "replace")


def _words(table: str) -> Iterator[Word]:
    """Yield the words of a table: level, page, block, paragraph, line, word, box, confidence, text."""
    rows = [line.split("\t") for line in table.splitlines()[1:]]
    lines: dict[tuple[str, ...], list[list[str]]] = {}
    for row in rows:
        if (
            len(row) == 12
            and row[0] == _WORD_LEVEL
            and row[11].strip()
            and float(row[10]) >= _LEAST_CONFIDENCE
        ):
            lines.setdefault(tuple(row[1:5]), []).append(row)
    heights = {key: max(float(row[9]) for row in found) for key, found in lines.items()}
    usual = float(np.median(list(heights.values()) or [0.0]))
    for key, found in lines.items():
        is_usual = _USUAL[0] * usual < heights[key] < _USUAL[1] * usual
        base = float(np.median([float(row[7]) + float(row[9]) for row in found]))
        for row in found:
            left, right = float(row[6]), float(row[6]) + float(row[8])
            yield Word(row[11].strip(), left, right, base, usual if is_usual else heights[key])
