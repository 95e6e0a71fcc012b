"""The only place that speaks SQL: decisions and measurements in two SQLite files, and their threads."""

from monitord.store.batch import Batch, Entry
from monitord.store.decisions import Revision
from monitord.store.faults import StaleTerm, StoreAhead, StoreError, StoreRefused
from monitord.store.measurements import Measurement
from monitord.store.reads import Quarantined, Recorded
from monitord.store.store import Store, replay
from monitord.store.thread import StoreThread

__all__ = [
    "Batch",
    "Entry",
    "Measurement",
    "Quarantined",
    "Recorded",
    "Revision",
    "StaleTerm",
    "Store",
    "StoreAhead",
    "StoreError",
    "StoreRefused",
    "StoreThread",
    "replay",
]
