"""Every form of the report tells the same, escapes all text, and is the same for the same results."""

import json
import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from judged import TEXT, Replies, answer, citation, document, pair, quiet, refusal, unanswerable
from lxml import html as lxml_html

from rag.eval.baseline import Comparison, read_baseline
from rag.eval.changes import Changes, subject_of
from rag.eval.curve import PRICES, cost_curve
from rag.eval.export import files, junit, markdown
from rag.eval.gate import Check
from rag.eval.measures import MEASURES
from rag.eval.report import Report, as_json, terminal, timings, token_counts
from rag.eval.run import run
from rag.types import Answer, Conflict, Side

HOSTILE = '</script><img src=x onerror=alert(1)> & "quotes" | `code` [a](javascript:x) \x0b\ufffe'
DOCUMENTS = {"a.txt": document()}
PAIRS = [
    pair(),
    pair(id="ko-fact-001", lang="ko", type="fact", question="몇 번째?", facts=[["12번째"]]),
    pair(id="he-fact-001", lang="he", type="fact", question=f"מה {HOSTILE}", facts=[[f"absent {HOSTILE}"]]),
    unanswerable(question="Who?"),
    pair(id="en-fact-009", question="crash", type="fact"),
]
SIDES = (Side("7 €", HOSTILE, 1, None), Side("9 €", "La entrada cuesta 9 euros.", 1, None))


def report(*, slower: float = 0.0) -> Report:
    replies: dict[str, Answer | Exception] = {
        PAIRS[0].question: answer(conflicts=(Conflict(SIDES),)),
        PAIRS[1].question: answer(
            "서울 사무소는 12번째 지사다. [1]", citations=(citation("서울 사무소는 12번째 지사다."),)
        ),
        PAIRS[2].question: answer(HOSTILE, evidence=0.4),
        PAIRS[3].question: refusal(),
        PAIRS[4].question: RuntimeError(HOSTILE),
    }
    for question, reply in replies.items():
        if isinstance(reply, Answer):
            replies[question] = replace(reply, timings_ms={"retrieve": 1.0 + slower, "compose": 2.0})
    result = run(Replies(replies), PAIRS, DOCUMENTS, quiet)
    subject = subject_of(DOCUMENTS.values(), PAIRS, {"llm": "extractive"})
    checks = (Check("[all] correct >= 0.9", "[all] correct: 0.600 (n=5)"), Check("[all] facts >= 0.1"))
    changed = Changes(changed=(f"notes {HOSTILE}.txt",))
    comparison = Comparison((Check("no worse"),), 4, ("he-fact-001",), (), documents=changed)
    return Report(subject, result, checks, comparison, (f"qa.jsonl:7: {HOSTILE}",))


def test_equal_results_give_equal_bytes() -> None:
    """However long the answers took: timings stand in a file of their own."""
    one, other = files(report()), files(report(slower=9.5))

    assert [name for name in one if one[name] != other[name]] == ["junit.xml", "timings.json"]
    assert re.sub(r' time="[^"]*"', "", one["junit.xml"]) == re.sub(r' time="[^"]*"', "", other["junit.xml"])
    assert terminal(report()) == terminal(report(slower=9.5))


def test_the_terminal_shows_scores_wrong_pairs_flips_and_failures() -> None:
    """One line each, and the verdict last."""
    lines = terminal(report()).split("\n")

    assert "correct                   5   0.600   0.200 to 1.000" in lines
    assert any(line.startswith("lang:ko") for line in lines)
    assert any(line.startswith("wrong he-fact-001: missing fact: ") for line in lines)
    assert any(line.startswith("wrong en-fact-009: crashed: RuntimeError: ") for line in lines)
    assert "no longer right: he-fact-001" in lines
    assert "gate missed: [all] correct: 0.600 (n=5)" in lines
    assert "compared with the baseline: 4 pairs of the same text" in lines
    assert any(line.startswith("documents changed: notes ") for line in lines)
    assert any(line.startswith("cannot be used: qa.jsonl:7: ") for line in lines)
    assert lines[-1] == "gate failed: 1 of 3 checks, 1 data errors"


def test_the_json_is_whole_and_serves_as_a_baseline(tmp_path: Path) -> None:
    """Every pair with its fields, measures and answer; quotes are the text at their offsets."""
    done = report()
    path = tmp_path / "report.json"
    path.write_text(as_json(done), encoding="utf-8")

    fields = json.loads(path.read_text(encoding="utf-8"), parse_constant=pytest.fail)

    assert [each["id"] for each in fields["pairs"]] == [each.id for each in PAIRS]
    cited = fields["pairs"][1]["answer"]["citations"][0]
    assert TEXT[cited["start"] : cited["end"]] == cited["quote"]
    assert fields["pairs"][4]["answer"] is None
    assert "timings_ms" not in json.dumps(fields)
    assert set(fields["means"]["all"]) <= set(MEASURES)
    assert len(read_baseline(path).pairs) == len(PAIRS)


