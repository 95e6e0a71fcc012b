"""The manual's page of routes says what the router says; `--update` writes it anew."""

from collections import Counter
from typing import cast

import pytest

from monitord.web.ops.api import api
from monitord.web.ops.guard import GuardedRoute
from monitord.web.ops.openapi import declared
from monitord.web.ops.sources import Sources
from monitord.web.routes_page import routes_page
from tests.house.tree import PACKAGE

PAGE = PACKAGE / "web" / "docs" / "routes.md"


@pytest.fixture(scope="module")
def routes() -> list[tuple[GuardedRoute, str]]:
    app = api(cast(Sources, None))
    assert all(isinstance(route, GuardedRoute) for route in app.routes), "every route is guarded"
    return [(cast(GuardedRoute, route), method) for route, method, _ in declared(app)]


def test_the_page_of_routes_is_current(request: pytest.FixtureRequest) -> None:
    page = routes_page(api(cast(Sources, None)))
    if request.config.getoption("--update"):
        PAGE.write_text(page, encoding="utf-8")

    assert page == PAGE.read_text(encoding="utf-8"), (
        "A route has changed: ./dev test tests/house/test_routes_page.py --update; then read who may what"
    )


def test_every_operation_has_a_name_of_its_own(routes: list[tuple[GuardedRoute, str]]) -> None:
    names = Counter(route.name for route, _ in routes)

    assert [] == [name for name, times in names.items() if times > 1]


def test_every_operation_says_what_it_does(routes: list[tuple[GuardedRoute, str]]) -> None:
    assert [] == [route.name for route, _ in routes if not (route.endpoint.__doc__ or "").strip()]


def test_there_are_questions_and_acts_only(routes: list[tuple[GuardedRoute, str]]) -> None:
    assert {"GET", "POST"} == {method for _, method in routes}
