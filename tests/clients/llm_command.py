"""`llm`, the command: streamed, and whole, which needs the usage."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

QUESTION = "How hot does the kiln get?"
MODELS = """\
- model_id: kiln
  model_name: citewise+sources
  api_base: "{url}/v1"
  api_key_name: kiln
"""


def main(url: str, key: str = "none") -> None:
    command = str(Path(sys.executable).with_name("llm"))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "extra-openai-models.yaml").write_text(MODELS.format(url=url), encoding="utf-8")
        environ = {**os.environ, "LLM_USER_PATH": folder}
        for options in ([], ["--no-stream"], ["-s", "Answer politely."]):
            done = subprocess.run(
                [command, "-m", "kiln", "--key", key, *options, QUESTION],
                env=environ,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            assert "1,250" in done.stdout and "[1] Kiln" in done.stdout, done.stdout
        logged = subprocess.run(
            [command, "logs", "-n", "1", "-u"], env=environ, capture_output=True, text=True, check=True
        )
        assert "input" in logged.stdout, logged.stdout
    print("llm ok")


main(*sys.argv[1:])
