"""`rag models` and `--llm auto`: what can write answers from here, asked of real servers on loopback."""

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import OPENAI, hang_up, reply, serve, silent
from served import RAG, SETTINGS

from rag import wiring
from rag.llm import found as module
from rag.llm.found import Found, found
from rag.settings import Settings
from rag.ui.doctor import _llm

TAGS = json.dumps({"models": [{"name": "qwen3:4b"}, {"name": "nomic-embed-text"}, {"name": "한국 모델"}, 7]})
MODELS = json.dumps({"data": [{"id": "gemma-3-4b"}, {}]})


@pytest.fixture
def nowhere(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path)}


@pytest.fixture(autouse=True)
def _no_servers(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever runs on the machine of the tests is not asked."""
    with serve(hang_up) as closed:
        monkeypatch.setattr(module, "OLLAMA_URL", closed.url)
        monkeypatch.setattr(module, "LMSTUDIO_URL", f"{closed.url}/v1")
        yield


def test_servers_on_this_machine_are_asked(
    monkeypatch: pytest.MonkeyPatch, nowhere: dict[str, str], tmp_path: Path
) -> None:
    """At their own addresses; models of vectors are left out, whatever else they say is survived."""
    with serve(reply(TAGS.encode())) as ollama, serve(reply(MODELS.encode())) as studio:
        monkeypatch.setattr(module, "_WITHIN_S", 20.0)
        monkeypatch.setattr(module, "OLLAMA_URL", ollama.url)
        monkeypatch.setattr(module, "LMSTUDIO_URL", f"{studio.url}/v1")
        known = list(found(nowhere, tmp_path / "cache"))

    assert [each.model for each in known] == ["qwen3:4b", "한국 모델", "gemma-3-4b"]
    assert [each.settings for each in known] == [
        "CITEWISE_LLM=ollama CITEWISE_LLM_MODEL=qwen3:4b",
        "CITEWISE_LLM=ollama CITEWISE_LLM_MODEL='한국 모델'",
        f"CITEWISE_LLM=openai CITEWISE_LLM_MODEL=gemma-3-4b CITEWISE_LLM_URL={studio.url}/v1",
    ]
    assert ollama.requests[0].path == "/api/tags"


@pytest.mark.parametrize("script", [silent(), reply(b"<html>"), reply(b"[]"), reply(b"{}", status=500)])
def test_a_server_that_says_nothing_of_use_has_no_models(
    monkeypatch: pytest.MonkeyPatch, nowhere: dict[str, str], tmp_path: Path, script: object
) -> None:
    """And does not hold up the others."""
    with serve(script) as server:  # type: ignore[arg-type]
        monkeypatch.setattr(module, "OLLAMA_URL", server.url)

        assert list(found(nowhere, tmp_path)) == []


def test_files_are_found_where_programs_keep_them(nowhere: dict[str, str], tmp_path: Path) -> None:
    """Ours, llama.cpp's, LM Studio's and the hub's, smallest first; parts and projectors are none."""
    pytest.importorskip("xllamacpp")
    names = {
        "cache/한국어.gguf": 3,
        ".lmstudio/models/a b/c.gguf": 2,
        ".cache/huggingface/hub/m/snapshots/1/x.gguf": 1,
        ".cache/llama.cpp/big-00001-of-00002.gguf": 9,
        "cache/mmproj-x.gguf": 1,
        "cache/notes.txt": 1,
    }
    for name, size in names.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * size)

    known = list(found(nowhere, tmp_path / "cache"))

    assert [Path(each.model).name for each in known] == ["x.gguf", "c.gguf", "한국어.gguf"]
    assert f"CITEWISE_LLM_MODEL='{tmp_path}/.lmstudio/models/a b/c.gguf'" in known[1].settings


def test_a_key_in_the_environment_is_named_and_never_shown(nowhere: dict[str, str], tmp_path: Path) -> None:
    """A service elsewhere comes last, and is no choice of `auto`: passages would leave the machine."""
    environ = {**nowhere, "OPENAI_API_KEY": "sk-secret", "ANTHROPIC_API_KEY": " "}

    [known] = found(environ, tmp_path)

    assert (known.llm, known.local) == ("openai", False)
    assert "sk-secret" not in repr(known)


@pytest.mark.parametrize("local", [True, False])
def test_auto_takes_the_first_on_this_machine(monkeypatch: pytest.MonkeyPatch, local: bool) -> None:
    """Without one it is as if no model had been asked for."""
    first = Found("ollama", "m", "", "here", local=local)
    monkeypatch.setattr(module, "found", lambda *_: iter([first]))

    chosen = wiring.chosen(SETTINGS.model_copy(update={"llm": "auto"}))

    assert (chosen.llm, chosen.llm_model) == (("ollama", "m") if local else ("extractive", ""))


def test_the_doctor_hears_the_first_word() -> None:
    """Of the chosen model; one that only reasons answers too, one that is not there does not."""
    thinking = reply(OPENAI.stream("<think>Hm", stop="length"))
    for script, ok in (
        (reply(OPENAI.stream("Yes.")), True),
        (thinking, True),
        (reply(b"{}", status=404), False),
    ):
        with serve(script) as server:
            settings = Settings(llm="openai", llm_model="m", llm_url=server.url)
            [check] = _llm(settings)
            assert check.ok is ok, check
            assert server.requests[0].body["max_tokens"] == 16
    assert list(_llm(Settings())) == []


def test_the_command_prints_them(tmp_path: Path) -> None:
    """One after the other with its line of settings; as JSON too."""
    environ = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "ANTHROPIC_API_KEY": "sk-secret"}
    plain = subprocess.run(
        [RAG, "models"], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True
    )
    listed = subprocess.run(
        [RAG, "models", "--json"], env=environ, cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert "CITEWISE_LLM=anthropic CITEWISE_LLM_MODEL=" in plain.stdout
    last = json.loads(listed.stdout)["models"][-1]
    assert (last["llm"], last["local"]) == ("anthropic", False)
    assert "sk-secret" not in plain.stdout + listed.stdout
