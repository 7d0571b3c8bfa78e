"""Nothing in the chat bars people from it, as far as axe-core can tell: contrast, names, roles, order."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from browser import DESKTOP, MOBILE, Visit, axe, visiting
from chatting import Chat, choose

if TYPE_CHECKING:
    from playwright.sync_api import Browser

Step = Callable[[Visit], object]


def answer(visit: Visit) -> None:
    visit.ask("How hot does the kiln get? Please make something up.")
    visit.page.locator(".why summary").click()


def source(visit: Visit) -> None:
    visit.page.locator(".claims .marker").first.click()
    visit.page.locator(".source mark").wait_for()


def document(visit: Visit) -> None:
    visit.page.locator("aside .open").click()
    visit.page.locator("aside.whole mark").wait_for()


def panel(visit: Visit) -> None:
    if not visit.page.locator("#settings").is_visible():
        visit.page.get_by_role("button", name="Open the side panel").click()
    visit.page.evaluate(
        "document.querySelectorAll('#citewise details').forEach((each) => (each.open = true))"
    )


def menu(visit: Visit) -> None:
    visit.page.locator(".menu summary").click()


def window(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Rename").click()


def comment(visit: Visit) -> None:
    visit.page.get_by_role("button", name="Cancel").click()
    visit.page.get_by_role("button", name="Bad answer").click()
    visit.page.locator(".comment").wait_for()


def closed(visit: Visit) -> None:
    for button in visit.page.locator("aside .close:visible").all():
        button.press("Escape")


def abstention(visit: Visit) -> None:
    visit.ask("How hot does the kiln get? Please decline.")


def failure(visit: Visit) -> None:
    visit.ask("How hot does the kiln get? Please break off.")


def conflict(visit: Visit) -> None:
    choose(visit, "Answers written by", "extractive")
    closed(visit)
    visit.ask("해솔연구소 국내 숙박비 상한은 얼마인가요?")
    visit.page.locator(".conflict").wait_for()


def arabic(visit: Visit) -> None:
    visit.ask("متى يفتح متحف الزيتون أبوابه؟")


STEPS: tuple[Step, ...] = (
    *(answer, menu, window, comment, source, document, closed, abstention, failure, panel, conflict, arabic),
)


def issues(visit: Visit) -> list[dict[str, Any]]:
    """Return what axe-core calls serious or critical on the page as it is."""
    found = visit.page.evaluate("async () => (await axe.run()).violations")
    return [
        {"rule": each["id"], "at": [node["html"][:200] for node in each["nodes"][:3]], "why": each["help"]}
        for each in found
        if each["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, MOBILE], ids=["desktop", "mobile"])
def test_no_state_of_the_chat_has_a_serious_issue(
    scheme: str, viewport: dict[str, int], chromium: "Browser", chat: Chat
) -> None:
    """From the empty page to a conflict, with every panel open, light and dark, wide and narrow."""
    script = axe()
    with visiting(chromium, chat.url, color_scheme=scheme, viewport=viewport) as visit:
        visit.page.evaluate(script)
        found = {"empty": issues(visit)}
        for step in STEPS:
            step(visit)
            found[step.__name__] = issues(visit)

    assert {state: each for state, each in found.items() if each} == {}
