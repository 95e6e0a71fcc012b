"""The configuration: does it load, is it in force, who can be reached, when is nobody on call?"""

import re
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import yaml

from monitord.cli.checkup.row import Patient, Row, doubtful, fine, wrong
from monitord.cli.oncall import lacking, lasting
from monitord.cli.options import count
from monitord.cli.takeover import how_to_reload
from monitord.config import packaged
from monitord.config.keeping import reopened
from monitord.config.loading import Loaded
from monitord.config.packaged import surroundings
from monitord.core.rotation import shifts
from monitord.store.faults import StoreError
from monitord.store.revisions import newest_revision

SHOWN_MAX = 20
AHEAD = timedelta(days=14)
FOLDER = packaged.THERE["CREDENTIALS_DIRECTORY"]
FILE = re.compile(r"\$\{file:([^{}]+)\}")
OTHERS = stat.S_IRWXG | stat.S_IRWXO
LAST_RESORT_MIN = 2


def configuration(patient: Patient) -> Iterator[Row]:
    """What `monitord config check` says."""
    problems = patient.refused.problems if patient.refused is not None else ()
    for problem in problems[:SHOWN_MAX]:
        yield wrong("configuration", f"{problem.place}: {problem.what}", problem.remedy)
    if len(problems) > SHOWN_MAX:
        yield wrong("configuration", f"{len(problems) - SHOWN_MAX} more mistakes", "monitord config check")
    warnings = patient.loaded.warnings if patient.loaded is not None and not problems else ()
    for problem in warnings[:SHOWN_MAX]:
        yield doubtful("configuration", f"{problem.place}: {problem.what}", problem.remedy)
    if patient.loaded is not None and not problems:
        yield fine("configuration", f"loads: {count(len(patient.loaded.configuration.probes), 'probe')}")


def revision(patient: Patient) -> Iterator[Row]:
    """Is the tree what is running, or would run?"""
    running = in_force(patient)
    if patient.loaded is None or patient.refused is not None:
        yield untaken(patient, running)
        return
    tree = patient.loaded.revision
    if running is None:
        yield fine("revision", "nothing was accepted yet; the first start takes this tree")
    elif tree.startswith(running) or running.startswith(tree):
        yield fine("revision", f"{tree[:12]} is in force")
    else:
        found = f"the tree is {tree[:12]}, and {running[:12]} is in force"
        how = how_to_reload(Path(patient.loaded.settings.store))
        remedy = f"see what differs: monitord config diff; take it over: {how}"
        yield doubtful("revision", found, remedy)


def untaken(patient: Patient, running: str | None) -> Row:
    """A tree with a mistake: what goes on meanwhile."""
    problems = patient.refused.problems if patient.refused is not None else ()
    wrongs = count(len(problems), "mistake")
    if running is None:
        found = f"nothing was accepted yet, and the tree has {wrongs}: no start can succeed"
        return wrong("revision", found, "correct the tree, then: systemctl start monitord")
    found = f"{running[:12]} is in force, and not the tree, which has {wrongs}, as said above"
    return doubtful("revision", found, "correct the tree, then: systemctl reload monitord")


def in_force(patient: Patient) -> str | None:
    """The revision that the daemon goes by, or would."""
    if patient.status is not None:
        return patient.status.revision
    if patient.loaded is None:
        return None
    try:
        newest = newest_revision(Path(patient.loaded.settings.store))
    except StoreError:
        return None
    return newest.hash if newest is not None else None


def people(patient: Patient) -> Iterator[Row]:
    """Can everybody be reached whom a policy or the last resort may call?"""
    if patient.loaded is None:
        return
    known, ways = patient.loaded.configuration.people, patient.loaded.settings.channels
    mute = sorted(id for id, each in known.items() if not any(way.channel in ways for way in each.reach))
    if mute:
        remedy = "add a contact method under `reach` whose channel is configured"
        yield doubtful("people", f"cannot be reached: {', '.join(mute[:SHOWN_MAX])}", remedy)
    else:
        yield fine("people", f"all {len(known)} have a way to be reached")
    last = [id for id in patient.loaded.configuration.last_resort if id in known and id not in mute]
    if len(last) < LAST_RESORT_MIN:
        remedy = "add `last_resort:` with at least two people who can be reached"
        yield doubtful("last resort", f"is {', '.join(last) or 'nobody'}", remedy)


