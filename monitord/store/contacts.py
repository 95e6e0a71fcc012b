"""Which addresses are verified, read from a store's folder that nobody needs to have opened."""

from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from monitord.core.contact import Contact
from monitord.store.codec import decode_as
from monitord.store.database import LIVE, onlooker
from monitord.store.faults import StoreError
from monitord.store.reads import Reads
from monitord.store.revisions import PATIENCE, there


def kept_contacts(folder: Path) -> list[Contact] | None:
    """Those that the store has; None if there is no store. Creates nothing; raises StoreError."""
    if not there(folder):
        return None
    reads = Reads(onlooker(folder / LIVE, PATIENCE))
    try:
        return [decode_as(Contact, text) for text in reads.live(Contact)]
    except SQLAlchemyError as error:
        raise StoreError(f"{folder / LIVE} holds no contacts that this version can read") from error
    finally:
        reads.database.close()
