"""The rotations as they are meant now: the configuration, and what people have changed at run time.

The store of that configuration is read, or its daemon asked where only that may read it; nothing is created.
What cannot be read is said, and the configuration alone is the answer then.
"""

import os
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import click

from monitord.client import Client, ClientFault, place_of
from monitord.client.arranging import OverrideRow
from monitord.client.calendars import CalendarRow
from monitord.client.leaving import LeaveRow
from monitord.config.loading import Loaded
from monitord.core.almanac import Almanac, Days, Span
from monitord.core.amendment import KEPT, Amendment
from monitord.core.leave import Leave
from monitord.core.override import Override, OverrideKind
from monitord.core.roster import merged
from monitord.core.world import Configuration
from monitord.engine.clock import RealClock

Change = Amendment | Leave | Almanac
NOT_COUNTED = "monitord: what was changed at run time is not counted"


def on_duty(loaded: Loaded) -> Configuration:
    """What `loaded` says, with the overrides and the leave of run time."""
    return merged(loaded.configuration, changes(Path(loaded.settings.store)))


def changes(folder: Path) -> Iterable[Change]:
    """Those of the store in that folder."""
    place = place_of(os.environ, folder)
    if not (folder.exists() or place.listens):
        return ()
    from monitord.store.amendments import kept_changes  # noqa: PLC0415 - heavy, and only where a store is
    from monitord.store.faults import StoreError  # noqa: PLC0415 - likewise

    try:
        found = kept_changes(folder)
    except StoreError as error:
        if not place.listens:
            click.echo(f"{NOT_COUNTED}: {error}", err=True)
        found = None
    if found is None and place.listens:
        return asked(Client(place))
    return found or ()


def asked(client: Client) -> Iterable[Change]:
    """Those that the daemon knows."""
    try:
        since = RealClock().now() - KEPT
        overrides, away = client.overrides(since), client.leave(since=since)
        entered = (leave(row) for row in away if row.id is not None)
        return [*map(amendment, overrides), *entered, *map(almanac, client.calendars(entries=True))]
    except ClientFault as fault:
        click.echo(f"{NOT_COUNTED}: {fault}", err=True)
        return ()


def amendment(row: OverrideRow) -> Amendment:
    """What the daemon says about one, as the core has it."""
    override = Override(
        id=row.id,
        start=row.start,
        end=row.end,
        kind=OverrideKind(row.kind),
        who=row.who,
        by=row.people,
        layer=row.layer,
        made_at=row.made,
        order=int(row.id.removeprefix("o")),
    )
    return Amendment(row.id, row.rotation, override, row.by, row.why, row.via)


def leave(row: LeaveRow) -> Leave:
    """Likewise; who made it when is not asked for."""
    assert row.id is not None, "only what was entered at run time is asked for"
    return Leave(row.id, row.person, row.start, row.end, row.by or "", row.start, row.why, row.cover)


def almanac(row: CalendarRow) -> Almanac:
    """Likewise, what a calendar elsewhere said last."""
    days = tuple(
        Days(date.fromisoformat(each.first), date.fromisoformat(each.last), each.why) for each in row.days
    )
    return Almanac(row.id, days, tuple(Span(each.start, each.end, each.why) for each in row.spans))
