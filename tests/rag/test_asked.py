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
