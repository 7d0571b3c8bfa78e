"""Each choice of `llm` builds the backend of that name, asking its usual address or the given one."""

from pathlib import Path

import pytest

from rag.errors import ConfigError
from rag.llm.anthropic import Anthropic
from rag.llm.ollama import Ollama
from rag.llm.openai import OpenAI
from rag.settings import read_settings
from rag.wiring import backend


@pytest.mark.parametrize(
    ("llm", "kind", "url"),
    [
        ("openai", OpenAI, "https://api.openai.com/v1"),
        ("anthropic", Anthropic, "https://api.anthropic.com"),
        ("ollama", Ollama, "http://127.0.0.1:11434"),
    ],
)
def test_a_choice_builds_its_backend(llm: str, kind: type, url: str, tmp_path: Path) -> None:
    """With the limits and the budget of the settings."""
    environ = {
        "CITEWISE_LLM": llm,
        "CITEWISE_LLM_MODEL": "m",
        "CITEWISE_LLM_KEY": "k",
        "CITEWISE_LLM_IDLE_S": "7",
    }

    usual = backend(read_settings({}, environ, tmp_path / "absent"))
    other = backend(read_settings({"llm_url": "http://box:1/"}, environ, tmp_path / "absent"))

    assert isinstance(usual, OpenAI | Anthropic | Ollama)
    assert isinstance(other, OpenAI | Anthropic | Ollama)
    assert (kind, f"{llm}:m", url, 7.0) == (
        type(usual),
        usual.model_id,
        usual.wire.url,
        usual.wire.limits.idle_s,
    )
    assert (kind, "http://box:1") == (type(other), other.wire.url)


def test_extractive_needs_none(tmp_path: Path) -> None:
    """The default answers alone."""
    assert backend(read_settings({}, {}, tmp_path / "absent")) is None


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Whether or not the library for it is installed, the message says what to do."""
    options = {"llm": "llamacpp", "llm_model": str(tmp_path / "none.gguf")}

    with pytest.raises(ConfigError, match=r"none\.gguf|citewise\[local\]"):
        backend(read_settings(options, {}, tmp_path / "absent"))
