"""`monitord check`: each probe once, as the daemon would judge it, in the order that was asked for."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.cli import answer, run_in


@pytest.fixture
def port() -> Iterator[int]:
    """Something that accepts connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def probes(**ports: int) -> str:
    """A TCP probe a name."""
    lines = (
        f"  - {{name: {name}, kind: tcp, host: 127.0.0.1, port: {port}, policy: urgent}}"
        for name, port in ports.items()
    )
    return "\n".join(("probes:", *lines))


def test_a_probe_that_passes_shows_its_phases(port: int, tmp_path: Path) -> None:
    ran = run_in(tmp_path, probes(shop=port), "check")

    assert 0 == ran.exit_code
    assert f"✓ shop  127.0.0.1:{port} accepts connections  (" in ran.stdout
    assert "connect " in ran.stdout


def test_one_that_fails_is_the_answer_no(port: int, tmp_path: Path) -> None:
    ran = run_in(tmp_path, probes(desk=1, shop=port), "check", "--json")

    assert 1 == ran.exit_code
    assert [("desk", "critical"), ("shop", "ok")] == [
        (each["probe"], each["outcome"]) for each in answer(ran)
    ]


def test_only_the_named_are_checked_in_that_order(port: int, tmp_path: Path) -> None:
    ran = run_in(tmp_path, probes(a=port, b=port, c=port), "check", "c", "a", "--json")

    assert (0, ["c", "a"]) == (ran.exit_code, [each["probe"] for each in answer(ran)])


def test_a_finding_quotes_no_secret(tmp_path: Path) -> None:
    (tmp_path / "host").write_text("CaNaRy30.invalid\n")
    probe = "{name: shop, kind: tcp, host: '${file:host}', port: 1, policy: urgent}"
    ran = run_in(tmp_path, f"probes:\n  - {probe}", "check", "--json")

    assert "***" in answer(ran)[0]["summary"]
    assert "canary" not in ran.stdout.lower()


def test_an_unknown_probe_is_wrong_use_and_nothing_is_checked(port: int, tmp_path: Path) -> None:
    ran = run_in(tmp_path, probes(shop=port), "check", "shp")

    assert (2, "", "monitord: there is no probe shp; did you mean `shop`?\n") == (
        ran.exit_code,
        ran.stdout,
        ran.stderr,
    )


def test_silence_is_a_failure_after_the_timeout(port: int, tmp_path: Path) -> None:
    said = probes(shop=port).replace("policy:", "expect: READY, timeout: 100ms, policy:")

    ran = run_in(tmp_path, said, "check", "--json")

    assert [("critical", "no answer within 0.1 s")] == [
        (each["outcome"], each["summary"]) for each in answer(ran)
    ]


def test_no_probes_are_said(tmp_path: Path) -> None:
    ran = run_in(tmp_path, "", "check")

    assert (0, "There are no probes in the configuration.\n") == (ran.exit_code, ran.stdout)
