"""The command line as people use it: the real command."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

RAG = str(Path(sys.executable).with_name("rag"))


def run(*arguments: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [RAG, *map(str, arguments)],
        cwd=cwd,
        env={**os.environ, **environ},
        capture_output=True,
        text=True,
        timeout=120,
    )


def as_json(*arguments: str | Path, cwd: Path) -> Any:  # noqa: ANN401 - it is JSON
    done = run(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
