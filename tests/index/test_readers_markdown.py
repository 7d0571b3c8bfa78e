"""Markdown of many dialects gives the words of the page, rows with their headers, and code as it is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readings import masked

from rag.index.readers import read
from rag.index.reading import Reading, Unreadable
from rag.text.characters import clean_text
from rag.text.paragraphs import code_blocks
from rag.text.sentences import sentences


def markdown(text: str) -> Reading:
    return read(text.encode(), ".md")


def cut(text: str) -> list[str]:
    return [text[start:end] for start, end in sentences(text)]


FIELDS = """---
title: "물레방아 안내"
author: [여울, Ana Brandão]
version: 3.4
opening:
  summer: "09:00 - 18:30"
  winter: closed
layout: page
date: 2025-03-01
description: >
  물은 새벽부터
  해 질 때까지 흐른다.
---

본문이다.
"""


def test_front_matter_is_text_and_metadata() -> None:
    """A fact that stands only there can be quoted; settings of the page are masked."""
    reading = markdown(FIELDS)

    assert (reading.title, reading.author) == ("물레방아 안내", "여울, Ana Brandão")
    assert (reading.published, masked(reading)) == ("2025-03-01", [("layout: page", "front matter")])
    assert cut(reading.text)[:4] == [
        "# 물레방아 안내",
        "author: 여울, Ana Brandão",
        "version: 3.4",
        "opening summer: 09:00 - 18:30",
    ]
    assert "description: 물은 새벽부터 해 질 때까지 흐른다." in cut(reading.text)
    assert "---" not in reading.text


@pytest.mark.parametrize(
    ("text", "title", "author"),
    [
        ("+++\ntitle = 'Кузница'\n[params]\nauthor = 'И. Лось'\n+++\nтекст", "Кузница", ""),
        ("---\ntitel: Die Mühle\nautor: Jo Sand\n---\nText", "Die Mühle", "Jo Sand"),
        ("---\n제목: 방앗간\n작성자: 한결\n---\n글", "방앗간", "한결"),
        ("---\ntitle: 水車\n著者: 青木\n---\n# 別の題\n", "水車", "青木"),
        ("---\ntitle: [unclosed\nauthor: 'Kim'\n---\nx", "[unclosed", "Kim"),
        ("---\nauthors:\n  - name: Ann\n    mail: a@b.c\n  - name: Bo\n---\nx", "", "Ann, Bo"),
        ("---\n\nNo fields\n\n---\n", "", ""),
    ],
)
def test_fields_are_found_in_many_languages(text: str, title: str, author: str) -> None:
    """YAML, TOML, and what is neither but looks like fields."""
    reading = markdown(text)

    assert (reading.title, reading.author) == (title, author)


def test_aliases_that_multiply_do_not_fill_the_memory() -> None:
    """Nine lists of nine lists of nine lists are told a few levels deep."""
    levels = "\n".join(f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 9)}]" for n in range(1, 9))

    reading = markdown(f"---\nk0: &k0 lol\n{levels}\n---\nx")

    assert len(reading.text) < 20_000


MARKUP = """\
# Sluice {#sluice .guide data-toc="2"}

