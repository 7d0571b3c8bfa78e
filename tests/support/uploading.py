"""Files that are sent to a service, followed to their end, and looked for in its folders."""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx

from rag.ui.uploads import FOLDER

FILE = {"Content-Type": "application/octet-stream"}
STATION = "청람역 승강장은 모두 네 개이며 2019년 5월 3일에 개통했다."


def post(
    client: httpx.Client, name: str, content: bytes = b"Words.", headers: Mapping[str, str] = FILE
) -> httpx.Response:
    return client.post("/uploads", params={"name": name}, content=content, headers={**FILE, **headers})


def ended(client: httpx.Client, response: httpx.Response) -> dict[str, Any]:
    """Return the job of what was sent, when it has ended."""
    assert response.status_code == 202, response.text
    while True:
        job: dict[str, Any] = client.get(f"/uploads/{response.json()['upload_id']}").json()
        if job["stage"] in ("done", "failed"):
            return job
        time.sleep(0.02)


def add(client: httpx.Client, name: str, content: bytes = b"Words.") -> dict[str, Any]:
    return ended(client, post(client, name, content))


def code(response: httpx.Response) -> tuple[int, str]:
    found = response.json()
    assert {"code", "message", "request_id"} == set(found)
    return response.status_code, found["code"]


def kept(index: Path) -> list[str]:
    return sorted(path.name for path in (index / FOLDER).iterdir() if path.name != ".jobs")


def coming(index: Path) -> list[str]:
    """Return what lies beside the records of jobs."""
    own = (".job", "")
    return sorted(path.name for path in (index / FOLDER / ".jobs").iterdir() if path.suffix not in own)


def stage(client: httpx.Client, response: httpx.Response) -> str:
    found: str = client.get(f"/uploads/{response.json()['upload_id']}").json()["stage"]
    return found
