"""How often `rag.answer.language` calls an answer foreign: in its own language, and in another.

    python bench/answer_language.py --parallel DIR

DIR holds the files of NTREX-128, one a language, line by line translations of each
other (``newstest2019-ref.kor.txt``). Each line is an answer of one sentence.
"""

import argparse
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path

from rag.answer.language import foreign

# Name of the file, and the tag.
_FILES = {
    "arb": "ar", "deu": "de", "ell": "el", "eng-GB": "en", "spa": "es", "fin": "fi", "fra": "fr",
    "heb": "he", "hin": "hi", "ind": "id", "ita": "it", "jpn": "ja", "kor": "ko", "nld": "nl", "pol": "pl",
    "por": "pt", "rus": "ru", "swe": "sv", "tha": "th", "tur": "tr", "ukr": "uk", "vie": "vi",
    "zho-CN": "zh", "zho-TW": "zh-Hant",
}  # fmt: skip
_MAIN = ("ko", "en", "ja", "zh", "de", "es", "fr")


def texts(folder: Path) -> dict[str, list[str]]:
    """Return the lines of each language, in the same order."""
    found = {}
    for name, lang in _FILES.items():
        path = next(iter(sorted(folder.glob(f"newstest2019-*.{name}.txt"))), None)
        if path:
            found[lang] = path.read_text(encoding="utf-8").splitlines()
    return found


def shares(found: Mapping[str, list[str]], wanted: str, lines: int) -> dict[str, float]:
    """Return, for answers in each language, the share that is foreign to *wanted*."""
    told = defaultdict(list)
    for lang, written in found.items():
        told[lang] = [bool(foreign(line, wanted)) for line in written[:lines]]
    return {lang: sum(each) / len(each) for lang, each in told.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--parallel", type=Path, required=True)
    parser.add_argument("--lines", type=int, default=200)
    arguments = parser.parse_args()
    found = texts(arguments.parallel)
    print("| wanted | false alarms | least found | in |")
    print("|---|---|---|---|")
    for wanted in [*_MAIN, *(lang for lang in found if lang not in _MAIN)]:
        told = shares(found, wanted, arguments.lines)
        others = {lang: share for lang, share in told.items() if lang[:2] != wanted[:2]}
        least = min(others, key=lambda lang: others[lang])
        print(f"| {wanted} | {told[wanted]:.1%} | {others[least]:.1%} | {least} |")


if __name__ == "__main__":
    main()
