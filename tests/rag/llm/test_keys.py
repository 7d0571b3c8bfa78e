"""A key goes into one header of the request and nowhere else, whatever happens."""

import json
import logging
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from doubles import hits, memory_index
from fault_server import FORMATS, Exchange, Format, Script, backend, chunked, hang_up, reply, reset, serve

from rag.answer.prompt import Passages
from rag.errors import BackendError, ConfigError
from rag.settings import read_settings

CANARY = "sk-canary-5d1f09c27ab3"
PROMPT = Passages("도서관은 언제 쉽니까?", "ko", hits(memory_index({"a": "월요일에 쉽니다."})))


def echo(status: int) -> Script:
    """Answer with the headers of the request, as a careless proxy does."""

    def script(exchange: Exchange) -> None:
        told = json.dumps(exchange.headers)
        error = {
            "message": f"Incorrect API key provided: {told}",
            "type": told,
            "code": CANARY,
            "param": told,
        }
        exchange.head(status)
        exchange.send(json.dumps({"error": error}).encode())

    return script


def repeating() -> Iterator[Script]:
    """Yield servers that say the key."""
    yield from (echo(status) for status in (200, 400, 401, 402, 403, 404, 429, 500))
    yield reply(b"", status=302, Location=f"http://127.0.0.1:9/{CANARY}")
    yield reply(CANARY.encode())


def discreet(fmt: Format) -> Iterator[Script]:
    yield from (reply(b"{}", status=status) for status in (302, 400, 401, 429, 500))
    yield from (hang_up, reset, chunked(fmt.piece("word"), finish=False), reply(b"<html>"))
    yield reply(fmt.stream("word"))


def told(fmt: Format, script: Script, *, with_locals: bool) -> Iterator[str]:
    """Yield all that can be seen of asking a server that runs *script*."""
    with serve(script) as server:
        llm = backend(fmt, server.url, key=CANARY)
        yield from (repr(llm), llm.model_id)
        try:
            yield from llm.stream(PROMPT)
        except BackendError as exc:
            assert exc.__traceback__
            # What a crash reporter sends, without this frame, which knows the key.
            inner = exc.__traceback__.tb_next
            yield from traceback.TracebackException(
                type(exc), exc, inner, capture_locals=with_locals
            ).format()
    assert all(1 == json.dumps(exchange.headers).count(CANARY) for exchange in server.requests)


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_key_is_in_no_error_log_or_trace(fmt: Format, caplog: pytest.LogCaptureFixture) -> None:
    """Not with loggers at DEBUG, not with the variables in the trace, not if the server repeats it."""
    caplog.set_level(logging.DEBUG)

    seen = [text for script in repeating() for text in told(fmt, script, with_locals=False)]
    seen += [text for script in discreet(fmt) for text in told(fmt, script, with_locals=True)]

    assert len(caplog.records) > 100
    assert [] == [text for text in seen if CANARY in text]
    assert [] == [text for text in caplog.messages if CANARY in text]


@pytest.mark.parametrize("fmt", FORMATS, ids=lambda fmt: fmt.name)
def test_a_key_does_not_follow_a_redirect(fmt: Format) -> None:
    """Another server may be anybody's."""
    with serve(reply(b"")) as other:
        moved = reply(b"", status=307, Location=other.url)
        with serve(moved) as server, pytest.raises(BackendError, match="llm_url"):
            list(backend(fmt, server.url).stream(PROMPT))

    assert [] == other.requests


def test_a_proxy_of_the_environment_is_not_asked_for_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """A local server is reached directly; elsewhere the proxy that people set holds."""
    with serve(hang_up) as proxy, serve(reply(FORMATS[0].stream("word"))) as server:
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.delenv("NO_PROXY", raising=False)

        local = list(backend(FORMATS[0], server.url).stream(PROMPT))
        with pytest.raises(BackendError):
            list(backend(FORMATS[0], "http://nobody.invalid").stream(PROMPT))

    assert ["word"] == local
    assert len(proxy.requests) == 3


def test_a_proxy_that_cannot_be_used_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """A malformed proxy setting ends in a sentence, not in a traceback."""
    monkeypatch.setenv("ALL_PROXY", "gopher://proxy")

    with pytest.raises(BackendError, match="ALL_PROXY"):
        list(backend(FORMATS[0], "http://nobody.invalid").stream(PROMPT))


