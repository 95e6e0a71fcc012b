"""revisions: a start goes by the tree, or by what was accepted last; only the very first one is refused."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused
from monitord.config.settings import Broken
from monitord.config.whereabouts import remember
from monitord.engine.revisions import Found, find, summary, with_other_doors
from monitord.store import Store, StoreError
from monitord.store.revisions import newest_revision
from monitord.store.tables import revision
from tests.fakes.new_store import new_store
from tests.fakes.shop import MORNING
from tests.unit.config_tree import HEAD, PEOPLE, tree

WEB = "probes:\n  - {name: web, kind: http, url: http://127.0.0.1/, policy: urgent}\n"
SECRETIVE = HEAD.replace("smtp://127.0.0.1", "smtp://ann:${env:PASSWORD}@127.0.0.1")
ENVIRON = {"PASSWORD": "hunter22"}


def accepted(folder: Path, environ: dict[str, str] | None = None, head: str = HEAD, more: str = WEB) -> Path:
    """A tree that was accepted into its store; its main file."""
    main = tree(folder, more, head)
    loaded = load(main, environ or {})
    store = Store.open(new_store(Path(loaded.settings.store)), now=MORNING)
    store.accept_revision(loaded.revision, loaded.content, MORNING, "2026a", "start")
    store.close()
    return main


def probes(found: Found) -> list[str]:
    return list(found.loaded.configuration.probes)


def why(found: Found) -> list[str]:
    assert found.refused is not None, "the tree loads"
    return [problem.what for problem in found.refused.problems]


def test_a_tree_that_loads_is_what_counts(tmp_path: Path) -> None:
    main = accepted(tmp_path)
    (tmp_path / "probes" / "x.yaml").write_text(WEB.replace("name: web", "name: shop"))
    found = find(main, {})

    assert (["shop"], None, "") == (probes(found), found.refused, found.why)


def typo(folder: Path) -> None:
    (folder / "probes" / "x.yaml").write_text(WEB.replace("kind", "knid"))


def half_written(folder: Path) -> None:
    (folder / "config" / "monitord.yaml").write_text(HEAD[:30])


def no_main_file(folder: Path) -> None:
    (folder / "config" / "monitord.yaml").unlink()


def no_folder(folder: Path) -> None:
    shutil.rmtree(folder / "config")


def no_probes(folder: Path) -> None:
    shutil.rmtree(folder / "probes")


def a_folder_in_its_place(folder: Path) -> None:
    (folder / "probes" / "x.yaml").unlink()
    (folder / "probes" / "x.yaml").symlink_to("x.yaml")


def binary(folder: Path) -> None:
    (folder / "probes" / "x.yaml").write_bytes(b"\xff\x00\xfe")


def a_word_nobody_knows(folder: Path) -> None:
    (folder / "config" / "people.yaml").write_text(PEOPLE.replace("page: [ann]", "page: [zoe]"))


@pytest.mark.parametrize(
    "accident",
    [
        typo,
        half_written,
        no_main_file,
        no_folder,
        no_probes,
        a_folder_in_its_place,
        binary,
        a_word_nobody_knows,
    ],
)
def test_after_an_accident_it_is_what_was_accepted(tmp_path: Path, accident: Callable[[Path], None]) -> None:
    main = accepted(tmp_path)
    before = load(main, {})
    accident(tmp_path)
    found = find(main, {})

    assert (before.configuration, before.revision) == (found.loaded.configuration, found.loaded.revision)
    assert before.settings == found.loaded.settings
    assert why(found), "the reason is known"
    assert str(tmp_path) in found.why


def test_a_missing_credential_breaks_its_channel_only(tmp_path: Path) -> None:
    main = accepted(tmp_path, ENVIRON, SECRETIVE)
    found = find(main, {})

    assert ["the environment variable PASSWORD is not set"] == why(found)
    assert isinstance(found.loaded.settings.channels["email"], Broken)
    assert ["web"] == probes(found)
    assert f"{tmp_path}/config/monitord.yaml:7:19: the environment variable PASSWORD is not set" in found.why


def test_the_very_first_start_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    main = tree(tmp_path, WEB.replace("kind", "knid"))

    with pytest.raises(ConfigurationRefused):
        find(main, {})
    assert not (tmp_path / "var").exists()


def test_a_store_that_was_put_elsewhere_is_found_by_its_line(tmp_path: Path) -> None:
    main = accepted(tmp_path / "tree", head=f'store: "sqlite:///{tmp_path}/elsewhere"\n{HEAD}')
    with main.open("a") as file:
        file.write("organization: [twice\n")
    found = find(main, {})

    assert str(tmp_path / "elsewhere") == found.loaded.settings.store
    assert ["web"] == probes(found)


def test_a_store_elsewhere_is_remembered_where_nothing_says_it_any_more(tmp_path: Path) -> None:
    main = accepted(tmp_path / "tree", head=f"store: sqlite:///{tmp_path}/elsewhere\n{HEAD}")
    environ = {"STATE_DIRECTORY": str(tmp_path)}
    remember(load(main, environ).settings.store, environ)
    shutil.rmtree(tmp_path / "tree")

    assert ["web"] == probes(find(main, environ))


def test_a_damaged_store_does_not_hide_the_mistake(tmp_path: Path) -> None:
    main = accepted(tmp_path)
    (tmp_path / "var" / "live.sqlite3").write_bytes(b"not a database at all" * 100)
    typo(tmp_path)

    with pytest.raises(ConfigurationRefused, match="`kind` is missing"):
        find(main, {})


def test_a_kept_revision_that_cannot_be_read_does_not_hide_the_mistake(tmp_path: Path) -> None:
    main = accepted(tmp_path)
    store = Store.open(tmp_path / "var", now=MORNING)
    store.accept_revision("h", "{}", MORNING, "2026a", "somebody")
    store.close()
    typo(tmp_path)

    with pytest.raises(ConfigurationRefused, match="`kind` is missing"):
        find(main, {})


def test_an_empty_folder_says_that_it_is_meant(tmp_path: Path) -> None:
    main = accepted(tmp_path)
    (tmp_path / "probes" / "x.yaml").unlink()

    assert [] == probes(find(main, {}))


def test_doors_that_cannot_be_opened_are_opened_where_they_were(tmp_path: Path) -> None:
    main = accepted(tmp_path)
    main.write_text(HEAD.replace("127.0.0.1:8081", "203.0.113.9:8081"))
    found = find(main, {})
    before = with_other_doors(found, main, OSError("203.0.113.9:8081 is not an address of this machine"), {})

    assert before is not None
    assert "127.0.0.1" == before.loaded.settings.doors.edge.host
    assert f"{tmp_path}/config/monitord.yaml:3:3: 203.0.113.9:8081 is not an address" in before.why


def test_the_same_doors_are_not_tried_twice(tmp_path: Path) -> None:
    main = accepted(tmp_path)

    assert with_other_doors(find(main, {}), main, OSError("in use"), {}) is None


def test_the_first_mistakes_are_named_and_the_others_counted(tmp_path: Path) -> None:
    main = tree(tmp_path, "".join(["probes:\n", *(f"  - {{name: p{n}, knid: x}}\n" for n in range(9))]))
    with pytest.raises(ConfigurationRefused) as refused:
        load(main, {})
    lines = summary(refused.value).splitlines()

    assert 4 == len(lines)
    assert lines[0].startswith(f"{tmp_path}/probes/x.yaml:2:")
    assert f"and {len(refused.value.problems) - 3} more: `monitord config check` shows all" == lines[-1]


def test_only_the_newest_revisions_are_kept(tmp_path: Path) -> None:
    """A large tree has more than a megabyte, and may be made by a program every few minutes."""
    store = Store.open(tmp_path, now=MORNING)
    for number in range(250):
        store.accept_revision(f"h{number}", "{}", MORNING, "2026a", "reload")
    with store.decisions.database.transaction() as connection:
        kept = [row.hash for row in connection.execute(select(revision.c.hash).order_by(revision.c.id))]
    store.close()

    assert [f"h{number}" for number in range(150, 250)] == kept


def test_a_store_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    """As seen by an account that is not monitord's; here the name leads round in a circle."""
    (tmp_path / "live.sqlite3").symlink_to("live.sqlite3")

    with pytest.raises(StoreError, match=r"cannot be read: .*; ask as root"):
        newest_revision(tmp_path)
