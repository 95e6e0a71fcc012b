"""Whoever leaves something out is shown how it could be written."""

import pytest
import yaml
from pydantic import BaseModel

from monitord.config.known import example, flow, place_in
from monitord.config.rotation_shapes import LayerShape
from monitord.config.sections import schema
from monitord.config.shapes import HeadShape, PolicyShape, ProbeShape

DOORS = (
    '{public: {listen: "127.0.0.1:8080"}, edge: {listen: "127.0.0.1:8081"}, ops: {listen: "127.0.0.1:8082"}}'
)


@pytest.mark.parametrize(
    ("shape", "location", "written"),
    [
        (HeadShape, ("doors",), DOORS),
        (HeadShape, ("time_zone",), "America/Chicago"),
        (HeadShape, ("doors", "ops"), '{listen: "127.0.0.1:8082"}'),
        (PolicyShape, ("tiers",), "[{page: […], for: 30s}]"),
        (LayerShape, ("turn",), "1 week"),
        (ProbeShape, ("kind",), "http"),
        (ProbeShape, ("nobody", "knows"), "…"),
    ],
)
def test_an_example_has_what_must_be_said(
    shape: type[BaseModel], location: tuple[str, ...], written: str
) -> None:
    assert written == example(place_in(schema(shape), location), schema(shape))


@pytest.mark.parametrize(
    "value", ["a word", "two: words", "- no", "", " x", "{a}", "#", "10:30", ["a", 1], {"a": {"b": "c: d"}}]
)
def test_what_is_written_in_a_line_reads_as_it_was_meant(value: object) -> None:
    read = yaml.safe_load(f"like: {flow(value)}")

    assert value == read["like"]
