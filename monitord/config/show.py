"""The effective configuration as YAML: every file put together, every default filled in, every secret masked.

What it prints is a tree in one file, and loads again (but for the masks).
"""

import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from enum import Enum
from typing import Any

import yaml as pyyaml
from pydantic import BaseModel, SecretStr

from monitord.config import yaml
from monitord.config.complaints import secret
from monitord.config.entries import LISTS, MAPPINGS, Entry, Written
from monitord.config.loading import Loaded
from monitord.config.options import channels, inbounds, probers, reader_of
from monitord.config.people_shapes import BESIDE_A_CHANNEL, PersonShape
from monitord.config.problem import Wrong
from monitord.config.scalars import format_duration, plain
from monitord.config.secrets import MASK
from monitord.config.settings import Broken
from monitord.config.shapes import OF_A_SERVICE
from monitord.core.webhook import CHANNEL

PASSWORD_IN_URL = re.compile(r"(?<=://)([^/@\s:]*):[^@\s]*(?=@)")
WIDTH = 110


class Dumper(pyyaml.SafeDumper):
    """Writes YAML 1.2: what would be read as something else than a text stands in quotes."""


def text(dumper: pyyaml.SafeDumper, value: str) -> pyyaml.ScalarNode:
    try:
        style = None if isinstance(plain(value), str) else '"'
    except Wrong:
        style = '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


Dumper.add_representer(str, text)


def show(loaded: Loaded) -> str:
    """The effective configuration of `loaded` as YAML."""
    rotations = loaded.written.rotations.values()
    documents = [sections(loaded.written), *(shown(entry) for entry in rotations)]
    return pyyaml.dump_all(
        documents,
        Dumper=Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=WIDTH,
        explicit_start=bool(rotations),
        default_flow_style=None,
    )


def sections(written: Written) -> dict[str, Any]:
    """All sections, those that are empty left out."""
    head = shown(written.head) if written.head else {}
    found: dict[str, Any] = {
        **head,
        "channels": {id: channel(entry) for id, entry in written.channels.items()},
    }
    for section in MAPPINGS:
        show_one = SHOWN.get(section, person_or_other)
        found[section] = {id: show_one(entry) for id, entry in getattr(written, section).items()}
    for section in LISTS:
        found[section] = [thing(section, entry) for entry in getattr(written, section).values()]
    return {section: value for section, value in found.items() if value not in ({}, [])}


def thing(section: str, entry: Entry[Any]) -> dict[str, Any]:
    return probe(entry) if section == "probes" else shown(entry)


def shown(entry: Entry[Any]) -> dict[str, Any]:
    """A thing with its defaults, without what is not said."""
    shape: BaseModel = entry.shape
    return masked(dumped(shape.model_dump(by_alias=True, exclude_none=True)), entry.node)  # type: ignore[no-any-return]


def person_or_other(entry: Entry[Any]) -> dict[str, Any]:
    """A person's contact methods are written channel first."""
    if not isinstance(entry.shape, PersonShape):
        return shown(entry)
    said = shown(entry)
    node = entry.node.values.get("reach")
    reach = [
        {each["channel"]: each["address"], **{key: each[key] for key in BESIDE_A_CHANNEL if key in each}}
        for each in dumped(entry.shape.model_dump(by_alias=True, exclude_none=True))["reach"]
    ]
    return {**said, "reach": masked(reach, node) if node is not None else reach}


def probe(entry: Entry[Any]) -> dict[str, Any]:
    own = {key: value for key, value in shown(entry).items() if value or key not in OF_A_SERVICE}
    if isinstance(entry.options, Broken):
        return {**masked(yaml.value_of(entry.node), entry.node), **own}
    reader = reader_of(probers().kinds[entry.shape.kind].spec.options)
    return {**own, **masked(said(reader.shown(entry.options)), entry.node)}


def integration(entry: Entry[Any]) -> dict[str, Any]:
    own = {key: value for key, value in shown(entry).items() if value not in ({}, [])}
    if isinstance(entry.options, Broken):
        return {**masked(yaml.value_of(entry.node), entry.node), **own}
    reader = reader_of(inbounds().kinds[entry.shape.kind].spec.options)
    return {**own, **masked(said(reader.shown(entry.options)), entry.node)}


def webhook(entry: Entry[Any]) -> dict[str, Any]:
    own = {key: value for key, value in shown(entry).items() if value not in ({}, [])}
    if isinstance(entry.options, Broken):
        return {**masked(yaml.value_of(entry.node), entry.node), **own}
    reader = reader_of(channels().kinds[CHANNEL].spec.options)
    return {**own, **masked(said(reader.shown(entry.options)), entry.node)}


SHOWN: dict[str, Callable[[Entry[Any]], dict[str, Any]]] = {"integrations": integration, "webhooks": webhook}


def channel(entry: Entry[Any]) -> dict[str, Any]:
    if isinstance(entry.options, Broken):
        return masked(yaml.value_of(entry.node), entry.node)  # type: ignore[no-any-return]
    reader = reader_of(channels().kinds[entry.id].spec.options)
    return masked(said(reader.shown(entry.options)), entry.node)  # type: ignore[no-any-return]


def said(options: Mapping[str, Any]) -> Any:
    """The options without those that are nothing."""
    return {key: value for key, value in dumped(options).items() if value is not None}


def dumped(value: Any) -> Any:
    """Values as YAML writes them."""
    match value:
        case SecretStr():
            return MASK if value.get_secret_value() else ""
        case timedelta():
            return format_duration(value)
        case Enum():
            return dumped(value.value)
        case Mapping():
            return {str(key): dumped(each) for key, each in value.items()}
        case list() | tuple() | set() | frozenset():
            return [dumped(each) for each in value]
        case None | bool() | int() | float():
            return value
        case _:
            return PASSWORD_IN_URL.sub(rf"\1:{MASK}", str(value))


def masked(value: Any, node: yaml.Node) -> Any:
    """The value with a mask wherever the node under it was a reference."""
    if isinstance(node, yaml.Scalar) and node.secret:
        return MASK
    if isinstance(value, dict) and isinstance(node, yaml.Mapping):
        return {
            key: masked(each, node.values[key]) if key in node.values else each for key, each in value.items()
        }
    if isinstance(value, list) and isinstance(node, yaml.Sequence) and len(value) == len(node.children):
        return [masked(each, child) for each, child in zip(value, node.children, strict=True)]
    return MASK if secret(node) else value
