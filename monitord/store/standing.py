"""What stands in a store now, read from its folder that nobody needs to have opened."""

from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from monitord.core.facts import RECORDS, Installation
from monitord.store.codec import decode_as
from monitord.store.database import LIVE, reader
from monitord.store.faults import StoreError, Undecodable
from monitord.store.reads import Reads
from monitord.store.revisions import PATIENCE, there


def standing(folder: Path) -> tuple[Any, ...]:
    """Every live record, the installation first; () if there is no store. Creates nothing; raises StoreError.

    A row that cannot be read is passed over; the daemon puts it aside, and says so.
    """
    if not there(folder):
        return ()
    reads = Reads(reader(folder / LIVE, PATIENCE))
    try:
        kinds = [kind for kind in RECORDS if kind is not Installation]
        return (
            reads.installation(),
            *(each for kind in kinds for each in understood(kind, reads.live(kind))),
        )
    except SQLAlchemyError as error:
        raise StoreError(f"{folder / LIVE} holds nothing that this version can read") from error
    finally:
        reads.database.close()


def understood(kind: type[Any], texts: Any) -> list[Any]:
    found = []
    for text in texts:
        with suppress(Undecodable):
            found.append(decode_as(kind, text))
    return found
