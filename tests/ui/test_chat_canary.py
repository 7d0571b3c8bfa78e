"""Texts of documents, models, names and errors are text in the chat, whatever they would be in a page."""

import json
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import Visit, visiting
from fault_server import OPENAI, Exchange, serve
from payloads import Canary, canary
from served import SETTINGS, command

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.text.characters import clean_text

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

# What draws something, loads something or leads somewhere. Our own drawings are paths.
ALIVE = (
    "img, picture, image, use, video, audio, track, source, iframe, frame, object, embed, link, style, "
    "script, base, meta, form:not(.composer, .comment), [srcdoc], [background], [style]:not(textarea), "
    "a[href]:not([href^='#'], [href='library'])"
)


@pytest.fixture(scope="module")
def cage() -> Iterator[Canary]:
    with canary() as found:
        yield found


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory, cage: Canary, embedder: Embedder) -> Iterator[str]:
    """A chat over documents whose texts, titles and names are payloads, like words and name of its model."""
    root = tmp_path_factory.mktemp("cage")
    settings = SETTINGS.model_copy(update={"index": root / "index"})
    with wiring.writer(settings, embedder) as writer:
        ingest([write_files(root / "docs", cage)], writer, embedder)

    def sing(exchange: Exchange) -> None:
        asked = exchange.body["messages"][-1]["content"]
        song = "\n\n".join(["All cages stand in the great hall of the bird house. [1]", *cage.payloads()])
        exchange.head(400 if "fail" in asked else 200)
        if "fail" in asked:
            exchange.send(json.dumps({"error": {"message": song}}).encode())
        elif "for ever" in asked:
            exchange.send(OPENAI.piece(song))
            exchange.wait_for_close()
        else:
            exchange.send(OPENAI.stream(song))

    with serve(sing) as model:
        backend = {
            "CITEWISE_LLM": "openai",
            "CITEWISE_LLM_URL": model.url,
            "CITEWISE_LLM_MODEL": cage.payloads()[0],
        }
        with command(settings.index, root / "log", **backend) as served:
            yield served.url


def write_files(folder: Path, cage: Canary) -> Path:
    folder.mkdir()
    for number, payload in enumerate(cage.payloads()):
        # To a browser "\" is as good as the "/" that no name can hold.
        name = f"{number} " + " ".join(payload.replace("/", "\\").split())[:120]
        title = " ".join(payload.split())
        # Markdown would take tags for markup and leave them out; here they are words.
        page = f"<title>{escape(title)}</title><p>Bird {number} sings {escape(payload)}</p>"
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
        (folder / f"{name}.pdf").write_text(payload, encoding="utf-8")
    hall = "All cages stand in the great hall of the bird house.\n\n" + "\n\n".join(cage.payloads())
    (folder / "hall.txt").write_text(hall, encoding="utf-8")
    return folder


@pytest.fixture
def visit(chromium: "Browser", url: str) -> Iterator[Visit]:
    with visiting(chromium, url) as found:
        yield found


def assert_dead(visit: Visit, cage: Canary) -> None:
    """Nothing came to life: no element, no script, no request."""
    visit.page.wait_for_load_state("networkidle")
    alive = visit.page.locator("#citewise").locator(ALIVE)
    assert alive.evaluate_all("(all) => all.map((each) => each.outerHTML)") == []
    assert visit.page.evaluate("window.pwned") is None
    assert cage.calls == []


def assert_shown(visit: Visit, place: str, cage: Canary) -> None:
    """All payloads can be read in *place*, but for controls and fences, which are taken out of texts."""
    shown = plain("".join(visit.page.locator(place).all_text_contents()))
    lines = [line for each in cage.payloads() for line in each.splitlines() if not line.startswith("```")]
    assert [line for line in lines if plain(line) not in shown] == []


def plain(text: str) -> str:
    # A sentence may end at the "!" of "![a](b)", and spaces be lost or gained where one ends.
    return "".join(clean_text(text).replace("!", "").split())


def test_titles_and_names_are_text(visit: Visit, cage: Canary) -> None:
    """The list of documents, and that of files which could not be read."""
    visit.page.evaluate(
        "document.querySelectorAll('#citewise details').forEach((each) => (each.open = true))"
    )
    visit.page.locator("#citewise .choice").nth(60).wait_for()

    assert_shown(visit, "#citewise .choices", cage)
    assert visit.page.locator("#citewise .problems li").count() == 60
    assert_dead(visit, cage)


def test_the_text_of_a_document_is_text(visit: Visit, cage: Canary) -> None:
    """The quote, its surroundings, the whole document, and every passage that was found."""
    visit.ask("Where do all cages of the bird house stand?")
    visit.page.locator(".marker").first.click()
    visit.page.locator("aside .open").click()
    visit.page.locator("aside .text").wait_for()
    assert_shown(visit, "aside .text", cage)
    assert_dead(visit, cage)

    visit.page.locator(".why summary").click()
    for row in visit.page.locator(".why button").all():
        row.click()
        visit.page.locator("aside .target").wait_for()
    assert_dead(visit, cage)


