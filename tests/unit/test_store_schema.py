"""The schema: from nothing to the newest, from an old one with a copy, and never from a newer one."""

import shutil
import sqlite3
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData

from monitord.store import measurements, schema, tables
from monitord.store.database import DURABLE, Database, writer
from monitord.store.faults import StoreTooNew, StoreUnreadable

SCHEMAS = [(schema.LIVE, tables.LIVE), (schema.MEASUREMENTS, measurements.MEASUREMENTS)]

NEWEST = schema.versions(schema.LIVE)[-1]
NEXT = f"{int(NEWEST) + 1:04}"
SECOND = '''
"""One more migration."""
import sqlalchemy as sa
from alembic import op

revision = "NEXT"
down_revision = "NEWEST"


def upgrade() -> None:
    op.add_column("ticket", sa.Column("colour", sa.Text))
'''.replace("NEXT", NEXT).replace("NEWEST", NEWEST)
KILLED = SECOND + '    raise KeyboardInterrupt("killed in the middle")\n'


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return writer(tmp_path / "live.sqlite3", DURABLE)


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """The migrations of today, to which a test adds tomorrow's."""
    return Path(shutil.copytree(schema.LIVE, tmp_path / "scripts"))


def current(database: Database) -> str | None:
    with database.transaction() as connection:
        return schema.version(connection)


def columns(path: Path, table: str) -> list[str]:
    with sqlite3.connect(path) as connection:
        found = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    connection.close()
    return found


@pytest.mark.parametrize(("folder", "metadata"), SCHEMAS)
def test_the_migrations_make_the_tables_that_the_code_expects(
    tmp_path: Path, folder: Path, metadata: MetaData
) -> None:
    database = writer(tmp_path / "any.sqlite3", DURABLE)
    schema.bring_up_to_date(database, folder)

    with database.transaction() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": is_ours})
        assert [] == compare_metadata(context, metadata)
    database.close()


def is_ours(name: str | None, kind: str, parents: object) -> bool:
    """The tables of a search index are SQLite's."""
    return kind != "table" or not str(name).startswith("ticket_search")


@pytest.mark.parametrize("folder", [schema.LIVE, schema.MEASUREMENTS])
def test_there_is_one_head_and_its_name_is_the_newest_version(folder: Path) -> None:
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.set_main_option("path_separator", "newline")
    config.set_main_option("version_locations", str(folder))

    assert [schema.versions(folder)[-1]] == ScriptDirectory.from_config(config).get_heads()


def test_an_empty_file_is_brought_to_the_newest_without_a_copy(database: Database) -> None:
    schema.bring_up_to_date(database, schema.LIVE)

    assert NEWEST == current(database)
    assert [] == list(database.path.parent.glob("*.before-*"))
    database.close()


def test_an_old_file_is_copied_and_then_migrated(database: Database, scripts: Path) -> None:
    schema.bring_up_to_date(database, scripts)
    (scripts / f"{NEXT}_second.py").write_text(SECOND)

    schema.bring_up_to_date(database, scripts)

    copy = database.path.with_name(f"live.sqlite3.before-{NEXT}")
    assert NEXT == current(database)
    assert "colour" in columns(database.path, "ticket")
    assert "colour" not in columns(copy, "ticket")
    assert 0o600 == copy.stat().st_mode & 0o777
    database.close()


def test_a_migration_killed_in_the_middle_leaves_the_old_schema(database: Database, scripts: Path) -> None:
    schema.bring_up_to_date(database, scripts)
    (scripts / f"{NEXT}_second.py").write_text(KILLED)

    with pytest.raises(KeyboardInterrupt):
        schema.bring_up_to_date(database, scripts)

    assert NEWEST == current(database)
    assert "colour" not in columns(database.path, "ticket")
    database.close()


def test_a_newer_schema_is_refused_politely(database: Database) -> None:
    schema.bring_up_to_date(database, schema.LIVE)
    with database.transaction() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0777'")

    with pytest.raises(
        StoreTooNew, match=rf"newer monitord \(schema 0777; this one knows {NEWEST}\); install"
    ):
        schema.bring_up_to_date(database, schema.LIVE)
    database.close()


def test_a_database_of_somebody_else_is_left_alone(database: Database) -> None:
    with database.transaction() as connection:
        connection.exec_driver_sql("CREATE TABLE recipes (cake TEXT)")

    with pytest.raises(StoreUnreadable, match="not a store of monitord"):
        schema.bring_up_to_date(database, schema.LIVE)
    assert ["cake"] == columns(database.path, "recipes")
    database.close()
