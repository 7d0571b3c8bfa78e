"""`rag serve` keeps to itself: no key and no question in its log, and no door open to others unasked."""

import json
import subprocess
from pathlib import Path

import httpx
from fault_server import reply, serve
from served import QUESTION, RAG, TOKEN, command


def test_no_key_and_no_question_is_in_any_output(library: Path, tmp_path: Path) -> None:
    """At DEBUG, with a backend that repeats the key: the log has a line a request, and neither secret."""
    key = "sk-canary-5f0c1e8b7a"
    echo = json.dumps({"error": {"message": f"Incorrect key {key} in Authorization: Bearer {key}"}}).encode()
    with serve(reply(echo, status=500)) as llm:
        environ = {
            "CITEWISE_LLM": "openai",
            "CITEWISE_LLM_MODEL": "m",
            "CITEWISE_LLM_URL": llm.url,
            "CITEWISE_LLM_KEY": key,
            "CITEWISE_SERVE_TOKEN": TOKEN,
            "CITEWISE_SERVE_LOG_LEVEL": "DEBUG",
        }
        with command(library, tmp_path / "log", **environ) as served:
            with httpx.Client(base_url=served.url, timeout=60) as client:
                client.headers["Authorization"] = f"Bearer {TOKEN}"
                replies = [
                    client.post("/ask", json=QUESTION),
                    client.get("/metrics"),
                    client.get("/openapi.json"),
                ]
                replies += [client.post("/ask", json=QUESTION, headers={"Authorization": f"Bearer {key}"})]
            served.stop()
            lines = served.lines()

    output = served.log.read_text(encoding="utf-8") + "".join(each.text for each in replies)
    assert [secret for secret in (key, TOKEN) if secret in output] == []
    assert QUESTION["question"] not in served.log.read_text(encoding="utf-8")
    assert replies[0].json()["degraded"]
    requests = [line for line in lines if line["message"] == "request"]
    assert [line["request_id"] for line in requests] == [each.headers["x-request-id"] for each in replies]
    assert requests[0]["timings_ms"].keys() >= {"wait", "retrieve", "compose"}
    assert any(line["logger"].startswith("httpcore") for line in lines)


def test_questions_are_logged_when_that_is_switched_on(library: Path, tmp_path: Path) -> None:
    """Then, and only then, the line of a request holds its question."""
    with command(library, tmp_path / "log", CITEWISE_SERVE_LOG_QUESTIONS="true") as served:
        httpx.post(f"{served.url}/ask", json=QUESTION, timeout=60)
        served.stop()
        assert any(line.get("question") == QUESTION["question"] for line in served.lines())


def test_the_command_does_not_open_itself_to_others(library: Path) -> None:
    """Without a token, `rag serve` on all addresses says what to do and ends."""
    done = subprocess.run(
        [RAG, "serve", "--index", library, "--host", "0.0.0.0"], capture_output=True, text=True, timeout=60
    )

    assert (done.returncode, done.stdout) == (1, "")
    assert "CITEWISE_SERVE_TOKEN" in done.stderr
    assert "--insecure" in done.stderr
