"""What people write as one word: YAML 1.2 scalars, durations, times and instants, turns, addresses."""

import re
from calendar import monthrange
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from monitord.config.limits import ANY_DURATION, NUMBER_CHARS_MAX
from monitord.config.problem import Wrong, quoted
from monitord.core.check import Instant
from monitord.core.rotation import Turn, Unit
from monitord.core.turns import TURN_COUNT_MAX
from monitord.core.wallclock import readings, shown

Plain = None | bool | int | float | str

# YAML 1.2.2 §10.3.2, the core schema.
WORDS: dict[str, Plain] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), float("inf")),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), float("-inf")),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), float("nan")),
}
NUMBER_BEGINS = frozenset("0123456789+-.")
INTEGER = re.compile(r"[-+]?[0-9]+", re.ASCII)
BASED = {
    "0o": (re.compile(r"0o[0-7]+", re.ASCII), 8),
    "0x": (re.compile(r"0x[0-9a-fA-F]+", re.ASCII), 16),
}
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)

UNITS = {
    "w": timedelta(weeks=1),
    "d": timedelta(days=1),
    "h": timedelta(hours=1),
    "m": timedelta(minutes=1),
    "s": timedelta(seconds=1),
    "ms": timedelta(milliseconds=1),
}
PART = r"(?:([0-9]{1,9})%s)?"
DURATION = re.compile("".join(PART % unit for unit in UNITS), re.ASCII)
DURATION_FORM = "write a number and its unit, as 900ms, 90s, 5m, 1h30m, 2d or 1w"
DURATION_PATTERN = r"^(?=.)" + "".join(f"([0-9]+{unit})?" for unit in UNITS) + "$"

WALL = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[ T]([0-9]{2}:[0-9]{2}(?::[0-9]{2})?)", re.ASCII)
WALL_FORM = "write it as 2026-01-05 09:00"
CLOCK_FORM = "hours are 00 to 23, minutes and seconds 00 to 59"
YEARS = range(1900, 3000)
YEARS_FORM = f"years are {YEARS.start} to {YEARS.stop - 1}"
MONTHS = 12
RFC_3339 = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[ Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?([zZ]|[-+][0-9]{2}:[0-9]{2})",
    re.ASCII,
)
HOURS = re.compile(r"([0-9]{2}:[0-9]{2}) ?[-–] ?([0-9]{2}:[0-9]{2})", re.ASCII)
TIME_OF_DAY = re.compile(r"[0-2][0-9]:[0-5][0-9]")
TURN = re.compile(r"([0-9]{1,6}) ?([a-z]+)", re.ASCII)
TURN_UNITS = {
    **{word: unit for unit in Unit for word in (unit.value, unit.value[:-1])},
    "h": Unit.HOURS,
    "d": Unit.DAYS,
    "w": Unit.WEEKS,
}
LISTEN = re.compile(r"(\[[0-9a-fA-F:.%]+\]|[^\s:/\[\]]+):([0-9]{1,5})", re.ASCII)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def plain(text: str) -> Plain:
    """What an unquoted scalar means in YAML 1.2: `no` is a word, `12:30` too, `0o17` is fifteen."""
    if text in WORDS:
        return WORDS[text]
    return number(text) if text[0] in NUMBER_BEGINS else text


def number(text: str) -> Plain:
    """A number if it looks like one, otherwise the text. Wrong if it is absurdly long."""
    pattern, base = BASED.get(text[:2], (INTEGER, 10))
    for form in (pattern, FLOAT):
        if not form.fullmatch(text):
            continue
        if len(text) > NUMBER_CHARS_MAX:
            raise Wrong(f"{quoted(text)} is too long for a number", 'if it is a text, put it in quotes: "…"')
        return int(text if base == 10 else text[2:], base) if form is pattern else float(text)
    return text


def parse_duration(text: str) -> timedelta:
    """`1h30m` as a timedelta; units from the greatest to the least, each at most once. Raises Wrong."""
    match = DURATION.fullmatch(text)
    if not text or match is None:
        raise Wrong(f"{quoted(text)} is not a duration", DURATION_FORM)
    parts = zip(match.groups(), UNITS.values(), strict=True)
    try:
        found = sum((int(count) * unit for count, unit in parts if count), timedelta(0))
    except OverflowError:
        found = timedelta.max
    if found > ANY_DURATION[1]:
        raise Wrong(
            f"{quoted(text)} is too long", f"the longest duration is {format_duration(ANY_DURATION[1])}"
        )
    return found


def parse_span(text: str) -> timedelta:
    """A duration that is longer than nothing. Raises Wrong."""
    found = parse_duration(text)
    if not found:
        raise Wrong(f"{quoted(text)} is no span of time", "it must be longer than nothing, as 30m, 12h or 2d")
    return found


