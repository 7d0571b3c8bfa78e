"""The chat as a person meets it: in a real browser, by mouse and keyboard."""

import json
from typing import TYPE_CHECKING, Any

import pytest
from browser import MOBILE, Visit, visiting
from chatting import ASKED, REPLY, Chat, choose, kept

from rag.ui.strings import strings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

HOT = "HK-55 가마의 최고 온도는 몇 도인가요?"
LIMIT = "해솔연구소 국내 숙박비 상한은 얼마인가요?"


@pytest.fixture
def quoting(visit: Visit) -> Visit:
    """A visit whose answers are quotations: no model is asked."""
    choose(visit, "Answers written by", "extractive")
    return visit


def citation(visit: Visit, marker: int = 1) -> dict[str, Any]:
    found: list[dict[str, Any]] = kept(visit)[-1]["answer"]["citations"]
    return next(each for each in found if each["marker"] == marker)


def test_the_words_that_are_highlighted_are_the_quote(quoting: Visit) -> None:
    """A Korean question about an English document: the marker leads to exactly the cited words."""
    page = quoting.page
    quoting.ask(HOT)
    page.locator(".claims .marker").first.click()
    page.locator(".source mark").wait_for()

    cited = citation(quoting)
    assert cited["doc_id"] == "en/kiln.md"
    assert page.locator(".source mark").all_text_contents() == [cited["quote"]]
    assert page.locator(".source h2").text_content() == cited["title"] == "Kiln HK-55 🏺"
    assert page.locator(".source mark").get_attribute("lang") == "en"

    page.locator("aside .open").click()
    page.locator("aside.whole mark").wait_for()
    assert page.locator(".source mark").all_text_contents() == [cited["quote"]]
    assert "spy hole" in (page.locator("aside .text").text_content() or "")

    assert page.locator(".claims mark.answering").all_text_contents() == ["1,250"]


def test_the_next_source_is_one_step_away(quoting: Visit) -> None:
    """Where an answer has two sources, the panel leads from one to the other."""
    page = quoting.page
    quoting.ask(LIMIT)
    page.locator(".claims .marker").first.click()
    page.locator(".source mark").wait_for()

    page.get_by_role("button", name="Next source").click()
    page.locator(".count", has_text="Source 2 of").wait_for()
    page.locator(".source mark", has_text=citation(quoting, 2)["quote"]).wait_for()
    assert "2" in page.locator(".marker[aria-current]").all_text_contents()


def test_every_side_of_a_conflict_is_shown_with_its_source(quoting: Visit) -> None:
    """Both values stand there, the newer first, each with a marker that opens its document."""
    page = quoting.page
    quoting.ask(LIMIT)
    card = page.get_by_role("region", name="The sources disagree")

    assert card.locator(".value strong").all_text_contents() == ["14만 원", "9만 원"]
    assert card.locator(".age").all_text_contents() == ["Newer", "Older"]
    card.locator(".marker").last.click()
    page.locator(".source mark").wait_for()
    assert page.locator(".source h2").text_content() == "해솔연구소 출장비 규정 (제1판)"
    card.locator(".marker").first.click()
    page.locator(".source h2", has_text="제2판").wait_for()


def test_what_no_source_says_is_marked(visit: Visit) -> None:
    """The claim is underlined, and the reason is there for the pointer, the keyboard and a screen reader."""
    visit.ask("How hot does the kiln get? Please make something up.")

    flag = visit.page.get_by_role("note")
    assert visit.page.locator(".claim.unverified").all_text_contents() == [
        "It was built by 400 monks in 1312."
    ]
    assert (flag.get_attribute("aria-label") or "").startswith("Not verified. ")
    flag.focus()
    assert flag.evaluate("each => getComputedStyle(each, '::after').content") != "none"


def test_a_follow_up_is_asked_with_what_came_before(visit: Visit) -> None:
    """The earlier question and answer go with the next one; a new chat begins without them."""
    page = visit.page
    visit.ask(ASKED)
    with page.expect_request("**/ask") as second:
        visit.ask("And how long must I wait?")
    page.get_by_role("button", name="New chat").first.click()
    with page.expect_request("**/ask") as third:
        visit.ask(ASKED)

    [before] = json.loads(second.value.post_data or "")["history"]
    assert before == {
        "question": ASKED,
        "answer": REPLY,
    }
    assert json.loads(third.value.post_data or "")["history"] == []
    page.locator(".chats .row").last.click()
    assert page.locator(".question").all_text_contents() == [
        ASKED,
        "And how long must I wait?",
    ]


