"""What the documentation says of the product is what the product says of itself."""

import subprocess
import sys
from pathlib import Path

from typer.main import get_command

from rag.ui.cli import app

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_the_commands_are_documented_as_they_are(update_golden: bool) -> None:
    """docs/cli.md is what Typer writes of them; `--update-golden` writes it anew."""
    page = DOCS / "cli.md"
    command = [sys.executable, "-m", "typer", "rag.ui.cli", "utils", "docs", "--name", "rag"]

    written = subprocess.run(command, capture_output=True, text=True, check=True, cwd="/").stdout

    if update_golden:
        page.write_text(written, encoding="utf-8")
    assert page.read_text(encoding="utf-8") == written
    assert all(f"## `rag {name}" in written for name in get_command(app).list_commands(None))  # type: ignore[attr-defined]


def test_each_decision_is_listed() -> None:
    """With its title, in order."""
    index = (DOCS / "decisions" / "index.md").read_text(encoding="utf-8")
    pages = sorted((DOCS / "decisions").glob("0*.md"))

    rows = [line for line in index.splitlines() if line.startswith("| 0")]

    titles = [page.read_text(encoding="utf-8").partition("\n")[0].partition(": ")[2] for page in pages]
    assert rows == [
        f"| {page.stem[:4]} | [{title}]({page.name}) |" for page, title in zip(pages, titles, strict=True)
    ]
