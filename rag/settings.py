"""What can be set: ``rag.toml`` < ``CITEWISE_*`` environment < command-line options.

Read once by the command line and passed down as plain arguments; nothing else
looks at the environment. An unknown key is an error that names the known ones.
The key of an LLM, or of a server that holds the index, comes from the environment only:
a file is shared and a command line is visible to everyone on the machine. It goes to the usual address of the
backend, or to one that comes from the environment or the command line, too.
"""

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal
from urllib.parse import urlsplit

from platformdirs import user_cache_path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator

from rag.errors import ConfigError
from rag.project import check_allowed, check_paths, read_project

__all__ = ["CONFIG_FILE", "Settings", "read_settings"]

CONFIG_FILE = "rag.toml"
_PREFIX = "CITEWISE_"
# Read for one more release. Other programs use it too, so what is unknown is not ours.
_FORMER_PREFIX = "RAG_"
_SECRETS = ("llm_key", "serve_token", "engine_token")
_LLM_EXAMPLE, _ENGINE_EXAMPLE = "http://127.0.0.1:8000/v1", "http://127.0.0.1:19530"
_URL = re.compile(r"[!-~]+")
# The variables that people have set already. They belong to these services and are
# sent nowhere else: with llm_url set, only CITEWISE_LLM_KEY is.
_USUAL_KEYS = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


