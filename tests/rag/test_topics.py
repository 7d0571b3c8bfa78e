# ruff: noqa: E501 - one row of a table is one line
"""A statement about something else answers another question."""

import pytest

from rag.answer.topics import lacking, topics


@pytest.mark.parametrize(
    ("lang", "question", "about", "other"),
    [
        ("en", "How much does an adult ticket cost?", "An adult ticket costs nine dollars.", "A child ticket costs five."),
        ("ko", "수목원 입장료는 얼마인가요?", "수목원의 입장료는 3천 원이다.", "도서관은 무료다."),
        ("ja", "会議室の定員は何人ですか", "会議室の定員は30人です。", "駐車場は20台です。"),
        ("de", "Wie hoch ist der Turm in Altenried?", "Der Turm in Altenried misst 187 Meter.", "Der Turm in Neuried misst 90 Meter."),
        ("fr", "Quand ouvre la piscine de Morvan ?", "La piscine de Morvan ouvre en mai.", "La mairie ouvre à neuf heures."),
    ],
)  # fmt: skip
def test_the_words_of_the_question_tell_two_subjects_apart(
    lang: str, question: str, about: str, other: str
) -> None:
    """What one statement leaves out of the question, the other must leave out too."""
    topic = topics(question, lang)

    assert not lacking(topic, about)
    assert lacking(topic, other)


@pytest.mark.parametrize("lang", ["zh", "th", "ar", "he", "hi", "ru", "und"])
def test_where_words_cannot_be_told_there_is_no_topic(lang: str) -> None:
    """No word of the question decides where its kind is unknown."""
    assert frozenset() == topics("成人门票多少钱？ ราคาเท่าไร كم السعر 🎈", lang)
