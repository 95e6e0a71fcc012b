"""What the systemd test does inside its machine, scene after scene, with Python's own library alone.

Each scene writes what it saw into result.json; a scene that fails is written down with its traceback, and the
next one begins. The test outside says what should have been seen.
"""

import base64
import http.client
import json
import shutil
import socket
import socketserver
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

PACKAGE = sys.argv[1]
ETC = Path("/etc/monitord")
STATE = Path("/var/lib/monitord")
DOORS = {"public": 8080, "edge": 8081, "ops": 8082}
SECRET = "correct-horse-battery"
RESULT: dict[str, Any] = {}

HEAD = """\
organization: Example Shop
time_zone: America/Chicago
doors:
  public: {listen: "127.0.0.1:8080"}
  edge: {listen: "127.0.0.1:8081"}
  ops: {listen: "127.0.0.1:8082"}
channels:
  email:
    server: "smtp://127.0.0.1:2525"
    from: "Shop <monitord@example.org>"
    username: monitord
    password: "${credential:smtp-password}"
last_resort: [cem, dee]
"""
PROBES = """\
probes:
  - {name: gone, kind: tcp, host: 127.0.0.1, port: 9, every: 1s, failures: 2, service: shop}
  - {name: hangs, kind: http, url: "http://127.0.0.1:2526/", every: 60s, timeout: 50s, service: shop}
"""
STRANGE = """
import asyncio
from dataclasses import dataclass
from pathlib import Path
import time
from monitord.core.check import Outcome
from monitord.kinds import Finding, Prober

@dataclass(frozen=True, slots=True)
class Options:
    trigger: str = ""
    stubborn: bool = False

async def check(options, net):
    while options.stubborn:
        try:
            await asyncio.to_thread(time.sleep, 600)
        except asyncio.CancelledError:
            pass
    trigger = Path(options.trigger)
    if options.trigger and trigger.exists():
        trigger.unlink()
        time.sleep(600)
    return Finding(Outcome.OK, "goes on")

KIND = Prober(Options, check)
"""


# --- What scenes are made of.


def site() -> Path:
    """Where the package keeps its libraries."""
    return next(Path("/usr/lib/monitord/lib").glob("python3*/site-packages"))


def scene(play: Callable[[], dict[str, Any]]) -> None:
    """Play it, and write down what was seen."""
    begun = time.monotonic()
    try:
        seen = play()
    except Exception:  # noqa: BLE001 - the next scene can be played all the same
        seen = {"failed": traceback.format_exc()}
    RESULT[play.__name__] = seen | {"took": round(time.monotonic() - begun, 2)}
    print(play.__name__, json.dumps(RESULT[play.__name__])[:1500], flush=True)
    Path("/out/result.json").write_text(json.dumps(RESULT, indent=1))


def run(*command: str, within: float = 120) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(command, capture_output=True, text=True, timeout=within, check=False)


def systemctl(*words: str) -> "subprocess.CompletedProcess[str]":
    return run("systemctl", *words)


def shown(*names: str) -> dict[str, str]:
    """Properties of the service."""
    lines = systemctl("show", "monitord.service", *(f"-p{name}" for name in names)).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines)


def until(look: Callable[[], Any], within: float = 60) -> Any:
    """The first answer that is true."""
    end = time.monotonic() + within
    while not (found := look()):
        if time.monotonic() > end:
            raise AssertionError(f"still {found!r} after {within:g} s")
        time.sleep(0.05)
    return found


