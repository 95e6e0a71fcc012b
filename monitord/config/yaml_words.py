"""What libyaml says of a file that is not YAML, in words for people, and what would be right."""

from collections.abc import Mapping

import yaml

from monitord.config.problem import one_line

COLON = "put a text that has `: ` in it in quotes, and each key in a line of its own"
INDENTED = "indented like the lines above it"
NAMES = (
    "an anchor or alias has a name of letters, digits, - and _",
    "write it as &name or *name, then a space",
)
DIGITS = ("digits out of 0-9a-f are missing behind this escape", r"write \xNN, \uNNNN or \UNNNNNNNN")
PERCENT = (
    "a document begins with `---` after lines with `%`",
    "remove the lines with `%`: monitord needs none",
)
TWICE = ("this line with `%` stands here twice", "remove one of them")
TABS = ("a tab cannot indent", "use spaces")
TAG = ("this tag has no meaning here", "remove it; a text stands in quotes")
QUOTES = ("the file ends inside a quoted text", "close the quotes that begin in {began}")

# Their words; `{began}` is where what they were reading began.
WORDS: Mapping[str, tuple[str, str]] = {
    "mapping values are not allowed in this context": ("a `:` stands where no key can be", COLON),
    "mapping keys are not allowed in this context": (
        "a key cannot stand here",
        "begin it in a line of its own",
    ),
    "block sequence entries are not allowed in this context": (
        "a list entry cannot stand here",
        "begin it in a line of its own, or write [a, b]",
    ),
    "found character that cannot start any token": (
        "a value cannot begin with this character",
        "put the value in quotes",
    ),
    "did not find expected key": ("a key is expected here", f"write `key: value`, {INDENTED}"),
    "could not find expected ':'": (
        "a `:` and a space are missing after this key",
        "write `key: value`",
    ),
    "did not find expected '-' indicator": (
        "this line belongs to no entry of the list above it",
        "indent it like the keys of the last entry, or begin it with `- `",
    ),
    "did not find expected ',' or ']'": ("a `,` or `]` is missing", "the list begins in {began}"),
    "did not find expected ',' or '}'": ("a `,` or `}` is missing", "the mapping begins in {began}"),
    "did not find expected node content": ("a value is expected here", "write one, or leave the key away"),
    "found incompatible YAML document": ("this is another version of YAML", "monitord reads YAML 1.2"),
    "found unexpected end of stream": QUOTES,
    "found unexpected document indicator": ("a document ends inside a quoted text", QUOTES[1]),
    "found unknown escape character": (
        "this escape is none of YAML's",
        r"write \\ for a backslash, or put the text in single quotes",
    ),
    "did not find expected hexdecimal number": DIGITS,
    "found invalid Unicode character escape code": ("no character has this number", "write another escape"),
    "found an indentation indicator equal to 0": ("an indentation cannot be 0", "write 1 to 9, or nothing"),
    "did not find expected comment or line break": (
        "a text over several lines begins in the next line",
        "break the line here",
    ),
    "found a tab character where an indentation space is expected": TABS,
    "found a tab character that violates indentation": TABS,
    "did not find expected alphabetic or numeric character": NAMES,
    "found undefined tag handle": TAG,
    "did not find expected '!'": TAG,
    "did not find the expected '>'": TAG,
    "did not find URI escaped octet": TAG,
    "did not find expected <document start>": PERCENT,
    "found unknown directive name": PERCENT,
    "found duplicate %YAML directive": TWICE,
    "found duplicate %TAG directive": TWICE,
}


def place_of(error: yaml.MarkedYAMLError) -> tuple[int, int]:
    """Its line and column, from 0: a key without its `:` is noticed lines below where it stands."""
    begun = error.context_mark if error.problem == "could not find expected ':'" else None
    mark = begun or error.problem_mark or error.context_mark
    return (mark.line, mark.column) if mark else (0, 0)


def in_our_words(error: yaml.MarkedYAMLError) -> tuple[str, str]:
    """What is wrong, and what would be right."""
    said = one_line(error.problem or "this is not YAML")
    if said in WORDS:
        what, remedy = WORDS[said]
        return what, remedy.replace("{began}", began(error))
    return f"this is not YAML: {said}", "see https://yaml.org/spec/1.2.2 for what YAML looks like"


def began(error: yaml.MarkedYAMLError) -> str:
    mark = error.context_mark or error.problem_mark
    return f"line {mark.line + 1}, column {mark.column + 1}" if mark else "a line before"