def test_the_words_of_a_model_are_text(visit: Visit, cage: Canary) -> None:
    """As they come, when they are stopped, when they are checked, and when the page is loaded anew."""
    visit.page.locator("#question").fill("Where do all cages of the bird house stand? Go on for ever.")
    visit.page.keyboard.press("Enter")
    visit.page.locator(".unchecked", has_text="59").wait_for()
    assert_shown(visit, ".unchecked", cage)
    visit.page.get_by_role("button", name="Stop").click()
    visit.page.locator(".failed").wait_for()
    assert_shown(visit, ".unchecked", cage)
    visit.ask("Where do all cages of the bird house stand?")
    assert_dead(visit, cage)

    visit.page.reload()
    visit.page.locator(".answer").last.wait_for()
    assert_shown(visit, ".unchecked", cage)
    assert_dead(visit, cage)


def test_every_field_of_an_answer_is_text(visit: Visit, cage: Canary) -> None:
    """Claims, conflicts, reasons, stages: even those that only this service writes."""
    payloads = cage.payloads()
    songs = [payloads[start : start + 10] for start in range(0, len(payloads), 10)]
    answers = [answer(song) for song in songs]

    def reply(route: "Route") -> None:
        body = f"event: answer\ndata: {json.dumps(answers.pop(0))}\n\n"
        route.fulfill(status=200, content_type="text/event-stream", body=body)

    visit.page.route("**/ask", reply)
    for song in songs:
        visit.ask(" ".join(song))
    visit.page.evaluate(
        "document.querySelectorAll('#citewise details').forEach((each) => (each.open = true))"
    )

    for place in (
        ".question",
        ".claim.unverified",
        ".conflict .statement",
        ".degraded",
        ".why",
        ".source-list",
    ):
        assert_shown(visit, place, cage)
    assert_dead(visit, cage)


def answer(payloads: list[str]) -> dict[str, object]:
    """Return an answer that is nothing but payloads: one a row in lists, all in each other field."""
    song = " ".join(payloads)
    rows = [(number, each, " ".join(each.split())) for number, each in enumerate(payloads, start=1)]
    named = [
        {"chunk_id": each, "doc_id": each, "title": each, "lang": each, "date": each, "start": 0, "end": 9}
        for each in payloads
    ]
    claims: list[object] = []
    for number, payload, line in rows:
        claims.append({"text": line, "status": "verified", "markers": [number], "why": ""})
        claims.append({"text": line, "status": "unverified", "markers": [], "why": payload})
    return {
        "question": song,
        "lang": song,
        "text": "\n".join(f"{line} [{number}] {line}" for number, _, line in rows),
        "answered": True,
        "reason": song,
        "abstention": song,
        "faults": [{"model": each, "code": each, "message": each} for each in payloads],
        "claims": claims,
        "citations": [
            {**name, "marker": number, "quote": name["title"]} for number, name in enumerate(named, 1)
        ],
        "conflicts": [{"sides": [{"value": p, "statement": p, "marker": n, "date": p} for n, p, _ in rows]}],
        "hits": [
            {"chunk": {**name, "text": song}, "score": 1, "rank": 1, "ranks": {}, "title": name["title"]}
            for name in named
        ],
        "evidence": 1,
        "model": song,
        "degraded": True,
        "timings_ms": {song: 1},
        "generation": song,
        "request_id": song,
    }


def test_the_words_of_a_failure_are_text(visit: Visit, cage: Canary) -> None:
    """What a backend said that failed, and what a service says that is not ours."""
    visit.ask("Where do all cages of the bird house stand, and which ones fail?")
    assert plain(cage.payloads()[0]) in plain(visit.page.locator(".degraded").text_content() or "")
    assert_dead(visit, cage)

    left = cage.payloads()

    def refuse(route: "Route") -> None:
        error = dict.fromkeys(("code", "message", "request_id"), left.pop())
        if len(left) % 2:
            route.fulfill(status=500, content_type="application/json", body=json.dumps(error))
        else:
            body = f"event: error\ndata: {json.dumps(error)}\n\n"
            route.fulfill(status=200, content_type="text/event-stream", body=body)

    visit.page.route("**/ask", refuse)
    for number in range(len(left)):
        visit.ask(f"Question {number}")

    assert_shown(visit, ".failed", cage)
    assert_dead(visit, cage)


def test_the_canary_sings(chromium: "Browser") -> None:
    """Where the same texts are taken for HTML, they load, run and call: the tests above can fail."""
    page = chromium.new_context().new_page()
    page.on("dialog", lambda dialog: dialog.dismiss())
    with canary() as cage:
        frames = (f"<iframe src='/html/{number}'></iframe>" for number in range(len(cage.payloads())))
        page.goto(cage.url)
        page.evaluate("(html) => { document.body.innerHTML = html }", "".join(frames))
        page.wait_for_load_state("networkidle")
        called = {path for path in cage.calls if path[1:].isdecimal()}
        ran = cage.calls.count("/pwned")
    page.context.close()

    assert len(called) >= 35
    assert ran >= 8