class Settings(BaseModel):
    """Everything a person may choose, validated.

    Attributes:
        index: Folder of the index.
        engine: What holds the index: the folder alone (`sqlite`), or a Milvus server, with the folder for
            what belongs to this machine.
        engine_url: Where that server is, such as ``http://127.0.0.1:19530``.
        engine_token: ``user:password`` or a key for it; from the environment only.
        engine_collection: Name of the index there.
        engine_index: How it searches vectors; only `FLAT` is exact.
        engine_consistency: Of searches there.
        engine_timeout_s: How long a call is tried again while the server is away.
        cache: Folder for what can be made again: indexes and vectors of `rag eval`.
        embedder: ``bundled``, or a sentence-transformers model name or folder.
        llm: Backend that writes the answer; `extractive` needs no model and stands in for the others;
            `auto` is the first of `rag models` on this machine.
        llm_model: Name of the model, or path of a GGUF file. Needed by all but `extractive`.
        llm_url: Where the server is, if not at its usual address.
        llm_key: From the environment only.
        llm_prompt: `few-shot` is for base models, which follow no instructions.
        llm_context_tokens: Question, passages and reply together.
        llm_max_tokens: Longest reply.
        llm_connect_s, llm_first_token_s, llm_idle_s, llm_total_s: Longest wait for the
            connection, the first word, each further word, and everything together.
        k: How many passages are retrieved.
        collapse: Leave out passages that nearly repeat a better one.
        rerank: A cross-encoder, by hub name or folder, that puts passages in order; empty for none.
        rerank_depth: How many passages it reads for a question, `k` at least.
        strict: Leave out of answers what could not be verified.
        keep_boilerplate: Index menus, copyright lines and the like too.
        ocr: Recognise text in pictures and scanned pages: where there is no other, never, or always.
        password_file: Holds passwords of encrypted PDFs, one a line.
        serve_host, serve_port: Where the service listens; port 0 takes a free one.
        serve_token: What clients must show; from the environment only.
        serve_token_expires: When it stops to let in, ISO 8601 with a zone; None is never.
        serve_insecure: Listen beyond this machine without a token.
        serve_hosts: Names by which the service is reached, besides addresses of this machine.
        serve_proxy: Address of the reverse proxy whose X-Forwarded-For is believed.
        serve_workers: Questions answered at a time; None fits the backend and the cores.
        serve_queue: Questions that may wait for one of them.
        serve_rate: Requests a minute of one client; 0 is any number, None is that on this
            machine and 240 elsewhere.
        serve_connections: Connections at a time of one client, an IPv4 address or an IPv6 /64, and what may
            run for one behind `serve_proxy`; 0 is any number.
        serve_keep_alive_s: After so much silence a stream of events gets a comment.
        serve_log_level: Of the log on standard error.
        serve_log_questions: Write questions into the log.
        chat_history: Who keeps chats: each browser its own, or the service those of its token.
        serve_upload: Let people add documents over HTTP.
        serve_upload_mb: Room for all of these together.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True, extra="forbid")

    index: Path = Path(".citewise")
    engine: Literal["sqlite", "milvus"] = "sqlite"
    engine_url: str = ""
    engine_token: SecretStr | None = None
    engine_collection: str = Field(default="citewise", pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,199}$")
    engine_index: Literal["FLAT", "HNSW", "IVF_FLAT", "DISKANN", "AUTOINDEX"] = "FLAT"
    engine_consistency: Literal["Strong", "Session", "Bounded", "Eventually"] = "Strong"
    engine_timeout_s: float = Field(default=10.0, gt=0, le=3600)
    cache: Path = Field(default_factory=lambda: user_cache_path("citewise", appauthor=False))
    embedder: str = Field(default="bundled", min_length=1)
    llm: Literal["extractive", "auto", "openai", "anthropic", "ollama", "llamacpp"] = "extractive"
    llm_model: str = ""
    llm_url: str = ""
    llm_key: SecretStr | None = None
    llm_prompt: Literal["chat", "few-shot"] = "chat"
    llm_context_tokens: int = Field(default=8192, ge=512)
    llm_max_tokens: int = Field(default=1024, ge=16)
    llm_connect_s: float = Field(default=5.0, gt=0, le=3600)
    llm_first_token_s: float = Field(default=20.0, gt=0, le=3600)
    llm_idle_s: float = Field(default=20.0, gt=0, le=3600)
    llm_total_s: float = Field(default=120.0, gt=0, le=3600)
    k: int = Field(default=8, ge=1, le=100)
    collapse: bool = False
    rerank: str = ""
    rerank_depth: int = Field(default=20, ge=1, le=200)
    strict: bool = False
    keep_boilerplate: bool = False
    ocr: Literal["auto", "off", "force"] = "auto"
    password_file: Path | None = None
    serve_host: str = Field(default="127.0.0.1", min_length=1)
    serve_port: int = Field(default=8000, ge=0, le=65535)
    serve_token: SecretStr | None = None
    serve_token_expires: AwareDatetime | None = None
    serve_insecure: bool = False
    serve_hosts: tuple[str, ...] = ()
    serve_proxy: str = ""
    serve_workers: int | None = Field(default=None, ge=1, le=256)
    serve_queue: int = Field(default=256, ge=0, le=10_000)
    serve_rate: int | None = Field(default=None, ge=0)
    serve_connections: int = Field(default=300, ge=0)
    serve_keep_alive_s: float = Field(default=15.0, gt=0, le=3600)
    serve_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    serve_log_questions: bool = False
    chat_history: Literal["browser", "service"] = "browser"
    serve_upload: bool = False
    serve_upload_mb: int = Field(default=2000, ge=1)

    @field_validator("serve_hosts", mode="before")
    @classmethod
    def _names(cls, value: object) -> object:
        """Take "a.example, b.example", which is all that an environment variable can say."""
        return [each.strip() for each in value.split(",")] if isinstance(value, str) else value


def read_settings(
    options: Mapping[str, Any],
    environ: Mapping[str, str] | None = None,
    config: Path | None = Path(CONFIG_FILE),
) -> Settings:
    """Merge the three sources into `Settings`; say on standard error what the project file changes.

    Args:
        options: From the command line; None means not given.
        environ: Defaults to the process environment.
        config: The project file, read if it exists; None for none. What it may set: `rag.project`.

    Raises:
        ConfigError: A key is unknown, a value is not allowed, or not from there; names its source.
    """
    environ = _renamed(os.environ if environ is None else environ)
    project = read_project(config) if config else {}
    layers = {
        f"{str(config)!r}": project,
        "the environment": _from_environment(environ),
        "the command line": {key: value for key, value in options.items() if value is not None},
    }
    for source, values in layers.items():
        _reject_unknown(values, source)
        _reject_secrets(values, source)
    merged = {key: value for values in layers.values() for key, value in values.items()}
    ours = {**layers["the environment"], **layers["the command line"]}
    theirs = {key: value for key, value in project.items() if key not in ours}
    if config and project:
        check_allowed(config, project)
        index = None if "index" in ours else str(theirs.get("index", _default("index")))
        check_paths(config, theirs, index, str(merged.get("llm")))
    merged["llm_key"] = _key(merged, environ, has_foreign_url="llm_url" in theirs)
    merged["serve_token"] = _secret("CITEWISE_SERVE_TOKEN", environ)
    merged["engine_token"] = _secret("CITEWISE_ENGINE_TOKEN", environ)
    for name, url, key in (
        ("llm_url", _LLM_EXAMPLE, "CITEWISE_LLM_KEY"),
        ("engine_url", _ENGINE_EXAMPLE, "CITEWISE_ENGINE_TOKEN"),
    ):
        merged[name] = _checked_url(name, str(merged.get(name, "")), url, key)
    try:
        settings = Settings.model_validate(merged)
    except ValidationError as exc:
        problem = exc.errors(include_url=False)[0]
        key = str(problem["loc"][0])
        source = next(name for name in reversed(layers) if key in layers[name])
        raise ConfigError(f"{key} = {problem['input']!r} from {source}: {problem['msg']}.") from exc
    _check_llm(settings)
    if config:
        _tell(
            config, {key: value for key, value in theirs.items() if getattr(settings, key) != _default(key)}
        )
    return settings


def _default(key: str) -> object:
    return Settings.model_fields[key].get_default(call_default_factory=True)


def _tell(config: Path, changed: Mapping[str, Any]) -> None:
    """Say on standard error what the project file changes: the folder may be someone else's."""
    if changed:
        told = ", ".join(f"{key} = {value!r}" for key, value in changed.items())
        sys.stderr.write(f"rag: {str(config)!r} sets {told}. To ignore it: rag --no-config\n")
    if "llm_url" in changed:
        sys.stderr.write("rag: No key is sent to that llm_url. Set CITEWISE_LLM_URL, too, if it should be.\n")


