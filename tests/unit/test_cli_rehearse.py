"""`monitord rehearse`: transcripts beside the configuration, played on it, say where it has changed."""

from pathlib import Path

import pytest

from tests.unit.cli import answer, run, run_in

ROOT = Path(__file__).parents[2]
TREE = """\
services: {shop: {policies: {default: up}}}
probes: [{name: web, kind: http, url: "http://127.0.0.1:1/", service: shop, failures: 1, passes: 1}]
policies: {up: {tiers: [{page: [ann], for: 5m}, {page: [cem], for: LASTS}]}}
"""
STORY = """\
# Ann sleeps, cem does not.
day 2026-12-24

08:00 check web critical
08:07 ack 1 by cem
"""
PLAYED = """\
# Ann sleeps, cem does not.
day 2026-12-24

08:00 check web critical
      web is down
      raise: down
      ticket 1 open urgent
      to ann@example.org: ticket 1
08:05 tick
      to ann@example.org: ticket 1
      to cem@example.org: ticket 1
08:07 ack 1 by cem
      ticket 1 acknowledged
      news to ann@example.org: cem has ticket 1: web is down
"""


def story(folder: Path, text: str) -> Path:
    path = folder / "story.txt"
    path.write_text(text, encoding="utf-8")
    return path


def tree(lasts: str = "10m") -> str:
    return TREE.replace("LASTS", lasts)


def test_the_shipped_rehearsal_happens_as_it_is_written() -> None:
    ran = run("rehearse", ROOT / "config" / "rehearsals", "--config", ROOT / "config" / "monitord.yaml")

    assert (0, "1 rehearsal: everything happens as it is written.\n") == (ran.exit_code, ran.stdout)


def test_update_writes_what_happens_which_then_is_what_is_written(tmp_path: Path) -> None:
    path = story(tmp_path, STORY)

    updated = run_in(tmp_path, tree(), "rehearse", str(path), "--update")
    again = run_in(tmp_path, tree(), "rehearse", str(path))

    assert (0, 0) == (updated.exit_code, again.exit_code)
    assert PLAYED == path.read_text(encoding="utf-8")


def test_what_happens_differently_is_shown_and_is_the_answer_no(tmp_path: Path) -> None:
    path = story(tmp_path, PLAYED)

    ran = run_in(tmp_path, tree().replace("for: 5m", "for: 6m"), "rehearse", str(path))

    assert 1 == ran.exit_code
    assert "-08:05 tick\n+08:06 tick\n" in ran.stdout
    assert ran.stdout.endswith("1 rehearsal: in 1 something else happens. --update writes what happens.\n")
    assert PLAYED == path.read_text(encoding="utf-8")


def test_as_json_a_file_has_its_difference(tmp_path: Path) -> None:
    path = story(tmp_path, PLAYED)

    ran = run_in(tmp_path, tree(), "rehearse", str(path), "--json")

    assert (0, [{"file": str(path), "difference": []}]) == (ran.exit_code, answer(ran))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("08:00 chekc web critical", "`chekc` is no word of a transcript; did you mean `check`?"),
        ("08:00 check wbe critical", "the configuration has no probe `wbe`; did you mean `web`?"),
        ("08:00 check web broken", "`broken` cannot stand here; write ok, warning, critical or unknown"),
        ("08:00 ack one by ann", "`one` is not the number of a ticket; tickets are numbered 1, 2, …"),
        ("08:00 ack 1 ann", "`ack 1 ann` cannot be read; write it as `ack TICKET by PERSON`"),
        ("08:00 ack 1 by eve", "the configuration has no person `eve`; there are: "),
        ("08:00 snooze 1 by ann soon", "`soon` is not a duration; write a number and its unit"),
        ("08:00 silence shop for 1h by ann", "`shop` cannot stand here; write it as name=value"),
        ('08:00 page ann+eve "help" by bo', "the configuration has no person `eve`; "),
        (
            "08:00 channel email refuses an@example.org",
            "nobody is reached by `email` at `an@example.org`; did you",
        ),
        (
            "08:00 channel sms refuses ann@example.org for good",
            "nobody is reached by `sms` at `ann@example.org`; ",
        ),
        ("25:00 tick", "`25:00` is not a time; write it as 00:12"),
        ("tick", "a line begins with a time, with # for a remark"),
        ("08:00 tick\n07:00 tick", "07:00 is earlier than the line before it; put the lines in their order"),
    ],
)
def test_a_mistake_is_refused_with_its_place_and_what_would_be_right(
    line: str, why: str, tmp_path: Path
) -> None:
    path = story(tmp_path, f"day 2026-12-24\n\n{line}\n")

    ran = run_in(tmp_path, tree(), "rehearse", str(path))

    assert 2 == ran.exit_code
    assert f"monitord: {path}:{3 + line.count(chr(10))}: {why}" in ran.stderr


@pytest.mark.parametrize(
    ("head", "why"),
    [
        (
            "# no day",
            ":1: a rehearsal says on which day it plays, before its first empty line; write a line `day",
        ),
        ("day 9999-12-31", ":1: `9999-12-31` is too far away; take a year from 1970 to 2199"),
        ("day tomorrow", ":1: `tomorrow` is not a day; write it as 2026-12-24"),
        ("probe web", ":1: `probe` is no word of a transcript; possible: day or public"),
    ],
)
def test_the_lines_above_say_the_day_and_who_listens(head: str, why: str, tmp_path: Path) -> None:
    path = story(tmp_path, f"{head}\n\n08:00 tick\n")

    ran = run_in(tmp_path, tree(), "rehearse", str(path))

    assert 2 == ran.exit_code
    assert f"{path}{why}" in ran.stderr


def test_a_time_that_exists_twice_is_refused_with_both_readings(tmp_path: Path) -> None:
    path = story(tmp_path, "day 2026-11-01\n\n01:30 tick\n")

    ran = run("rehearse", path, "--config", ROOT / "config" / "monitord.yaml")

    assert 2 == ran.exit_code
    assert "write 2026-11-01T01:30:00-05:00 or 2026-11-01T01:30:00-06:00" in ran.stderr


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    binary, empty = tmp_path / "binary.txt", tmp_path / "empty"
    binary.write_bytes(b"\xff\xfe")
    empty.mkdir()

    said = [run_in(tmp_path, tree(), "rehearse", str(each)) for each in (binary, empty, tmp_path / "no.txt")]

    assert [2, 2, 2] == [ran.exit_code for ran in said]
    assert [
        f"monitord: {binary} is not a text in UTF-8\n",
        f"monitord: {empty} has no transcripts (*.txt)\n",
        f"monitord: {tmp_path / 'no.txt'} cannot be read: No such file or directory\n",
    ] == [ran.stderr for ran in said]


def test_a_person_whom_no_message_reaches(tmp_path: Path) -> None:
    path = story(tmp_path, "day 2026-12-24\n\n07:59 unreachable ann\n08:00 check web critical\n")

    run_in(tmp_path, tree(), "rehearse", str(path), "--update")

    written = path.read_text(encoding="utf-8")
    assert "      nobody reached in step 1\n      email to ann failed: refused\n      to cem@" in written
