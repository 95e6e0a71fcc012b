"""A real Prometheus and a real Alertmanager (Debian's), watching a switch that the test turns.

async with switch() as lamp, prometheus(folder, lamp, alertmanagers=…) as them:
    lamp.on = True                       # the alert `Lamp` fires, a second or two later
"""

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2 as httpx

from tests.fakes.daemon import free_port, until
from tests.fakes.mailbox import LOCALHOST
from tests.fakes.patience import WITHIN

PROMETHEUS, ALERTMANAGER, AMTOOL = "prometheus", "prometheus-alertmanager", "amtool"
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\nconnection: close\r\n\r\n"
RULES = """\
groups:
  - name: lamps
    interval: 1s
    rules:
      - alert: Lamp
        expr: lamp == 1
        labels: {severity: critical, team: support}
        annotations: {summary: the lamp is on, description: somebody has turned it on, runbook_url: "https://wiki.example.org/lamp"}
"""


@dataclass
class Switch:
    """Something that can be scraped."""

    port: int
    on: bool = False

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            body = f"lamp {int(self.on)}\n".encode()
            writer.write(HEAD % len(body) + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def switch() -> AsyncIterator[Switch]:
    lamp = Switch(free_port())
    async with await asyncio.start_server(lamp.answer, LOCALHOST, lamp.port):
        yield lamp


@asynccontextmanager
async def running(folder: Path, name: str, *arguments: str, ready: str) -> AsyncIterator[None]:
    """A program, until the end of the block; its log is beside its files."""
    process = launched(folder, name, *arguments)
    try:
        async with httpx.AsyncClient(trust_env=False) as http:
            await until(lambda: answers(http, ready), why=f"{name} is not ready")
        yield
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def launched(folder: Path, name: str, *arguments: str) -> "subprocess.Popen[bytes]":
    with (folder / f"{name}.log").open("wb") as log:
        return subprocess.Popen([name, *arguments], stdout=log, stderr=log, cwd=folder)


def write(folder: Path, **files: Any) -> None:
    """The files of a program, as JSON (which is YAML) or as they are."""
    folder.mkdir(parents=True)
    for name, said in files.items():
        text = said if isinstance(said, str) else json.dumps(said)
        (folder / f"{name}.yml").write_text(text, encoding="utf-8")


async def answers(http: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await http.get(url)).status_code == 200
    except httpx.TransportError:
        return False


@asynccontextmanager
async def alertmanager(folder: Path, webhook: str, secret: str) -> AsyncIterator[str]:
    """An Alertmanager that tells the webhook everything; where it listens."""
    where = f"{LOCALHOST}:{free_port()}"
    receiver = {
        "name": "monitord",
        "webhook_configs": [
            {
                "url": webhook,
                "send_resolved": True,
                "http_config": {"authorization": {"credentials": secret}},
            }
        ],
    }
    route = {
        "receiver": "monitord",
        "group_by": ["alertname"],
        "group_wait": "1s",
        "group_interval": "1s",
        "repeat_interval": "3s",
    }
    write(folder, alertmanager={"route": route, "receivers": [receiver]})
    arguments = (
        "--config.file=alertmanager.yml",
        "--storage.path=data",
        "--cluster.listen-address=",
        f"--web.listen-address={where}",
    )
    async with running(folder, ALERTMANAGER, *arguments, ready=f"http://{where}/-/ready"):
        yield where


@asynccontextmanager
async def prometheus(folder: Path, lamp: Switch, *alertmanagers: dict[str, Any]) -> AsyncIterator[None]:
    """A Prometheus that watches the lamp every second."""
    where = f"{LOCALHOST}:{free_port()}"
    written = {
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "rule_files": ["rules.yml"],
        "scrape_configs": [
            {"job_name": "lamp", "static_configs": [{"targets": [f"{LOCALHOST}:{lamp.port}"]}]}
        ],
        "alerting": {"alertmanagers": list(alertmanagers)},
    }
    write(folder, prometheus=written, rules=RULES)
    arguments = (
        "--config.file=prometheus.yml",
        "--storage.tsdb.path=data",
        "--rules.alert.resend-delay=2s",
        f"--web.listen-address={where}",
    )
    async with running(folder, PROMETHEUS, *arguments, ready=f"http://{where}/-/ready"):
        yield


async def amtool(url: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """What it says to an Alertmanager at that address."""
    command = [AMTOOL, f"--alertmanager.url={url}", "--no-version-check", *words]
    return await asyncio.to_thread(
        lambda: subprocess.run(command, capture_output=True, text=True, timeout=WITHIN, check=False)
    )
