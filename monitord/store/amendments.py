"""What people changed at run time about who is on call, read from a store that nobody has opened."""

from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from monitord.core.roster import CHANGES
from monitord.store.codec import decode_as
from monitord.store.database import LIVE, onlooker
from monitord.store.faults import StoreError
from monitord.store.reads import Reads
from monitord.store.revisions import PATIENCE, there


def kept_changes(folder: Path) -> list[Any] | None:
    """The overrides and the leave in the store; None if there is none. Creates nothing; raises StoreError."""
    if not there(folder):
        return None
    reads = Reads(onlooker(folder / LIVE, PATIENCE))
    try:
        return [decode_as(kind, text) for kind in CHANGES for text in reads.live(kind)]
    except SQLAlchemyError as error:
        raise StoreError(
            f"{folder / LIVE} holds no overrides and no leave that this version can read"
        ) from error
    finally:
        reads.database.close()
