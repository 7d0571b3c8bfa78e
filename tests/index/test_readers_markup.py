"""Notebooks, markup, values and code become text: headings, rows with headers, code in fences."""

# ruff: noqa: E501

import json

import pytest
from documents import SAMPLES
from hypothesis import given
from hypothesis import strategies as st

from rag.index.readers import FORMATS, read
from rag.index.reading import Unreadable
from rag.text.characters import clean_text


def lines(text: str, suffix: str) -> list[str]:
    """Return the lines that say something."""
    return [line for line in read(text.encode(), suffix).text.splitlines() if line.strip()]


# --- values


def test_paths_are_headings_and_lists_of_objects_are_rows() -> None:
    """Each value stands beside its key, below the way to it."""
    value = {
        "title": "설정",
        "on": True,
        "server": {"port": 80, "limits": {"cpu": 2}},
        "users": [{"name": "Kim", "tags": ["a", "b"]}, {"name": "박"}],
        "notes": ["x" * 120],
    }

    reading = read(json.dumps(value).encode(), ".json")

    assert reading.text == (
        "title: 설정\non: true\n\n# server\n\nport: 80\n\n## server > limits\n\ncpu: 2\n\n"
        f"# users\n\nname: Kim; tags: a, b\nname: 박\n\n# notes\n\n- {'x' * 120}"
    )
    assert reading.title == "설정"


def test_a_line_that_is_no_json_costs_that_line() -> None:
    """The others are rows."""
    reading = read('{"a":1}\n{"a":2,"b":"ü"}\n{"a":\n'.encode(), ".jsonl")

    assert (reading.text, reading.left_out) == ("a: 1\na: 2; b: ü", ("1 lines that are no JSON",))


def test_yaml_says_what_was_typed() -> None:
    """Numbers with zeros in front, dates and yes are words."""
    assert lines("no: 010\nday: 2024-01-02\nok: yes\nin:\n  deep:\n  - {k: v}\n--- \nsecond: 2\n", ".yml") == [
        "no: 010", "day: 2024-01-02", "ok: yes", "# in", "## in > deep", "k: v", "second: 2",
    ]  # fmt: skip


def test_xml_gives_rows_of_equal_neighbours() -> None:
    """Attributes and elements are values; words around elements stay one paragraph."""
    text = '<r xmlns="u:x"><title>책</title><item id="1"><n>14</n></item><item id="2"><n>3</n></item><p>It is <b>very</b> good.</p></r>'

    assert lines(text, ".xml") == [
        "# r",
        "title: 책",
        "p: It is very good.",
        "## r > item",
        "id: 1; n: 14",
        "id: 2; n: 3",
    ]
    assert read(text.encode(), ".xml").title == "책"


YAML_BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 12)
)
XML_BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
) + "]><x>&j;</x>"  # fmt: skip


@pytest.mark.parametrize(
    ("text", "suffix"),
    [
        ("[" * 100_000, ".json"),
        ("[" * 500 + "]" * 500, ".json"),
        ('{"a":' * 200 + "1" + "}" * 200, ".json"),
        (YAML_BOMB, ".yaml"),
        ("&a [*a]", ".yaml"),
        ("- " * 3000 + "x", ".yaml"),
        ("<a>" * 100_000, ".xml"),
        ("a: [", ".yaml"),
        ("{", ".json"),
        ("<a>", ".xml"),
        ("[]", ".ipynb"),
    ],
)
def test_bombs_and_debris_have_a_reason(text: str, suffix: str) -> None:
    """Nesting, references and damage end within limits."""
    with pytest.raises(Unreadable) as caught:
        read(text.encode(), suffix)

    assert len(str(caught.value)) < 400


def test_entities_of_xml_stand_for_nothing() -> None:
    """Neither a billion letters nor a file of the machine comes out of a name."""
    for text in (XML_BOMB, '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'):
        try:
            found = read(text.encode(), ".xml").text
        except Unreadable:
            continue
        assert len(found) < 100
        assert "root" not in found


# --- markup


def test_notebooks_are_texts_and_code() -> None:
    """A comment in code is no heading; what was printed is kept."""
    code = {
        "cell_type": "code",
        "source": "print(1)\n# no heading",
        "outputs": [{"text": ["1\n"]}, {"data": {"text/plain": ["<Figure>"]}}],
    }
    book = {
        "cells": [{"cell_type": "markdown", "source": ["# 제목\n", "글"]}, code],
        "metadata": {"kernelspec": {"language": "python"}},
    }

    reading = read(json.dumps(book).encode(), ".ipynb")

    assert "```python\nprint(1)\n# no heading\n```\n\n```text\n1\n```" in reading.text
    assert reading.title == "제목"


def test_components_go_and_what_they_enclose_stays() -> None:
    """Imports, tags and comments of MDX are no words; in code they are."""
    text = "import A, {\n  B } from 'c'\n\n# Título\n\n<Note kind='a'>\nKeep.\n</Note>\n\n{/* gone */}\n\n```js\nimport a\n<A/>\n```\n"

    assert lines(text, ".mdx") == ["# Título", "Keep.", "```js", "import a", "<A/>", "```"]


