"""A key that the whole test run must keep to itself, with every logger at DEBUG.

``pytest --canary`` puts it where people put their keys, and looks for it at the end:
in the log, in what tests printed and reported, and in every file that they wrote.
"""

import os
from pathlib import Path

import pytest

CANARY = "sk-canary-9b1f4e7ac0d24c6e8a35"
_VARIABLES = ("RAG_LLM_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY")


class Canary:
    """A plugin of one run; see the module."""

    def __init__(self, config: pytest.Config, log: Path) -> None:
        self._log = log
        self._found: list[str] = []
        os.environ.update(dict.fromkeys(_VARIABLES, CANARY))
        config.option.log_file = str(log)
        config.option.log_file_level = "DEBUG"

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Look through what a test printed, logged and said of its failure."""
        shown = (report.capstdout, report.capstderr, report.caplog, report.longreprtext)
        if any(CANARY in text for text in shown):
            self._found.append(report.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Look through the log and the files; a run that gave the key away has failed."""
        factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        files = [self._log, *(path for path in factory.getbasetemp().rglob("*") if path.is_file())]
        self._found += [str(path) for path in files if CANARY.encode() in _bytes(path)]
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the key was, or that it was nowhere."""
        size = self._log.stat().st_size if self._log.exists() else 0
        terminalreporter.section("canary key")
        for place in self._found or [f"found nowhere, in a log of {size:,} bytes and all files"]:
            terminalreporter.line(place)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
