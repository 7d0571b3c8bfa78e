"""The command line as people use it: the real command, the bundled model, real files."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import RAG, as_json, run

from rag.index.dense import Transform
from rag.index.integrity import check
from rag.search.debias import UNCHANGED

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ANY = Transform(UNCHANGED.name, UNCHANGED.passages)

FILES = {
    "ko/도서관.txt": "은솔 도서관은 평일 오후 여섯 시에 문을 닫는다. 회원은 책을 다섯 권까지 빌릴 수 있다.",
    "en/kiln.md": "# Kiln HK-55\n\nThe kiln reaches 1,250 degrees. Wait nine hours before you open the lid.",
    "ja/港.txt": "青波港のフェリーは毎朝七時に出航します。切符は窓口で買えます。",
    "zh/茶.txt": "绿茶应该用八十度的水冲泡两分钟。红茶需要沸水。",
    "ar/متحف.txt": "يفتح المتحف أبوابه في التاسعة صباحا. الدخول مجاني يوم الجمعة.",
    "de/brot.txt": "Der Teig ruht zwölf Stunden im Kühlhaus. Das Brot wird bei 250 Grad gebacken.",
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with documents in `docs` and their index in `.citewise`."""
    root = tmp_path_factory.mktemp("home")
    for name, text in FILES.items():
        path = root / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert sorted(as_json("index", "docs", cwd=root)["added"]) == sorted(FILES)
    return root


@pytest.mark.parametrize(
    ("question", "doc_id", "words"),
    [
        ("도서관은 몇 시에 닫나요?", "ko/도서관.txt", "여섯 시"),
        ("When does the library close?", "ko/도서관.txt", "여섯 시"),
        ("가마는 몇 시간 뒤에 열 수 있나요?", "en/kiln.md", "nine hours"),
        ("フェリーは何時に出ますか", "ja/港.txt", "七時"),
        ("How hot should the water for green tea be?", "zh/茶.txt", "八十度"),
        ("Wann öffnet das Museum?", "ar/متحف.txt", "التاسعة"),
        ("Wie lange ruht der Teig?", "de/brot.txt", "zwölf Stunden"),
    ],
)
def test_an_answer_cites_a_quote_that_is_in_the_document(
    question: str, doc_id: str, words: str, home: Path
) -> None:
    """A question in one language is answered from a document in any, at exact offsets."""
    answer = as_json("ask", question, cwd=home)

    assert answer["answered"]
    assert any(words in each["quote"] for each in answer["citations"] if each["doc_id"] == doc_id)
    for citation in answer["citations"]:
        text = "".join((home / "docs" / citation["doc_id"]).read_text(encoding="utf-8"))
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert f"[{citation['marker']}]" in answer["text"]


def test_a_question_about_something_else_is_not_answered(home: Path) -> None:
    """Not knowing is a result: exit code 0, the sentence in the language of the question."""
    answer = as_json("ask", "양자역학에서 슈뢰딩거 방정식의 해는 무엇을 뜻하나요?", cwd=home)

    assert not answer["answered"]
    assert answer["citations"] == []
    assert "문서에 없습니다" in answer["text"]
    assert (answer["abstention"], answer["faults"]) == ("low_evidence", [])


def test_search_honours_its_filters(home: Path) -> None:
    """A filter restricts both legs, and k passages come back while k satisfy it."""
    hits = as_json("search", "opening hours", "--lang", "ar", "--folder", "ar", cwd=home)["hits"]

    assert [hit["chunk"]["doc_id"] for hit in hits] == ["ar/متحف.txt"]


def test_a_second_run_embeds_nothing(home: Path) -> None:
    """An unchanged folder costs a look at the files."""
    report = as_json("index", "docs", cwd=home)

    assert (report["embedded"], sorted(report["unchanged"])) == (0, sorted(FILES))


def test_status_and_doctor_describe_a_sound_index(home: Path) -> None:
    """Both read the same index and find nothing wrong."""
    status = as_json("status", cwd=home)
    checks = as_json("doctor", cwd=home)["checks"]

    assert (status["documents"], status["problems"]) == (len(FILES), [])
    assert status["languages"] == {"ko": 1, "en": 1, "ja": 1, "zh": 1, "ar": 1, "de": 1}
    assert [check["name"] for check in checks if not check["ok"]] == []


