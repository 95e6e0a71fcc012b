"""What the client asks about who stands in for whom: overrides made at run time."""

from dataclasses import dataclass
from datetime import datetime

from monitord.client.asking import Asking, spelled
from monitord.client.shapes import Done


@dataclass(frozen=True, slots=True)
class OverrideRow:
    """Somebody instead, in [start, end), by whom and why; `kind` is all, replace, add or remove. `made` orders
    those that contradict each other: the newer wins."""

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


class Arranging(Asking):
    """Overrides: questions and acts."""

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
        """`kind` is `all`, `add` (`people` come), `replace` (they come for `who`) or `remove` (`who` goes)."""
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
