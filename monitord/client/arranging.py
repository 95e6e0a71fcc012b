"""What the client asks about who stands in for whom: overrides made at run time, and swaps."""

from dataclasses import dataclass
from datetime import datetime

from monitord.client.asking import Asking, spelled
from monitord.client.shapes import Done


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """Somebody instead, in [start, end), by whom and why; `kind` is all, replace, add or remove. Of two that
    contradict each other the one that was `made` later wins. `time_zone` is the rotation's.
    """

    id: str
    rotation: str
    kind: str
    who: str | None
    people: tuple[str, ...]
    layer: str | None
    start: datetime
    end: datetime
    by: str
    why: str
    via: str
    made: datetime
    running: bool
    says: str
    time_zone: str = "UTC"


@dataclass(frozen=True, slots=True)
class SpanRow:
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class SwapRow:
    """`giver` wants `taker` to be on call in `given`, and would be in `back`; without an answer it `lapses`
    then. `time_zone` is the rotation's.
    """

    id: str
    rotation: str
    giver: str
    taker: str
    given: SpanRow
    back: SpanRow | None
    by: str
    why: str
    via: str
    lapses: datetime
    says: str
    time_zone: str = "UTC"


class Arranging(Asking):
    """Overrides and swaps: questions and acts."""

    def overrides(self, since: datetime | None = None) -> tuple[OverrideRow, ...]:
        """Those that are not over, or were not at `since`; the first to begin first."""
        at = since.isoformat() if since is not None else None
        return self.get(tuple[OverrideRow, ...], "overrides", since=at)

    def add_override(
        self,
        rotation: str,
        start: datetime | None,
        end: datetime,
        kind: str,
        why: str,
        who: str | None = None,
        people: tuple[str, ...] = (),
        layer: str | None = None,
        overruled: tuple[str, ...] = (),
    ) -> Done:
        """`kind`: `all` or `add` (`people` come), `replace` (they come for `who`), `remove` (`who` goes)."""
        return self.act(
            "overrides",
            rotation=rotation,
            start=start.isoformat() if start is not None else None,
            end=end.isoformat(),
            kind=kind,
            why=why,
            who=who,
            people=list(people),
            layer=layer,
            overruled=list(overruled),
        )

    def remove_override(self, override: str) -> Done:
        return self.act(f"overrides/{spelled(override)}/remove")

    def swaps(self) -> tuple[SwapRow, ...]:
        """Those that wait for an answer."""
        return self.get(tuple[SwapRow, ...], "swaps")

    def ask_swap(
        self,
        rotation: str,
        start: datetime,
        end: datetime,
        taker: str,
        why: str,
        giver: str | None = None,
        back: datetime | None = None,
    ) -> Done:
        """`giver` is whoever asks, unless said; `back` an instant of the shift that they would take."""
        return self.act(
            "swaps",
            rotation=rotation,
            start=start.isoformat(),
            end=end.isoformat(),
            taker=taker,
            why=why,
            giver=giver,
            back=back.isoformat() if back is not None else None,
        )

    def accept_swap(self, swap: str) -> Done:
        return self.act(f"swaps/{spelled(swap)}/accept")

    def decline_swap(self, swap: str) -> Done:
        return self.act(f"swaps/{spelled(swap)}/decline")
