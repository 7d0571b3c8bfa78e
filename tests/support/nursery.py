"""The script `crash_child` as a process: it makes writers that a test kills."""

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Nursery:
    """The running script `crash_child`."""

    process: subprocess.Popen[str]

    def begin(self, kind: str, path: Path, argument: object) -> None:
        assert self.process.stdin
        self.process.stdin.write(f"{kind}\t{path}\t{argument}\n")
        self.process.stdin.flush()

    def heard(self) -> tuple[str, Any]:
        assert self.process.stdout
        word, value = self.process.stdout.readline().split(" ", 1)
        return word, json.loads(value)

    def rest(self) -> Iterator[tuple[str, Any]]:
        """Yield what the children said, until all are dead."""
        while (said := self.heard())[0] != "over":
            yield said
