"""What a question asks for is read from its question words, in each language."""

import pytest

from rag.asked import asked


@pytest.mark.parametrize(
    ("question", "kinds"),
    [
        ("Wie hoch ist die Jahresgebühr?", {"money"}),
        ("Wie hoch waren die Kosten?", {"money"}),
        ("Wie hoch ist der Turm?", {"number"}),
        ("What's the monthly rent of the café?", {"money"}),
        ("Quel est le loyer d'un studio ?", {"money"}),
        ("¿Cuál es la fianza del piso?", {"money"}),
        ("净水器每月的租金是多少？", {"money"}),
        ("At what temperature does the cellar stay?", {"number"}),
        ("분유에는 몇 도의 물이 좋아?", {"number"}),
        ("粉ミルクは何度のお湯がいいですか", {"number"}),
        ("酒窖的温度是多少？", {"number"}),
        ("¿Qué día se inauguró el museo?", {"date", "time", "weekday"}),
        ("¿Qué días abre el museo?", {"weekday"}),
        ("何度も行きましたか", set()),
        ("ห้องสมุดอยู่ที่ไหน", set()),
    ],
)
def test_the_kind_of_value_that_is_asked_for(question: str, kinds: set[str]) -> None:
    """'Wie hoch' asks for metres of a tower and for money of a fee; 몇 도 for degrees, not for cities."""
    assert kinds == set(asked(question).kinds)


def test_degrees_are_no_metres() -> None:
    """A temperature is not answered by a length, nor a length by a temperature."""
    assert {"c", "deg"} == asked("온도는 몇 도입니까?").units
    assert "c" not in asked("Wie hoch ist der Turm?").units


@pytest.mark.parametrize(
    "question",
    [
        "서울 사무소 책임자는 정해졌나요?",
        "서울 사무소에 책임자가 있나요?",
        "지사장 자리는 비어 있나요?",
        "Does the Seoul office have a boss?",
        "Has a head of the Seoul office been appointed?",
        "What is the name of the manager?",
        "ソウル支社の責任者は決まりましたか",
        "首尔办事处的负责人定了吗？",
        "首尔办事处有负责人吗？",
        "Hat das Büro in Seoul schon einen Leiter?",
        "Wer leitet das Büro in Seoul?",
    ],
)
def test_whether_a_post_is_filled_asks_for_its_holder(question: str) -> None:
    """The answer is a name, or that there is none."""
    assert "head" == asked(question).role


@pytest.mark.parametrize(
    "question",
    [
        "책임자 연락처가 있나요?",
        "시장에 주차장이 있나요?",
        "Is the museum director married?",
        "Does the head office have parking?",
        "How does the boss travel?",
        "교장 선생님은 어떤 차를 타나요?",
        "馆长多少岁？",
    ],
)
def test_a_word_for_an_office_alone_asks_for_nobody(question: str) -> None:
    """What the head does, owns or earns is no question for the head's name."""
    assert not asked(question).role


def test_a_number_of_days_up_to_is_a_duration() -> None:
    """何日まで counts days; いつ asks for a date."""
    assert {"number"} == asked("在宅勤務は週に何日までできますか").kinds
    assert "s" in asked("返品は何日以内ですか").units
