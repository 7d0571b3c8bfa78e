"""Pairs are read strictly: a bad line names its file, line, field and remedy."""

import json
import unicodedata
from pathlib import Path

import pytest
from judged import pair

from rag.errors import EvalDataError
from rag.eval.pairs import append_pair, next_id, read_pairs, usable_pairs

GOOD = {
    "id": "ko-date-001",
    "question": "행사는 언제야?",
    "lang": "ko",
    "type": "date",
    "facts": [["9월 12일", "12 September"]],
    "docs": [["소식.txt"]],
}
DOCUMENTS = {"news/소식.txt", "소식.txt"}


def written(folder: Path, *lines: object) -> Path:
    path = folder / "pairs.jsonl"
    path.write_text("".join(f"{json.dumps(line, ensure_ascii=False)}\n" for line in lines), encoding="utf-8")
    return path


def test_a_pair_round_trips(tmp_path: Path) -> None:
    """What is appended is what is read, with history, filter and every script."""
    given = pair(
        question="متى؟ いつ？ кога? เมื่อไร कब 🎉",
        history=[{"question": "q", "answer": "a"}],
        where={"since": "2025-01-01"},
        **{"not": ["x"]},
    )
    path = tmp_path / "ko.jsonl"
    path.write_text(json.dumps(GOOD, ensure_ascii=False), encoding="utf-8")

    append_pair(path, given)

    assert read_pairs(path, {*DOCUMENTS, "a.txt"})[1] == given


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"facts": []}, "needs facts"),
        ({"facts": [[]]}, "facts.0"),
        ({"facts": [["  "]]}, "facts.0.0"),
        ({"docs": []}, "needs docs"),
        ({"docs": [["gone.txt"]]}, "no document 'gone.txt'"),
        ({"where": {"docs": ["gone.txt"]}}, "where.docs"),
        ({"where": {"since": "soon"}}, "where.since"),
        ({"type": "riddle"}, "type"),
        ({"type": "near-miss"}, "not answerable"),
        ({"answerable": False}, "has no facts"),
        ({"lang": "Korean!"}, "lang"),
        ({"question": ""}, "question"),
        ({"fact": [["x"]]}, "Fields are: id, question"),
        ({"history": [{"question": "q"}]}, "history.0.answer"),
    ],
)
def test_a_bad_field_is_named(tmp_path: Path, change: dict[str, object], says: str) -> None:
    """With the file and the line, so that it can be mended without a search."""
    path = written(tmp_path, {**GOOD, "id": "x"}, {**GOOD, **change})

    with pytest.raises(EvalDataError, match=r"pairs\.jsonl:2: ") as error:
        read_pairs(path, DOCUMENTS)

    assert says in str(error.value)
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "is empty"),
        ("\n \n", "is empty"),
        ("{", ":1: not JSON"),
        ("[1]", ":1: field 'pair'"),
        ('{"id": "a", "id": "b"}', "'id' stands twice"),
    ],
)
def test_a_bad_file_is_an_error(tmp_path: Path, text: str, says: str) -> None:
    """Empty, cut off, no object, or with a field that would overwrite another."""
    path = tmp_path / "pairs.jsonl"
    path.write_text(text, encoding="utf-8")

    with pytest.raises(EvalDataError, match=says):
        read_pairs(path, DOCUMENTS)


def test_a_folder_without_pairs_is_told_from_an_empty_file(tmp_path: Path) -> None:
    """The remedy is the same, the place is not."""
    with pytest.raises(EvalDataError, match=r"holds no \.jsonl file .*rag eval init"):
        read_pairs(tmp_path, DOCUMENTS)


def test_bad_lines_do_not_hide_good_ones(tmp_path: Path) -> None:
    """Every line that is no pair is named with its place; the pairs around them are kept."""
    path = written(tmp_path, GOOD, {**GOOD, "id": "gone", "docs": [["없다.txt"]]}, GOOD, {**GOOD, "id": "b"})
    path.write_text(path.read_text(encoding="utf-8") + "{\n" + "[" * 100_000 + "\n", encoding="utf-8")

    pairs, problems = usable_pairs(path, DOCUMENTS)

    assert [each.id for each in pairs] == ["ko-date-001", "b"]
    assert [each.removeprefix(str(path))[:20] for each in problems] == [
        ":2: field 'docs': th",
        ":3: id 'ko-date-001'",
        ":5: not JSON: Expect",
        ":6: not JSON: maximu",
    ]


def test_what_is_no_utf8_is_an_error(tmp_path: Path) -> None:
    """cp949 from an old editor is refused, not guessed at."""
    path = tmp_path / "pairs.jsonl"
    path.write_bytes("{질문}".encode("cp949"))

    with pytest.raises(EvalDataError, match="UTF-8"):
        read_pairs(path, DOCUMENTS)


def test_ids_are_unique_over_all_files(tmp_path: Path) -> None:
    """The message names both places."""
    for name in ("a.jsonl", "b.jsonl"):
        (tmp_path / name).write_text(json.dumps(GOOD), encoding="utf-8")

    with pytest.raises(EvalDataError, match=r"b\.jsonl:1: id 'ko-date-001' is also at .*a\.jsonl:1"):
        read_pairs(tmp_path, DOCUMENTS)


def test_a_mark_at_the_beginning_is_no_part_of_the_pair(tmp_path: Path) -> None:
    """Editors on Windows write one; and U+2028 inside a string does not end the line."""
    path = tmp_path / "pairs.jsonl"
    line = json.dumps({**GOOD, "question": "하나\u2028둘"}, ensure_ascii=False)
    path.write_text(line + "\r\n", encoding="utf-8-sig")

    assert [each.id for each in read_pairs(path, DOCUMENTS)] == ["ko-date-001"]


def test_ids_go_on_where_they_stopped() -> None:
    """The highest number counts, not how many there are."""
    pairs = [pair(id="ko-date-007"), pair(id="ko-date-x"), pair(id="en-date-009")]

    assert next_id(pairs, "ko", "date") == "ko-date-008"
    assert next_id(pairs, "ja", "fact") == "ja-fact-001"


def test_the_sample_pairs_are_what_was_promised() -> None:
    """At least 250 pairs over the corpus: languages, cross-lingual, unanswerable, conflicts, follow-ups."""
    root = Path(__file__).resolve().parents[2] / "eval"
    documents = {
        unicodedata.normalize("NFC", str(path.relative_to(root / "corpus")))
        for path in (root / "corpus").rglob("*.*")
    }

    pairs = read_pairs(root / "pairs", documents)

    count = {lang: sum(each.lang == lang for each in pairs) for lang in ("ko", "en", "ja", "zh")}
    kinds = {
        kind: sum(each.type == kind for each in pairs) for kind in ("near-miss", "conflict", "follow-up")
    }
    assert len(pairs) >= 250
    assert count["ko"] >= 60
    assert count["en"] >= 60
    assert count["ja"] >= 30
    assert count["zh"] >= 20
    assert sum(not each.answerable for each in pairs) >= 40
    assert kinds["near-miss"] >= 20
    assert kinds["conflict"] >= 20
    assert kinds["follow-up"] >= 20