def test_restructured_text() -> None:
    """Underlines are levels in their order; directives leave their words; roles their text."""
    text = (
        "=====\n안내서\n=====\n\n절\n--\n\nSee :ref:`here <x>`, ``code`` and `a link <http://x>`_.\n\n.. note:: Take care.\n\n   Twice.\n\n"
        ".. code-block:: python\n   :linenos:\n\n   a = 1\n\n   # c\n\nExample::\n\n    b = 2\n\n.. image:: a.png\n   :alt: x\n\n.. comment\n   more\n\nSub\n~~~\nend\n"
    )

    assert lines(text, ".rst") == [
        "# 안내서", "## 절", "See here, code and a link.", "Take care.", "Twice.", "```python", "a = 1", "# c", "```",
        "Example:", "```text", "b = 2", "```", "### Sub", "end",
    ]  # fmt: skip


def test_asciidoc() -> None:
    """Listings are code, tables are rows, attributes and frames are no words."""
    text = "= 안내서\n:toc:\n\n== Part ==\n\n[source,python]\n----\n# c\n----\n\n====\nTake *care* of https://x.y[this].\n====\n\n|===\n|Gear |Teeth |Bore\n\n|first |14 |8\n|second\n|22\n|9\n|===\n\n* one\n. two\n"

    assert lines(text, ".adoc") == [
        "# 안내서", "## Part", "```text", "# c", "```", "Take care of this.", "Gear: first; Teeth: 14; Bore: 8",
        "Gear: second; Teeth: 22; Bore: 9", "- one", "1. two",
    ]  # fmt: skip


def test_org_files() -> None:
    """Keywords tell title and author, drawers and states are no words, the rule parts the header."""
    text = "#+TITLE: 안내서\n#+DATE: 2024-05-01\n* TODO Part :tag:\n:PROPERTIES:\n:ID: x\n:END:\nA =word= and [[http://x][a link]].\n#+BEGIN_SRC python\n# c\n#+END_SRC\n| Gear | Teeth |\n|------+-------|\n| first | 14 |\n"

    reading = read(text.encode(), ".org")

    assert (reading.title, reading.published) == ("안내서", "2024-05-01")
    assert [line for line in reading.text.splitlines() if line][-6:] == [
        "# Part", "A word and a link.", "```python", "# c", "```", "Gear: first; Teeth: 14",
    ]  # fmt: skip


def test_latex() -> None:
    """Commands leave their words, comments go, formulas stay, tables are rows, notes stand below."""
    text = (
        '\\documentclass{article}\\title{\\"Uber \\emph{R\\"ader}}\\begin{document}\\maketitle\n\\section{Teil} % gone\n'
        "It costs 5\\% of \\textbf{all \\emph{gears}}\\footnote{Since May.}, $x^2_1$, see~\\ref{a}.\n\n"
        "\\begin{itemize}\\item one \\item two\\end{itemize}\n\n"
        "\\begin{tabular}{lll}\\hline Gear & Teeth & Bore \\\\ \\hline first & 14 & 8 \\\\ \\multicolumn{2}{c}{none} & 9 \\\\\\end{tabular}\n\n"
        "\\begin{verbatim}\na % b\n\\end{verbatim}\n\\end{document}\n"
    )

    reading = read(text.encode(), ".tex")

    assert reading.title == "Über Räder"
    assert [line.strip() for line in reading.text.splitlines() if line.strip()] == [
        "# Über Räder", "## Teil", "It costs 5% of all gears, $x^2_1$, see .", "Since May.", "- one", "- two", "Gear: first; Teeth: 14; Bore: 8",
        "Gear, Teeth: none; Bore: 9", "```text", "a % b", "```",
    ]  # fmt: skip


@pytest.mark.parametrize("lang", SAMPLES)
@pytest.mark.parametrize(
    "suffix", [".rst", ".adoc", ".org", ".tex", ".mdx", ".py", ".log", ".yaml", ".xml", ".json", ".ipynb"]
)
def test_every_script_comes_through(suffix: str, lang: str) -> None:
    """A paragraph comes back as it was written."""
    text = SAMPLES[lang]
    data = {
        ".yaml": f"a: >-\n  {text}\n",
        ".xml": f"<a><b>{text}</b></a>",
        ".json": json.dumps({"a": text}),
        ".ipynb": json.dumps({"cells": [{"cell_type": "markdown", "source": text}]}),
    }.get(suffix, text + "\n")

    assert clean_text(text) in read(data.encode(), suffix).text


@given(
    st.text(alphabet="\\{}[]()*#=|-~`.:_ \n\tab가<>/&%$+\"'", max_size=300),
    st.sampled_from([".rst", ".adoc", ".org", ".tex", ".mdx", ".yaml", ".xml", ".json"]),
)
def test_any_markup_is_read_or_refused(text: str, suffix: str) -> None:
    """No arrangement of signs breaks a reader."""
    try:
        assert isinstance(read(text.encode(), suffix).text, str)
    except Unreadable as exc:
        assert "cannot be parsed" not in str(exc) or suffix in (".yaml", ".xml", ".json")


# --- code and logs


@pytest.mark.parametrize(
    "suffix", sorted(suffix for suffix, each in FORMATS.items() if each.module == "code")
)
def test_code_is_one_block_of_code(suffix: str) -> None:
    """A comment is no heading; a fence in it does not end it."""
    assert read(b"# not a heading\n```\nx\n", suffix).text == "````\n# not a heading\n```\nx\n````"


def test_a_binary_named_as_code_is_refused_by_name() -> None:
    """Compiled and packed things are no text; UTF-16 is."""
    with pytest.raises(Unreadable, match="is a binary file, though its name says that it is text"):
        read(b"\x7fELF\x02\x01\0\0" * 90, ".py")

    assert "안녕" in read("x = '안녕'\n".encode("utf-16"), ".py").text