def get(port: int, path: str = "/") -> int:
    """The status of a new connection's one request; 0 if there was no answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        answer.read()
        return answer.status
    except OSError:
        return 0
    finally:
        connection.close()


def ready() -> bool:
    return get(8082, "/readyz") == 200


def journal(*words: str) -> list[dict[str, Any]]:
    run("journalctl", "--sync")
    found = run("journalctl", "-u", "monitord", "-o", "json", "--no-pager", *words).stdout
    return [json.loads(line) for line in found.splitlines()]


class Clerk(socketserver.StreamRequestHandler):
    """A mail server that takes one login."""

    def handle(self) -> None:
        self.say("220 sink")
        text: list[str] | None = None
        while line := self.rfile.readline():
            said = line.decode().rstrip("\r\n")
            word = said.upper()
            if text is not None:
                if said == ".":
                    MAILS.append("\n".join(text))
                    text = None
                    self.say("250 taken")
                else:
                    text.append(said)
            elif word.startswith("EHLO"):
                self.say("250-sink\r\n250 AUTH PLAIN LOGIN")
            elif word.startswith("AUTH PLAIN"):
                LOGINS.append(base64.b64decode(said.split()[2]).decode().split("\0")[2])
                self.say("235 welcome")
            elif word == "AUTH LOGIN":
                self.say("334 VXNlcm5hbWU6")
                self.rfile.readline()
                self.say("334 UGFzc3dvcmQ6")
                LOGINS.append(base64.b64decode(self.rfile.readline()).decode())
                self.say("235 welcome")
            elif word == "DATA":
                text = []
                self.say("354 go on")
            elif word == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


MAILS: list[str] = []
LOGINS: list[str] = []


def serve_mail() -> None:
    threading.Thread(target=Server(("127.0.0.1", 2525), Clerk).serve_forever, daemon=True).start()
    hole = socket.create_server(("127.0.0.1", 2526))  # takes connections, and never says a word
    hole.listen()
    HOLES.append(hole)


HOLES: list[socket.socket] = []


# --- The scenes.


def install() -> dict[str, Any]:
    """dpkg, as an administrator does."""
    Path("/usr/sbin/policy-rc.d").unlink(missing_ok=True)  # a container's word that nothing may be started
    done = run("dpkg", "-i", f"/out/{PACKAGE}", within=300)
    return {
        "code": done.returncode,
        "said": done.stdout[-2000:] + done.stderr[-2000:],
        "enabled": systemctl("is-enabled", "monitord.service", "monitord-ops.socket").stdout.split(),
        "active": systemctl("is-active", "monitord.service").stdout.strip(),
        "account": run("id", "monitord").stdout,
        "credentials": oct((ETC / "credentials").stat().st_mode),
        "verify": run("systemd-analyze", "verify", "monitord.service").stderr,
        "example": run("monitord", "config", "check").returncode,
        "version": run("monitord", "--version").stdout,
    }


def configure() -> dict[str, Any]:
    """A tree of our own, with a password that only root can read."""
    (ETC / "config" / "monitord.yaml").write_text(HEAD)
    (ETC / "probes" / "web.yaml").write_text(PROBES)
    secret = ETC / "credentials" / "smtp-password"
    secret.touch(mode=0o600)
    secret.write_text(f"{SECRET}\n")
    check = run("monitord", "config", "check")
    return {"code": check.returncode, "said": check.stderr}


def start() -> dict[str, Any]:
    """systemctl comes back when the engine has gone round."""
    done = systemctl("start", "monitord")
    at_once = shown("ActiveState", "StatusText")
    return {
        "code": done.returncode,
        "said": done.stderr,
        "at_once": at_once,
        "ready": until(ready),
        "doors": {name: get(port) for name, port in DOORS.items()},
        "account": run("ps", "-o", "user=", "-p", shown("MainPID")["MainPID"]).stdout.strip(),
        "state": oct(STATE.stat().st_mode),
        "plan": until(lambda: (STATE / "lifeboat.json").exists() and (STATE / "lifeboat.json").read_text()),
        "starts": (STATE / "starts").exists(),
        "control": run("monitord", "ticket", "list").returncode,
    }


def page() -> dict[str, Any]:
    """A probe fails, somebody is told, and the journal can be asked about it."""
    until(lambda: any("gone is down" in mail for mail in MAILS))
    opened = until(lambda: journal("MONITORD_EVENT=ticket opened", "MONITORD_TICKET=1"))
    return {
        "logins": sorted(set(LOGINS)),
        "message": opened[0]["MESSAGE"],
        "priority": opened[0]["PRIORITY"],
        "identifier": opened[0]["SYSLOG_IDENTIFIER"],
        "doors": sorted(line["MONITORD_DOOR"] for line in journal("MONITORD_EVENT=door open")),
        "status": until(lambda: "1 urgent ticket" in shown("StatusText")["StatusText"])
        and shown("StatusText")["StatusText"],
        "secret_in_journal": SECRET in json.dumps(journal()),
    }


def reload() -> dict[str, Any]:
    """SIGHUP: the same process, another tree."""
    before = shown("MainPID")["MainPID"]
    (ETC / "probes" / "more.yaml").write_text(
        "probes:\n  - {name: more, kind: tcp, host: 127.0.0.1, port: 2525, service: shop}\n"
    )
    done = systemctl("reload", "monitord")
    until(lambda: shown("StatusText")["StatusText"].startswith("3 probes"), 20)
    return {
        "code": done.returncode,
        "same": before == shown("MainPID")["MainPID"],
        "active": shown("ActiveState")["ActiveState"],
        "status": shown("StatusText")["StatusText"],
    }


def reload_of_a_typo() -> dict[str, Any]:
    """A tree that does not load changes nothing, also not over a restart."""
    (ETC / "probes" / "more.yaml").write_text("probes: [half\n")
    done = systemctl("reload", "monitord")
    time.sleep(1)
    after = shown("ActiveState", "StatusText")
    systemctl("restart", "monitord")
    until(ready)
    seen = {"code": done.returncode, "after": after, "restarted": shown("ActiveState", "StatusText")}
    (ETC / "probes" / "more.yaml").unlink()
    systemctl("reload", "monitord")
    until(lambda: shown("StatusText")["StatusText"].startswith("2 probes"), 20)
    return seen


class Hammer(threading.Thread):
    """A client that asks without a pause, over one connection after the other or over one that is kept."""

    def __init__(self, port: int, *, keep: bool, over: threading.Event) -> None:
        super().__init__()
        self.port, self.keep, self.over = port, keep, over
        self.answered, self.longest = 0, 0.0
        self.troubles: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        while not self.over.is_set():
            begun = time.monotonic()
            try:
                connection.request("GET", "/healthz" if self.port == 8082 else "/")
                answer = connection.getresponse()
                answer.read()
                self.answered += 1
                if not self.keep or answer.getheader("connection") == "close":
                    connection.close()
            except (OSError, http.client.HTTPException) as error:
                self.troubles.append(f"{self.port} keep={self.keep}: {error!r}")
                connection.close()
            self.longest = max(self.longest, time.monotonic() - begun)


def restart() -> dict[str, Any]:
    """Clients hammer at the doors meanwhile, some over new connections, some over kept ones."""
    over = threading.Event()
    clients = [Hammer(port, keep=keep, over=over) for port in DOORS.values() for keep in (False, True, False)]
    for client in clients:
        client.start()
    codes = []
    for _ in range(5):
        time.sleep(1)
        codes.append(systemctl("restart", "monitord").returncode)
    time.sleep(1)
    over.set()
    for client in clients:
        client.join()
    return {
        "codes": codes,
        "answered": sum(client.answered for client in clients),
        "troubles": [trouble for client in clients for trouble in client.troubles],
        "longest": round(max(client.longest for client in clients), 2),
    }


def strange(**options: Any) -> Path:
    """A kind of check that monitord does not have, and a probe of it: stands still, or cannot be ended."""
    info = site() / "monitord_strange-1.dist-info"
    info.mkdir(exist_ok=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: monitord-strange\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[monitord.probers]\nstrange = monitord_strange\n")
    (site() / "monitord_strange.py").write_text(STRANGE)
    probe = {
        "name": "strange",
        "kind": "strange",
        "every": "1s",
        "timeout": "900ms",
        "service": "shop",
        **options,
    }
    file = ETC / "probes" / "strange.yaml"
    file.write_text(json.dumps({"probes": [probe]}))  # JSON is YAML
    return file


def no_longer_strange() -> None:
    (ETC / "probes" / "strange.yaml").unlink()
    shutil.rmtree(site() / "monitord_strange-1.dist-info")
    (site() / "monitord_strange.py").unlink()
    shutil.rmtree(site() / "__pycache__", ignore_errors=True)


def stop() -> dict[str, Any]:
    """Although a check hangs, another cannot be ended, a request is half there, an answer is not read."""
    strange(stubborn=True)
    systemctl("restart", "monitord")
    until(ready)
    until(lambda: journal("MONITORD_EVENT=check abandoned", "MONITORD_PROBE=strange"))
    half = socket.create_connection(("127.0.0.1", 8082))
    half.sendall(b"POST /api/v1/tickets HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf")
    greedy = socket.create_connection(("127.0.0.1", 8082))
    greedy.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
    begun = time.monotonic()
    done = systemctl("stop", "monitord.service")
    took = time.monotonic() - begun
    result = shown("ActiveState", "Result", "ExecMainCode", "ExecMainStatus")
    no_longer_strange()
    late = socket.create_connection(
        ("127.0.0.1", 8080), timeout=60
    )  # the socket is systemd's, and starts us again
    late.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    answer = late.recv(100).decode()
    return {
        "code": done.returncode,
        "seconds": round(took, 2),
        "result": result,
        "answer": answer.splitlines()[0],
        "ready": until(ready),
    }


def killed() -> dict[str, Any]:
    """kill -9: somebody else is there soon."""
    before = int(shown("NRestarts")["NRestarts"])
    begun = time.monotonic()
    run("kill", "-9", shown("MainPID")["MainPID"])
    until(lambda: int(shown("NRestarts")["NRestarts"]) > before)
    until(ready)
    return {
        "seconds": round(time.monotonic() - begun, 2),
        "tickets": run("monitord", "ticket", "list").stdout,
    }


def stalled() -> dict[str, Any]:
    """A kind of check that stops the whole loop: seen after a second, ended by the watchdog, started anew."""
    strange(trigger="/run/monitord/stall")
    drop_in = Path("/etc/systemd/system/monitord.service.d")
    drop_in.mkdir(parents=True)
    (drop_in / "quick.conf").write_text("[Service]\nWatchdogSec=4s\n")
    systemctl("daemon-reload")
    systemctl("restart", "monitord")
    until(ready)
    fed_for = 10
    time.sleep(fed_for)  # more than two periods in which nothing is wrong
    before = shown("NRestarts", "MainPID")
    begun = time.monotonic()
    Path("/run/monitord/stall").touch()
    until(lambda: int(shown("NRestarts")["NRestarts"]) > int(before["NRestarts"]))
    ended = time.monotonic() - begun
    until(ready)
    lines = journal("MONITORD_EVENT=event loop stalled")
    text = run("journalctl", "-u", "monitord", "--no-pager").stdout
    no_longer_strange()
    (drop_in / "quick.conf").unlink()
    systemctl("daemon-reload")
    systemctl("restart", "monitord")
    until(ready)
    return {
        "restarts_before": before["NRestarts"],
        "seconds": round(ended, 2),
        "stack": lines[-1]["MESSAGE"] if lines else "",
        "watchdog": "Watchdog timeout" in text,
        "all_stacks": "Fatal Python error: Aborted" in text,
    }


def lifeboat() -> dict[str, Any]:
    """A package of monitord's is broken: it can never start, and the last resort hears of it once."""
    shutil.move(site() / "structlog", "/var/tmp/structlog")
    MAILS.clear()
    systemctl("--no-block", "restart", "monitord")
    until(lambda: any("monitord itself does not start" in mail for mail in MAILS), 120)
    restarts = int(shown("NRestarts")["NRestarts"])
    until(lambda: int(shown("NRestarts")["NRestarts"]) >= restarts + 3, 120)
    mails = [mail for mail in MAILS if "monitord itself does not start" in mail]
    shutil.move("/var/tmp/structlog", site() / "structlog")
    until(ready, 120)
    return {
        "to": sorted(line[4:] for mail in mails for line in mail.splitlines() if line.startswith("To: ")),
        "tickets": any("gone is down" in mail for mail in mails),
        "login": LOGINS[-1] == SECRET,
        "struck_out": until(lambda: not (STATE / "starts").exists()),
    }


