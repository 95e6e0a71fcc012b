"""The package on a machine of its own: installed, run by its systemd, and driven through a bad day.

systemd_drive.py plays the scenes inside; here is what must have been seen.
"""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.machine import machine, missing
from tests.house.tree import ROOT

DRIVE = Path(__file__).with_name("systemd_drive.py")
STOPS_WITHIN = 5.0
WATCHDOG = 4.0  # the drive's WatchdogSec
PEOPLE = ["cem@example.org", "dee@example.org"]

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(bool(missing()), reason=missing()),
]

Seen = dict[str, Any]


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("package")
    command = [sys.executable, ROOT / "debian" / "build.py", "--fast", "--to", folder]
    built = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert 0 == built.returncode, built.stderr
    return Path(built.stdout.strip())


@pytest.fixture(scope="module")
def day(package: Path, tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """Everything that was seen, by scene."""
    with machine(tmp_path_factory.mktemp("machine")) as it:
        return it.drive(DRIVE, package)


@pytest.fixture
def seen(day: Seen, request: pytest.FixtureRequest) -> Seen:
    """What the scene saw that the test is called after."""
    scene = request.node.name.removeprefix("test_")
    assert scene in day, f"{scene} was not played; the drive's log is above"
    assert "failed" not in day[scene], day[scene]["failed"]
    found: Seen = day[scene]
    return found


def test_install(seen: Seen) -> None:
    """Enabled, and not started before somebody has said whom to page; the example loads."""
    assert 0 == seen["code"], seen["said"]
    assert ["enabled", "enabled"] == seen["enabled"]
    assert "inactive" == seen["active"]
    assert "monitord" in seen["account"]
    assert "0o40700" == seen["credentials"]
    assert ("", 0) == (seen["verify"], seen["example"])


def test_configure(seen: Seen) -> None:
    """An administrator's shell finds the credentials."""
    assert (0, True) == (seen["code"], "problem" not in seen["said"])


def test_start(seen: Seen) -> None:
    """`systemctl start` comes back when the engine has gone round."""
    assert (0, "active") == (seen["code"], seen["at_once"]["ActiveState"])
    assert seen["at_once"]["StatusText"].startswith("2 probes, ")
    assert {"public": 200, "edge": 404} == {name: seen["doors"][name] for name in ("public", "edge")}
    assert ("monitord", "0o40700", 0) == (seen["account"], seen["state"], seen["control"])
    assert "${credential:smtp-password}" in seen["plan"]
    assert not seen["starts"]


def test_page(seen: Seen) -> None:
    """The password arrived, and only where it belongs; the journal can be asked by field."""
    assert ["correct-horse-battery"] == seen["logins"]
    assert not seen["secret_in_journal"]
    assert seen["message"].startswith("ticket 1: ticket opened: ")
    assert ("6", "monitord") == (seen["priority"], seen["identifier"])
    assert {"edge", "ops", "public"} == set(seen["doors"])
    assert "1 urgent ticket" in seen["status"]


def test_reload(seen: Seen) -> None:
    assert (0, True, "active") == (seen["code"], seen["same"], seen["active"])
    assert seen["status"].startswith("3 probes")


def test_reload_of_a_typo(seen: Seen) -> None:
    """The last accepted tree stays in force, also over a restart."""
    for state in (seen["after"], seen["restarted"]):
        assert "active" == state["ActiveState"]
        assert state["StatusText"].startswith("3 probes")


def test_restart(seen: Seen) -> None:
    """Five times, while nine clients ask without a pause: nobody is refused or cut off."""
    print(f"{seen['answered']} answers over 5 restarts, the slowest after {seen['longest']} s")
    assert [0] * 5 == seen["codes"]
    assert [] == seen["troubles"]
    assert seen["answered"] > 100


def test_stop(seen: Seen) -> None:
    """Although one check hangs, another cannot be ended, a request is half there, an answer is not read."""
    print(f"stopped in {seen['seconds']} s")
    assert seen["seconds"] <= STOPS_WITHIN
    assert ("inactive", "success") == (seen["result"]["ActiveState"], seen["result"]["Result"])
    assert "HTTP/1.1 200 OK" == seen["answer"]


def test_killed(seen: Seen) -> None:
    print(f"kill -9: ready again after {seen['seconds']} s")
    assert "gone is down" in seen["tickets"]


def test_stalled(seen: Seen) -> None:
    """Seen after a second, with the line that it is stuck in; ended by the watchdog, not before."""
    print(f"a stalled loop: ended after {seen['seconds']} s with WatchdogSec={WATCHDOG:g}s")
    assert "0" == seen["restarts_before"]
    assert "monitord_strange.py" in seen["stack"]
    assert seen["watchdog"] and seen["all_stacks"]


def test_lifeboat(seen: Seen) -> None:
    """Each of the last resort hears of it once, with the open tickets, and without any package of ours."""
    assert PEOPLE == seen["to"]
    assert seen["tickets"] and seen["login"] and seen["struck_out"]


def test_doctor(seen: Seen) -> None:
    """With and without the daemon; nothing fails on a machine that is well, but for somebody's gap."""
    states = {what: state for what, (state, _) in seen["with"].items()}
    print("\n".join(f"{state:4}  {what}: {words}" for what, (state, words) in seen["with"].items()))

    for what in ("daemon", "sockets", "hardening", "store", "mail", "lifeboat", "secrets"):
        assert "ok" == states[what], seen["with"][what]
    assert [0, 0] == seen["codes"]
    assert ("warn", "ok") == (seen["without"]["daemon"], seen["without"]["ops door"])
    assert not seen["woken"], "looking at a door must not have systemd start what somebody has stopped"


def test_upgrade(seen: Seen) -> None:
    """The new version runs, with the tree and the tickets of before."""
    assert (0, True, True, True) == (seen["code"], seen["other"], seen["kept"], seen["tickets"])


def test_purge(seen: Seen) -> None:
    """What monitord knew goes with the purge and not before; what somebody put there is theirs."""
    assert ([0, 0], True, False) == (seen["codes"], seen["kept_by_remove"], seen["state"])
    assert ["/etc/monitord/credentials/smtp-password"] == seen["left"]
    assert ([], False) == (seen["listening"], seen["library"])
    assert "monitord" not in seen["units"]


def test_the_same_commit_gives_the_same_package(package: Path, tmp_path: Path) -> None:
    command = [sys.executable, ROOT / "debian" / "build.py", "--fast", "--to", tmp_path]
    subprocess.run(command, check=True, capture_output=True, timeout=900)

    assert package.read_bytes() == (tmp_path / package.name).read_bytes()


@pytest.mark.skipif(
    shutil.which("lintian") is None, reason="lintian is not installed; apt-get install lintian"
)
def test_lintian_has_nothing_to_say(package: Path) -> None:
    command = ["lintian", "--allow-root", "--tag-display-limit", "0", str(package)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)

    assert "" == ran.stdout
