"""Settings: file < environment < options, and a typo is an error."""

from pathlib import Path

import pytest

from rag.errors import ConfigError
from rag.settings import read_settings


def test_options_beat_environment_beats_file(tmp_path: Path) -> None:
    """Each source overrides the one before it, key by key."""
    config = tmp_path / "rag.toml"
    config.write_text('k = 3\nindex = "from-file"\nembedder = "from-file"\n', encoding="utf-8")

    settings = read_settings(
        {"k": 5, "index": None}, {"CITEWISE_K": "4", "CITEWISE_INDEX": "from-env"}, config
    )

    assert (5, Path("from-env"), "from-file") == (settings.k, settings.index, settings.embedder)


@pytest.mark.parametrize(
    ("options", "environ", "toml", "words"),
    [
        ({}, {"CITEWISE_INDX": "x"}, "", ["'indx'", "the environment", "index"]),
        ({}, {}, "colour = 1", ["'colour'", "rag.toml", "index"]),
        ({"k": 0}, {}, "", ["k = 0", "the command line", "greater than or equal to 1"]),
        ({}, {"CITEWISE_K": "many"}, "", ["k = 'many'", "the environment", "integer"]),
        ({}, {}, "k = [", ["rag.toml", "TOML"]),
        ({}, {"CITEWISE_LLM": "gpt"}, "", ["llm = 'gpt'"]),
        ({}, {"CITEWISE_ENGINE": "postgres"}, "", ["engine = 'postgres'", "milvus"]),
        ({}, {"CITEWISE_ENGINE_COLLECTION": 'a" or 1'}, "", ["engine_collection", "the environment"]),
        (
            {},
            {"CITEWISE_ENGINE_URL": "http://me:secret@milvus:19530"},
            "",
            ["engine_url", "CITEWISE_ENGINE_TOKEN"],
        ),
        (
            {},
            {"CITEWISE_ENGINE_URL": "milvus:19530"},
            "",
            ["engine_url = 'milvus:19530'", "http://127.0.0.1:19530"],
        ),
    ],
)
def test_a_wrong_setting_names_key_value_and_source(
    options: dict[str, object], environ: dict[str, str], toml: str, words: list[str], tmp_path: Path
) -> None:
    """The message says where the value came from and what would be right."""
    config = tmp_path / "rag.toml"
    config.write_text(toml, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read_settings(options, environ, config)

    assert [] == [word for word in words if word not in str(caught.value)]


def test_the_former_names_of_variables_are_read_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    """RAG_K still means CITEWISE_K, which wins; what else begins with RAG_ belongs to other programs."""
    environ = {"RAG_K": "4", "RAG_LLM_MODEL": "old", "CITEWISE_LLM_MODEL": "new", "RAG_API_KEY": "theirs"}

    settings = read_settings({}, environ, None)

    assert (settings.k, settings.llm_model) == (4, "new")
    told = capsys.readouterr().err
    assert "RAG_K is now called CITEWISE_K" in told
    assert "theirs" not in told
    assert "RAG_LLM_MODEL" not in told


def test_nothing_set_is_the_default(tmp_path: Path) -> None:
    """Without any source the bundled model, no LLM and the local index are used."""
    settings = read_settings({}, {}, tmp_path / "absent.toml")

    assert ("bundled", "extractive", Path(".citewise")) == (settings.embedder, settings.llm, settings.index)
