"""How the service bears load: so many clients for so long, each with one question after the other.

    python bench/serve.py --clients 64 --seconds 60 --workers 2

Indexes eval/corpus, starts `rag serve` in a process of its own, warms it up with every
question once, and prints throughput, latencies, errors and the growth of its memory.
The clients run on the same machine and take their share of it.
"""

import argparse
import asyncio
import contextlib
import json
import os
import random
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[1]
RAG = str(Path(sys.executable).with_name("rag"))


@dataclass
class Load:
    """What the clients saw, and what the server took."""

    seconds: float = 0.0
    latencies_ms: list[float] = field(default_factory=list)
    health_ms: list[float] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    memory_mb: list[float] = field(default_factory=list)
    handles: list[int] = field(default_factory=list)


def questions() -> list[str]:
    lines = [line for file in sorted((ROOT / "eval" / "pairs").glob("*.jsonl")) for line in file.open("rb")]
    return [json.loads(line)["question"] for line in lines]


@contextlib.contextmanager
def server(index: Path, environ: dict[str, str]) -> Iterator[tuple[str, int]]:
    """Run the service; yield its address and process id."""
    log = index.parent / "log"
    arguments = [RAG, "serve", "--index", str(index), "--port", "0"]
    with log.open("wb") as stream:
        process = subprocess.Popen(arguments, env={**os.environ, **environ}, stderr=stream)
    try:
        while not (found := re.search(r"running on (http://\S+)", log.read_text())):
            if process.poll() is not None:
                raise SystemExit(log.read_text())
            time.sleep(0.1)
        yield found[1], process.pid
    finally:
        process.terminate()
        process.wait()


async def client(url: str, asked: list[str], until: float, load: Load, path: str) -> None:
    chance = random.Random()
    async with httpx.AsyncClient(base_url=url, timeout=60) as http:
        while (started := time.perf_counter()) < until:
            try:
                response = await http.post(path, json={"question": chance.choice(asked)})
                load.statuses[str(response.status_code)] += 1
            except httpx.HTTPError as exc:
                load.statuses[type(exc).__name__] += 1
            load.latencies_ms.append((time.perf_counter() - started) * 1000)


def watch(url: str, pid: int, until: float, load: Load) -> None:
    """Once a second, from a thread of its own: is it alive, and how much does it hold?"""
    with httpx.Client(base_url=url, timeout=60) as http:
        while (started := time.perf_counter()) < until:
            http.get("/health")
            load.health_ms.append((time.perf_counter() - started) * 1000)
            pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            load.memory_mb.append(pages * os.sysconf("SC_PAGE_SIZE") / 2**20)
            load.handles.append(len(list(Path(f"/proc/{pid}/fd").iterdir())))
            time.sleep(1)


async def half_open(url: str, count: int) -> list[asyncio.StreamWriter]:
    """Begin requests that never end."""
    address = httpx.URL(url)
    writers = []
    for _ in range(count):
        _, writer = await asyncio.open_connection(address.host, address.port)
        writer.write(b"POST /ask HTTP/1.1\r\nHost: localhost\r\nContent-Le")
        writers.append(writer)
    return writers


async def run(url: str, pid: int, options: argparse.Namespace) -> Load:
    asked = questions()
    async with httpx.AsyncClient(base_url=url, timeout=120) as http:
        for question in asked:
            await http.post(options.path, json={"question": question})
    slow = await half_open(url, options.half_open)
    load = Load()
    started = time.perf_counter()
    until = started + options.seconds
    clients = [client(url, asked, until, load, options.path) for _ in range(options.clients)]
    await asyncio.gather(asyncio.to_thread(watch, url, pid, until, load), *clients)
    load.seconds = time.perf_counter() - started
    for writer in slow:
        writer.close()
    return load


def report(load: Load, workers: str) -> None:
    cuts = statistics.quantiles(load.latencies_ms, n=100)
    early, late = load.memory_mb[: len(load.memory_mb) // 5 + 1], load.memory_mb[-len(load.memory_mb) // 5 :]
    growth = statistics.median(late) / statistics.median(early) - 1
    print(
        f"workers {workers}: {len(load.latencies_ms) / load.seconds:.1f} answers/s, "
        f"p50 {cuts[49]:.0f} ms, p95 {cuts[94]:.0f} ms, p99 {cuts[98]:.0f} ms, "
        f"{dict(load.statuses)}, /health at most {max(load.health_ms):.0f} ms, "
        f"memory {early[0]:.0f} to {late[-1]:.0f} MB ({growth:+.1%}), handles {min(load.handles)} to "
        f"{max(load.handles)}, load of the machine {os.getloadavg()[0]:.1f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--workers", nargs="*", default=[""], help="Measured one after the other.")
    parser.add_argument(
        "--half-open", type=int, default=0, help="Clients besides that never end their request."
    )
    parser.add_argument("--path", default="/ask")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="citewise-") as folder:
        index = Path(folder) / "index"
        indexed = [RAG, "index", str(ROOT / "eval" / "corpus"), "--index", str(index)]
        subprocess.run(indexed, check=True, stdout=subprocess.DEVNULL)
        for workers in options.workers:
            environ = {"CITEWISE_SERVE_WORKERS": workers} if workers else {}
            with server(index, environ) as (url, pid):
                report(asyncio.run(run(url, pid, options)), workers or "as chosen")


if __name__ == "__main__":
    main()
