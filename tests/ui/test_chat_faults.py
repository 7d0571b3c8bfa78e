"""The chat when an answer is missing or broken: it says why, in the reader's language, and loses nothing."""

import json
from typing import TYPE_CHECKING, get_args

import pytest
from browser import Visit, visiting
from chatting import ASKED, Chat

from rag.types import Abstention, FaultCode
from rag.ui.strings import LANGUAGES, strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Route

ABSTAINED = {
    "question": "",
    "lang": "en",
    "text": "",
    "answered": False,
    "reason": "Not for people.",
    "abstention": "unverified",
    "faults": [],
    "claims": [],
    "citations": [],
    "conflicts": [],
    "hits": [],
    "evidence": 0,
    "model": "m1",
    "degraded": True,
    "timings_ms": {},
    "generation": 1,
    "request_id": "0",
}


def test_an_abstention_offers_the_nearest_passages(visit: Visit) -> None:
    """Nothing is marked as proof where nothing was proved."""
    page = visit.page
    visit.ask("How hot does the kiln get? Please decline.")

    page.get_by_role("region", name="Not in the documents").get_by_role("button").first.click()
    page.locator("aside .target").wait_for()
    assert "1,250" in (page.locator("aside .target").text_content() or "")
    assert page.locator(".source mark").count() == page.locator(".claims").count() == 0


def test_a_hopeless_question_is_told_from_one_that_a_model_declined(visit: Visit) -> None:
    """The reason is said in the language of the interface."""
    visit.ask("어제 야구 경기는 몇 대 몇으로 끝났어?")

    region = visit.page.get_by_role("region", name="Not in the documents")
    assert strings("en")["abstention_low_evidence"] in (region.text_content() or "")


def test_a_model_that_breaks_off_is_told_and_stood_in_for(visit: Visit) -> None:
    """Half a sentence is worth nothing: the documents' own words come instead, and why is said."""
    page = visit.page
    visit.ask("How hot does the kiln get? Please break off.")

    assert "degr " not in (page.locator(".claims").text_content() or "")
    assert page.locator(".claims .marker").count() > 0
    assert page.locator(".degraded p").all_text_contents() == [
        "openai:mimic broke off before the end.",
        strings("en")["stand_in_quotes"],
    ]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_code_of_the_service_has_a_sentence_in_every_language(
    chromium: "Browser", chat: Chat, lang: str
) -> None:
    """Nothing that explains an answer is English for people who read another language."""
    texts = strings(lang)
    told = [{"model": "m1", "code": code, "message": "Not for people."} for code in get_args(FaultCode)]
    with visiting(chromium, chat.url, locale=lang) as visit:

        def reply(route: "Route") -> None:
            body = {**ABSTAINED, "faults": told, "abstention": codes.pop()}
            text = f"event: answer\ndata: {json.dumps(body)}\n\n"
            route.fulfill(status=200, content_type="text/event-stream", body=text)

        codes = [code for code in get_args(Abstention) if code]
        expected = [texts[f"abstention_{code}"] for code in reversed(codes)]
        visit.page.route("**/ask", reply)
        for question in expected:
            visit.ask(question)

        assert visit.page.locator(".calm > p").all_text_contents() == expected
        assert visit.page.locator(".degraded").first.locator("p").all_text_contents() == [
            texts[f"fault_{each['code']}"].replace("{model}", "m1") for each in told
        ]


def test_who_answered_instead_is_told(visit: Visit) -> None:
    """Another model is named; a model that only broke off was replaced by nobody."""
    others = {"m2": "m2 answered instead.", "m1": "m1 broke off before the end."}
    models = iter(others)

    def reply(route: "Route") -> None:
        fault = {"model": "m1", "code": "incomplete", "message": ""}
        body = {**ABSTAINED, "answered": True, "model": next(models)}
        text = f"event: answer\ndata: {json.dumps({**body, 'faults': [fault]})}\n\n"
        route.fulfill(status=200, content_type="text/event-stream", body=text)

    visit.page.route("**/ask", reply)
    visit.ask(ASKED)
    visit.ask(ASKED)

    last = [each.locator("p").last.text_content() for each in visit.page.locator(".degraded").all()]
    assert last == list(others.values())


def test_a_question_is_not_lost_with_the_connection(visit: Visit) -> None:
    """What could not be asked stays, and can be tried again."""
    page = visit.page
    page.context.set_offline(True)
    page.locator("#question").fill(ASKED)
    page.keyboard.press("Enter")
    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").text_content() == strings("en")["error_offline"]

    page.context.set_offline(False)
    page.get_by_role("button", name="Try again").click()
    page.locator(".claims .marker").wait_for()
    assert page.locator(".question").all_text_contents() == [ASKED]
