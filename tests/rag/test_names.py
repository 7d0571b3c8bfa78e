"""Names are found by how they are written and by the titles beside them, and known again in other scripts."""

import pytest

from rag.names import find_names, mentions


@pytest.mark.parametrize(
    ("lang", "text", "names"),
    [
        ("zh", "策展人是溫以寧博士。", ["溫以寧"]),
        ("zh", "本馆由李娜女士设计。", ["李娜"]),
        ("zh", "王小明先生和李四女士", ["王小明", "李四"]),
        ("zh", "先生们，女士们", []),
        ("ko", "오지훈 대표가 말했다.", ["오지훈"]),
        ("ja", "田中さんが来た。", ["田中"]),
        ("en", "We met Ilse Varga.", ["Ilse", "Varga"]),
        ("de", "Der Hund und die Katze schlafen.", []),
    ],
)
def test_names_are_told_by_their_writing_and_their_titles(lang: str, text: str, names: list[str]) -> None:
    """A title makes a name of any Han characters; a German noun is none."""
    assert names == [name.text for name in find_names(text, lang) if name.sure]


@pytest.mark.parametrize(
    ("text", "name", "is_there"),
    [
        ("일제 바르가는 배를 본다", "Varga", True),
        ("Who met Ilse Varga?", "바르가", True),
        ("SAN TELMO", "Telmo", True),
        ("Sandstein", "San", True),
        ("Museo del Faro de San Telmo", "サンテルモ", True),
        ("月港海事博物館へようこそ", "サンテルモ", False),
        ("월세는 얼마인가요?", "Varga", False),
        ("溫以寧博士", "溫以寧", True),
    ],
)
def test_a_name_is_known_again_in_another_script(text: str, name: str, is_there: bool) -> None:
    """By its letters, or by the order of its consonants."""
    assert is_there == mentions(text, name)
