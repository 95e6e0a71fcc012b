"""The store is found by the one line of the main file that names it, or left to whoever reads the tree."""

from pathlib import Path

import pytest

from monitord.config.whereabouts import stated

NAMED = [
    "store: sqlite:///var\n",
    "organization: Shop\nstore:   'sqlite:///var'  # beside the tree\n",
    'organization: Shop\r\nstore: "sqlite:///var"\r\n',
    "store: sqlite:///${env:FOLDER}\n",
    "organization: [half\nstore: sqlite:///var",
]
UNSURE = [
    "organization: Shop\n",
    "store: sqlite:///var\n---\nstore: sqlite:///elsewhere\n",
    "store: sqlite:///var and more\n",
    "store: sqlite:///var#more\n",
    "store: sqlite:///${env:NOBODY_SET_IT}\n",
    "store: postgresql:///var\n",
    "more:\n  store: sqlite:///var\n",
    "{store: sqlite:///var}\n",
]


def tree(folder: Path, text: str) -> Path:
    main = folder / "monitord.yaml"
    main.write_text(text, encoding="utf-8")
    return main


@pytest.mark.parametrize("text", NAMED)
def test_the_line_that_names_the_store_is_enough(text: str, tmp_path: Path) -> None:
    assert tmp_path / "var" == stated(tree(tmp_path, text), {"FOLDER": "var"})


@pytest.mark.parametrize("text", UNSURE)
def test_where_no_line_or_more_than_one_does_the_tree_has_to_be_read(text: str, tmp_path: Path) -> None:
    assert None is stated(tree(tmp_path, text), {"FOLDER": "var"})


def test_a_main_file_that_is_gone_names_nothing(tmp_path: Path) -> None:
    assert None is stated(tmp_path / "monitord.yaml", {})