def test_stop_ends_the_answer_and_the_model(visit: Visit, chat: Chat) -> None:
    """The words so far stay, the connection to the model is closed, and the next question can be asked."""
    page = visit.page
    chat.model.left.clear()
    page.locator("#question").fill("Write about the kiln for ever.")
    page.keyboard.press("Enter")
    page.locator(".unchecked", has_text="The kiln is hot.").wait_for()
    page.get_by_role("button", name="Stop").click()

    page.get_by_role("alert").wait_for()
    assert page.get_by_role("alert").text_content() == strings("en")["error_cancelled"]
    assert "The kiln is hot." in (page.locator(".unchecked").text_content() or "")
    assert chat.model.left.wait(10)
    visit.ask(ASKED)
    assert page.locator(".claims .marker").count() == 1


def test_a_reload_keeps_the_chat(visit: Visit) -> None:
    """Questions, answers and what can be done with them are there again; a new tab begins with a new chat."""
    page = visit.page
    visit.ask(ASKED)
    page.reload()
    page.locator(".claims .marker").click()
    page.locator(".source mark").wait_for()
    other = page.context.new_page()
    other.goto(visit.origin)
    other.locator(".welcome").wait_for()

    assert page.locator(".claim").all_text_contents() == ["The kiln reaches 1,250 degrees."]
    assert other.locator(".turn").count() == 0


def test_the_keyboard_is_enough(visit: Visit) -> None:
    """Ask, reach the marker, read the source, and come back to where one was."""
    page = visit.page
    page.locator("#question").focus()
    page.keyboard.type(ASKED)
    page.keyboard.press("Enter")
    page.locator(".claims .marker").wait_for()
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("document.activeElement.matches('.claims .marker')"):
            break
    page.keyboard.press("Enter")
    page.locator(".source mark").wait_for()
    assert page.evaluate("document.activeElement.closest('aside') !== null")

    page.keyboard.press("Escape")
    assert page.locator("aside.source").is_hidden()
    assert page.evaluate("document.activeElement.matches('.claims .marker')")


def test_enter_belongs_to_the_input_method_while_it_composes(visit: Visit) -> None:
    """The Enter that ends a syllable of Hangul or a word of kana sends nothing."""
    box = visit.page.locator("#question")
    box.fill("가마")
    box.dispatch_event("keydown", {"key": "Enter", "isComposing": True, "bubbles": True})

    assert visit.page.locator(".turn").count() == 0
    assert box.input_value() == "가마"


def test_a_phone_has_room_for_everything(chromium: "Browser", chat: Chat) -> None:
    """At 390 pixels nothing stands out of the page, and the source covers what it has no room beside."""
    with visiting(chromium, chat.url, viewport=MOBILE) as visit:
        page = visit.page
        visit.ask(ASKED)
        page.locator(".claims .marker").click()
        page.locator(".source mark").wait_for()
        box = page.locator("aside.source").bounding_box()
        widest = page.evaluate("document.scrollingElement.scrollWidth")
        page.get_by_role("button", name="Close", exact=True).click()
        page.get_by_role("button", name="Open the side panel").click()

        assert (widest, box and box["width"]) == (390, 390)
        assert page.locator("#filters").is_visible()


def test_the_language_is_the_browsers_until_another_is_chosen(chromium: "Browser", chat: Chat) -> None:
    """Every text of the interface changes at once, and the choice outlives a reload."""
    with visiting(chromium, chat.url, locale="ko-KR") as visit:
        page = visit.page
        assert page.locator("#question").get_attribute("placeholder") == strings("ko")["ask_placeholder"]
        choose(visit, strings("ko")["language"], "fr")
        page.get_by_role("button", name=strings("fr")["send"]).wait_for()
        page.reload()
        page.locator("#question").wait_for()

        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.locator("#question").get_attribute("placeholder") == strings("fr")["ask_placeholder"]


@pytest.mark.parametrize(
    ("question", "script"), [("متى يفتح متحف الزيتون؟", "ar"), ("מתי נפתח הגן הבוטני?", "he")]
)
def test_text_from_right_to_left_stands_right(quoting: Visit, question: str, script: str) -> None:
    """The direction is that of each text, whatever the interface speaks."""
    page = quoting.page
    quoting.ask(question)
    page.locator(".claims .marker").first.click()
    page.locator(".source mark").wait_for()
    direction = "each => getComputedStyle(each).direction"

    assert page.locator(".question").evaluate(direction) == "rtl"
    assert page.locator(".claims p").first.evaluate(direction) == "rtl"
    assert page.locator("aside .text").evaluate(direction) == "rtl"
    assert page.locator(".source mark").get_attribute("lang") == script


