"""A key that the whole test run must keep to itself, with every logger at DEBUG.

``pytest --canary`` puts it where people put their keys, and looks for it at the end:
in the log, in what tests printed and reported, and in every file that they wrote.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

CANARY = "sk-canary-9b1f4e7ac0d24c6e8a35"
_VARIABLES = ("CITEWISE_LLM_KEY", "OPENAI_API_KEY", "ANTHROPIC_API_KEY")


class Canary:
    """A plugin of one run; see the module."""

    def __init__(self, config: pytest.Config, log: Path) -> None:
        self._config = config
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
        if hasattr(self._config, "workeroutput"):  # in a process of `pytest -n`
            self._config.workeroutput["canary"] = self._found + self._in([self._log])
            return
        factory: pytest.TempPathFactory = session.config._tmp_path_factory  # type: ignore[attr-defined]
        self._found += self._in([self._log, *factory.getbasetemp().rglob("*")])
        if self._found:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def _in(self, paths: Iterable[Path]) -> list[str]:
        return [str(path) for path in paths if path.is_file() and CANARY.encode() in _bytes(path)]

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object) -> None:
        """Take over what a process of `pytest -n` found."""
        self._found += getattr(node, "workeroutput", {}).get("canary", [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where the key was, or that it was nowhere."""
        terminalreporter.section("canary key")
        for place in self._found or ["found nowhere, in the log of all tests and their files"]:
            terminalreporter.line(place)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
