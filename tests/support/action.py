"""The GitHub Action in a shell, and Citewise as it installs it: what a team's CI and pytest see."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
_SHIPPED = ("rag", "index", "ui", "eval")


@dataclass(frozen=True)
class Action:
    """The GitHub Action in a copy of the checkout; its steps run in a shell as a runner runs them."""

    path: Path
    environ: Mapping[str, str]

    @property
    def spec(self) -> dict[str, Any]:
        found: dict[str, Any] = yaml.safe_load((self.path / "action.yml").read_text(encoding="utf-8"))
        return found

    def run(self, folder: Path, name: str, inputs: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        """Run the step *name*; ``output`` and ``summary`` are written into *folder*."""
        step = next(each for each in self.spec["runs"]["steps"] if each.get("name") == name)
        values = {"github.action_path": str(self.path)} | {
            f"inputs.{key}": inputs.get(key, str(each.get("default", "")))
            for key, each in self.spec["inputs"].items()
        }
        given = {key: values[text.strip("${} ")] for key, text in step["env"].items()}
        files = {"GITHUB_OUTPUT": folder / "output", "GITHUB_STEP_SUMMARY": folder / "summary"}
        return subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={**self.environ, **given, **{key: str(path) for key, path in files.items()}},
            capture_output=True,
            text=True,
        )


def installed(root: Path) -> Action:
    """Run the step that installs, into *root*; the dependencies are those of the tests."""
    source, target = root / "checkout", root / "site"
    for name in _SHIPPED:
        ignored = shutil.ignore_patterns("blind", "corpus", "pairs*", "__pycache__")
        shutil.copytree(ROOT / name, source / name, ignore=ignored)
    for name in ("pyproject.toml", "README.md", "LICENSE", "constraints.txt", "action.yml"):
        shutil.copy(ROOT / name, source / name)
    # What comes before on the path wins, so that the copy is what runs, and not the checkout.
    environ = {
        **os.environ,
        "PATH": f"{target / 'bin'}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(target),
        "PIP_NO_BUILD_ISOLATION": "0",
        "PIP_NO_DEPS": "1",
        "PIP_TARGET": str(target),
    }
    found = Action(source, environ)
    done = found.run(root, "Install", {})
    assert done.returncode == 0, done.stderr
    return found
