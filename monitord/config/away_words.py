"""How people say who takes over from somebody who is away."""

from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

from monitord.config.problem import Wrong
from monitord.config.words import STRING, identifier, named
from monitord.core.absence import AwayRule, Instead

RULE_FORM = "write `next`, `gap` or `{cover: bo}`"


def away_rule(value: object) -> AwayRule:
    """`next`, `gap` or `{cover: bo}`."""
    if value in (Instead.NEXT.value, Instead.GAP.value):
        return AwayRule(Instead(value))
    if isinstance(value, dict) and list(value) == ["cover"]:
        return AwayRule(Instead.COVER, identifier(value["cover"]))
    raise Wrong(f"{named(value)} does not say who takes over", RULE_FORM)


def written_rule(rule: AwayRule) -> Any:
    return {"cover": rule.cover} if rule.cover else rule.instead.value


Away = Annotated[
    AwayRule,
    BeforeValidator(away_rule),
    PlainSerializer(written_rule),
    WithJsonSchema(
        {
            "anyOf": [
                {"enum": ["next", "gap"]},
                {
                    "type": "object",
                    "properties": {"cover": STRING},
                    "required": ["cover"],
                    "additionalProperties": False,
                },
            ]
        }
    ),
]
