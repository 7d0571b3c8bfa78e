"""Which models can be used from here now: servers on this machine, files, and keys in the environment.

Only this machine is asked, at the addresses that Ollama and LM Studio use, for half
a second; a service elsewhere is known by its key alone and never called.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from rag.llm.ollama import OLLAMA_URL
from rag.llm.wire import Wire

__all__ = ["LMSTUDIO_URL", "Found", "found", "gguf_folders"]

LMSTUDIO_URL = "http://127.0.0.1:1234/v1"

_WITHIN_S = 0.5
_MAX_FILES = 50
# One of each family that is cheap and reads documents well enough; any other can be named.
_USUAL = {
    "openai": ("OPENAI_API_KEY", "gpt-5-mini"),
    "anthropic": ("ANTHROPIC_API_KEY", "claude-haiku-4-5"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A model that can be used.

    Attributes:
        llm, model, url: What the settings of these names must be; an empty address is the usual one.
        where: Who has it, for people.
        local: Whether question and passages stay on this machine.
    """

    llm: str
    model: str
    url: str
    where: str
    local: bool

    @property
    def settings(self) -> str:
        """What to put before a command, or into the environment, to use it."""
        named = {"CITEWISE_LLM": self.llm, "CITEWISE_LLM_MODEL": self.model, "CITEWISE_LLM_URL": self.url}
        return " ".join(f"{name}={_quoted(value)}" for name, value in named.items() if value)


def found(environ: Mapping[str, str], cache: Path) -> Iterator[Found]:
    """Yield the models, those on this machine first.

    Args:
        environ: Of the process.
        cache: Our own folder for what can be made again, which is looked into for files too.
    """
    for name in _names(f"{OLLAMA_URL}/api/tags", "models", "name"):
        yield Found("ollama", name, "", "Ollama on this machine", local=True)
    for name in _names(f"{LMSTUDIO_URL}/models", "data", "id"):
        yield Found("openai", name, LMSTUDIO_URL, "LM Studio on this machine", local=True)
    if find_spec("xllamacpp"):
        for path in _files(gguf_folders(environ, cache)):
            yield Found("llamacpp", str(path), "", "a file on this machine", local=True)
    for llm, (key, model) in _USUAL.items():
        if environ.get(key, "").strip():
            yield Found(llm, model, "", f"{key} in the environment", local=False)


def gguf_folders(environ: Mapping[str, str], cache: Path) -> tuple[Path, ...]:
    """Return where files of models usually lie: our cache, and those of the programs that fetch them."""
    home = Path(environ.get("HOME") or Path.home())
    shared = Path(environ.get("XDG_CACHE_HOME") or home / ".cache")
    hub = Path(environ.get("HF_HOME") or shared / "huggingface") / "hub"
    return (cache, shared / "llama.cpp", home / ".lmstudio" / "models", hub)


def _names(url: str, items: str, name: str) -> Iterator[str]:
    listed = Wire(url).once(url, None, _WITHIN_S).get(items)
    for item in listed if isinstance(listed, list) else ():
        told = item.get(name) if isinstance(item, dict) else None
        # A model of vectors writes no answers.
        if isinstance(told, str) and told.isprintable() and "embed" not in told.lower():
            yield told


def _files(folders: tuple[Path, ...]) -> list[Path]:
    """Return the models in *folders*, smallest first; parts of one, or its eyes, are none."""
    paths = [path for folder in folders if folder.is_dir() for path in folder.rglob("*.gguf")]
    whole = [
        path
        for path in paths
        if path.is_file() and not path.name.startswith("mmproj") and "-of-" not in path.name
    ]
    return sorted(dict.fromkeys(whole), key=lambda path: (path.stat().st_size, path))[:_MAX_FILES]


def _quoted(value: str) -> str:
    return f"'{value}'" if set(value) & set(' $"\\`&;()<>|*?#~') else value
