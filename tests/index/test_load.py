"""A folder is read as far as it can be; whatever cannot is named, and nothing outside is touched."""

import io
import os
import socket
import unicodedata
import zipfile
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from documents import DOCX, SAMPLES, docx_bytes, main_part, pdf, repacked

from rag.errors import LoadError
from rag.index.load import load, scan
from rag.index.readers import PARSED, PICTURES, PLAIN
from rag.types import Document

CORPUS = Path(__file__).resolve().parents[2] / "eval" / "corpus"


def write(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return folder


def ids(folder: Path) -> list[str]:
    return [source.doc_id for source in scan(folder).sources]


def documents(folder: Path) -> dict[str, Document]:
    return {source.doc_id: document for source, document, _ in load(scan(folder).sources) if document}


def problems(folder: Path) -> dict[str, str]:
    found = scan(folder)
    all_of = [*found.problems, *(problem for *_, each in load(found.sources) for problem in each)]
    return {problem.doc_id: problem.reason for problem in all_of}


# --- which files


def test_files_are_found_by_suffix_and_sorted(tmp_path: Path) -> None:
    """All kinds that have a reader are found at any depth; the others are counted."""
    write(
        tmp_path,
        {f"b/c{suffix}": "x" for suffix in (PLAIN | PARSED) - PICTURES}
        | {"a.TXT": "x", "p.PNG": "", "q.png": "", "Makefile": ""},
    )

    found = scan(tmp_path)

    texts = ["a.TXT", *(f"b/c{s}" for s in (PLAIN | PARSED) - PICTURES)]
    assert [source.doc_id for source in found.sources] == sorted(texts)
    assert found.skipped == {"": 1, ".png": 2}
    pictures = scan(tmp_path, with_pictures=True)
    assert [source.doc_id for source in pictures.sources] == sorted([*texts, "p.PNG", "q.png"])
    assert found.problems == ()


def test_what_programs_left_is_not_indexed(tmp_path: Path) -> None:
    """Hidden files, version control and installed packages are nobody's documents."""
    write(
        tmp_path,
        dict.fromkeys(
            [
                *(".secret.txt", ".git/a.txt", ".hg/a.txt", ".svn/a.txt", "CVS/a.txt", ".venv/a.txt"),
                *("node_modules/x/README.md", "__pycache__/a.txt", "__MACOSX/a.txt", "~$report.docx"),
                "kept.txt",
            ],
            "x",
        ),
    )

    assert ids(tmp_path) == ["kept.txt"]


@pytest.mark.parametrize("behind", ["_files", ".files", "-Dateien", "_fichiers"])
def test_the_parts_of_a_saved_web_page_are_not_indexed(behind: str, tmp_path: Path) -> None:
    """Scripts, frames and styles are no documents; a letter put beside them is, and so is code elsewhere."""
    for name in ("항구 소식", "お知らせ"):
        page = {f"{name}.html": "<p>x</p>"}
        parts = ("app.js", "a.css", "frame.html", "js/b.mjs", "f.txt", "data.json", "tag")
        write(tmp_path, page | {f"{name}{behind}/{part}": "<html>x" for part in parts})
        write(tmp_path, {f"{name}{behind}/letter.docx": "x"})
    write(tmp_path, {f"tool{behind}/app.js": "x"})

    pages = ("항구 소식", "お知らせ")
    kept = [each for name in pages for each in (f"{name}.html", f"{name}{behind}/letter.docx")]
    assert ids(tmp_path) == sorted([*kept, f"tool{behind}/app.js"])


def test_ragignore_works_as_gitignore_does(tmp_path: Path) -> None:
    """Globs, folders, anchors, exceptions and nested files; the last word counts; any normal form."""
    nfd = unicodedata.normalize("NFD", "초안")
    write(
        tmp_path,
        {
            ".ragignore": f"# drafts\n{nfd}*.txt\n/top.md\nbuild/\n*.html\n!keep.html\n",
            "sub/.ragignore": "notes.txt\n!other.html\n",
            **dict.fromkeys(["초안1.txt", "top.md", "sub/top.md", "build/a.txt", "a.html", "keep.html"], "x"),
            **dict.fromkeys(["sub/notes.txt", "notes.txt", "sub/other.html", "sub/deep/notes.txt"], "x"),
        },
    )

    assert ids(tmp_path) == ["keep.html", "notes.txt", "sub/other.html", "sub/top.md"]


def test_an_unreadable_ragignore_is_reported(tmp_path: Path) -> None:
    """Globs that cannot be obeyed are not passed over in silence."""
    write(tmp_path, {".ragignore": bytes(range(256)) * 4, "a.txt": "x\ny"})

    assert scan(tmp_path).problems[0].doc_id == ".ragignore"
    assert ids(tmp_path) == ["a.txt"]


def test_links_pipes_and_devices_are_named_and_not_opened(tmp_path: Path) -> None:
    """Nothing is read through a link, and nothing waits for a pipe."""
    folder = write(tmp_path / "docs", {"a.txt": "x\ny"})
    (folder / "passwd.txt").symlink_to("/etc/passwd")
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "gone.txt").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe.txt")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(os.path.relpath(folder / "socket.txt"))

        found = scan(folder)

    assert [source.doc_id for source in found.sources] == ["a.txt"]
    reasons = {problem.doc_id: problem.reason.split(",")[0] for problem in found.problems}
    link, device = "is a symbolic link", "is a device"
    expected = {"gone.txt": link, "loop": link, "passwd.txt": link, "pipe.txt": device, "socket.txt": device}
    assert reasons == expected
    assert all(problem.fatal for problem in found.problems)


