"""A folder that is somebody else's: what its rag.toml may do to whoever runs `rag` in it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from fault_server import OPENAI, Exchange, serve

from rag.errors import ConfigError
from rag.project import ALLOWED, MAX_BYTES
from rag.settings import Settings, read_settings

RAG = str(Path(sys.executable).with_name("rag"))
KEYS = {
    "CITEWISE_LLM_KEY": "rag-canary-1f0c",
    "OPENAI_API_KEY": "openai-canary-2f0c",
    "ANTHROPIC_API_KEY": "anthropic-canary-3f0c",
    "CITEWISE_SERVE_TOKEN": "token-canary-4f0c-long-enough",
    "CITEWISE_ENGINE_TOKEN": "engine-canary-5f0c",
}

# Every setting, as a hostile folder would write it, and a word of what the person is told.
# `set` is what a project may do: it is done, and named on standard error.
HOSTILE: dict[str, tuple[Any, str]] = {
    "index": ("/etc", "leads out of the folder"),
    "engine": ("milvus", "holds the index"),
    "engine_url": ("http://evil.example:19530", "holds the index"),
    "engine_token": ("x", "Remove it there"),
    "engine_collection": ("private", "holds the index"),
    "engine_index": ("HNSW", "holds the index"),
    "engine_consistency": ("Eventually", "holds the index"),
    "engine_timeout_s": (3600.0, "holds the index"),
    "cache": ("../..", "leads out of the folder"),
    "embedder": ("model", "a model on this machine"),
    "llm": ("ollama", "set"),
    "llm_model": ("some-model", "set"),
    "llm_url": ("http://evil.example/v1", "No key is sent"),
    "llm_key": ("x", "Remove it there"),
    "llm_prompt": ("few-shot", "set"),
    "llm_context_tokens": (512_000, "set"),
    "llm_max_tokens": (16, "set"),
    "llm_connect_s": (3600.0, "set"),
    "llm_first_token_s": (3600.0, "set"),
    "llm_idle_s": (3600.0, "set"),
    "llm_total_s": (3600.0, "set"),
    "k": (100, "set"),
    "collapse": (True, "set"),
    "rerank": ("model", "a model on this machine"),
    "rerank_depth": (200, "set"),
    "strict": (True, "set"),
    "keep_boilerplate": (True, "set"),
    "ocr": ("force", "set"),
    "password_file": ("/etc/shadow", "opens the service"),
    "serve_host": ("0.0.0.0", "opens the service"),
    "serve_port": (1, "set"),
    "serve_token": ("a-token-that-the-attacker-knows", "Remove it there"),
    "serve_token_expires": ("2999-01-01 00:00:00+00:00", "opens the service"),
    "serve_insecure": (True, "opens the service"),
    "serve_hosts": (["evil.example"], "opens the service"),
    "serve_proxy": ("*", "opens the service"),
    "serve_workers": (256, "set"),
    "serve_queue": (0, "set"),
    "serve_rate": (0, "opens the service"),
    "serve_connections": (0, "opens the service"),
    "serve_keep_alive_s": (3600.0, "set"),
    "serve_log_level": ("ERROR", "set"),
    "serve_log_questions": (True, "opens the service"),
    "chat_history": ("service", "opens the service"),
    "serve_upload": (True, "opens the service"),
    "serve_upload_mb": (1_000_000, "opens the service"),
}


def write(folder: Path, **values: object) -> Path:
    """Write a rag.toml: a JSON text, number, list or Boolean is one of TOML too."""
    config = folder / "rag.toml"
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    config.write_text("\n".join(lines), encoding="utf-8")
    return config


def test_every_setting_is_judged() -> None:
    """A setting that is added needs a line above; until then no project file may set it."""
    assert set(HOSTILE) == set(Settings.model_fields)
    allowed = {
        key
        for key, (_, told) in HOSTILE.items()
        if told not in ("opens the service", "holds the index", "Remove it there")
    }
    assert allowed == ALLOWED


@pytest.mark.parametrize("key", Settings.model_fields)
def test_a_hostile_folder_gets_nothing_from_any_setting(
    key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is refused with the name and the remedy, or it is harmless and named on standard error."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model").mkdir()
    value, told = HOSTILE[key]
    needed = {"llm": "ollama", "llm_model": "m"} if key in ("llm", "llm_url") else {}
    config = write(tmp_path, **{**needed, key: value})

    try:
        settings = read_settings({}, KEYS, config)
    except ConfigError as exc:
        assert told in str(exc)
        assert key in str(exc)
        assert f"CITEWISE_{key.upper()}" in str(exc)
        assert "rag.toml" in str(exc)
    else:
        said = capsys.readouterr().err
        assert told == "set" or told in said
        assert f"{key} = {value!r}" in said
        assert "rag.toml" in said
        assert getattr(settings, key) == value
        assert settings.serve_host == "127.0.0.1"
    assert (
        read_settings({}, KEYS, None).model_dump() == read_settings({}, KEYS, tmp_path / "none").model_dump()
    )


@pytest.mark.parametrize(
    "key", sorted(set(Settings.model_fields) - {"llm_key", "serve_token", "engine_token"})
)
def test_the_environment_may_set_all_of_it(key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The remedy that the error names works."""
    monkeypatch.chdir(tmp_path)
    value, _ = HOSTILE[key]
    told = ",".join(value) if isinstance(value, list) else str(value)
    environ = {
        **KEYS,
        "CITEWISE_LLM_MODEL": "m",
        "CITEWISE_LLM_CONTEXT_TOKENS": "9000",
        f"CITEWISE_{key.upper()}": told,
    }

    found = getattr(read_settings({}, environ, write(tmp_path, k=8)), key)

    assert str(found) == str(tuple(value) if isinstance(value, list) else value)