def test_the_schema_in_the_docs_names_every_field() -> None:
    """docs/json.md describes each key of the report."""
    described = (Path(__file__).resolve().parents[2] / "docs" / "eval.md").read_text(encoding="utf-8")
    fields = json.loads(as_json(report()))

    keys = {
        *fields,
        *fields["pairs"][0],
        *fields["pairs"][0]["answer"],
        *fields["curve"][0],
        *fields["subject"],
        *fields["comparison"],
        *fields["comparison"]["documents"],
    }

    assert [key for key in keys if f"`{key}`" not in described] == []


def test_junit_has_a_case_for_every_check_and_every_pair() -> None:
    """Counts agree with the cases, and what XML cannot hold is replaced."""
    root = ElementTree.fromstring(junit(report()))

    gate, data, pairs = root.findall("testsuite")
    assert [
        (len(suite), suite.get("tests"), suite.get("failures"), suite.get("errors"))
        for suite in (gate, data, pairs)
    ] == [
        (3, "3", "1", "0"),
        (1, "1", "0", "1"),
        (5, "5", "1", "1"),
    ]
    assert "onerror" in (pairs[2][0].get("message") or "")
    assert pairs[4][0].tag == "error"


def test_junit_tells_what_was_asked_expected_and_given() -> None:
    """In every case, in any script; what was missing stands in the failure, and seconds in the case."""
    root = ElementTree.fromstring(junit(report()))

    cases = {case.get("name"): case for case in root.iter("testcase")}
    right, wrong, crashed = cases["ko-fact-001"], cases["he-fact-001"], cases["en-fact-009"]
    out = right.findtext("system-out") or ""
    assert out.split("\n") == [
        "question: 몇 번째?", "expected: 12번째", "answer: 서울 사무소는 12번째 지사다.", "cited: a.txt",
    ]  # fmt: skip
    assert right.get("time") == "0.003"
    assert (wrong.findtext("failure") or "").startswith("missing fact: absent </script>")
    assert "\nanswer: </script>" in (wrong.findtext("failure") or "")
    assert crashed.get("time") is None
    assert (crashed.findtext("error") or "").startswith("crashed: RuntimeError: ")


def test_markdown_of_a_hostile_document_is_text() -> None:
    """No tag, link or table cell comes from a document."""
    summary = markdown(report())

    ours = (
        re.sub(r"\\.", "", summary)
        .replace("<details><summary>", "")
        .replace("</summary>", "")
        .replace("</details>", "")
    )
    assert "<" not in ours
    assert "](" not in ours
    assert {line.count("|") for line in ours.split("\n") if line.startswith("| ")} == {5, 10}


def parsed_page() -> Any:  # noqa: ANN401 - lxml's tree of elements
    return lxml_html.document_fromstring(files(report())["index.html"])


def test_html_of_a_hostile_document_is_text() -> None:
    """Nothing but our own script, no handlers, no addresses outside the page."""
    root = parsed_page()

    assert len(root.findall(".//script")) == 1
    assert root.findall(".//img") == []
    assert [name for each in root.iter() for name in each.attrib if name.startswith("on")] == []
    assert all(link.startswith("#p") for _, _, link, _ in root.iterlinks())
    assert root.find(".//meta[@http-equiv]").get("content").startswith("default-src 'none'; ")
    assert HOSTILE.split(" ", maxsplit=1)[0] in "".join(root.find(".//*[@data-id='he-fact-001']").itertext())


def test_html_shows_each_pair_with_its_citation_marked() -> None:
    """The quote is highlighted within its passage, and the marker leads to it."""
    root = parsed_page()

    shown = root.find(".//*[@data-id='ko-fact-001']")

    assert shown.find(".//mark").text == "서울 사무소는 12번째 지사다."
    assert shown.find(".//blockquote").get("id") == shown.find(".//a").get("href").removeprefix("#")
    assert [each.get("data-status") for each in root.find(".//*[@id='pairs']")] == [
        "right", "right", "wrong", "right", "crashed",
    ]  # fmt: skip


def test_the_cost_curve_trades_wrong_answers_for_abstentions() -> None:
    """Counted by hand: a crash stays wrong, and the wrong answer with evidence .4 goes first."""
    curve = cost_curve(report().run.scored)

    at = {round(point.threshold, 2): point for point in curve}
    assert (at[0.0].wrong, at[0.0].withheld) == (2 / 5, 0)
    assert (at[0.45].wrong, at[0.45].withheld) == (1 / 5, 1 / 5)
    assert (at[0.95].wrong, at[0.95].withheld) == (1 / 5, 3 / 5)
    assert at[0.45].costs == pytest.approx(tuple((price + 1) / 5 for price in PRICES))


def test_timings_are_summed_by_stage() -> None:
    """Median, 95th percentile and sum, crashed pairs apart."""
    found = timings(report().run.scored)

    assert found["total"] == {"n": 4, "median": 3.0, "p95": 3.0, "sum": 12.0}
    assert math.isclose(found["retrieve"]["sum"] + found["compose"]["sum"], found["total"]["sum"])


def test_tokens_are_counted_for_what_is_read_and_written() -> None:
    """Of answered and refused pairs alike; a crash wrote nothing."""
    found = token_counts(report().run.scored)

    assert found["answer"]["n"] == found["passages"]["n"] == 4
    assert found["passages"]["median"] > found["answer"]["median"] > 0
