"""The command line against a running daemon: every verb, for people and as JSON, and its exit codes."""

import asyncio
import json
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import recurring_ical_events
from click.testing import CliRunner, Result
from icalendar import Calendar

from monitord.cli import cli
from tests.fakes.daemon import Daemon, daemon, installed, probe, refuses, until
from tests.fakes.mailbox import Post, mail_server
from tests.fakes.zoo import Target

DONE, NO, WRONG, UNREACHABLE = range(4)
NOBODY = "65534"  # a uid that is neither root nor ours
ROTATION = "rotation: primary\nlayers:\n  - {people: [ann, bo], start: 2026-01-05 09:00, turn: 1 week}\n"
CAN_TURN_INTO_SOMEBODY_ELSE = os.geteuid() == 0 and shutil.which("setpriv") and shutil.which("curl")


@dataclass(frozen=True)
class Scene:
    post: Post
    target: Target
    daemon: Daemon

    async def says(self, *words: str, code: int = DONE) -> Result:
        """What a command prints; it must end with that exit code."""
        command = ["--config", str(self.daemon.main), *words]
        result = await asyncio.to_thread(CliRunner().invoke, cli, command, prog_name="monitord")
        assert code == result.exit_code, f"{words}: {result.output}{result.exception!r}"
        return result

    async def tells(self, *words: str, code: int = DONE) -> Any:
        """The same as JSON."""
        return json.loads((await self.says(*words, "--json", code=code)).stdout)


@pytest.fixture
async def scene(tmp_path: Path) -> AsyncIterator[Scene]:
    (tmp_path / "rotations").mkdir()
    (tmp_path / "rotations" / "primary.yaml").write_text(ROTATION, encoding="utf-8")
    async with (
        mail_server() as post,
        Target() as target,
        daemon(tmp_path, post, probes=[probe("web", target.url)]) as it,
    ):
        yield Scene(post, target, it)


async def test_every_verb_does_what_it_says(scene: Scene) -> None:
    await a_ticket_from_its_opening_to_its_end(scene)
    await the_same_shifts_in_a_calendar(scene)
    await tickets_that_sleep_and_people_who_are_called(scene)
    await a_silence_from_its_beginning_to_its_end(scene)
    await a_public_story_needs_a_yes(scene)
    await who_is_on_call(scene)
    await checking_now(scene)
    await a_process_of_its_own_says_the_same(scene)


async def a_ticket_from_its_opening_to_its_end(scene: Scene) -> None:
    opened = await scene.tells("ticket", "open", "Tills are slow", "--service", "shop", "--by", "bo")
    assert 1 == opened["ticket"]
    await scene.post["ann@example.org"].expects("Tills are slow")

    assert "Tills are slow" in (await scene.says("ticket", "list")).stdout
    assert [(1, "open", "bo")] == [
        (row["number"], row["state"], opened["by"]) for row in await scene.tells("ticket", "list")
    ]
    assert "a word" in (await scene.says("ticket", "comment", "1", "a word", "--by", "ann")).stdout
    assert "ann" in (await scene.says("ticket", "ack", "1", "--by", "ann")).stdout
    assert "ann" == (await scene.tells("ticket", "show", "1"))["ticket"]["holder"]
    assert "ann has it" in (await scene.says("ticket", "show", "1")).stdout
    explained = (await scene.says("ticket", "explain", "1")).stdout
    assert "page to ann by email (ann@example.org) sent" in explained and "a word" in explained
    assert {"page"} <= {row["purpose"] for row in (await scene.tells("ticket", "explain", "1"))["deliveries"]}
    await scene.says("ticket", "resolve", "1", "--note", "turned it off and on", "--by", "ann")
    assert [] == await scene.tells("ticket", "list")
    assert [1] == [row["number"] for row in await scene.tells("ticket", "list", "--state", "resolved")]
    assert "there is no ticket 99" in (await scene.says("ticket", "ack", "99", code=NO)).stderr
    assert "zoe" in (await scene.says("ticket", "ack", "1", "--by", "zoe", code=WRONG)).stderr


async def the_same_shifts_in_a_calendar(scene: Scene) -> None:
    """What a calendar program reads at the address is what `oncall shifts` prints; a renewed one is dead."""
    url = (await scene.tells("oncall", "feed", "primary"))["url"]
    assert url == (await scene.says("oncall", "feed", "primary")).stdout.strip()
    calendar = Calendar.from_ical((await scene.daemon.get(url)).content)
    every = sorted((event["DTSTART"].dt, event["DTEND"].dt) for event in calendar.walk("VEVENT"))
    begin, end = every[0][0], every[-1][1]
    read = recurring_ical_events.of(calendar).between(begin, end)
    rows = await scene.tells("oncall", "shifts", "primary", "--from", written(begin), "--to", written(end))
    assert [row["start"] for row in rows] == sorted(written(event["DTSTART"].dt) for event in read)
    assert rows[-1]["end"] == written(end) and 15 < len(rows)

    new = (await scene.tells("oncall", "feed", "primary", "--renew"))["url"]
    assert [410, 200] == [(await scene.daemon.get(each)).status_code for each in (url, new)]
    assert "did you mean `primary`?" in (await scene.says("oncall", "feed", "primry", code=NO)).stderr


