"""A model's Markdown becomes blocks in which every claim and every marker stands."""

from collections.abc import Iterator, Sequence

import pytest
from documents import SAMPLES
from doubles import HashEmbedder, hits, memory_index
from hypothesis import given
from hypothesis import strategies as st

from rag.answer.markdown import Block, Run, blocks
from rag.search.debias import means_for
from rag.types import Claim
from rag.verify.citations import Cited
from rag.verify.cite import cite
from rag.verify.nearness import VectorScorer

PASSAGES = {"pumps.md": "The Kappa 5 takes 160 bar. The Kappa 6 takes 20 bar. 카파 7은 한국에서 만든다."}
INDEX = memory_index(PASSAGES)
EMBEDDER = HashEmbedder()


def checked(reply: str) -> Cited:
    return cite(reply, hits(INDEX), INDEX, VectorScorer(EMBEDDER, means_for(EMBEDDER.fingerprint)))


def runs(found: Sequence[Block]) -> Iterator[Run]:
    for block in found:
        yield from block.runs
        yield from runs(block.blocks)


def kinds(found: Sequence[Block]) -> list[str]:
    return [kind for block in found for kind in (block.kind, *kinds(block.blocks))]


def words(found: Sequence[Block]) -> str:
    return "".join(f"[{run.marker}]" if run.marker else run.text for run in runs(found))


def claim(text: str, *markers: int) -> Claim:
    return Claim(text, "verified" if markers else "unverified", markers)


LIST = "Pressures:\n- **The Kappa 5** takes 160 bar. [1]\n- The Kappa 6 takes 90 bar. [1]"
TABLE = "| Pump | Bar |\n|---|---|\n| The Kappa 5 takes 160 bar. [1] | yes |\n| Kappa 9 | 3 | [1]"


@pytest.mark.parametrize(("reply", "kind"), [(LIST, "item"), (TABLE, "cell")])
def test_a_claim_in_a_list_or_a_table_is_checked_and_keeps_its_marker(reply: str, kind: str) -> None:
    """As a sentence is: what the source holds is verified, another number is not."""
    found = checked(reply)
    drawn = blocks(found.text, found.claims)

    assert kind in kinds(drawn)
    assert any(each.status == "verified" for each in found.claims)
    assert any(each.status == "unverified" for each in found.claims)
    assert {run.claim for run in runs(drawn)} - {-1} == set(range(len(found.claims)))
    assert {run.marker for run in runs(drawn)} - {0} == {each.marker for each in found.citations}
    assert "|" not in words(drawn) and "**" not in words(drawn)


def test_bold_italics_and_code_are_forms_of_the_words() -> None:
    """The signs are gone, inside of a claim too and beside its end."""
    text = "**Answer:** the *Kappa* `5`. [1]"

    found = list(runs(blocks(text, [claim("**Answer:** the *Kappa* `5`.", 1)])))

    forms = [(run.text, run.bold, run.italic, run.code) for run in found if run.claim == 0]
    assert forms == [
        ("Answer:", True, False, False),
        (" the ", False, False, False),
        ("Kappa", False, True, False),
        (" ", False, False, False),
        ("5", False, False, True),
        (".", False, False, False),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("<b>bold</b> <script>x()</script> <img src=x>", "<b>bold</b> <script>x()</script> <img src=x>"),
        ("![a picture](https://e.example/p.png)", "a picture"),
        (
            "[here](https://e.example/a?b=c) and <https://f.example>",
            "here (e.example) and https://f.example (f.example)",
        ),
        ("[odd](javascript:alert(1))", "[odd](javascript:alert(1))"),
        ("[a]: https://e.example\n[a]", "[a]: https://e.example[a]"),
        ("2024. 3. 1 개관", "2024. 3. 1 개관"),
        ("Line one\nline two", "Line oneline two"),
        ("    indented", "indented"),
        ("Title\n---", "Title---"),
    ],
)
def test_what_has_no_form_here_is_text(text: str, shown: str) -> None:
    """HTML above all; a picture is its description, a link its words and host, a date no list."""
    assert words(blocks(text, [])) == shown


@given(
    st.lists(
        st.sampled_from(
            [
                *SAMPLES.values(),
                "**b**",
                "- item",
                "| a | b |",
                "1. x",
                "# h",
                "> q",
                "`c`",
                "```",
                "[1]",
                "\n",
                "*",
            ]
        ),
        max_size=8,
    ).map("\n".join)
)
def test_every_claim_and_marker_stands_in_the_blocks(text: str) -> None:
    """In any script and any mixture of signs; each claim's words are those that were checked."""
    found = checked(text)
    drawn = list(runs(blocks(found.text, found.claims)))

    numbers = [run.claim for run in drawn if run.claim >= 0]
    assert numbers == sorted(numbers)
    assert {run.marker for run in drawn if run.marker} == {each.marker for each in found.citations}
    for place, each in enumerate(found.claims):
        said = "".join(run.text for run in drawn if run.claim == place)
        letters = [char for char in each.text if char.isalpha()]
        assert [char for char in said if char.isalpha()] == letters
