"""Programs that people use ask the real service, each through its own client; see tests/clients."""

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

CLIENTS = Path(__file__).resolve().parents[1] / "clients"
PYTHON = {
    "langchain_chat.py": "langchain_openai",
    "llamaindex_chat.py": "llama_index",
    "litellm_chat.py": "litellm",
    "llm_command.py": "llm",
}
# Where `npm install` has put the clients for JavaScript.
NODE = Path(os.environ.get("CITEWISE_NODE", CLIENTS))


@pytest.mark.parametrize(("script", "package"), PYTHON.items())
def test_a_client_in_python(url: str, script: str, package: str) -> None:
    """It gets the answer, its marker and the title of its source, whole and streamed."""
    # The command `llm` shares its name with folders of tests, which are importable too.
    if find_spec(package) is None or (
        package == "llm" and not Path(sys.executable).with_name("llm").exists()
    ):
        pytest.skip(f"{package} is not installed")

    done = subprocess.run(
        [sys.executable, CLIENTS / script, url], capture_output=True, text=True, timeout=240
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("ok")


@pytest.mark.parametrize("script", ["openai_npm.mjs", "ai_sdk.mjs"])
def test_a_client_in_javascript(url: str, script: str) -> None:
    """The same, with Node.js and the packages in the folder that CITEWISE_NODE names."""
    node = shutil.which("node")
    if node is None or not (NODE / "node_modules").is_dir():
        pytest.skip("Node.js or the clients are not installed; see tests/clients/README.md")

    done = subprocess.run([node, CLIENTS / script, url], capture_output=True, text=True, timeout=240)

    assert done.returncode == 0, done.stderr
    assert done.stdout.rstrip().endswith("ok")
