"""What is printed is what the documents say: no byte of it differs from `--json`."""

import io
import json
import os
import pty
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from judged import answer

from rag.index.folder import Problem
from rag.index.ingest import Report
from rag.text.characters import clean_text
from rag.types import Chunk, Citation, Claim, Document, Hit, Mask
from rag.ui.console import err, out, print_json
from rag.ui.render import (
    Status,
    as_json,
    omissions,
    render_answer,
    render_hits,
    render_report,
    render_status,
)

RAG = str(Path(sys.executable).with_name("rag"))
# What libraries for terminals take for an order: emoji codes, markup, links, tabs, escapes of markup.
TRAPS = (
    "2001:db8:0:ab::1 and 2001:db8::100:5",
    ":ab: :100: :smile: :warning:",
    "[bold]x[/bold] [/] [link=http://a.example]b[/link] \\[red] [[x]]",
    "a\tb\t\tc   d",
    "100 % {x} %s %(x)s $x `y` ~z~ _w_ **v** <b>&amp;</b>",
    "도서관의 ‘ㄱ·ㄴ’ — 《책》…",
    "図書館〜「本」・３時、",
    "你好：“书”——《茶》……",
    "ห้องสมุด ๆ ฯลฯ ๏",
    "متحف «ب»؟ ؛ ٪ ٫",
    "גן „פרחים” ־ ׀ ׃",
    "गाँव । ॥ ॰",
    "Ωδή· «α»; ʹ ͵",
    "Дом „слово“ — №5",
    "👩‍👩‍👧‍👦 🏺 🇰🇷 ☺︎ ☺️ ㊗",
)
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co"))
TEXT = (
    st.lists(st.one_of(st.text(LETTERS, max_size=20), st.sampled_from(TRAPS)), min_size=1, max_size=4)
    .map(" ".join)
    .map(clean_text)
    .map(str.strip)
    .filter(bool)
)


def printed(text: str, monkeypatch: pytest.MonkeyPatch, name: str = "stdout", encoding: str = "utf-8") -> str:
    """Return what comes out of the stream that commands print *text* on."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    with monkeypatch.context() as patch:
        patch.setattr(sys, name, stream)
        (out if name == "stdout" else err).print(text)
    return stream.detach().getvalue().decode(encoding)


def texts_of(value: object) -> Any:  # noqa: ANN401 - it is JSON
    """Return *value* as a program gets it from `--json`."""
    return json.loads(json.dumps(as_json(value), ensure_ascii=False))


@pytest.mark.parametrize("name", ["stdout", "stderr"])
@given(text=st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=200))
@example(text=" ".join(TRAPS))
def test_a_printed_text_is_the_text(name: str, text: str) -> None:
    """On both streams, whatever it holds."""
    with pytest.MonkeyPatch.context() as patch:
        assert printed(text, patch, name) == text + "\n"


@given(first=TEXT, second=TEXT, title=TEXT, unverified=st.booleans())
def test_an_answer_is_printed_as_json_has_it(first: str, second: str, title: str, unverified: bool) -> None:
    """Each claim and title stands there byte by byte; only the remark is new."""
    claims = (
        Claim(first, "verified", (1,)),
        Claim(
            second,
            "unverified" if unverified else "verified",
            () if unverified else (1,),
            "number" if unverified else "",
        ),
    )
    text = f"{first} [1]\n{second}" + ("" if unverified else " [1]")
    cited = Citation(1, "a.txt", "a.txt#0-1", 0, 1, first, title, date(2025, 1, 2), "und")
    # Words of a model are drawn as the Markdown they are; quotes never.
    given_answer = answer(text, claims=claims, citations=(cited,), model="extractive")
    with pytest.MonkeyPatch.context() as patch:
        shown = printed(render_answer(given_answer), patch)
    fields = texts_of(given_answer)

    assert all(claim["text"] in shown for claim in fields["claims"])
    assert f"[1] {fields['citations'][0]['title']}, 2025-01-02" in shown
    remark = " (⚠ Not verified: A number is not in the source.)"
    assert shown.count(remark) == unverified + (first + second + title).count(remark)
    assert shown.replace(remark, "", 1 if unverified else 0).startswith(fields["text"] + "\n")


@given(text=TEXT, doc_id=TEXT)
def test_a_passage_is_printed_as_json_has_it(text: str, doc_id: str) -> None:
    """In one line, and cut if it is long; what stands there stands in the passage."""
    hit = Hit(Chunk(f"{doc_id}#0-9", doc_id, 0, 9, text, "und"), 0.5, 1, {"dense": 1})
    with pytest.MonkeyPatch.context() as patch:
        head, _, shown = printed(render_hits([hit]), patch).partition("score 0.500 (dense 1)\n   ")
    passage = texts_of(hit)["chunk"]["text"]

    assert f"1. {doc_id}#0-9  " == head
    whole = shown.removesuffix("\n")
    one_line = " ".join(line.strip() for line in passage.split("\n") if line.strip())
    assert one_line == whole or (whole.endswith("…") and one_line.startswith(whole.removesuffix("…")))


@given(text=TEXT, doc_id=TEXT, reason=TEXT)
def test_what_is_told_of_an_index_is_printed_as_json_has_it(text: str, doc_id: str, reason: str) -> None:
    """Masked spans, problems, folders and names of files."""
    masks = (Mask(0, len(text), "menu"),)
    document = Document(doc_id, doc_id, text, "und", None, "0" * 64, masks)
    problem = Problem(doc_id, reason, fatal=True)
    omitted = omissions([document])
    report = Report(added=[doc_id], problems=[problem], skipped={".x": 1}, embedded=1, generation=2)
    state = Status(Path("i"), 1, "e", 1, 1, "", {"und": 1}, {f"/{doc_id}": doc_id}, (problem,))
    with pytest.MonkeyPatch.context() as patch:
        told = printed(render_report(report, omitted), patch)
        status = printed(render_status(state), patch)

    assert f"left out: {doc_id}: {reason}" in told
    assert f"left out: {doc_id}: {reason}" in status
    assert f"folder: /{doc_id} as {doc_id}" in status
    assert f"masked {doc_id}:0-{len(text)} (menu) " in told


def test_controls_are_shown_and_not_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name of a file may hold them; the terminal is not recoloured, cleared or renamed."""
    told = "a\x1b[2Jb\x9b31mc\x07d\re\x00f\x7f"

    assert printed(told, monkeypatch) == r"a\x1b[2Jb\x9b31mc\x07d\x0de\x00f\x7f" + "\n"


