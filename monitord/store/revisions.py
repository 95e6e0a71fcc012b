"""The revision accepted last, read from a store's folder that nobody needs to have opened."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from monitord.store.database import LIVE, onlooker
from monitord.store.decisions import Revision
from monitord.store.faults import StoreError
from monitord.store.reads import Reads

PATIENCE = timedelta(seconds=2)


def newest_revision(folder: Path) -> Revision | None:
    """What was accepted last; None if there is no store. Creates nothing; raises StoreError."""
    if not there(folder):
        return None
    reads = Reads(onlooker(folder / LIVE, PATIENCE))
    try:
        return reads.newest_revision()
    except SQLAlchemyError as error:
        raise StoreError(f"{folder / LIVE} holds no revisions that this version can read") from error
    finally:
        reads.database.close()


def there(folder: Path) -> bool:
    """Is there a store that we can read? Raises StoreError for one that we may not."""
    try:
        (folder / LIVE).open("rb").close()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        why = f"{folder / LIVE} cannot be read: {error.strerror}"
        raise StoreError(f"{why}; ask as root, or as the account that runs monitord") from error
    return True
