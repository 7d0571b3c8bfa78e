"""Accuracy of `rag.text.languages.detect` on the questions of public sets, by language.

    python bench/detect.py --sets DIR...

Each DIR holds ``queries.jsonl`` with ``text`` and ``lang``. Equal questions count once.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from rag.text.languages import detect
from rag.types import UNDETERMINED


def questions(folders: Sequence[Path]) -> list[tuple[str, str]]:
    """Return distinct ``(language, question)`` pairs, sorted."""
    found: set[tuple[str, str]] = set()
    for folder in folders:
        for line in (folder / "queries.jsonl").read_text(encoding="utf-8").splitlines():
            query = json.loads(line)
            found.add((query["lang"].split("-")[0], query["text"]))
    return sorted(found)


def report(asked: Sequence[tuple[str, str]], told: Sequence[str]) -> str:
    """Return a Markdown table: right, unsure and wrong in percent of each language."""
    total = Counter(lang for lang, _ in asked)
    right = Counter(lang for (lang, _), tag in zip(asked, told, strict=True) if tag == lang)
    unsure = Counter(lang for (lang, _), tag in zip(asked, told, strict=True) if tag == UNDETERMINED)
    rows = ["| language | questions | right | unsure | wrong |", "|---|---|---|---|---|"]
    for lang, n in [*sorted(total.items()), ("all", total.total())]:
        good, bad = (right.total(), unsure.total()) if lang == "all" else (right[lang], unsure[lang])
        rows.append(f"| {lang} | {n} | {good / n:.1%} | {bad / n:.1%} | {(n - good - bad) / n:.1%} |")
    return "\n".join(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=Path, nargs="+", required=True)
    asked = questions(parser.parse_args().sets)
    detect("zxq vub")  # loads both models
    started = time.perf_counter()
    told = [detect(text) for _, text in asked]
    elapsed = time.perf_counter() - started
    print(report(asked, told))
    print(f"{1000 * elapsed / len(asked):.3f} ms a question")


if __name__ == "__main__":
    main()
