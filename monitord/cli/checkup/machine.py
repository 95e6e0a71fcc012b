"""What is around us: the clock, time zones, systemd, and who notices when monitord itself is gone."""

import ctypes
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from monitord import lifeboat as boat
from monitord.cli.checkup.row import Patient, Row, doubtful, fine, wrong
from monitord.cli.options import count
from monitord.config.packaged import surroundings

UNIT = "monitord.service"
SOCKETS = tuple(f"monitord-{name}.socket" for name in ("public", "edge", "ops"))
EXPOSURE = re.compile(r"Overall exposure level for \S+: (\d+\.\d)")
EXPOSURE_MAX = 2.0
TIME_ERROR = 5  # adjtimex(2): the clock is not synchronised
TIMEX_BYTES = 512  # more than the kernel's structure has on any machine


def watchdog(patient: Patient) -> Iterator[Row]:
    """Somebody outside; the ping itself is not tried, because only the daemon may say that all is well."""
    if patient.loaded is None:
        return
    if patient.loaded.settings.watchdog is None:
        found = "nobody outside this machine notices when monitord is gone"
        yield doubtful("watchdog", found, "add `watchdog: {url: …, every: 30s}`")
    else:
        every = patient.loaded.settings.watchdog.every.total_seconds()
        yield fine("watchdog", f"is told every {every:g} s")


def clock(patient: Patient) -> Iterator[Row]:
    """What the kernel knows of it."""
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (OSError, AttributeError):
        return
    if state == TIME_ERROR:
        remedy = "start a time service: systemctl enable --now systemd-timesyncd, or chrony"
        yield doubtful("clock", "is synchronised with nothing", remedy)
    elif state >= 0:
        yield fine("clock", "is synchronised")


def zones(patient: Patient) -> Iterator[Row]:
    """Every zone that the configuration names."""
    if patient.loaded is None:
        return
    told = patient.loaded.configuration
    named = {told.time_zone, *(each.time_zone for each in told.people.values())}
    named |= {each.time_zone for each in told.rotations.values()}
    missing = sorted(name for name in named if not exists(name))
    if missing:
        yield wrong("time zones", f"not known here: {', '.join(missing)}", "apt-get install tzdata")
    else:
        yield fine("time zones", f"{count(len(named), 'zone')} known; rules: {rules()}")


def exists(zone: str) -> bool:
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def rules() -> str:
    """Whose rules, and how old."""
    try:
        return f"tzdata {version('tzdata')}"
    except PackageNotFoundError:
        return "the system's"


def lifeboat(patient: Patient) -> Iterator[Row]:
    """Is it ready to leave, and has it been needed?"""
    if patient.loaded is None:
        return
    state = surroundings(patient.loaded.settings.tree, patient.environ).get("STATE_DIRECTORY", "")
    if not state:
        return
    folder = Path(state.partition(":")[0])
    failed = [line for line in boat.starts(folder) if line != boat.TOLD]
    if patient.status is None and len(failed) >= boat.LOOPS:
        found = f"{len(failed)} starts came to nothing, the first at {failed[0]}"
        yield wrong("starts", found, "journalctl -u monitord -n 100")
    if (folder / boat.PLAN).exists():
        yield fine("lifeboat", "knows whom to tell if monitord cannot start")
    else:
        yield doubtful("lifeboat", "has not been made ready", "start monitord once, and look again")


def unit(patient: Patient) -> Iterator[Row]:
    """What systemd says of us, where it runs."""
    if not patient.machine.runs_systemd:
        return
    said = patient.machine.shown(UNIT)
    if said.get("LoadState") != "loaded":
        yield doubtful("systemd", f"has no {UNIT}", "install the package, or the units in systemd/")
        return
    state = f"{said.get('ActiveState')}, {said.get('UnitFileState')}"
    if said.get("ActiveState") == "failed":
        yield wrong("systemd", f"{UNIT} has failed: {said.get('Result')}", f"journalctl -u {UNIT} -n 50")
    elif said.get("UnitFileState") not in ("enabled", "static"):
        yield doubtful("systemd", f"{UNIT} is {state}: a reboot ends it", f"systemctl enable {UNIT}")
    elif int(said.get("NRestarts", "0") or 0):
        found = f"{UNIT} is {state}, restarted {said['NRestarts']} times by itself"
        yield doubtful("systemd", found, f"journalctl -u {UNIT} -p warning")
    else:
        yield fine("systemd", f"{UNIT} is {state}")
    yield from sockets(patient)


def sockets(patient: Patient) -> Iterator[Row]:
    """Do the doors stay open over a restart?"""
    closed = [name for name in SOCKETS if patient.machine.shown(name).get("ActiveState") != "active"]
    if closed:
        remedy = f"systemctl enable --now {' '.join(closed)}"
        yield doubtful("sockets", f"{', '.join(closed)}: a restart refuses who comes there", remedy)
    else:
        yield fine("sockets", "systemd keeps all three open over a restart")


def hardening(patient: Patient) -> Iterator[Row]:
    """How much the unit may do, with what administrators have added."""
    if not patient.machine.runs_systemd or patient.machine.shown(UNIT).get("LoadState") != "loaded":
        return
    match = EXPOSURE.search(patient.machine.told("systemd-analyze", "security", "--no-pager", UNIT))
    if match and float(match[1]) > EXPOSURE_MAX:
        remedy = f"see what was loosened: systemd-analyze security {UNIT}; systemctl cat {UNIT}"
        yield doubtful("hardening", f"exposure {match[1]} of 10, more than {EXPOSURE_MAX}", remedy)
    elif match:
        yield fine("hardening", f"exposure {match[1]} of 10")