def doctor() -> dict[str, Any]:
    """What it says on a machine that is well, with the daemon and without it."""
    with_it = run("monitord", "doctor", "--json")
    systemctl("stop", "monitord")
    without = run("monitord", "doctor", "--json")
    return {
        "with": {row["what"]: [row["state"], row["found"]] for row in json.loads(with_it.stdout)["examined"]},
        "codes": [with_it.returncode, without.returncode],
        "woken": shown("ActiveState")["ActiveState"] != "inactive",
        "without": {row["what"]: row["state"] for row in json.loads(without.stdout)["examined"]},
    }


def upgrade() -> dict[str, Any]:
    """The same version once more, over a daemon that runs, with a conffile that was changed."""
    systemctl("start", "monitord")
    until(ready)
    before = shown("MainPID")["MainPID"]
    done = run("dpkg", "--force-confold", "-i", f"/out/{PACKAGE}", within=300)
    until(ready)
    return {
        "code": done.returncode,
        "other": before != shown("MainPID")["MainPID"],
        "kept": "Shop <monitord@example.org>" in (ETC / "config" / "monitord.yaml").read_text(),
        "tickets": "gone is down" in run("monitord", "ticket", "list").stdout,
    }


def purge() -> dict[str, Any]:
    """Nothing is left but what somebody put there, and the account."""
    removed = run("dpkg", "--remove", "monitord", within=300)
    kept = sorted(path.name for path in STATE.iterdir())
    purged = run("dpkg", "--purge", "monitord", within=300)
    return {
        "codes": [removed.returncode, purged.returncode],
        "kept_by_remove": "var" in kept,
        "state": STATE.exists(),
        "units": systemctl("list-unit-files", "monitord*").stdout,
        "left": sorted(str(path) for path in ETC.rglob("*") if path.is_file()),
        "listening": [name for name, port in DOORS.items() if get(port)],
        "library": Path("/usr/lib/monitord").exists(),
    }


SCENES = (
    install,
    configure,
    start,
    page,
    reload,
    reload_of_a_typo,
    restart,
    stop,
    killed,
    stalled,
    lifeboat,
    doctor,
    upgrade,
    purge,
)
NEEDED = (install, configure, start)

if __name__ == "__main__":
    serve_mail()
    for play in SCENES:
        if play in NEEDED or not any("failed" in RESULT[each.__name__] for each in NEEDED):
            scene(play)
