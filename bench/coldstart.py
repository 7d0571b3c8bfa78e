"""Time `rag ask` from a cold start against importing sentence-transformers.

usage: python bench/coldstart.py [QUESTION]     (needs the dev extras and an index in .citewise)
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

RUNS = 7


def seconds(command: Sequence[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    question = sys.argv[1] if len(sys.argv) > 1 else "오픈AI 한국 법인의 이름은?"
    rag = str(Path(sys.executable).with_name("rag"))
    commands = {
        "rag ask": [rag, "ask", question],
        "import sentence_transformers": [sys.executable, "-c", "import sentence_transformers"],
    }
    # Alternating, so that what else the machine does falls on both.
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(RUNS):
        for name, command in commands.items():
            times[name].append(seconds(command))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    for name, median in medians.items():
        print(f"{name:<30} median {median:.2f} s of {RUNS}, least {min(times[name]):.2f} s")
    print(f"ratio {medians['rag ask'] / medians['import sentence_transformers']:.2f}")


if __name__ == "__main__":
    main()
