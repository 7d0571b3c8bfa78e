"""The report as one HTML page that needs no network: scores, charts, and every pair with its trace.

All text comes from documents, people and models, so none of it is trusted: every
string is escaped where the page is put together (`_tag`), and the page's policy
lets only its own script run.
"""

import base64
import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from rag.eval.curve import PRICES
from rag.eval.measures import MEASURES
from rag.eval.page import SCRIPT, STYLE
from rag.eval.pairs import names
from rag.eval.report import Report, figure, shown_groups
from rag.eval.run import Scored
from rag.eval.stats import Mean
from rag.types import Answer, Citation, Conflict, Hit

__all__ = ["page"]

_MARKER = re.compile(r"\[(\d+)\]")
_BAR = 260
_CURVE = (520, 220, 34)
_COLOURS = ("#c0392b", "#b7791f", "#2563a8")
_VOID = frozenset({"input", "meta"})
# Passage text on either side of a quote.
_CONTEXT = 160


class _Markup(str):
    """Text that is HTML already; any other string is escaped by `_tag`."""

    __slots__ = ()


def _tag(element: str, *children: str | Iterable[str], **attributes: object) -> _Markup:
    """Return an element. `class_` gives ``class``; an attribute that is None or False is left out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    return _Markup(f"<{element}{given}>{_inner(children)}" + ("" if element in _VOID else f"</{element}>"))


def _inner(children: Iterable[str | Iterable[str]]) -> _Markup:
    parts = (part for child in children for part in ([child] if isinstance(child, str) else child))
    return _Markup("".join(part if isinstance(part, _Markup) else html.escape(part) for part in parts))


def page(report: Report) -> str:
    """Return the whole page."""
    digest = base64.b64encode(hashlib.sha256(SCRIPT.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    head = _inner(
        [
            _tag("meta", charset="utf-8"),
            _tag("meta", http_equiv="Content-Security-Policy", content=policy),
            _tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            _tag("title", f"Citewise: {report.verdict}"),
            _tag("style", _Markup(STYLE)),
        ]
    )
    body = _tag("body", _heading(report), _scores(report), _groups(report), _curve(report), _pairs(report))
    return f'<!DOCTYPE html>\n<html lang="en"><head>{head}</head>\n{body}</html>\n'


def _heading(report: Report) -> Iterator[_Markup]:
    settings = ", ".join(f"{name} {value}" for name, value in report.subject.settings.items())
    right = sum(each.right for each in report.run.scored)
    yield _tag("h1", "Citewise evaluation")
    yield _tag("div", report.verdict, class_=f"verdict {_tone(report)}")
    yield _tag("div", f"{right} of {len(report.run.scored)} pairs right. {settings}.", class_="soft")
    yield _tag(
        "div",
        f"{len(report.subject.documents)} documents, pairs ",
        _tag("code", report.subject.pairs[:12]),
        class_="soft",
    )
    if report.failures:
        yield _tag("ul", [_tag("li", failure, class_="bad") for failure in report.failures])
    if report.unusable:
        yield _tag("ul", [_tag("li", f"cannot be used: {each}", class_="bad") for each in report.unusable])
    if report.comparison:
        yield _tag("ul", [_tag("li", line) for line in report.comparison.lines()])


def _tone(report: Report) -> str:
    if report.exit_code:
        return "bad"
    return "good" if report.all_checks else "soft"


def _scores(report: Report) -> _Markup:
    header = _tag(
        "tr", [_tag("th", name) for name in ("measure", "n", "mean", "0 to 1, 95 % interval", "what it is")]
    )
    rows = [
        _tag(
            "tr",
            _tag("td", name),
            _tag("td", str(each.n), class_="n"),
            _tag("td", figure(each.value), class_="n"),
            _tag("td", _bar(each)),
            _tag("td", MEASURES[name], class_="soft"),
        )
        for name, each in report.run.means["all"].items()
    ]
    return _tag("section", _tag("h2", "All pairs"), _tag("div", _tag("table", header, rows), class_="scroll"))


def _bar(each: Mean) -> _Markup:
    low, high, at = (round(4 + value * (_BAR - 8), 1) for value in (each.low, each.high, each.value))
    return _tag(
        "svg",
        _tag("line", x1=4, x2=_BAR - 4, y1=9, y2=9, class_="axis"),
        _tag("rect", x=low, y=4, width=max(1.0, round(high - low, 1)), height=10, class_="band"),
        _tag("circle", cx=at, cy=9, r=4, class_="dot"),
        _tag("title", f"{figure(each.value)} ({figure(each.low)} to {figure(each.high)})"),
        width=_BAR,
        height=18,
        role="img",
    )


def _groups(report: Report) -> _Markup:
    columns = list(report.run.means["all"])
    header = _tag(
        "tr", _tag("th", "group"), [_tag("th", name.replace("_", " "), class_="n") for name in columns]
    )
    rows = [
        _tag("tr", _tag("td", group), [_cell(report.run.means[group].get(name)) for name in columns])
        for group in shown_groups(report)
    ]
    return _tag(
        "section",
        _tag("h2", "By language and type"),
        _tag("div", _tag("table", header, rows), class_="scroll"),
    )


def _cell(each: Mean | None) -> _Markup:
    if each is None:
        return _tag("td")
    tint = f"background:color-mix(in srgb, var(--{'good' if each.value >= 0.5 else 'bad'})"
    strength = round(abs(each.value - 0.5) * 60)
    title = f"n={each.n}, {figure(each.low)} to {figure(each.high)}"
    return _tag(
        "td", figure(each.value), class_="cell", title=title, style=f"{tint} {strength}%, transparent)"
    )


def _curve(report: Report) -> _Markup:
    lines = {
        "wrong answers": [point.wrong for point in report.curve],
        "needless abstentions": [point.withheld for point in report.curve],
        "answered": [point.answered for point in report.curve],
    }
    cheapest = [
        f"{min(report.curve, key=lambda point: point.costs[place]).threshold:.2f} for a price of {price}"
        for place, price in enumerate(PRICES)
    ]
    return _tag(
        "section",
        _tag("h2", "What a threshold on the evidence would cost"),
        _chart([point.threshold for point in report.curve], lines),
        _tag(
            "p",
            "Cheapest threshold, if a wrong answer is priced in needless abstentions: "
            f"{', '.join(cheapest)}.",
            class_="soft",
        ),
    )


def _chart(places: Sequence[float], lines: Mapping[str, Sequence[float]]) -> _Markup:
    """Return lines over [0, 1] by [0, 1], with a legend in their colours."""
    width, height, margin = _CURVE

    def x(value: float) -> float:
        return round(margin + value * (width - 2 * margin), 1)

    def y(value: float) -> float:
        return round(height - margin - value * (height - 2 * margin), 1)

    marks = [step / 5 for step in range(6)]
    grid = [_tag("line", x1=x(0), x2=x(1), y1=y(at), y2=y(at), class_="axis") for at in marks]
    below = [_tag("text", f"{at:.1f}", x=x(at) - 8, y=height - 12) for at in marks]
    beside = [_tag("text", f"{at:.1f}", x=4, y=y(at) + 4) for at in marks]
    drawn = [
        _tag(
            "polyline",
            points=" ".join(f"{x(at)},{y(value)}" for at, value in zip(places, values, strict=True)),
            class_="line",
            stroke=colour,
        )
        for colour, values in zip(_COLOURS, lines.values(), strict=True)
    ]
    legend = [
        _tag("span", f"━ {name} ", style=f"color:{colour}")
        for colour, name in zip(_COLOURS, lines, strict=True)
    ]
    return _tag(
        "div",
        _tag("svg", grid, below, beside, drawn, width=width, height=height, role="img"),
        _tag("div", legend),
    )


def _pairs(report: Report) -> _Markup:
    scored = report.run.scored
    controls = _tag(
        "div",
        _tag("input", id="search", type="search", placeholder="words in the question, answer, sources"),
        _select("status", ["wrong", "crashed", "right"], "every outcome"),
        _select("lang", sorted({each.pair.lang for each in scored}), "every language"),
        _select("type", sorted({each.pair.type for each in scored}), "every type"),
        _select("order", ["id", "evidence", "evidence down", "lang", "type", "status"], "in file order"),
        _tag("button", "open or close all", id="unfold", type="button"),
        _tag("span", id="shown", class_="soft"),
        class_="controls",
    )
    items = [_pair(place, each) for place, each in enumerate(scored)]
    return _tag(
        "section",
        _tag("h2", "Pairs"),
        controls,
        _tag("div", items, id="pairs"),
        _tag("script", _Markup(SCRIPT)),
    )


def _select(name: str, values: Sequence[str], none: str) -> _Markup:
    first = "place" if name == "order" else ""
    options = [_tag("option", none, value=first), *(_tag("option", value, value=value) for value in values)]
    return _tag("select", options, id=name, aria_label=name)


def _pair(place: int, each: Scored) -> _Markup:
    status = "crashed" if each.answer is None else "right" if each.right else "wrong"
    evidence = each.answer.evidence if each.answer else 0.0
    summary = _tag(
        "summary",
        _tag("span", status, class_="good" if each.right else "bad"),
        _tag("code", each.pair.id, class_="wide"),
        _tag("span", each.pair.lang),
        _tag("span", each.pair.type, class_="wide"),
        _tag("span", each.pair.question, class_="question", dir="auto", lang=each.pair.lang),
        _tag("span", f"{evidence:.2f}", class_="wide soft", title="evidence"),
    )
    return _tag(
        "details",
        summary,
        _tag("div", _details(place, each)),
        class_="pair",
        data_id=each.pair.id,
        data_place=f"{place:06}",
        data_lang=each.pair.lang,
        data_type=each.pair.type,
        data_status=status,
        data_evidence=evidence,
    )


def _details(place: int, each: Scored) -> Iterator[_Markup]:
    if each.missing:
        yield _tag("ul", [_tag("li", reason, class_="bad", dir="auto") for reason in each.missing])
    for turn in each.pair.history:
        yield _tag("p", f"{turn.question} — {turn.answer}", class_="soft", dir="auto")
    if each.answer:
        yield _tag("div", _linked(place, each.answer.text), class_="answer", dir="auto")
        yield from _sources(place, each.answer)
        yield from _sides(each.answer.conflicts)
        yield from _retrieved(each)
    yield _tag("h3", "Expected")
    yield _tag("ul", [_tag("li", line, dir="auto") for line in _expected(each)])
    yield _tag("h3", "Measures")
    yield _tag("div", ", ".join(f"{name} {figure(value)}" for name, value in each.values.items()))


def _linked(place: int, text: str) -> Iterator[str]:
    at = 0
    for marker in _MARKER.finditer(text):
        yield text[at : marker.start()]
        yield _tag("a", marker[0], href=f"#p{place}c{marker[1]}")
        at = marker.end()
    yield text[at:]


def _sources(place: int, answer: Answer) -> Iterator[_Markup]:
    chunks = {hit.chunk.chunk_id: hit for hit in answer.hits}
    for each in answer.citations:
        dated = f", {each.date}" if each.date else ""
        yield _tag(
            "blockquote",
            _tag("b", f"[{each.marker}] "),
            _tag("span", _in_context(each, chunks.get(each.chunk_id)), lang=each.lang, dir="auto"),
            _tag("div", _tag("code", f"{each.doc_id}:{each.start}-{each.end}"), dated, class_="soft"),
            id=f"p{place}c{each.marker}",
        )
    unverified = [claim.text for claim in answer.claims if claim.status != "verified"]
    if unverified:
        yield _tag("h3", "Unverified claims")
        yield _tag("ul", [_tag("li", text, dir="auto") for text in unverified])


def _in_context(citation: Citation, hit: Hit | None) -> Iterator[str]:
    if hit is None:
        yield _tag("mark", citation.quote)
        return
    start, end = citation.start - hit.chunk.start, citation.end - hit.chunk.start
    yield hit.chunk.text[max(0, start - _CONTEXT) : max(0, start)]
    yield _tag("mark", citation.quote)
    yield hit.chunk.text[max(0, end) : max(0, end) + _CONTEXT]


def _sides(conflicts: Sequence[Conflict]) -> Iterator[_Markup]:
    for each in conflicts:
        yield _tag("h3", "The sources disagree")
        yield _tag(
            "ul",
            [
                _tag("li", f"{side.value} [{side.marker}] {side.date or ''} {side.statement}", dir="auto")
                for side in each.sides
            ],
        )


def _retrieved(each: Scored) -> Iterator[_Markup]:
    assert each.answer is not None
    expected = {name for group in each.pair.docs for name in group}
    yield _tag("h3", f"Retrieved (evidence {each.answer.evidence:.3f}, {each.answer.model})")
    rows = []
    for hit in each.answer.hits:
        legs = ", ".join(f"{leg} {rank}" for leg, rank in hit.ranks.items())
        found = not expected.isdisjoint(names(hit.chunk.doc_id))
        rows.append(
            _tag(
                "li", _tag("code", hit.chunk.chunk_id), f" {hit.score:.3f} ({legs})", class_=found and "good"
            )
        )
    yield _tag("ol", rows)


def _expected(each: Scored) -> Iterator[str]:
    if not each.pair.answerable:
        yield "no answer: the documents do not say"
    yield from (" | ".join(group) for group in each.pair.facts)
    yield from (f"not: {text}" for text in each.pair.forbidden)
    yield from (f"cited: {' | '.join(group)}" for group in each.pair.docs)