LLM_SET = {"CITEWISE_LLM": "openai", "CITEWISE_LLM_MODEL": "m"}


@pytest.mark.parametrize(
    ("environ", "key"),
    [
        ({**LLM_SET, "OPENAI_API_KEY": "a"}, "a"),
        ({**LLM_SET, "OPENAI_API_KEY": "a", "CITEWISE_LLM_KEY": " b\n"}, "b"),
        ({**LLM_SET, "OPENAI_API_KEY": "a", "CITEWISE_LLM_URL": "http://box:8000/v1"}, None),
        ({**LLM_SET, "CITEWISE_LLM_KEY": "b", "CITEWISE_LLM_URL": "http://box:8000/v1"}, "b"),
        ({**LLM_SET, "CITEWISE_LLM": "anthropic", "ANTHROPIC_API_KEY": "c", "OPENAI_API_KEY": "a"}, "c"),
        ({"OPENAI_API_KEY": "a"}, None),
        ({"CITEWISE_LLM": "ollama", "CITEWISE_LLM_MODEL": "m", "OPENAI_API_KEY": "a"}, None),
    ],
)
def test_the_usual_keys_go_to_their_services_only(
    environ: dict[str, str], key: str | None, tmp_path: Path
) -> None:
    """OPENAI_API_KEY is sent to OpenAI; another server gets CITEWISE_LLM_KEY or nothing."""
    settings = read_settings({}, environ, tmp_path / "absent.toml")

    assert key == (settings.llm_key.get_secret_value() if settings.llm_key else None)


@pytest.mark.parametrize(
    ("options", "environ", "toml", "words"),
    [
        ({"llm_key": CANARY}, {}, "", ["the command line", "CITEWISE_LLM_KEY"]),
        ({}, {}, f'llm_key = "{CANARY}"', ["rag.toml", "CITEWISE_LLM_KEY"]),
        ({}, {"CITEWISE_LLM_KEY": CANARY + "\nx"}, "", ["CITEWISE_LLM_KEY", "white space"]),
        ({}, {"CITEWISE_LLM_KEY": CANARY + "키"}, "", ["CITEWISE_LLM_KEY", "no key has"]),
        ({"llm_url": f"https://u:{CANARY}@host"}, {}, "", ["llm_url", "password"]),
        ({"llm_url": f"https://host?key={CANARY}"}, {}, "", ["llm_url", "query"]),
        ({"llm_url": f"https://[{CANARY}"}, {}, "", ["llm_url"]),
        ({"k": 0}, {"CITEWISE_LLM_KEY": CANARY}, "", ["k = 0"]),
        ({"llm_model": "m"}, {"CITEWISE_LLM": "openai"}, "", ["CITEWISE_LLM_KEY", "OPENAI_API_KEY"]),
        ({"llm": "ollama"}, {}, "", ["llm_model"]),
        ({"llm_url": "localhost:11434"}, {}, "", ["llm_url = 'localhost:11434'", "http"]),
        ({"llm_url": "http://호스트"}, {}, "", ["llm_url"]),
        ({"llm_max_tokens": 9000}, {}, "", ["llm_max_tokens", "llm_context_tokens"]),
        ({"llm_total_s": "nan"}, {}, "", ["llm_total_s"]),
        ({"llm_idle_s": 0}, {}, "", ["llm_idle_s = 0"]),
    ],
)
def test_a_wrong_setting_is_told_without_the_key(
    options: dict[str, object], environ: dict[str, str], toml: str, words: list[str], tmp_path: Path
) -> None:
    """Neither the message nor its trace repeats what may be a secret."""
    config = tmp_path / "rag.toml"
    config.write_text(toml, encoding="utf-8")

    with pytest.raises(ConfigError) as caught:
        read_settings(options, environ, config)

    assert [] == [word for word in words if word not in str(caught.value)]
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_settings_show_no_key(tmp_path: Path) -> None:
    """Not as text, not as JSON."""
    settings = read_settings({}, {**LLM_SET, "CITEWISE_LLM_KEY": CANARY}, tmp_path / "absent.toml")

    assert CANARY not in repr(settings) + str(settings) + settings.model_dump_json()
