"""A store's folder before its first opening, at the newest schema: the migrations ran once a process."""

from functools import cache
from pathlib import Path
from shutil import copytree
from tempfile import TemporaryDirectory

from monitord.store import schema
from monitord.store.database import LIVE, QUICK, writer
from monitord.store.measurements import NAME as MEASUREMENTS


def new_store(folder: Path) -> Path:
    """The folder, where `Store.open` has nothing left to do but to begin."""
    copytree(migrated().name, folder, dirs_exist_ok=True)
    return folder


@cache
def migrated() -> "TemporaryDirectory[str]":
    made: TemporaryDirectory[str] = TemporaryDirectory()
    for name, scripts in ((LIVE, schema.LIVE), (MEASUREMENTS, schema.MEASUREMENTS)):
        database = writer(Path(made.name) / name, QUICK)
        schema.bring_up_to_date(database, scripts)
        database.close()
    return made