def test_a_stream_that_cannot_encode_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text and JSON come out whole, without a traceback."""
    assert printed("é 도 🏺 \udc80", monkeypatch, encoding="latin-1") == "é \\ub3c4 \\U0001f3fa \\udc80\n"
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    print_json(json.dumps({"도": "🏺 \udc80é"}, ensure_ascii=False))
    assert json.loads(stream.detach().getvalue()) == {"도": "🏺 \udc80é"}


def shown_on_a_terminal(*arguments: str, cwd: Path) -> str:
    """Run the command where standard output is a terminal with colours."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "60", "FORCE_COLOR": "1"}
    process = subprocess.Popen([RAG, *arguments], cwd=cwd, stdout=theirs, stderr=subprocess.PIPE, env=env)
    os.close(theirs)
    pieces = []
    try:
        while piece := os.read(ours, 65536):
            pieces.append(piece)
    except OSError:  # the other side is closed
        pass
    os.close(ours)
    assert process.stderr
    process.stderr.close()
    assert process.wait() == 0
    return b"".join(pieces).decode().replace("\r\n", "\n")


def test_the_commands_print_what_json_has(tmp_path: Path) -> None:
    """Of a real document, on a real terminal: answer, passages, titles and masked spans."""
    docs = tmp_path / "docs"
    docs.mkdir()
    body = "The gateway has the address 2001:db8:0:ab::1 and :100: [bold]never[/bold] \\[x] another\tone."
    (docs / "주소 :ab: [b].txt").write_text(f"# Gateway :smile: [i]x[/i]\n\n{body}\n", encoding="utf-8")
    plain = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 120}
    subprocess.run([RAG, "index", "docs"], check=True, **plain)  # type: ignore[call-overload]
    question = "Which address does the gateway have?"
    for command in (["ask", question], ["search", question]):
        done = subprocess.run([RAG, *command, "--json"], check=True, **plain)  # type: ignore[call-overload]
        fields = json.loads(done.stdout)
        # Bold type marks the words that answer, and changes none of them.
        shown = shown_on_a_terminal(*command, cwd=tmp_path).replace("\x1b[1m", "").replace("\x1b[22m", "")
        if command[0] == "ask":
            assert fields["text"] in shown
            assert fields["citations"][0]["title"] in shown
            assert "2001:db8:0:ab::1 and :100: [bold]never[/bold]" in fields["citations"][0]["quote"]
        assert "2001:db8:0:ab::1 and :100: [bold]never[/bold] \\[x] another\tone." in shown
        assert "주소 :ab: [b].txt" in shown
        assert "\x1b" not in shown