def written(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


async def tickets_that_sleep_and_people_who_are_called(scene: Scene) -> None:
    called = await scene.tells("page", "bo", "come to the war room", "--by", "ann")
    number = str(called["ticket"])
    assert "ann: come to the war room" in (await scene.says("ticket", "show", number)).output
    joined = await scene.says("page", "ann", "you too", "--ticket", number, "--by", "bo")
    assert "bo pages ann" in joined.output
    unknown = await scene.says("page", "prmary", "hello", code=WRONG)
    assert "did you mean `primary`" in unknown.output
    assert (
        "snoozed by bo until"
        in (await scene.says("ticket", "snooze", number, "--for", "2h", "--by", "bo")).output
    )
    assert "bo has it, asleep until" in (await scene.says("ticket", "show", number)).output
    assert "24 hours" in (await scene.says("ticket", "snooze", number, "--for", "25h", code=NO)).output
    assert "--for SPAN or --until T" in (await scene.says("ticket", "snooze", number, code=WRONG)).output
    wrong = await scene.says("ticket", "snooze", number, "--until", "tomorrow", code=WRONG)
    assert "is not an instant" in wrong.output
    assert "lowered from urgent to low" in (await scene.says("ticket", "priority", number, "low")).output
    assert "is low already" in (await scene.says("ticket", "priority", number, "low", code=NO)).output
    explained = (await scene.says("ticket", "explain", number)).output
    assert "priority lowered from urgent to low" in explained and "snoozed by bo until" in explained
    await scene.says("ticket", "resolve", number, "--by", "bo")
    assert "resolved by hand by bo" in (await scene.says("ticket", "ack", number, code=NO)).output


async def a_silence_from_its_beginning_to_its_end(scene: Scene) -> None:
    assert "Nothing is silent" in (await scene.says("silence", "list")).output
    added = ("silence", "add", "instance=~web[0-9]+", "--for", "1h", "--reason", "work on it")
    assert "silence s1" in (await scene.says(*added)).output
    (row,) = await scene.tells("silence", "list")
    assert ("s1", "work on it", True) == (row["id"], row["reason"], row["running"])
    wide = ("silence", "add", "service=~.*", "--for", "1h", "--reason", "peace")
    assert "everything" in (await scene.says(*wide, code=NO)).output
    broken = ("silence", "add", "service=~(", "--for", "1h", "--reason", "peace")
    assert "is not a pattern" in (await scene.says(*broken, code=WRONG)).output
    assert "ended" in (await scene.says("silence", "end", "s1")).output
    assert "there is no silence s1" in (await scene.says("silence", "end", "s1", code=NO)).output


async def test_somebody_who_stands_in_is_seen_everywhere(scene: Scene) -> None:
    """At once, by the command line that reads the store, by the daemon, and by whoever is paged."""
    (before,) = await scene.tells("oncall", "primary")
    (there,) = before["people"]
    other = "bo" if there == "ann" else "ann"
    stands_in = ("override", "add", "primary", "--for", "1h", "--replace", there, "--why", "ill")
    assert f"{other} instead of {there}" in (await scene.says(*stands_in, "--with", other)).output
    assert "o1 by" in (await scene.says(*stands_in, "--with", other, code=NO)).stderr

    assert [[other]] == [row["people"] for row in await scene.tells("oncall", "primary")]
    (row,) = await scene.tells("override", "list")
    begin, end = row["start"], row["end"]
    shifts = await scene.tells("oncall", "shifts", "primary", "--from", begin, "--to", end)
    assert [([other], True)] == [(shift["people"], shift["override"]) for shift in shifts]
    paged = await scene.tells("page", "primary", "whoever is there", "--by", "cem")
    assert f"tier 1 reached: {other}" in (await scene.says("ticket", "show", str(paged["ticket"]))).output
    await scene.says("ticket", "resolve", str(paged["ticket"]), "--by", other)

    await scene.says("override", "remove", "o1")
    assert [[there]] == [row["people"] for row in await scene.tells("oncall", "primary")]
    assert "No overrides" in (await scene.says("override", "list")).output


async def a_public_story_needs_a_yes(scene: Scene) -> None:
    unknown = ("status", "post", "Tills are slow", "We are looking.", "--affects", "Shpo=degraded")
    refused = (await scene.says(*unknown, code=WRONG)).stderr
    assert "there is no component Shpo" in refused and "will be told" not in refused
    words = ("status", "post", "Tills are slow", "We are looking.", "--affects", "Shop=degraded")
    assert "add --yes" in (await scene.says(*words, code=WRONG)).stderr
    assert [] == await scene.tells("status", "list")
    incident = (await scene.tells(*words, "--yes", "--by", "bo"))["incident"]
    await scene.says("status", "update", incident, "It is the printer.", "--yes")
    await until(lambda: shown(scene, f"incidents/{incident}", "We are looking.", "It is the printer."))
    await scene.says("status", "resolve", incident, "It prints.", "--yes")
    await until(lambda: shown(scene, f"incidents/{incident}", "It prints."))
    await until(lambda: shown(scene, "", "All Systems Operational", "Tills are slow"))
    assert "COMPONENT=STATE" in (await scene.says(*words[:5], "Shop", code=WRONG)).stderr


async def shown(scene: Scene, path: str, *words: str) -> bool:
    """Does the public see all of that there?"""
    page = (await scene.daemon.get(f"{scene.daemon.public}/{path}")).text
    return all(word in page for word in words)


async def who_is_on_call(scene: Scene) -> None:
    (row,) = await scene.tells("oncall", "primary", "--at", "2026-01-06 09:00")
    (shift,) = await scene.tells(
        "oncall", "shifts", "primary", "--from", "2026-01-06 09:00", "--to", "2026-01-07 09:00"
    )

    assert (["ann"], ["ann"]) == (row["people"], shift["people"])
    assert "Ann Example" in (await scene.says("oncall", "--at", "2026-01-06 09:00")).stdout
    assert "there is no rotation primry" in (await scene.says("oncall", "primry", code=WRONG)).stderr
    assert "does not exist" in (await scene.says("oncall", "--at", "2026-03-08 02:30", code=WRONG)).stderr


async def checking_now(scene: Scene) -> None:
    (passed,) = await scene.tells("check")
    scene.target.status = 503
    (failed,) = await scene.tells("check", "web", code=NO)

    assert ("ok", "critical") == (passed["outcome"].lower(), failed["outcome"].lower())
    assert {"connect", "first_byte"} <= set(passed["phases_ms"])
    assert "there is no probe wbe" in (await scene.says("check", "wbe", code=WRONG)).stderr


async def a_process_of_its_own_says_the_same(scene: Scene) -> None:
    """`--config` before or after the name; without a daemon exit code 3, and what to do about it."""
    config = ("--config", str(scene.daemon.main))
    listed = await refuses(*config, "ticket", "list", "--state", "resolved", "--json")
    assert [2, 1] == [row["number"] for row in json.loads(listed.stdout)], listed.stderr
    await scene.daemon.stop()
    ended = await refuses("ticket", "list", *config)

    assert (UNREACHABLE, "") == (ended.returncode, ended.stdout)
    assert "no daemon answers" in ended.stderr and "monitord run" in ended.stderr


@pytest.fixture
def runtime() -> Iterator[Path]:
    """A runtime directory that everybody may look into."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


@pytest.mark.skipif(not CAN_TURN_INTO_SOMEBODY_ELSE, reason="needs root, setpriv and curl")
async def test_the_control_socket_speaks_to_its_own_account_only(tmp_path: Path, runtime: Path) -> None:
    """Its mode keeps others out; and if somebody opens the file to all, the kernel says who asks."""
    async with mail_server() as post:
        it = installed(tmp_path, post)
        it.environ = {"RUNTIME_DIRECTORY": str(runtime)}
        try:
            await it.restart()
            socket = runtime / "control.sock"
            assert it.client.status().ready, "the store's folder has a link to it"
            assert 0o600 == socket.stat().st_mode & 0o777
            assert (7, "") == await asked_by_nobody(socket), "curl: could not connect"
            socket.chmod(0o666)
            code, said = await asked_by_nobody(socket)
            assert 0 == code and "this account may not speak to monitord" in said
        finally:
            await it.close()


async def asked_by_nobody(socket: Path) -> tuple[int, str]:
    curl = ("curl", "-sS", "--max-time", "30", "--unix-socket", str(socket), "http://monitord/api/v1/status")
    asking = await asyncio.create_subprocess_exec(
        "setpriv",
        f"--reuid={NOBODY}",
        "--clear-groups",
        *curl,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    said, _ = await asking.communicate()
    return asking.returncode or 0, said.decode()
