"""The templates of all doors: always escaped, strict about names, with our words for times."""

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from monitord.web import text
from monitord.web.assets import asset


@cache
def environment() -> Environment:
    made = Environment(
        loader=PackageLoader("monitord.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.globals["asset"] = asset
    made.filters.update(
        machine=text.machine,
        clock=text.clock,
        clock_with_seconds=text.clock_with_seconds,
        day=text.day,
        moment=text.moment,
        moment_with_year=text.moment_with_year,
        lasted=text.lasted,
        paragraphs=text.paragraphs,
        counted=text.counted,
    )
    made.globals["span"] = text.span
    return made


def render(template: str, **values: Any) -> str:
    """The template `public/status.html` with these values."""
    return environment().get_template(template).render(**values)