@pytest.mark.parametrize(
    ("project", "environ", "options", "sent"),
    [
        ({"llm_url": "http://evil.example"}, {}, {}, None),
        ({"llm_url": "http://evil.example"}, {"CITEWISE_LLM": "openai"}, {"llm_model": "m"}, None),
        ({"llm_url": "http://evil.example"}, {"CITEWISE_LLM_URL": "http://box:1"}, {}, "CITEWISE_LLM_KEY"),
        ({"llm_url": "http://evil.example"}, {}, {"llm_url": "http://box:1"}, "CITEWISE_LLM_KEY"),
        ({"llm_url": "http://evil.example"}, {"CITEWISE_LLM_URL": ""}, {}, "CITEWISE_LLM_KEY"),
        ({"llm_url": ""}, {"CITEWISE_LLM_URL": "http://box:1"}, {}, "CITEWISE_LLM_KEY"),
        ({}, {}, {}, "CITEWISE_LLM_KEY"),
        ({}, {"CITEWISE_LLM_KEY": ""}, {}, "OPENAI_API_KEY"),
        ({"llm": "anthropic"}, {"CITEWISE_LLM_KEY": ""}, {}, "ANTHROPIC_API_KEY"),
        ({"llm": "ollama"}, {"CITEWISE_LLM_KEY": ""}, {}, None),
        ({"llm_url": "http://evil.example"}, {"CITEWISE_LLM_KEY": ""}, {}, None),
    ],
)
def test_a_key_goes_where_its_owner_said(
    project: dict[str, str],
    environ: dict[str, str],
    options: dict[str, str],
    sent: str | None,
    tmp_path: Path,
) -> None:
    """To the usual address of the backend, or one of the environment or the command line."""
    config = write(tmp_path, **{"llm": "openai", "llm_model": "m", "index": str(tmp_path / "i"), **project})

    key = read_settings(options, {**KEYS, **environ}, config).llm_key

    assert (KEYS[sent] if sent else None) == (key.get_secret_value() if key else None)


def test_a_project_file_is_silent_when_it_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A default, or what the environment or an option overrides, needs no word."""
    config = write(tmp_path, k=3, strict=False, collapse=True, index=str(tmp_path / "i"))

    read_settings({"k": 4, "index": "i"}, {"CITEWISE_COLLAPSE": "false"}, config)

    assert capsys.readouterr().err == ""


def test_a_link_leads_no_further_than_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An index that is a link to one elsewhere is refused, the usual `.citewise` too."""
    inside, outside = tmp_path / "clone", tmp_path / "private"
    for folder in (inside, outside):
        folder.mkdir()
    monkeypatch.chdir(inside)
    config = write(inside, llm="ollama", llm_model="m", llm_url="http://evil.example")
    (inside / ".citewise").symlink_to(outside)
    with pytest.raises(ConfigError, match="leads out"):
        read_settings({}, {}, config)
    assert read_settings({"index": ".citewise"}, {}, config).index == Path(".citewise")

    for path in ("../private", str(outside), "a/../../private", ".citewise/x", "a\0b"):
        with pytest.raises(ConfigError, match="leads out"):
            read_settings({}, {}, write(inside, index=path))
    assert read_settings({}, {}, write(inside, index="a/b")).index == Path("a/b")


