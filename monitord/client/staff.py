"""What the API answers about who works here, as the directory of staff says; see shapes.py for the rules."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Somebody in the directory; `person` is who they are in the tree, "" for nobody there: then `yaml` is
    what has to be added. `left` is since when they work here no more; `missing` where nobody is for that.
    """

    id: str
    name: str
    shown: str
    person: str
    since: datetime
    left: datetime | None
    missing: tuple[str, ...]
    yaml: str