def contacts(patient: Patient) -> Iterator[Row]:
    """Do two verified channels lead to everybody who is on call? Only a running daemon knows."""
    if patient.status is None:
        return
    for each in patient.status.doubts[:SHOWN_MAX]:
        remedy = "add a contact method of another channel, and: monitord contact verify PERSON ADDRESS"
        yield doubtful("contacts", f"{each.person} is on call, and {each.why}", remedy)
    if not patient.status.doubts:
        yield fine("contacts", "two verified channels lead to everybody who is on call")


def calendars(patient: Patient) -> Iterator[Row]:
    """Can every calendar be read that says who is away? Only a running daemon knows."""
    if patient.status is None or patient.loaded is None or not patient.loaded.configuration.calendars:
        return
    for each in patient.status.calendars[:SHOWN_MAX]:
        whose = ", ".join(sorted({*each.leave_of, *each.holidays_of})[:SHOWN_MAX])
        old = (
            f"what it said at {each.read:%Y-%m-%d %H:%M} UTC is in force" if each.read else "nobody knows it"
        )
        found = f"the one at {each.host} about {whose} cannot be read: {each.why}; {old}"
        yield doubtful("calendars", found, "look at its address with a browser; monitord away calendars")
    if not patient.status.calendars:
        yield fine("calendars", f"all {len(patient.loaded.configuration.calendars)} could be read")


def gaps(patient: Patient) -> Iterator[Row]:
    """When is nobody on call in the next two weeks, as far as the tree knows?"""
    if patient.loaded is None:
        return
    configuration, whole = patient.loaded.configuration, True
    for rotation in configuration.rotations.values():
        found = lacking(shifts(rotation, patient.now, patient.now + AHEAD), configuration.people)
        if found:
            whole = False
            shift, why = found[0]
            says = wrong if shift.start <= patient.now else doubtful
            when = lasting(shift, rotation, patient.now, AHEAD)
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            remedy = "monitord oncall gaps shows all; monitord override add fills one"
            yield says("on call", f"{rotation.id}: {why}, {when}{more}", remedy)
    if whole and configuration.rotations:
        number = count(len(configuration.rotations), "rotation")
        yield fine("on call", f"somebody is, in {number}, for {AHEAD.days} days")


def secrets(patient: Patient) -> Iterator[Row]:
    """Who can read the files that hold secrets?"""
    if patient.loaded is None:
        return
    files = sorted(set(secret_files(patient.loaded, patient)))
    for path in files:
        try:
            mode = stat.S_IMODE(path.stat().st_mode)
        except OSError as error:
            yield doubtful("secrets", f"{path}: {error.strerror}", "create it, or run this as root")
            continue
        if mode & OTHERS & ~stat.S_IRGRP:
            yield wrong("secrets", f"{path} can be read by others ({mode:04o})", f"chmod 0600 {path}")
    if patient.loaded.settings.tree == packaged.TREE and not Path(FOLDER).is_dir():
        found = f"{FOLDER} is missing, and the unit cannot start without it"
        yield wrong("secrets", found, "systemd-tmpfiles --create monitord.conf")
    if files:
        yield fine("secrets", f"looked at {count(len(files), 'file')}")


def secret_files(loaded: Loaded, patient: Patient) -> Iterator[Path]:
    """The files that references name, and the folder of credentials with what lies in it."""
    tree = reopened(loaded.content).tree
    for source in tree.sources:
        for token in yaml.scan(source.content, Loader=yaml.CSafeLoader):
            if isinstance(token, yaml.ScalarToken):  # a comment refers to nothing
                yield from (tree.root / name for name in FILE.findall(token.value))
    folder = Path(surroundings(tree.root, patient.environ).get("CREDENTIALS_DIRECTORY", "") or "/nonexistent")
    if folder.is_dir():
        try:
            yield from (path for path in folder.iterdir() if path.is_file())
        except OSError:
            yield folder
