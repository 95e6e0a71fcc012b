"""The manual's page of kinds says what the kinds say; `--update` writes it anew."""

import pytest

from monitord.web.kinds_page import kinds_page
from tests.house.tree import PACKAGE

PAGE = PACKAGE / "web" / "docs" / "kinds.md"


def test_the_page_of_kinds_is_current(request: pytest.FixtureRequest) -> None:
    if request.config.getoption("--update"):
        PAGE.write_text(kinds_page(), encoding="utf-8")

    assert kinds_page() == PAGE.read_text(encoding="utf-8"), (
        "A docstring or an option has changed: ./dev test tests/house/test_kinds_page.py --update"
    )