def format_duration(span: timedelta) -> str:
    """The way people write it: `1h30m`; whatever is below a millisecond is left out."""
    text, rest = "", abs(span)
    for name, unit in UNITS.items():
        count, rest = divmod(rest, unit)
        text += f"{count}{name}" if count and (name != "w" or not rest) else ""
        if name == "w" and rest:
            rest += count * unit  # 10d, not 1w3d
    return ("-" if span < timedelta(0) else "") + (text or "0s")


def parse_wall(text: str) -> datetime:
    """`2026-01-05 09:00` as a naive datetime: what a clock on some wall shows. Raises Wrong."""
    match = WALL.fullmatch(text)
    if match is None:
        raise Wrong(f"{quoted(text)} is not a time on the wall clock", WALL_FORM)
    refuse_far(text)
    try:
        return datetime.fromisoformat(f"{match[1]} {match[2]}")
    except ValueError as error:
        raise Wrong(*no_such(text, error, WALL_FORM)) from error


def no_such(text: str, error: ValueError, form: str) -> tuple[str, str]:
    """What is wrong with a date or a time that does not exist, and what would be right."""
    year, month, day = int(text[:4]), int(text[5:7]), int(text[8:10])
    if 1 <= month <= MONTHS and day > (last := monthrange(year, month)[1]):
        return f"{quoted(text)} does not exist", f"the last day of that month is {text[:8]}{last}"
    if str(error).startswith(("hour", "minute", "second")):
        return f"{quoted(text)} does not exist", CLOCK_FORM
    return f"{quoted(text)} does not exist: {error}", form


def parse_instant(text: str, zone: ZoneInfo) -> Instant:
    """An instant in UTC from RFC 3339, or from the wall clock of `zone`. Raises Wrong.

    A wall-clock time that does not exist, or exists twice, is refused with both readings.
    """
    if RFC_3339.fullmatch(text):
        return rfc_3339(text)
    if WALL.fullmatch(text) is None:
        form = f"write it as 2026-01-05 09:00 (in {zone.key}) or 2026-01-05T09:00:00Z"
        raise Wrong(f"{quoted(text)} is not an instant", form)
    wall = parse_wall(text)
    found = readings(wall, zone)
    if len(found) == 1:
        return found[0]
    twice = "exists twice" if shown(found[0], zone) == wall else "does not exist"
    either, other = (at.astimezone(zone).isoformat() for at in found)
    raise Wrong(f"{quoted(text)} {twice} in {zone.key}: the clock changes", f"write {either} or {other}")


def refuse_far(text: str) -> None:
    """Near the ends of the calendar no wall shows a time everywhere. Raises Wrong for a date there."""
    if int(text[:4]) not in YEARS:
        raise Wrong(f"{quoted(text)} is too far away", YEARS_FORM)


def rfc_3339(text: str) -> Instant:
    refuse_far(text)
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError as error:
        raise Wrong(f"{quoted(text)} does not exist: {error}", "write it as 2026-01-05T09:00:00Z") from error


def parse_turn(text: str) -> Turn:
    """`1 week`, `12 hours`, `2d`. Raises Wrong."""
    match = TURN.fullmatch(text.strip())
    unit = TURN_UNITS.get(match[2]) if match else None
    if match is None or unit is None:
        raise Wrong(
            f"{quoted(text)} is not the length of a turn", "write it as 12 hours, 1 day, 2 weeks or 1 month"
        )
    if not 1 <= int(match[1]) <= TURN_COUNT_MAX:
        raise Wrong(f"{quoted(text)} is no turn", f"a turn is 1 to {TURN_COUNT_MAX} {unit.value}")
    return Turn(int(match[1]), unit)


def parse_hours(text: str) -> tuple[time, time]:
    """`09:00-17:00`; `24:00` is the midnight at the end. Raises Wrong."""
    match = HOURS.fullmatch(text)
    if match is None:
        raise Wrong(f"{quoted(text)} is not a time of day", 'write it as "09:00-17:00", in quotes')
    return time_of_day(match[1]), time_of_day(match[2])


def parse_time_of_day(text: str) -> time:
    """`03:30`. Raises Wrong."""
    if TIME_OF_DAY.fullmatch(text) is None:
        raise Wrong(f"{quoted(text)} is not a time of day", 'write it as "03:30", in quotes')
    return time_of_day(text)


def time_of_day(text: str) -> time:
    try:
        return time() if text == "24:00" else time.fromisoformat(text)
    except ValueError as error:
        raise Wrong(f"{quoted(text)} is not a time of day", "hours are 00 to 24, minutes 00 to 59") from error


def parse_listen(text: str) -> tuple[str, int]:
    """`127.0.0.1:8080` or `[::1]:8080` as host and port; port 0 takes any free one. Raises Wrong."""
    match = LISTEN.fullmatch(text)
    if match is None:
        raise Wrong(
            f"{quoted(text)} is not an address to listen at",
            "write host:port, as 127.0.0.1:8080 or [::1]:8080",
        )
    if int(match[2]) > 65535:
        raise Wrong(f"{match[2]} is not a port", "ports are 0 to 65535")
    return match[1].strip("[]"), int(match[2])
