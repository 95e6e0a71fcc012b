"""Overrides made at run time, read from a store's folder that nobody needs to have opened."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from monitord.core.amendment import Amendment
from monitord.store.codec import decode_as
from monitord.store.database import LIVE, onlooker
from monitord.store.faults import StoreError
from monitord.store.reads import Reads
from monitord.store.revisions import PATIENCE, there


def kept_amendments(folder: Path) -> list[Amendment] | None:
    """Those that the store has; None if there is no store. Creates nothing; raises StoreError."""
    if not there(folder):
        return None
    reads = Reads(onlooker(folder / LIVE, PATIENCE))
    try:
        return [decode_as(Amendment, text) for text in reads.live(Amendment)]
    except SQLAlchemyError as error:
        raise StoreError(f"{folder / LIVE} holds no overrides that this version can read") from error
    finally:
        reads.database.close()
