"""The newcomer's first minute: a whole outage without anybody, and nothing of it left behind."""

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from monitord.demo.story import PUBLISHED, script

# Whoever runs the tests in the background may ignore SIGINT, and what is ignored is inherited.
LISTENING = ("env", "--default-signal=INT,HUP,TERM")
COMMAND = (*LISTENING, sys.executable, "-m", "monitord", "demo", "--auto")
SHOWN_BYTES_MAX = 1_000_000  # the footer moves some minutes for that
ENDS_WITHIN = 150  # seconds, on a machine that is busy with other tests


@contextmanager
def demo(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """`monitord demo --auto`, whose temporary folder is in this one."""
    with subprocess.Popen(
        COMMAND,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def daemons(folder: Path) -> list[int]:
    """The processes whose configuration is below this folder."""
    return [
        int(process.name)
        for process in Path("/proc").iterdir()
        if process.name.isdecimal() and f"--config\0{folder}/".encode() in command_line(process)
    ]


def command_line(process: Path) -> bytes:
    try:
        return (process / "cmdline").read_bytes()
    except OSError:  # it has just ended
        return b""


def until(process: subprocess.Popen[str], words: str) -> None:
    """Read what it says until it says this."""
    assert process.stdout is not None
    assert any(words in line for line in process.stdout), f"it never said {words!r}"


def test_nobody_is_needed_for_a_whole_outage(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        said, errors = process.communicate(timeout=ENDS_WITHIN)
    told = json.loads(said.splitlines()[-1])
    happened = [event["what"] for event in told["events"]]
    times = [datetime.fromisoformat(event["at"]) for event in told["events"]]

    assert (0, "") == (process.returncode, errors), said
    assert told["ok"]
    assert list(script()) == [what for what in happened if what != PUBLISHED]
    assert happened.index("ticket opened") < happened.index(PUBLISHED) < happened.index("acknowledged")
    assert sorted(times) == times
    assert "\x1b" not in said
    assert ([], []) == (list(tmp_path.iterdir()), daemons(tmp_path))


@pytest.mark.soak
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP], ids=lambda each: each.name)
def test_whoever_leaves_early_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        until(process, "check passed")
        assert 1 == len(daemons(tmp_path))
        process.send_signal(number)
        said, errors = process.communicate(timeout=ENDS_WITHIN)

    assert (128 + number, "monitord: it was interrupted\n") == (process.returncode, errors)
    assert {"ok": False, "why": "it was interrupted", "events": []} == json.loads(said.splitlines()[-1])
    assert ([], []) == (list(tmp_path.iterdir()), daemons(tmp_path))


def test_whoever_sits_at_the_terminal_answers_with_a_key(tmp_path: Path) -> None:
    with at_terminal(tmp_path) as (process, terminal):
        shown = pressed(terminal, "b", after="break it now")
        shown += pressed(terminal, "a", after="answer as ann")
        shown += pressed(terminal, "q", after="look around")

        assert 0 == process.wait(ENDS_WITHIN)
    assert "ann wakes up" in shown
    assert "ann repairs the shop" in shown
    assert ([], []) == (list(tmp_path.iterdir()), daemons(tmp_path))


@contextmanager
def at_terminal(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """`monitord demo` at a terminal of its own, whose other side is a descriptor."""
    ours, theirs = os.openpty()
    environ = {**os.environ, "TMPDIR": str(folder), "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen(COMMAND[:-1], env=environ, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        try:
            yield process, ours
        finally:
            process.kill()
            os.close(ours)


def pressed(terminal: int, key: str, *, after: str) -> str:
    """Press the key when the terminal shows these words; returns all that it has shown until then."""
    shown = b""
    while after.encode() not in shown:
        assert select.select([terminal], [], [], ENDS_WITHIN)[0], f"it never showed {after!r}"
        shown += os.read(terminal, 4096)
        assert len(shown) < SHOWN_BYTES_MAX, f"it never showed {after!r}, but {shown[-500:]!r}"
    os.write(terminal, key.encode())
    return shown.decode("utf-8", "replace")


@pytest.mark.soak
def test_a_killed_demo_takes_its_daemon_along(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        until(process, "check passed")
        (daemon,) = daemons(tmp_path)
        watched = os.pidfd_open(daemon)
        process.kill()

        assert [watched] == select.select([watched], [], [], ENDS_WITHIN)[0]
    os.close(watched)


@pytest.mark.soak
def test_a_daemon_that_dies_ends_the_demo_with_a_sentence(tmp_path: Path) -> None:
    with demo(tmp_path) as process:
        until(process, "check passed")
        os.kill(daemons(tmp_path)[0], signal.SIGKILL)
        said, errors = process.communicate(timeout=ENDS_WITHIN)

    assert 1 == process.returncode
    assert "the daemon ended with exit code -9" == json.loads(said.splitlines()[-1])["why"]
    assert errors.startswith("monitord: the daemon ended with exit code -9\nThe daemon said last: ")