def test_doctor_names_an_index_of_other_settings(home: Path) -> None:
    """A sound index that the settings in force cannot use is a fault, with the command that helps."""
    done = run("doctor", cwd=home, CITEWISE_KEEP_BOILERPLATE="true")

    assert done.returncode == 1
    assert "--rebuild" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "environ", "code", "words"),
    [
        (["ask", "왜?", "--index", "nowhere"], {}, 1, ["nowhere", "rag index DIR"]),
        (["ask", "  \u200b "], {}, 1, ["question", "no text"]),
        (["ask", "x" * 4001], {}, 1, ["4001", "4000"]),
        (["index", "absent-folder"], {}, 1, ["absent-folder", "is not there"]),
        (["ask", "why", "-k", "0"], {}, 1, ["k = 0"]),
        (["ask", "why"], {"CITEWISE_COLOUR": "red"}, 1, ["'colour'", "environment"]),
        (["ask", "why", "--embedder", "no/such-model"], {}, 1, ["no/such-model"]),
        (["ask", "why", "--since", "yesterday"], {}, 2, ["yesterday"]),
        (["eval", "absent.jsonl"], {}, 2, ["eval"]),
        (["index"], {"CITEWISE_INDEX": "empty-index"}, 1, ["rag index DIR"]),
    ],
)
def test_bad_input_is_one_sentence_and_an_exit_code(
    arguments: list[str], environ: dict[str, str], code: int, words: list[str], home: Path
) -> None:
    """The value and the remedy are named; no traceback, nothing on standard output."""
    done = run(*arguments, cwd=home, **environ)

    assert done.returncode == code, done.stderr
    assert [word for word in words if word not in done.stderr] == []
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_the_second_writer_leaves_at_once(home: Path) -> None:
    """Two `rag index` at a time: one works, the other says who is busy and loses nothing."""
    code = (
        "import sys; from rag.index.store import locked; from pathlib import Path;"
        "lock = locked(Path('.citewise')); print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], cwd=home, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"

        done = run("index", "docs", cwd=home)

        assert holder.stdin
        holder.stdin.close()
    assert done.returncode == 1
    assert "Another process" in done.stderr


def test_killed_runs_of_rag_index_lose_nothing(tmp_path: Path) -> None:
    """The real command killed at random moments: the index always opens, and a last run completes it."""
    docs = tmp_path / "docs"
    docs.mkdir()
    random.seed(20)
    for number in range(24):
        (docs / f"{number}.txt").write_text(
            f"Shelf {number} holds the maps of river {number}. " * 40, encoding="utf-8"
        )
    for _ in range(6):
        child = subprocess.Popen(
            [RAG, "index", "docs"], cwd=tmp_path, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL
        )
        time.sleep(random.uniform(0.5, 2.5))
        child.send_signal(signal.SIGKILL)
        child.wait()
        faults = check(tmp_path / ".citewise", ANY) if (tmp_path / ".citewise/store.sqlite3").exists() else []
        assert [fault for fault in faults if "There is no index" not in fault] == []

    last = as_json("index", "docs", cwd=tmp_path)
    status = as_json("status", cwd=tmp_path)

    assert len(last["added"]) + len(last["unchanged"]) == status["documents"] == 24
    assert [each for each in as_json("doctor", cwd=tmp_path)["checks"] if not each["ok"]] == []


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the folder ../shared/seeds is not there")
def test_the_owners_articles_answer_the_first_question(tmp_path: Path) -> None:
    """The name of the Korean entity is found, cited from an article that says it."""
    as_json("index", SHARED / "seeds", cwd=tmp_path)

    answer = as_json("ask", "오픈AI 한국 법인의 이름은?", cwd=tmp_path)

    assert any(name in answer["text"] for name in ("오픈AI코리아", "OpenAI Korea"))
    cited = [citation for citation in answer["citations"] if citation["doc_id"].startswith(("001", "003"))]
    assert cited
    for citation in cited:
        text = (SHARED / "seeds" / citation["doc_id"]).read_text(encoding="utf-8")
        assert citation["quote"] in text


@pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the folder ../shared/seeds is not there")
def test_the_owners_articles_lose_their_noise_and_no_story(tmp_path: Path) -> None:
    """Headline rows, menus, notices and the author box are in no passage; every story line is."""
    report = as_json("index", SHARED / "seeds", "--report", cwd=tmp_path)
    hits = as_json("search", "OpenAI", "-k", "100", cwd=tmp_path)["hits"]
    kept = "\n".join(hit["chunk"]["text"] for hit in hits)
    numbers = [str(number) for number in [*range(48543, 48563), *range(50955, 50975)]]

    assert [number for number in numbers if number in kept] == []
    noise = [
        "메뉴 건너뛰기",
        "All rights reserved",
        "not authorised to provide any investment",
        "cryptocurrency publications",
    ]
    assert [words for words in noise if words in kept] == []
    assert {each["reason"] for each in report["masked"]}
    assert len(hits) < 100


def test_folders_that_vanish_and_are_forgotten(tmp_path: Path) -> None:
    """Exit code 1 with the remedy while a folder is empty; a file is indexed; what is forgotten is said."""
    for name, text in {"docs/a.txt": FILES["ko/도서관.txt"], "one/빵.txt": FILES["de/brot.txt"]}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text, encoding="utf-8")
    added = as_json("index", "docs", "one/빵.txt", cwd=tmp_path)["added"]
    (tmp_path / "docs/a.txt").unlink()

    done = run("index", cwd=tmp_path)
    forgotten = as_json("forget", "docs", cwd=tmp_path)
    after = run("index", cwd=tmp_path)

    assert added == ["a.txt", "one/빵.txt"]
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert "--allow-empty" in done.stderr and "1 unchanged" in done.stdout
    assert (forgotten["removed"], after.returncode) == (["a.txt"], 0)


def test_the_demonstration_needs_nothing_but_the_package(tmp_path: Path) -> None:
    """Sample documents come along, answers show; what is there already is not touched."""
    first, second = run("demo", cwd=tmp_path), run("demo", cwd=tmp_path)

    assert (first.returncode, second.returncode) == (0, 1)
    assert first.stdout.count("\n? ") == 3
    assert "[1]" in first.stdout
    assert "'citewise-demo' is there already" in second.stderr
