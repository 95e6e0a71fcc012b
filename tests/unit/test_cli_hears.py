"""`monitord integration` and `monitord heartbeat`: what is written when a secret is changed."""

import json

import pytest

from monitord.cli.hears import Fresh, show

PING = Fresh("nightly", "heartbeats", "key", "new-1", "old-1", "http://edge.example.org/ping/new-1")
PROM = Fresh("prom", "integrations", "secret", "new-2", "old-2", "http://edge.example.org/in/prom")


def test_another_key_is_said_with_what_to_write_and_whom_to_tell(capsys: pytest.CaptureFixture[str]) -> None:
    show(PING, as_json=False)

    assert [
        "Under `heartbeats` › `nightly` write both, and reload the configuration:",
        "",
        '    key: ["new-1", "old-1"]',
        "",
        "Then give out the new one: http://edge.example.org/ping/new-1",
        'When everybody has it, and at once if the old one is in wrong hands: key: "new-1"',
    ] == capsys.readouterr().out.splitlines()


def test_where_a_secret_is_shown_apart_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show(PROM, as_json=False)

    assert "http://edge.example.org/in/prom, and the secret to show there" in capsys.readouterr().out


def test_programs_get_both(capsys: pytest.CaptureFixture[str]) -> None:
    show(PING, as_json=True)

    said = json.loads(capsys.readouterr().out)
    assert ("new-1", "old-1") == (said["fresh"], said["before"])