def _key(merged: Mapping[str, Any], environ: Mapping[str, str], *, has_foreign_url: bool) -> SecretStr | None:
    """Return the key for the chosen backend; no error of this function repeats it.

    An address that a project file names gets none: whoever wrote the file would have it.
    """
    name = "CITEWISE_LLM_KEY"
    if not environ.get(name, "").strip() and not merged.get("llm_url"):
        name = _USUAL_KEYS.get(str(merged.get("llm")), name)
    key = _secret(name, environ)
    return None if has_foreign_url and merged["llm_url"] else key


def _secret(name: str, environ: Mapping[str, str]) -> SecretStr | None:
    secret = SecretStr(environ.get(name, "").strip())
    if not re.fullmatch(r"[!-~]*", secret.get_secret_value()):
        raise ConfigError(f"{name} holds white space or characters that no key has. Copy it again.")
    return secret if secret else None


def _checked_url(name: str, url: str, example: str, key: str) -> str:
    """Return an address that can be shown to anyone; the messages repeat none that cannot."""
    try:
        parts = urlsplit(url)
        secret = parts.username or parts.password or parts.query or parts.fragment
    except ValueError as exc:
        raise ConfigError(f"{name} is not an address. Write for example {example}") from exc
    if secret:
        raise ConfigError(f"{name} holds a password, a query or a fragment. Set the key as {key} instead.")
    if url and not (parts.scheme in ("http", "https") and parts.hostname and _URL.fullmatch(url)):
        raise ConfigError(f"{name} = {url!r} is not an address. Write for example {example}")
    return url.rstrip("/")


def _check_llm(settings: Settings) -> None:
    if settings.llm not in ("extractive", "auto") and not settings.llm_model:
        raise ConfigError(f"llm = {settings.llm!r} needs a model. Set llm_model, or CITEWISE_LLM_MODEL.")
    if settings.llm in _USUAL_KEYS and not settings.llm_url and not settings.llm_key:
        usual = _USUAL_KEYS[settings.llm]
        raise ConfigError(
            f"llm = {settings.llm!r} needs a key. Set CITEWISE_LLM_KEY or {usual} in the environment."
        )
    if settings.llm_max_tokens >= settings.llm_context_tokens:
        raise ConfigError(
            f"llm_max_tokens = {settings.llm_max_tokens} leaves no room in llm_context_tokens = "
            f"{settings.llm_context_tokens}. Lower the first or raise the second."
        )


def _renamed(environ: Mapping[str, str]) -> Mapping[str, str]:
    """Return *environ* with settings of the former prefix under today's; says so on standard error."""
    former = {
        name: new
        for name in environ
        if name.startswith(_FORMER_PREFIX)
        and (key := name.removeprefix(_FORMER_PREFIX)).lower() in Settings.model_fields
        and (new := _PREFIX + key) not in environ
    }
    for name, new in former.items():
        sys.stderr.write(f"rag: {name} is now called {new}. The next release does not read the old name.\n")
    return {**environ, **{new: environ[name] for name, new in former.items()}}


def _from_environment(environ: Mapping[str, str]) -> dict[str, Any]:
    return {
        key.removeprefix(_PREFIX).lower(): value for key, value in environ.items() if key.startswith(_PREFIX)
    }


def _reject_unknown(values: Mapping[str, Any], source: str) -> None:
    for key in values:
        if key not in Settings.model_fields:
            known = ", ".join(sorted(Settings.model_fields))
            raise ConfigError(f"Unknown setting {key!r} from {source}. Known are: {known}.")


def _reject_secrets(values: Mapping[str, Any], source: str) -> None:
    for key in _SECRETS:
        if key in values and source != "the environment":
            raise ConfigError(
                f"{key} stands in {source}. Remove it there and set {_PREFIX}{key.upper()} instead."
            )