def test_a_file_that_becomes_a_link_is_not_followed(tmp_path: Path) -> None:
    """What was hashed is read, or nothing: a name may be replaced in between."""
    folder = write(tmp_path / "docs", {"a.txt": "same\nbytes", "b.txt": "same\nbytes"})
    outside = write(tmp_path, {"outside.txt": "same\nbytes"}) / "outside.txt"
    sources = scan(folder).sources
    (folder / "a.txt").unlink()
    (folder / "a.txt").symlink_to(outside)
    (folder / "b.txt").write_text("other\nbytes")

    results = list(load(sources))

    assert [document for _, document, _ in results] == [None, None]
    assert "cannot be read" in results[0][2][0].reason
    assert "changed" in results[1][2][0].reason


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads files whatever their permissions")
def test_what_may_not_be_read_is_named(tmp_path: Path) -> None:
    """A file or folder without permission is a problem of its own, not of the run."""
    write(tmp_path, {"a.txt": "x\ny", "locked.txt": "x", "closed/b.txt": "x"})
    (tmp_path / "locked.txt").chmod(0)
    (tmp_path / "closed").chmod(0)
    try:
        found = scan(tmp_path)
    finally:
        (tmp_path / "closed").chmod(0o700)

    assert [source.doc_id for source in found.sources] == ["a.txt"]
    assert [problem.doc_id for problem in found.problems] == ["closed/", "locked.txt"]


def test_names_are_composed_and_distinct(tmp_path: Path) -> None:
    """A name typed on a Mac is the same id as elsewhere; two files are never one document."""
    names = ["회의록.txt", "café.txt", "がくぶち.txt", "Ωmega.txt"]
    for name in names[::2]:
        write(tmp_path, {unicodedata.normalize("NFC", name): "x\ny"})
    for name in names[1::2]:
        write(tmp_path, {unicodedata.normalize("NFD", name): "x\ny"})
    write(tmp_path, {unicodedata.normalize("NFD", names[0]): "other\ntext"})
    if len(list(tmp_path.iterdir())) == len(names):
        pytest.skip("this file system composes names itself")

    found = scan(tmp_path)

    assert {source.doc_id for source in found.sources} == {
        unicodedata.normalize("NFC", name) for name in names
    }
    assert [problem.doc_id for problem in found.problems] == [unicodedata.normalize("NFC", names[0])]
    assert "same name" in found.problems[0].reason