def test_filters_go_with_the_question(visit: Visit) -> None:
    """Document, folder, language and date restrict what is searched, and are told until they are cleared."""
    page = visit.page
    page.get_by_label("Japanese 1").check()
    page.get_by_label("ko/", exact=True).check()
    page.locator("#since").fill("2024-01-31")
    with page.expect_request("**/ask") as asked:
        visit.ask(ASKED)

    where = json.loads(asked.value.post_data or "")["where"]
    assert where == {"docs": [], "folders": ["ko"], "langs": ["ja"], "since": "2024-01-31", "until": None}
    assert page.locator("#filters summary").text_content() == "Filters: 3"
    assert page.locator(".calm p").all_text_contents() == [
        strings("en")["abstention_no_passages"],
        "Only this was searched: ko/ · Japanese · Published from January 31, 2024",
    ]
    page.get_by_role("button", name="Clear filters").click()
    assert page.locator("#filters summary").text_content() == "Filters"


def test_what_is_indexed_can_be_seen(visit: Visit) -> None:
    """Documents, languages, and the file that could not be read with the reason."""
    visit.page.locator("#library summary").first.click()

    told = visit.page.locator("#library").text_content() or ""
    assert "Documents: 6" in told
    assert "en/broken.pdf" in told


def test_a_rating_is_written_down(visit: Visit, chat: Chat) -> None:
    """A thumb is told to the service with the answer it is about."""
    visit.ask(ASKED)
    with visit.page.expect_response("**/feedback"):
        visit.page.get_by_role("button", name="Bad answer").click()
    visit.page.locator(".tools [aria-pressed=true]").wait_for()

    assert chat.ratings()[-1]["rating"] == "down"
    assert chat.ratings()[-1]["question"] == ASKED

    visit.page.get_by_label("What was wrong?").fill("가마 온도의 단위가 없어요 🙂")
    with visit.page.expect_response("**/feedback"):
        visit.page.get_by_role("button", name="Send comment").click()
    visit.page.locator(".comment").wait_for(state="detached")
    told = chat.ratings()[-1]
    assert (told["rating"], told["comment"]) == ("down", "가마 온도의 단위가 없어요 🙂")


def test_an_answer_is_copied_with_its_sources(visit: Visit) -> None:
    """Question, answer, and for each marker the document and the quote."""
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask(ASKED)
    visit.page.get_by_role("button", name="Copy with sources").click()

    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"{ASKED}\n\n{REPLY}\n\n[1] Kiln HK-55 🏺, en/kiln.md")
    assert citation(visit)["quote"] in copied
    assert visit.page.locator("[data-said=Copied]").count() == 1


def test_what_no_source_says_is_copied_with_its_mark(visit: Visit) -> None:
    """Where the text goes, the remark goes with it."""
    visit.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit.ask("How hot does the kiln get? Please make something up.")
    visit.page.get_by_role("button", name="Copy with sources").click()

    copied = visit.page.evaluate("navigator.clipboard.readText()")
    assert "1,250 degrees. [1]" in copied
    assert "It was built by 400 monks in 1312. (⚠ Not verified: " in copied


def test_why_an_answer_was_given_can_be_seen(visit: Visit) -> None:
    """Each passage with its rank in both legs, the evidence, and who wrote it."""
    visit.ask(ASKED)
    visit.page.locator(".why summary").click()

    rows = visit.page.locator(".why tbody tr")
    answer = kept(visit)[-1]["answer"]
    assert rows.count() == len(answer["hits"])
    first = answer["hits"][0]
    ranks = [str(first["ranks"].get(leg, "–")) for leg in ("dense", "lexical")]
    assert rows.first.locator("td").all_text_contents()[:4] == ["1", first["title"], *ranks]
    assert answer["model"] in (visit.page.locator(".why dl").text_content() or "")


def test_examples_are_questions_that_the_documents_answer(visit: Visit) -> None:
    """A heading that is a question is offered as one, and its answer is in the document."""
    page = visit.page
    choose(visit, "Answers written by", "extractive")
    page.locator(".example", has_text="How do I clean the kiln?").click()
    page.locator(".claims .marker").first.wait_for()

    assert citation(visit)["doc_id"] == "en/kiln.md"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_colours_follow_the_system(chromium: "Browser", chat: Chat, scheme: Any) -> None:  # noqa: ANN401
    """Dark where the system is dark; a choice of one's own stands above it."""
    with visiting(chromium, chat.url, color_scheme=scheme) as visit:
        paper = "getComputedStyle(document.querySelector('#citewise')).backgroundColor"
        light, dark = "rgb(250, 250, 249)", "rgb(23, 20, 18)"
        assert visit.page.evaluate(paper) == (dark if scheme == "dark" else light)
        choose(visit, "Appearance", "light")
        assert visit.page.evaluate(paper) == light
