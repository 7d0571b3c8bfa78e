"""The same question in five languages: how often it gets the same facts.

usage: python bench/parity.py [PAIRS] [--docs DIR]

PAIRS are pairs as of docs/eval.md whose ids end in their language ("parity-07-ja");
what stands before it names the question. Prints the share of all that are answered
with their facts, the same for each language, the share of questions where all
languages have them, and the questions where some have not.
"""

import argparse
from collections import defaultdict
from pathlib import Path
from statistics import fmean

from rag.eval.pairs import read_pairs
from rag.eval.run import run
from rag.settings import read_settings
from rag.ui.judge import open_subject


def held(pairs: Path, docs: Path) -> dict[str, dict[str, bool]]:
    """Return for each question and language whether the answer holds all facts."""
    with open_subject(read_settings({}), docs, lambda *_: None) as subject:
        scored = run(
            subject.assistant, read_pairs(pairs, subject.documents), subject.documents, lambda *_: None
        ).scored
    found: dict[str, dict[str, bool]] = defaultdict(dict)
    for each in scored:
        question, _, lang = each.pair.id.rpartition("-")
        found[question][lang] = each.values["facts"] == 1.0
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pairs", nargs="?", type=Path, default=Path("eval/parity.jsonl"))
    parser.add_argument("--docs", type=Path, default=Path("eval/corpus"))
    arguments = parser.parse_args()
    found = held(arguments.pairs, arguments.docs)
    langs = sorted({lang for by_lang in found.values() for lang in by_lang})
    every = [value for by_lang in found.values() for value in by_lang.values()]
    print(f"{len(found)} questions, {len(every)} pairs: {fmean(every):.3f} hold their facts")
    for lang in langs:
        print(f"  {lang}: {fmean(by_lang[lang] for by_lang in found.values()):.3f}")
    print(f"all {len(langs)} languages: {fmean(all(by_lang.values()) for by_lang in found.values()):.3f}")
    for question, by_lang in found.items():
        if not all(by_lang.values()):
            print(f"  {question} lacks {' '.join(lang for lang in langs if not by_lang[lang])}")


if __name__ == "__main__":
    main()
