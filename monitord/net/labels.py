"""Labels, as Prometheus and Alertmanager write, number and filter them."""

import re
from collections.abc import Callable
from typing import Any

import re2  # type: ignore[import-untyped]

from monitord.core.silence import Matcher
from monitord.net.documents import Unreadable, as_text

LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
FILTER = re.compile(r'\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*"?(.*?)"?\s*', re.DOTALL)
HASH_BEGINS, HASH_PRIME, HASH_BITS = 14695981039346656037, 1099511628211, 2**64 - 1  # FNV-1a
SEPARATOR = b"\xff"
PATTERN_CHARS_MAX = 1000
FIRST_READ = ("severity", "instance", "job")
WORDS_CHARS_MAX = 40  # what a subject has room for, beside the ticket's number and a word before it

Labels = dict[str, str]


def labels_of(alert: Any, where: str) -> Labels:
    """The labels that say something. Raises Unreadable: without any an alert has no name."""
    if not isinstance(alert, dict) or not isinstance(alert.get("labels"), dict):
        raise Unreadable(f"{where} has no labels; at least one label pair required")
    labels = texts(alert["labels"])
    for name in labels:
        if not LABEL.fullmatch(name):
            raise Unreadable(f"{where}: `{name[:40]}` is not a label's name")
    if not labels:
        raise Unreadable(f"{where}: at least one label pair required")
    return labels


def texts(value: Any) -> Labels:
    """The names with a text that is not empty."""
    pairs = value.items() if isinstance(value, dict) else ()
    return {str(name): text for name, each in pairs if (text := as_text(each))}


def in_words(labels: Labels) -> str:
    """What they say, what matters most first, as `severity=critical, instance=web1`: as many as fit."""
    names = sorted(labels, key=lambda name: (FIRST_READ.index(name) if name in FIRST_READ else 9, name))
    pairs = [f"{name}={labels[name]}" for name in names]
    words = ", ".join(pairs)
    if len(words) <= WORDS_CHARS_MAX:
        return words
    while len(pairs) > 1 and len(words) >= WORDS_CHARS_MAX:
        pairs.pop()
        words = ", ".join(pairs)
    return words[: WORDS_CHARS_MAX - 1] + "…"


def fingerprint(labels: Labels) -> str:
    """The number that Prometheus and Alertmanager know these labels by: FNV-1a over the sorted pairs."""
    hashed = HASH_BEGINS
    for name, value in sorted(labels.items()):
        for byte in name.encode() + SEPARATOR + value.encode("utf-8", "replace") + SEPARATOR:
            hashed = (hashed ^ byte) * HASH_PRIME & HASH_BITS
    return f"{hashed:016x}"


def test_of(wanted: Matcher) -> Callable[[Labels], bool]:
    """Whether labels are what a filter wants."""

    def test(labels: Labels) -> bool:
        found = labels.get(wanted.name, "")
        same = fits(wanted.value, found) if wanted.is_regex else wanted.value == found
        return same == wanted.is_equal

    return test


def matcher(text: str) -> Matcher:
    """As in `team=~"db|web"`. Raises Unreadable."""
    found = FILTER.fullmatch(text)
    if found is None:
        raise Unreadable(f'`{text[:40]}` is not a filter; write it as team="db"')
    name, sign, value = found.groups()
    return Matcher(name, value.replace('\\"', '"'), is_regex="~" in sign, is_equal=sign[0] == "=")


def fits(pattern: str, text: str) -> bool:
    """Does the pattern fit the whole text? Raises Unreadable."""
    if len(pattern) > PATTERN_CHARS_MAX:
        raise Unreadable(f"a pattern has at most {PATTERN_CHARS_MAX} characters")
    try:
        return re2.fullmatch(pattern, text) is not None
    except re2.error:
        raise Unreadable(f"`{pattern[:40]}` is not a pattern (RE2)") from None
