"""Names are found by how they are written and by the titles beside them, and known again in other scripts."""

import pytest

from rag.verify.names import by_surname, find_names, mentions


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
        ("de", "Laut Schatzmeisterin Priya Nandakumar steigt es.", ["Nandakumar"]),
        ("de", "Ab Anfang März öffnet das Bürgerbüro.", []),
        ("en", "At 0.4 kHz and 38 dB it is quiet.", []),
        ("en", "Under-18s need a signature.", []),
        ("ja", "新しいエレベーターの定員は15人だ。", []),
        ("ja", "ナルゴル市のトンプソンさん", ["ナルゴル", "トンプソン"]),
        ("ko", "자두는 반으로 갈라 씨를 뺀다.", []),
        ("ko", "임기를 마친 한도윤 대표", ["한도윤"]),
        ("ko", "퇴장당한 사람은 시청 주장 허가영이다.", ["허가영"]),
        ("zh", "建起茶行的人是郑淑兰。", ["郑淑兰"]),
        ("zh", "参选的是日下部氏。", []),
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


def test_a_korean_name_is_known_by_surname_and_title() -> None:
    """기 씨 is 기혜란, 송 씨 is not; a surname inside a word is none."""
    assert by_surname("기혜란", "그러나 기 씨가 쓴 비용은")
    assert not by_surname("기혜란", "송 씨는 따르지 않았다")
    assert not by_surname("기혜란", "경기 감독은")