def test_any_file_name_becomes_text(tmp_path: Path) -> None:
    """Names in another encoding, with line feeds or turning characters, do not reach the terminal."""
    for name in [b"\xb0\xa1\xb3\xaa.txt", b"a\nb.txt", "x\u202etxt.exe.txt".encode()]:
        (tmp_path / os.fsdecode(name)).write_text("x\ny")

    found = ids(tmp_path)

    assert found == ["a b.txt", "xtxt.exe.txt", "\ufffd\ufffd\ufffd\ufffd.txt"]
    assert len(documents(tmp_path)) == 3


def test_depth_is_bounded(tmp_path: Path) -> None:
    """A chain of folders is followed to a limit, then named."""
    write(tmp_path, {"d/" * 70 + "a.txt": "x", "b.txt": "x"})

    found = scan(tmp_path)

    assert [source.doc_id for source in found.sources] == ["b.txt"]
    assert "nested deeper" in found.problems[0].reason


def test_too_large_files_are_not_read(tmp_path: Path) -> None:
    """A file over the limit is named with its size; its bytes are not even hashed."""
    with (tmp_path / "log.txt").open("wb") as file:
        file.truncate(50_000_001)

    assert "50,000,001 bytes" in problems(tmp_path)["log.txt"]


def test_no_folder_is_an_error(tmp_path: Path) -> None:
    """The one thing that must exist is the folder, or the file."""
    with pytest.raises(LoadError, match="missing"):
        scan(tmp_path / "missing")


# --- what becomes of them


def test_all_formats_become_documents(tmp_path: Path) -> None:
    """Each file is a document with its title, language, date and hash."""
    text = SAMPLES["ko"]
    write(
        tmp_path,
        {
            "a.txt": f"이용 안내\n입력 2025.05.27 10:20\n\n{text}\n",
            "b.md": f"---\ntitle: 이용 안내\ndate: 2025-05-27\n---\n\n{text}\n",
            "c.html": f"<title>이용 안내</title><p>게시 <time datetime=2025-05-27>5월 27일</time><p>{text}",
            "d.pdf": pdf([["이용 안내", "2025년 5월 27일", text]]),
            "2025-05-27_e.docx": docx_bytes(text),
        },
    )

    found = documents(tmp_path)

    assert list(found) == ["2025-05-27_e.docx", "a.txt", "b.md", "c.html", "d.pdf"]
    assert {(document.lang, document.date) for document in found.values()} == {("ko", date(2025, 5, 27))}
    assert {document.title for document in found.values()} == {"이용 안내", "2025-05-27 e"}
    assert all(text in document.text for document in found.values())
    assert all(source.sha256 == found[source.doc_id].sha256 for source in scan(tmp_path).sources)


def test_the_words_tell_the_language_and_the_page_only_if_they_do_not(tmp_path: Path) -> None:
    """A Korean page from an English template is Korean; four digits are what the page says."""
    write(
        tmp_path,
        {
            "a.html": f"<html lang=en><p>{SAMPLES['ko']}",
            "b.html": "<html lang=pt-BR><p>2034",
            "c.txt": "1234",
        },
    )

    assert {doc_id: document.lang for doc_id, document in documents(tmp_path).items()} == {
        "a.html": "ko",
        "b.html": "pt",
        "c.txt": "und",
    }


def test_a_doubtful_encoding_is_a_problem_that_is_not_fatal(tmp_path: Path) -> None:
    """The document is there, and so is the doubt."""
    write(tmp_path, {"a.txt": "요금표".encode("cp949")})

    [(_, document, doubts)] = load(scan(tmp_path).sources)

    assert document is not None
    assert [(doubt.doc_id, doubt.fatal) for doubt in doubts] == [("a.txt", False)]


