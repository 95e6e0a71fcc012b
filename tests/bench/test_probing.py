"""What a check costs: the whole daemon's CPU time, at a thousand checks a second against a real nginx."""

import asyncio
import json
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2 as httpx
import pytest

from tests.bench.figures import Figures, cpu_of, cpu_of_children
from tests.fakes.daemon import Daemon, daemon, free_port, probe, until
from tests.fakes.mailbox import mail_server

PROBES, EVERY = 1000, "1s"
SECONDS = 20
CPU_MS = 0.40
REQUESTS = 500
CHECKED = re.compile(rb"^monitord_checks_total\{[^}]*\} ([0-9.e+]+)$", re.MULTILINE)
NGINX = """\
daemon off; worker_processes 1; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{port} backlog=4096; location / {{ return 200 "fine\\n"; }} }}
}}
"""

pytestmark = [
    pytest.mark.bench,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="apt-get install nginx-light"),
]


@contextmanager
def nginx(folder: Path) -> Iterator[str]:
    """A web server of its own; the URL."""
    port = free_port()
    written = folder / "nginx.conf"
    written.write_text(NGINX.format(folder=folder, port=port), encoding="utf-8")
    process = subprocess.Popen(["nginx", "-c", str(written), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait()


@asynccontextmanager
async def probing(folder: Path, url: str) -> AsyncIterator[Daemon]:
    probes = [
        probe(f"p{number:04}", f"{url}{number}", every=EVERY, timeout="10s", failures=3)
        for number in range(PROBES)
    ]
    async with mail_server() as post, daemon(folder, post, probes=probes) as it:
        yield it


async def checked(it: Daemon) -> float:
    """How many checks it has finished."""
    said = (await it.get(f"{it.ops}/metrics")).content
    return sum(float(number) for number in CHECKED.findall(said))


async def test_probing_at_a_thousand_a_second(tmp_path: Path) -> None:
    """With connecting, deciding, measuring, storing; the figure is CPU, which others' work hardly moves."""
    figures = Figures()
    with nginx(tmp_path) as url:
        async with probing(tmp_path, url) as it:
            costs, rate = await observed(it)
        peers(figures, url)
    cheapest = next(line for line in figures.lines if "httpx2" in line["figure"])
    figures.add(
        "a check, all of the daemon, CPU",
        "ms",
        costs,
        CPU_MS,
        50,
        checks_per_s=round(rate),
        ratio_to_httpx2=round(cheapest["median"] / sorted(costs)[len(costs) // 2], 1),
    )
    figures.judge()


async def observed(it: Daemon) -> tuple[list[float], float]:
    """CPU milliseconds a check, in slices of five seconds; and how many checks there were a second."""
    assert it.process is not None
    await until(lambda: warmed_up(it), why="it does not get to its rhythm")
    costs, begun, first = [], time.monotonic(), await checked(it)
    seen = first
    while time.monotonic() - begun < SECONDS:
        before = cpu_of(it.process.pid)
        await asyncio.sleep(5)
        now = await checked(it)
        costs.append((cpu_of(it.process.pid) - before) / (now - seen) * 1000)
        seen = now
    return costs, (seen - first) / (time.monotonic() - begun)


async def warmed_up(it: Daemon) -> bool:
    return await checked(it) > 3 * PROBES


def peers(figures: Figures, url: str) -> None:
    """A shared httpx2 client with a new connection each time, and wrk, which is the machine's own floor."""
    took = []
    with httpx.Client(limits=httpx.Limits(max_keepalive_connections=0), trust_env=False) as client:
        for _ in range(5):
            begun = time.process_time()
            for _ in range(REQUESTS // 5):
                client.get(url)
            took.append((time.process_time() - begun) / (REQUESTS // 5) * 1000)
    figures.add("a request by httpx2, new connection, CPU", "ms", took)
    if shutil.which("wrk"):
        figures.add("a request by wrk, new connection, CPU", "ms", [by_wrk(url)])


def by_wrk(url: str) -> float:
    before = cpu_of_children()
    words = ["wrk", "-t1", "-c8", "-d3s", "-H", "Connection: close", url]
    said = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    requests = re.search(r"(\d+) requests in", said)
    assert requests is not None, json.dumps(said)
    return (cpu_of_children() - before) / int(requests[1]) * 1000