def test_a_model_file_of_the_folder_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not on the word of the file beside it; the name of a model on a server may be that of a file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(ConfigError, match="CITEWISE_LLM_MODEL"):
        read_settings({}, {}, write(tmp_path, llm="llamacpp", llm_model="m.gguf"))
    with pytest.raises(ConfigError, match="CITEWISE_LLM_MODEL"):
        read_settings({"llm": "llamacpp"}, {}, write(tmp_path, llm_model="./m.gguf"))
    assert read_settings({}, {}, write(tmp_path, llm="ollama", llm_model="m.gguf")).llm_model == "m.gguf"
    assert (
        read_settings({}, {"CITEWISE_LLM_MODEL": "m.gguf"}, write(tmp_path, llm="llamacpp")).llm == "llamacpp"
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\xfe", "TOML"),
        (b"k = " + b"[" * 20_000, "nested too deeply"),
        (b"#" * (MAX_BYTES + 1), "larger than 64 KB"),
        (b"k = 8\nk = 9", "TOML"),
        ("도서관 = 1".encode(), "TOML"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(text: bytes, told: str, tmp_path: Path) -> None:
    """No traceback, whatever it holds."""
    config = tmp_path / "rag.toml"
    config.write_bytes(text)

    with pytest.raises(ConfigError, match=told):
        read_settings({}, {}, config)


def run(*arguments: str, cwd: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, **environ}
    return subprocess.run([RAG, *arguments], cwd=cwd, env=env, capture_output=True, text=True, timeout=280)


@pytest.mark.slow
def test_the_command_in_a_hostile_folder_gives_no_key_away(tmp_path: Path) -> None:
    """The server that the folder names is asked, and no key reaches it; `--no-config` asks nobody."""
    (tmp_path / "docs").mkdir()
    text = "# Kiln HK-55\n\nThe kiln HK-55 reaches 1,250 degrees. Wait nine hours before you open the lid.\n"
    (tmp_path / "docs" / "가마.md").write_text(text, encoding="utf-8")
    question = "How many degrees does the kiln HK-55 reach?"
    run("index", "docs", cwd=tmp_path)

    def reply(exchange: Exchange) -> None:
        exchange.head()
        exchange.send(OPENAI.stream("The kiln HK-55 reaches 1,250 degrees. [1]"))

    with serve(reply) as server:
        config = write(tmp_path, llm="openai", llm_model="m", llm_url=server.url)
        asked = run("ask", question, cwd=tmp_path, **KEYS)
        got = [f"{each.path} {each.headers} {each.body}" for each in server.requests]
        ignored = [
            run(*arguments, cwd=tmp_path, **KEYS)
            for arguments in (("--no-config", "ask", question), ("ask", question, "--no-config"))
        ]
        assert len(server.requests) == len(got)
        config.unlink()

    assert "1,250" in asked.stdout
    assert got
    assert [key for key in KEYS.values() for each in got if key in each] == []
    assert f"llm_url = '{server.url}'" in asked.stderr
    assert [(each.returncode, each.stderr) for each in ignored] == [(0, ""), (0, "")]


@pytest.mark.parametrize("command", ["serve", "chat", "mcp", "doctor", "status", "index", "eval"])
def test_no_command_opens_the_service_because_a_folder_says_so(command: str, tmp_path: Path) -> None:
    """All of them read the settings, and say so in a sentence."""
    write(tmp_path, serve_host="0.0.0.0", serve_insecure=True)

    done = run(command, cwd=tmp_path)

    assert done.returncode in (1, 2)
    assert "serve_host stands in 'rag.toml'" in done.stderr
    assert "Traceback" not in done.stderr
