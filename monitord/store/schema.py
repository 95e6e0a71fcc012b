"""The schema of a store's file: which version it has, whether we know it, and how it is brought up to date.

Theory of operation. Versions are the four digits that the migrations' file names begin with; the last one is
ours. Alembic keeps the file's version in `alembic_version`; it is read here without Alembic, whose import
takes longer than the whole start. A migration runs in one transaction, after the file was copied: killed at
any point, the old schema is still there. A version that we do not know is a newer monitord's, and nothing is
touched.
"""

import os
import sqlite3
from pathlib import Path

from sqlalchemy import Connection, inspect

from monitord.store.database import Database
from monitord.store.faults import StoreTooNew, StoreUnreadable, spoken

MIGRATIONS = Path(__file__).parent / "migrations"
LIVE = MIGRATIONS / "live"
MEASUREMENTS = MIGRATIONS / "measurements"


def versions(scripts: Path) -> list[str]:
    """The versions that this monitord knows, oldest first."""
    return sorted(path.name.split("_")[0] for path in scripts.glob("[0-9]*_*.py"))


def version(connection: Connection) -> str | None:
    """The file's version; None for an empty file."""
    tables = inspect(connection).get_table_names()
    if not tables:
        return None
    if "alembic_version" not in tables:
        return ""
    found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    return str(found) if found else ""


def bring_up_to_date(database: Database, scripts: Path) -> None:
    """Create or migrate; raises StoreTooNew, StoreUnreadable."""
    known = versions(scripts)
    with database.transaction() as connection:
        current = version(connection)
    refuse_unknown(database.path, current, known)
    if current == known[-1]:
        return
    if current is not None:
        copy(database, database.path.with_name(f"{database.path.name}.before-{known[-1]}"))
    with database.transaction() as connection:
        upgrade(connection, scripts)


def refuse_unknown(path: Path, current: str | None, known: list[str]) -> None:
    if current is None or current in known:
        return
    if not current:
        raise StoreUnreadable(
            f"{path} is a database, but not a store of monitord; name another folder as `store`"
        )
    raise StoreTooNew(
        f"{path} was written by a newer monitord (schema {current}; this one knows {known[-1]}); "
        "install that version again, or restore a backup from before"
    )


def copy(database: Database, target: Path) -> None:
    """The whole file as it is now, complete under its name or not at all."""
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600))
    with spoken(target):
        connection = sqlite3.connect(partial)
        try:
            source = database.opened().connection.driver_connection
            assert source is not None, "an open connection has its driver's"
            source.backup(connection)
        finally:
            connection.close()
    partial.replace(target)


def upgrade(connection: Connection, scripts: Path) -> None:
    """Run Alembic inside the transaction of `connection`."""
    from alembic import command  # noqa: PLC0415  # a tenth of a second, for once in a store's life
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", escaped(MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", escaped(scripts))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def escaped(path: Path) -> str:
    return str(path).replace("%", "%%")
