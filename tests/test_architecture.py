"""The house rules that a machine can check: who may import whom, and what ships."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from rag.index.readers import FORMATS

ROOT = Path(__file__).resolve().parents[1]
FLOORS = {"rag": "rag", "index": "rag.index", "ui": "rag.ui", "eval": "rag.eval"}
# The rooms of `rag`, from the ground up: each may import those before it, and the files that lie in none.
ROOMS = ("text", "model", "search", "read", "values", "verify", "answer", "llm", "assistant", "integrations")
# With the folders that stand on it, and what wires them.
HOUSE = (*ROOMS, "index", "eval", "wiring", "library", "ui")
DRAWN = "| room | uses |\n|---|---|\n"
# Each heavy library is imported in exactly one module; the others are handed objects.
# The command line is one door in three files: typer is its owner's, its sub-command's and their options'.
# So are the routes.
# sentence-transformers is loaded for two, which name its types.
SOLE_IMPORTER = {
    "faiss": "rag.index.dense",
    "pymilvus": "rag.index.engines.connection",
    "onnxruntime": "rag.model.session",
    "sentence_transformers": "rag.model.hub",
    "typer": "rag.ui.cli",
    "pytest": "rag.ui.pytest_plugin",
    "gradio": "rag.ui.gradio_page",
    "fastapi": "rag.ui.api",
    "uvicorn": "rag.ui.connection",
    "prometheus_client": "rag.ui.metrics",
    "mcp": "rag.ui.mcp",
    "pypdfium2": "rag.index.readers.pdf.engine",
    "markdown_it": "rag.index.readers.markdown",
    "chardet": "rag.index.encoding",
    "pathspec": "rag.index.folder",
    "fasttext": "rag.text.languages",
    "py3langid": "rag.text.languages",
    "sentencex": "rag.text.sentences",
    "httpx": "rag.llm.wire",
    "xllamacpp": "rag.llm.llamacpp",
    "tiktoken": "rag.llm.budget",
}
# Libraries of file formats may be swapped with their reader; nothing beyond readers knows of them.
# More than one reads XML.
FORMAT_LIBRARIES = {
    "lxml": None,
    "olefile": "rag.index.readers.hwp",
    "xlrd": "rag.index.readers.xls",
    "yaml": None,
}
# Libraries that write files for tests; what ships does without them.
TEST_LIBRARIES = ("docx", "odf", "openpyxl", "pptx", "xlwt")
# What people import, and what wires it for them, stands above the index though it lies in `rag`.
ENTRIES = {"rag.wiring": {"rag.index"}, "rag.library": {"rag.index"}, "rag.__main__": {"rag.ui"}}
PARTS = {
    "rag.ui.cli": {"rag.ui.cli_eval", "rag.ui.options"},
    "rag.index.readers.markdown": {"rag.answer.markdown"},
    "rag.ui.api": {
        "rag.ui.http",
        "rag.ui.openai_routes",
        "rag.ui.upload_routes",
        "rag.ui.document_routes",
        "rag.ui.kept_routes",
    },
    # Names its type.
    "rag.ui.gradio_page": {"rag.ui"},
    "rag.model.hub": {"rag.index.embed", "rag.search.rerank"},
}


@cache
def modules() -> tuple[tuple[str, ast.Module], ...]:
    return tuple(_parsed())


def _parsed() -> Iterator[tuple[str, ast.Module]]:
    for folder, package in FLOORS.items():
        for path in sorted((ROOT / folder).rglob("*.py")):
            parts = path.relative_to(ROOT / folder).with_suffix("").parts
            name = ".".join([package, *(part for part in parts if part != "__init__")])
            yield name, ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


def below(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize(("name", "tree"), [pytest.param(*each, id=each[0]) for each in modules()])
def test_no_arrow_runs_back_up(name: str, tree: ast.Module) -> None:
    """`rag` stands on nothing of ours, `rag.index` and `rag.eval` on `rag` only, and all on no `rag.ui`."""
    upper = {"rag.ui", "rag.index", "rag.eval"}
    allowed = upper if below(name, "rag.ui") else {floor for floor in upper if below(name, floor)}
    allowed |= ENTRIES.get(name, set())

    wrong = [found for found in imports(tree) if any(below(found, floor) for floor in upper - allowed)]

    assert wrong == []


@pytest.mark.parametrize(("name", "tree"), [pytest.param(*each, id=each[0]) for each in modules()])
def test_no_arrow_runs_up_within_rag(name: str, tree: ast.Module) -> None:
    """A room may use those below it; what lies in no room is used by all and uses none."""
    above = ROOMS[ROOMS.index(room) + 1 :] if (room := _room(name)) else ROOMS
    if name in (*ENTRIES, "rag") or not _is_ours(name):
        return

    assert [found for found in imports(tree) if _room(found) in above] == []


def _is_ours(name: str) -> bool:
    return not any(below(name, floor) for floor in ("rag.ui", "rag.index", "rag.eval"))


def _room(name: str) -> str:
    return next((room for room in ROOMS if below(name, f"rag.{room}")), "")


def test_no_module_needs_itself() -> None:
    """No circle: what imports a module is not imported by it, over any number of others."""
    known = {name for name, _ in modules()}
    needs = {name: {_module(found, known) for found in imports(tree)} & known for name, tree in modules()}
    # The public door names what its callers hold, and loads nothing.
    needs["rag"] = set()
    while free := {name for name, others in needs.items() if not others & (needs.keys() - {name})}:
        needs = {name: others for name, others in needs.items() if name not in free}

    assert needs == {}


def _module(found: str, known: set[str]) -> str:
    return found if found in known else found.rpartition(".")[0]


def test_the_house_is_drawn_as_it_is(update_golden: bool) -> None:
    """docs/architecture.md says which room uses which; `--update-golden` draws it again."""
    uses = {room: sorted(_used_by(room), key=HOUSE.index) for room in HOUSE}
    rows = [f"| {room} | {', '.join(used) or 'nothing'} |\n" for room, used in uses.items()]
    page = ROOT / "docs" / "architecture.md"
    before, mark, rest = page.read_text(encoding="utf-8").partition(DRAWN)
    drawn = before + mark + "".join(rows) + "\n" + rest.partition("\n\n")[2]
    if update_golden:
        page.write_text(drawn, encoding="utf-8")

    assert page.read_text(encoding="utf-8") == drawn


def _used_by(room: str) -> set[str]:
    needed = {_home(found) for name, tree in modules() if _home(name) == room for found in imports(tree)}
    return (needed & set(HOUSE)) - {room}


def _home(name: str) -> str:
    return next((room for room in HOUSE if below(name, f"rag.{room}")), "")


def test_only_doors_import_the_entries() -> None:
    """They see the index, so nothing below may see them; `rag` itself names them lazily."""
    importers = {
        name for name, tree in modules() if any(below(found, "rag.wiring") for found in imports(tree))
    }

    assert {name for name in importers if not below(name, "rag.ui")} == {"rag.library"}


@pytest.mark.parametrize("name", ["rag.types", "rag.errors"])
def test_the_ground_stones_import_nothing_of_ours(name: str) -> None:
    """Types and errors can be used everywhere because they need nothing."""
    tree = dict(modules())[name]

    assert [found for found in imports(tree) if below(found, "rag")] == []


@pytest.mark.parametrize(("library", "owner"), SOLE_IMPORTER.items())
def test_heavy_libraries_have_one_door(library: str, owner: str) -> None:
    """A library that may be swapped is imported in exactly one module."""
    importers = {name for name, tree in modules() if any(below(found, library) for found in imports(tree))}

    assert importers <= {owner, *PARTS.get(owner, ())}


@pytest.mark.parametrize(("library", "owner"), FORMAT_LIBRARIES.items())
def test_libraries_of_formats_stay_with_their_readers(library: str, owner: str | None) -> None:
    """A library that parses files runs in the sandbox: it is imported in the readers alone."""
    importers = {name for name, tree in modules() if any(below(found, library) for found in imports(tree))}

    assert all(below(name, owner or "rag.index.readers") for name in importers)


def test_readers_know_no_other_readers_insides() -> None:
    """What holds files of other kinds hands them to `read`; only what several formats share is imported."""
    readers = {f"rag.index.readers.{each.module}" for each in FORMATS.values()}
    crossed = {
        (name, other)
        for name, tree in modules()
        for other in readers
        if name in readers and not below(name, other) and any(below(found, other) for found in imports(tree))
    }

    # Every text is decoded alike, and Markdown may hold HTML.
    shared = {"rag.index.readers.text", "rag.index.readers.html"}
    assert {each for each in crossed if each[1] not in shared} == set()


@pytest.mark.parametrize("library", TEST_LIBRARIES)
def test_what_writes_files_for_tests_does_not_ship(library: str) -> None:
    """Readers are our own for these formats; the libraries check that files of others are read."""
    assert not any(below(found, library) for _, tree in modules() for found in imports(tree))


def test_only_build_makes_objects_from_settings() -> None:
    """Doors do not import one another, and nobody imports the command line."""
    doors = {"rag.ui.cli", "rag.ui.api", "rag.ui.chat", "rag.ui.mcp"}
    crossed = {
        (name, door)
        for name, tree in modules()
        for door in doors
        if name != door and any(below(found, door) for found in imports(tree))
    }

    assert {pair for pair in crossed if pair[0] not in ("rag.ui.cli", "rag.__main__")} == set()


def test_every_folder_with_code_ships() -> None:
    """The wheel holds each package: setuptools takes only those that are listed."""
    config = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = set(config["tool"]["setuptools"]["packages"])

    found = {name for name, _ in modules() if (name + ".__init__") and _is_package(name)}

    assert listed == found


def _is_package(name: str) -> bool:
    folder = next(
        f for f, package in sorted(FLOORS.items(), key=lambda i: -len(i[1])) if below(name, package)
    )
    rest = name.removeprefix(FLOORS[folder]).replace(".", "/").strip("/")
    return (ROOT / folder / rest / "__init__.py").is_file()


def test_asking_loads_no_torch_gradio_or_fastapi() -> None:
    """The modules behind `rag ask` start without the heavy optional libraries."""
    heavy = ("torch", "transformers", "gradio", "fastapi", "uvicorn")
    code = f"import sys, rag.wiring, rag.ui.cli; print([m for m in {heavy} if m in sys.modules])"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")

    assert done.stdout.strip() == "[]"


def test_the_chat_loads_no_gradio() -> None:
    """Gradio is a door of its own: the page and the service start without it."""
    code = "import sys, rag.ui.api, rag.ui.chat; print('gradio' in sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd="/")

    assert done.stdout.strip() == "False"


@pytest.mark.parametrize("page", ["asvs", "security"])
def test_what_is_said_to_be_tested_is(page: str) -> None:
    """A test that a page names exists; a name that ends with "…" is the beginning of one."""
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    sources = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    told = re.findall(r"`(?:test_\w+\.py::)?(test_\w+)(…?)`", text)

    assert told
    assert [name for name, more in told if f"def {name}{'' if more else '('}" not in sources] == []
