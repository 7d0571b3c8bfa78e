"""Example questions: headings that lead back to their documents, in as many languages as there are."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from rag import wiring
from rag.index.ingest import ingest
from rag.protocols import Embedder
from rag.settings import Settings
from rag.ui.chat_examples import Example, examples
from rag.ui.generations import Opened

Offered = Callable[[Mapping[str, str]], tuple[Example, ...]]


@pytest.fixture
def offered(tmp_path: Path, embedder: Embedder) -> Offered:
    """Returns the examples for files by name."""
    settings = Settings(index=tmp_path / "index")

    def of(files: Mapping[str, str]) -> tuple[Example, ...]:
        (tmp_path / "docs").mkdir()
        for name, text in files.items():
            (tmp_path / "docs" / name).write_text(text, encoding="utf-8")
        with wiring.writer(settings, embedder) as writer:
            ingest([tmp_path / "docs"], writer, embedder)
        index, assistant = wiring.generations(settings, embedder)()
        with index:
            return examples(Opened(index, assistant))

    return of


def test_a_heading_that_is_a_question_is_the_example(offered: Offered) -> None:
    """In any script, by its question mark; the number of its section is left out."""
    found = offered(
        {
            "en.md": "# Help\n\n## About us\n\nBees.\n\n## 2.1 How are bees shipped?\n\nBees go by rail.",
            "ko.md": "# 도움말\n\n## 3) 필터는 얼마나 자주 바꾸나요?\n\n정수기 필터는 여섯 달마다 바꾸세요.",
            "ja.md": "# ヘルプ\n\n## 返品はできますか？\n\n商品は届いてから七日以内なら返品できます。",
            "ar.md": "# مساعدة\n\n## متى يفتح المتجر؟\n\nيفتح المتجر أبوابه في التاسعة صباحا.",
        }
    )

    assert set(found) == {
        Example("How are bees shipped?", "en"),
        Example("필터는 얼마나 자주 바꾸나요?", "ko"),
        Example("返品はできますか？", "ja"),
        Example("متى يفتح المتجر؟", "ar"),
    }


@pytest.mark.parametrize(
    ("heading", "asked_about"),
    [
        ("一般规定", "一般规定"),
        ("一、开放时间", "开放时间"),
        ("第三条 费用", "费用"),
        ("24小时服务", "24小时服务"),
    ],
)
def test_only_the_number_of_a_section_is_left_out(offered: Offered, heading: str, asked_about: str) -> None:
    """ "一般" begins with a numeral and is none, and "24小时" needs its number."""
    text = f"# 青柳公园管理办法\n\n## {heading}\n\n青柳公园每天早上六点开门，晚上十点关门，门票免费。"

    assert [each.question for each in offered({"a.md": text})] == [
        f"《青柳公园管理办法》中关于“{asked_about}”是怎么说的？"
    ]


def test_documents_without_headings_offer_nothing(offered: Offered) -> None:
    """No question is better than one that nobody would ask; names in the text are no templates."""
    assert (
        offered({"a.txt": "The kiln reaches 1,250 degrees.", "{title}.md": "# {heading}\n\nNothing follows."})
        == ()
    )
