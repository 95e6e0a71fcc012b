"""What people write about who else may say that something is wrong: integrations and heartbeats."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, SecretStr, WithJsonSchema, model_validator

from monitord.config import limits
from monitord.config.patterns import misunderstood
from monitord.config.problem import Discreet, Wrong, quoted
from monitord.config.shapes import Identified, Shape
from monitord.config.timetable import cron_expression
from monitord.config.words import Id, Lasting, Name, Zone, in_quotes, line, text, whole
from monitord.net.written import TOKEN

HeartbeatEvery = Annotated[timedelta, Lasting(*limits.HEARTBEAT_EVERY)]
Grace = Annotated[timedelta, Lasting(*limits.GRACE)]
Urgency = Literal["urgent", "high", "medium", "low"]
PATTERN_FORM = "its syntax is that of https://github.com/google/re2/wiki/Syntax"
HIDDEN = {"type": "string", "format": "password"}
ONE_OR_MORE_HIDDEN = {"anyOf": [HIDDEN, {"type": "array", "items": HIDDEN, "minItems": 1}]}


def secret(value: object) -> SecretStr:
    """What a sender shows us: in a header, or as a part of a path. It is never quoted."""
    if isinstance(value, SecretStr):
        return value
    if not isinstance(value, str):
        raise Discreet("a secret is a text", "put it in quotes, or better behind ${credential:NAME}")
    shortest, longest = limits.SECRET_CHARS
    if not shortest <= len(value) <= longest:
        raise Discreet(
            f"this secret has {len(value)} characters", f"one of {shortest} to {longest} cannot be guessed"
        )
    if not (value.isascii() and value.isprintable()) or " " in value:
        raise Discreet("this secret cannot stand in a header", "use letters, digits and - . _ ~ only")
    return SecretStr(value)


def secrets(value: object) -> object:
    """One, or those of the time in which it is changed."""
    return value if isinstance(value, list | tuple) else [value]


def header_name(value: object) -> str:
    found = text(value, "write the name of a header, as X-Signature")
    if not TOKEN.fullmatch(found):
        raise Wrong(f"{quoted(found)} is not the name of a header", "write it as X-Signature")
    return found.lower()


def conditions(judge: Callable[[str], str]) -> Callable[[object], object]:
    """The conditions of a rule: names of labels with what they must be."""

    def judged(value: object) -> object:
        if not isinstance(value, dict):
            return value
        if len(value) > limits.CONDITIONS_MAX:
            raise Wrong(f"these are {len(value)} conditions", f"at most {limits.CONDITIONS_MAX} are read")
        return {name: judge(text(each, in_quotes(each))) for name, each in value.items()}

    return judged


def a_pattern(found: str) -> str:
    if len(found) > limits.PATTERN_CHARS_MAX:
        raise Wrong("this pattern is too long", f"at most {limits.PATTERN_CHARS_MAX} characters are read")
    why = misunderstood(found)
    if why:
        raise Wrong(f"{quoted(found)} is not a pattern that RE2 understands: {why}", PATTERN_FORM)
    return found


def a_text(found: str) -> str:
    return found


SecretText = Annotated[SecretStr, BeforeValidator(secret), WithJsonSchema(HIDDEN)]
Secrets = Annotated[
    tuple[SecretText, ...],
    BeforeValidator(secrets),
    Field(min_length=1, max_length=limits.SECRETS_MAX),
    WithJsonSchema({**ONE_OR_MORE_HIDDEN, "format": "password"}),
]
HeaderName = Annotated[str, BeforeValidator(header_name), WithJsonSchema({"type": "string"})]
Equal = Annotated[dict[Name, str], BeforeValidator(conditions(a_text))]
Like = Annotated[dict[Name, str], BeforeValidator(conditions(a_pattern))]
Quota = Annotated[int, BeforeValidator(whole), Field(ge=1, le=limits.QUOTA_MAX)]
CronText = Annotated[
    str,
    BeforeValidator(cron_expression),
    WithJsonSchema({"type": "string", "examples": ["30 3 * * *", "0 9 * * mon-fri"]}),
]
Severities = Annotated[
    dict[Annotated[str, BeforeValidator(line(limits.NAME_CHARS_MAX))], Urgency],
    Field(max_length=limits.SEVERITIES_MAX),
]


class RuleShape(Shape):
    """What has all the labels in `where`, and others that fit the patterns in `like`, belongs to `service`
    and has `priority`, or `severity`, which sets it; of several rules the first that fits counts.
    """

    where: Equal = Field(default_factory=dict)
    like: Like = Field(default_factory=dict)
    service: Id | None = None
    priority: Urgency | None = None
    severity: Annotated[int, BeforeValidator(whole), Field(ge=1, le=4)] | None = None

    @model_validator(mode="after")
    def says_something(self) -> "RuleShape":
        if self.service is None and self.priority is None and self.severity is None:
            raise Wrong("this rule changes nothing", "add `service`, `priority` or `severity`")
        if self.priority is not None and self.severity is not None:
            raise Wrong("a severity sets the priority", "say one of them", "priority")
        return self


class SignatureShape(Shape):
    """The sender signs the raw body: HMAC-SHA256 with the secret, hexadecimal, in `header` behind `prefix`;
    with `time`, the header that says when, over that, `between`, and the body.
    """

    header: HeaderName
    prefix: Annotated[str, Field(max_length=50)] = ""
    time: HeaderName | None = None
    between: Annotated[str, Field(max_length=5)] = "."


class IntegrationShape(Identified):
    """Who else may report that something is wrong; the keys of its kind stand beside these."""

    name: Name | None = None
    kind: Annotated[str, Field(examples=["alertmanager"])]
    service: Id | None = None
    priority: Urgency = "urgent"
    severities: Severities = Field(default_factory=dict)
    rules: Annotated[tuple[RuleShape, ...], Field(max_length=limits.RULES_MAX)] = ()
    secret: Secrets | None = None
    signature: SignatureShape | None = None
    quota: Quota = 120

    @model_validator(mode="after")
    def signs_with_a_secret(self) -> "IntegrationShape":
        if self.signature is not None and self.secret is None:
            raise Wrong("a signature needs a secret that both sides know", "add `secret`", "signature")
        return self


class HeartbeatShape(Identified):
    """What must be heard of in time: `every` so often, or at the times of a `cron` expression."""

    name: Name | None = None
    service: Id
    priority: Urgency = "urgent"
    every: HeartbeatEvery | None = None
    cron: CronText | None = None
    time_zone: Zone | None = None
    grace: Grace = timedelta(minutes=5)
    key: Secrets | None = None

    @model_validator(mode="after")
    def has_one_timetable(self) -> "HeartbeatShape":
        if (self.every is None) == (self.cron is None):
            what = "it says neither `every` nor `cron`" if self.every is None else "`every` and `cron` both"
            raise Wrong(f"{what} stand here" if self.every else what, "say `every: 1d` or `cron: 0 3 * * *`")
        if self.time_zone is not None and self.cron is None:
            raise Wrong("`every` needs no time zone", "remove `time_zone`, or say `cron`", "time_zone")
        return self