Grease it *every* **nine** weeks, see [the plan](https://x.example/plan "t") and `oil.cfg`.[^1]
{: .tip title="Remember" }

::: warning Mind the gate
Stand clear.
:::

!!! note "Good to know"

    The lever is ~~blue~~ red.

    ```sh
    sluice --open
    ```

> [!CAUTION]
> Never at night.

=== "Winter"

    Ice is broken first.

Kiln
: A hot oven.

*[SLU]: Sluice

[^1]: Measured in 2019.

:::{admonition} Wer hilft?
Frau Öz hilft.
:::

```{tip} Spare parts
They lie in the **shed**.
```

{% include note.html %}
Water is H<sub>2</sub>O, 10<sup>6</sup> litres, 8,400<sup>3</sup> of them.<!-- not me -->
"""


def test_markup_is_no_part_of_a_claim() -> None:
    """What renderers of many kinds turn into boxes, tabs and styles is not read out."""
    assert cut(markdown(MARKUP).text) == [
        "# Sluice",
        "Grease it every nine weeks, see the plan and oil.cfg.",
        "Mind the gate",
        "Stand clear.",
        "Good to know",
        "The lever is blue red.",
        "sluice --open",
        "Never at night.",
        "Winter",
        "Ice is broken first.",
        "Kiln: A hot oven.",
        "SLU: Sluice",
        "Measured in 2019.",
        "Wer hilft?",
        "Frau Öz hilft.",
        "Spare parts",
        "They lie in the shed.",
        "Water is H₂O, 10⁶ litres, 8,400 of them.",
    ]


def test_what_looks_like_markup_in_code_is_code() -> None:
    """Fences, attribute lists and template tags are kept where they are what is told."""
    code = "# comment\n::: box\n{% raw %}\n{: .x }\n| a | b |\n<details>\n[^1]: n\n\n!!! note"
    text = f"Write:\n\n~~~md\n{code}\n~~~\n\nThen `{{id}}` and /parcels/{{rest:deep}}."

    assert cut(markdown(text).text) == ["Write:", code, "Then {id} and /parcels/{rest:deep}."]


@pytest.mark.parametrize("code", ["a = 1", "```\nnested\n```", "# 주석\n\n값 = '谷'", "x\n\n\n\ny", "`````"])
@pytest.mark.parametrize("language", ["", "py", "c++ {1,2}"])
def test_code_is_quoted_whole(code: str, language: str) -> None:
    """Whatever it holds, blank lines and fences included."""
    reading = markdown(f"전에:\n\n~~~~~~ {language}\n{code}\n~~~~~~\n\nDanach.")

    assert cut(reading.text) == ["전에:", code, "Danach."]
    assert len(list(code_blocks(reading.text))) == 1


def test_rows_stand_with_their_headers() -> None:
    """Each row is one sentence; empty cells say nothing, and a header stands only in its rows."""
    table = (
        "| Gear | Teeth. No | หมาย | الوزن |\n|:--|--:|:-:|---|\n| A | 14. New | ก | |\n| B | 9 | | ٣ كغ |"
    )

    assert cut(markdown(table).text) == [
        "Gear: A; Teeth. No: 14. New; หมาย: ก",
        "Gear: B; Teeth. No: 9; الوزن: ٣ كغ",
    ]


def test_lists_keep_their_numbers() -> None:
    """Ordered lists count from where they say; a nested list follows its item."""
    text = "Steps:\n\n3. Öffnen\n4. 닫기\n   - 천천히\n   - 完全に\n\n* [x] geprüft\n"

    assert markdown(text).text.splitlines()[2:] == [
        "3. Öffnen",
        "4. 닫기",
        "- 천천히",
        "- 完全に",
        "- [x] geprüft",
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<details>\n<summary>누가 열쇠를 갖고 있나?</summary>\n\n한결이 **갖고** 있다.\n\n</details>", 2),
        ("<details><summary>Wer?</summary>Ute.</details>", 2),
        ("<table><tr><th>Tür</th><th>Maß</th></tr><tr><td>Ost</td><td>2 m</td></tr></table>", 1),
    ],
)
def test_html_in_markdown_shows_what_a_browser_shows(text: str, words: int) -> None:
    """Tags are no words, and what they fold away is text."""
    found = cut(markdown(text).text)

    assert len(found) == words
    assert not any(char in "".join(found) for char in "<>*")


def test_a_dump_is_read_as_it_is() -> None:
    """What would take longer to parse than a file may take is not lost for it."""
    text = "# Log\n\n" + "- one line of a very long list\n" * 170_000

    assert markdown(text).text == text


@settings(max_examples=60)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "# 가",
                    "text",
                    "- item",
                    "1. x",
                    "| a | b |",
                    "|---|---|",
                    "```",
                    "~~~ js",
                    "::: tip",
                    ":::",
                ),
                *(
                    "!!! note",
                    "    deep",
                    "> q",
                    "[^1]: n",
                    ": def",
                    "---",
                    "+++",
                    "<div>",
                    "</div>",
                    "{: .x }",
                ),
                *("", "é\u0301", "👩‍👩‍👧", "a\u200bb", '=== "T"', "<table><tr><td>", "[[a|b]]", "*[a]: b"),
            ]
        ),
        max_size=30,
    ).map("\n".join)
)
def test_any_markdown_gives_clean_text_or_a_reason(text: str) -> None:
    """No order of marks is too odd, and what comes out is what `clean_text` would leave."""
    try:
        reading = markdown(text)
    except Unreadable:
        return

    assert reading.text == clean_text(reading.text)
    assert all(0 <= mask.start < mask.end <= len(reading.text) for mask in reading.masks)