def test_files_without_text_are_named(tmp_path: Path) -> None:
    """An empty file is not an empty document."""
    write(
        tmp_path,
        {
            "a.txt": "",
            "b.md": " \n\n",
            "c.html": "",
            "d.html": "<script>x</script>",
            "e.docx": docx_bytes(""),
        },
    )

    assert set(problems(tmp_path).values()) == {"holds no text"}
    assert documents(tmp_path) == {}


def test_boilerplate_of_the_corpus_lies_in_its_texts() -> None:
    """Masks are in order, apart and within; every file of the sample corpus is read."""
    if not CORPUS.is_dir():
        pytest.skip("eval/corpus is not there")

    for source, document, _ in load(scan(CORPUS).sources):
        assert document is not None, source.doc_id
        ends = [0, *(mask.end for mask in document.boilerplate)]
        assert all(
            end <= mask.start < mask.end for end, mask in zip(ends, document.boilerplate, strict=False)
        )
        assert ends[-1] <= len(document.text)
        assert document.lang != "und"


# --- hostile files


PDF_LOOP = pdf([["x"]]).replace(b"/Kids [6 0 R]", b"/Kids [2 0 R]")
BOMBS: dict[str, str | bytes] = {
    "ratio.docx": repacked(DOCX, main_part(b"<w:p/>" * 12_000_000)),
    "parts.docx": b"",
    "deep.docx": repacked(DOCX, main_part(b"<w:p>" * 100_000)),
    "huge-node.docx": repacked(
        DOCX, main_part(b"<w:p><w:r><w:t>" + os.urandom(6_000_000).hex().encode() + b"</w:t></w:r></w:p>")
    ),
    "entities.docx": repacked(
        DOCX,
        b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
        + b"".join(b'<!ENTITY %c "%s">' % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(9))
        + b"]>"
        + main_part(b"<w:p><w:r><w:t>&j;</w:t></w:r></w:p>"),
    ),
    "truncated.docx": DOCX[: len(DOCX) // 2],
    "tree-loop.pdf": PDF_LOOP,
    "prev-loop.pdf": pdf([["x"]], trailer="/Prev 9"),
    "truncated.pdf": pdf([["x"]])[:300],
    "noise.pdf": b"%PDF-1.7\n" + bytes(range(256)) * 40,
}


def zip_of_many_parts() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for number in range(10_001):
            package.writestr(f"{number}", b"")
    return out.getvalue()


def test_bad_files_are_named_and_good_ones_read(tmp_path: Path) -> None:
    """Among bombs, loops and debris each good file is indexed and each bad one has its reason."""
    good: dict[str, str | bytes] = {
        "a.txt": "x\ny",
        "m.docx": DOCX,
        "n.pdf": pdf([["Unharmed", "text"]]),
        "z.html": "<p>Unharmed text",
    }
    write(tmp_path, {**BOMBS, "parts.docx": zip_of_many_parts(), "a.png.txt": bytes(range(256)) * 9, **good})

    results = {source.doc_id: (document, found) for source, document, found in load(scan(tmp_path).sources)}

    bad = {doc_id for doc_id, (document, _) in results.items() if document is None}
    assert bad == {*BOMBS, "a.png.txt"} - {"prev-loop.pdf"}  # whose text can be reached
    assert all(found[0].fatal and found[0].reason for document, found in results.values() if document is None)


def test_entities_of_a_docx_are_not_expanded_from_outside(tmp_path: Path) -> None:
    """A part that names a local file does not get its contents."""
    part = b'<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]>' + main_part(
        b"<w:p><w:r><w:t>&f;</w:t></w:r></w:p>"
    )
    write(tmp_path, {"a.docx": repacked(DOCX, part)})

    assert all("root:" not in document.text for document in documents(tmp_path).values())
