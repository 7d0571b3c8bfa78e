"""The command line as people use it: the real command, in a process of its own each time.

Half of a command's time goes by before it begins: imports, and the vocabulary of the bundled
model. So one process does that once, and each `run` is a fork of it.
"""

import json
import os
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

RAG = str(Path(sys.executable).with_name("rag"))

_WARM = """
import json, os, sys, traceback
import faiss, onnxruntime, rag.read, rag.ui.cli, rag.wiring
from rag.model.unigram import tokenizer
from rag.model.weights import read_weights

tokenizer(read_weights())

def command(arguments, cwd, environ, files):
    for descriptor, path in enumerate([os.devnull, *files]):
        os.dup2(os.open(path, os.O_RDWR), descriptor)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    sys.argv = ["rag", *arguments]
    try:
        rag.ui.cli.main()
    except SystemExit as exc:
        return exc.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0

for line in sys.stdin:
    if child := os.fork():
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
        continue
    code = 1
    try:
        code = command(*json.loads(line))
        sys.stdout.flush()
        sys.stderr.flush()
    finally:
        os._exit(code)
"""


def run(*arguments: str | Path, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run `rag` with *arguments* in the folder *cwd*; what it prints and its exit code come back."""
    said = [str(each) for each in arguments]
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder, name) for name in ("out", "err")]
        for file in files:
            file.touch()
        warm = _warm()
        assert warm.stdin
        assert warm.stdout
        order = [said, str(cwd), {**os.environ, **environ}, [str(file) for file in files]]
        warm.stdin.write(json.dumps(order) + "\n")
        warm.stdin.flush()
        code = int(warm.stdout.readline())
        out, err = (file.read_text(encoding="utf-8") for file in files)
    return subprocess.CompletedProcess(["rag", *said], code, out, err)


@cache
def _warm() -> subprocess.Popen[str]:
    """Return the process whose forks are commands; it ends with this one."""
    return subprocess.Popen(
        [sys.executable, "-P", "-c", _WARM], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd="/"
    )


def as_json(*arguments: str | Path, cwd: Path) -> Any:  # noqa: ANN401 - it is JSON
    done = run(*arguments, "--json", cwd=cwd)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)
