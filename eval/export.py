"""The report as the files that other tools read: JSON, JUnit XML, Markdown, HTML, thresholds. Pure."""

import json
import math
import re
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from rag.eval import html
from rag.eval.facts import shown
from rag.eval.gate import propose
from rag.eval.report import COLUMNS, Report, as_json, figure, shown_groups, timings, token_counts
from rag.eval.run import Scored

__all__ = ["JSON", "files", "junit", "markdown", "told"]

JSON = "report.json"

# A job summary is read on a small screen, and GitHub cuts it at 1 MB.
_LISTED = 50
# What XML 1.0 cannot hold, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Characters with a meaning in GitHub's Markdown, tables included.
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#+!|~@$&-])")


def files(report: Report) -> Mapping[str, str]:
    """Return the contents of every file of a report folder by name.

    All but ``timings.json`` and the times in ``junit.xml`` are the same, byte for byte,
    for the same results.
    """
    return {
        JSON: as_json(report),
        "junit.xml": junit(report),
        "summary.md": markdown(report),
        "index.html": html.page(report),
        "proposed.toml": propose(report.run.means),
        "timings.json": json.dumps(
            {"milliseconds": timings(report.run.scored), "tokens": token_counts(report.run.scored)}, indent=1
        )
        + "\n",
    }


def junit(report: Report) -> str:
    """Return JUnit XML: a suite of the gate's checks, one of the data errors if any, and one of the pairs.

    A wrong pair is a failure and a crashed one an error, whether or not the gate
    passes: a viewer that must be green with the gate reads the first suite only.
    """
    root = ElementTree.Element("testsuites", name="rag eval")
    gate = _suite(root, "gate", len(report.all_checks), len(report.failures), 0)
    for check in report.all_checks:
        _case(gate, "gate", check.name, "failure", check.failure)
    if report.unusable:
        data = _suite(root, "data", len(report.unusable), 0, len(report.unusable))
        for problem in report.unusable:
            _case(data, "data", problem.split(": ")[0], "error", problem)
    crashed = sum(each.answer is None for each in report.run.scored)
    wrong = sum(not each.right for each in report.run.scored) - crashed
    suite = _suite(root, "pairs", len(report.run.scored), wrong, crashed)
    for each in report.run.scored:
        _pair_case(suite, each)
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _pair_case(suite: ElementTree.Element, each: Scored) -> None:
    """Add a pair with its time, what was asked and given, and if it is wrong, what was missing."""
    problem = "" if each.right else "; ".join(each.missing) or "wrong"
    kind = "error" if each.answer is None else "failure"
    case = _case(suite, f"pairs.{each.pair.lang}.{each.pair.type}", each.pair.id, kind, problem)
    if each.answer:
        case.set("time", f"{math.fsum(each.answer.timings_ms.values()) / 1000:.3f}")
    text = "\n".join(told(each))
    if problem:
        # Most viewers show the text of a failure, and nothing else of a case.
        case[0].text = _NOT_XML.sub("\ufffd", "\n".join([*each.missing, text]))
    ElementTree.SubElement(case, "system-out").text = _NOT_XML.sub("\ufffd", text)


def told(each: Scored) -> Iterator[str]:
    """Yield in lines what was asked, expected, answered and cited."""
    yield f"question: {each.pair.question}"
    yield from (f"expected: {' | '.join(group)}" for group in each.pair.facts)
    if each.answer:
        yield f"answer: {shown(each.answer)}"
        yield f"cited: {', '.join(dict.fromkeys(one.doc_id for one in each.answer.citations)) or 'nothing'}"


def _suite(
    root: ElementTree.Element, name: str, tests: int, failures: int, errors: int
) -> ElementTree.Element:
    counts = {"tests": str(tests), "failures": str(failures), "errors": str(errors)}
    return ElementTree.SubElement(root, "testsuite", {"name": name, **counts})


def _case(suite: ElementTree.Element, group: str, name: str, kind: str, problem: str) -> ElementTree.Element:
    case = ElementTree.SubElement(suite, "testcase", classname=group, name=_NOT_XML.sub("\ufffd", name))
    if problem:
        ElementTree.SubElement(case, kind, message=_NOT_XML.sub("\ufffd", problem))
    return case


def markdown(report: Report) -> str:
    """Return a job summary: the verdict, the scores, what flipped and the first wrong pairs."""
    return "\n".join(_markdown_lines(report)) + "\n"


def _markdown_lines(report: Report) -> Iterator[str]:
    yield f"## rag eval: {_plain(report.verdict)}"
    yield ""
    yield from (f"- {_plain(failure)}" for failure in report.failures)
    yield from (f"- cannot be used: {_plain(problem)}" for problem in report.unusable)
    yield from ["", "| measure | n | mean | 95 % interval |", "|---|--:|--:|---|"]
    for name, each in report.run.means["all"].items():
        interval = f"{figure(each.low)} to {figure(each.high)}"
        yield f"| {_plain(name)} | {each.n} | {figure(each.value)} | {interval} |"
    yield from [
        "",
        f"| group | n | {' | '.join(map(_plain, COLUMNS))} |",
        "|---|--:" + "|--:" * len(COLUMNS) + "|",
    ]
    for group in shown_groups(report):
        means = report.run.means[group]
        cells = [figure(means[name].value) if name in means else "" for name in COLUMNS]
        yield f"| {_plain(group)} | {means['correct'].n} | {' | '.join(cells)} |"
    if report.comparison:
        yield ""
        yield from (f"- {_plain(line)}" for line in report.comparison.lines())
    yield from _wrong_pairs([each for each in report.run.scored if not each.right])


def _wrong_pairs(wrong: list[Scored]) -> Iterator[str]:
    yield from ["", f"<details><summary>{len(wrong)} pairs that are not right</summary>", ""]
    for each in wrong[:_LISTED]:
        yield f"- {_plain(each.pair.id)}: {_plain(each.pair.question)} ({_plain('; '.join(each.missing))})"
    if len(wrong) > _LISTED:
        yield f"- and {len(wrong) - _LISTED} more, all in {JSON}"
    yield from ["", "</details>"]


def _plain(text: str) -> str:
    """Escape *text*, which may come from a document, for Markdown."""
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
