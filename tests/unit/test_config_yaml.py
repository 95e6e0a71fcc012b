"""YAML with places: what libyaml lets through and we do not, and limits where a parser would explode."""

import pytest

from monitord.config.limits import DEPTH_MAX
from monitord.config.tree import Source
from monitord.config.yaml import Reading, read, value_of


def reading(text: str | bytes) -> Reading:
    content = text.encode() if isinstance(text, str) else text
    return read(Source("x.yaml", content), lambda found: found)


def complaint(text: str | bytes) -> str:
    (problem,) = reading(text).problems
    return str(problem)


def values(text: str) -> list[object]:
    found = reading(text)
    assert [] == found.problems
    return [value_of(document) for document in found.documents]


def test_every_value_knows_its_place() -> None:
    (document,) = reading("a: 1\nb:\n  - ä: [x, yes]\n").documents

    places = {"document": str(document.place)}
    sequence = document.values["b"]  # type: ignore[union-attr]
    places["list"] = str(sequence.place)
    places["word"] = str(sequence.children[0].values["ä"].children[1].place)  # type: ignore[union-attr]

    assert {"document": "x.yaml:1:1", "list": "x.yaml:3:3", "word": "x.yaml:3:12"} == places


def test_words_stay_words_and_quotes_make_texts() -> None:
    assert [{"a": "no", "b": "12:30", "c": "1", "d": 1, "e": None}] == values(
        'a: no\nb: 12:30\nc: "1"\nd: 1\ne:\n'
    )


def test_several_documents_are_read_one_after_the_other() -> None:
    assert [{"a": 1}, {"b": 2}] == values("a: 1\n---\nb: 2\n---\n# nothing\n")


def test_aliases_stand_for_what_they_name() -> None:
    assert [{"a": [1], "b": [1]}] == values("a: &x [1]\nb: *x\n")


def test_a_byte_order_mark_is_no_text() -> None:
    assert [{"a": 1}] == [value_of(document) for document in reading(b"\xef\xbb\xbfa: 1").documents]


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("a: 1\nb: 2\na: 3", "3:1", "the key `a` stands here a second time; the first is at x.yaml:1:1"),
        ("a:\n\t- b", "2:1", "a tab cannot indent; use spaces"),
        (b"a: \xff", "1:4", "this is not UTF-8 text; save the file as UTF-8"),
        (b"\xff\xfea\x00", "1:1", "this is not UTF-8 text; save the file as UTF-8"),
        ("a: ä\x00", "1:5", "this character cannot stand in YAML; remove it, or write it as \\u…"),
        ("a: b: c", "1:5", "a `:` stands where no key can be; put a text that has `: ` in it in quotes"),
        ("a: 'x", "1:6", "the file ends inside a quoted text; close the quotes"),
        ("a: *b", "1:4", "`*b` stands for nothing: no anchor of this name ends before it; write &b above"),
        ("a: &b [*b]", "1:8", "`*b` stands for nothing: no anchor of this name ends before it"),
        ("a: !!python/name:os.system x", "1:4", "tags such as `tag:yaml.org,2002:python/name:os.system` are"),
        ("[a]: b", "1:1", "a key is one word, not a list or mapping; write `key: value`"),
        (
            "layers:\n  - people: [ann]\n   turn: 1 week",
            "3:4",
            "this line belongs to no entry of the list above it; indent it like the keys of the last entry",
        ),
        (
            "layers:\n  - people: [ann]\n    turn:1 week\n\na: b",
            "3:5",
            "a `:` and a space are missing after this key; write `key: value`",
        ),
        ("%YAML 3.0\n---\na: 1", "1:1", "this is another version of YAML; monitord reads YAML 1.2"),
        ("a: " + "9" * 5000, "1:4", f"`{'9' * 59}…` is too long for a number; if it is a text, put it in"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_place(text: str | bytes, place: str, said: str) -> None:
    assert complaint(text).startswith(f"x.yaml:{place}: {said}")


def test_what_would_be_merged_is_not_called_missing() -> None:
    (merged,) = reading("b: {<<: [&x {b: 1, c: 2}, {d: 3}], b: 0}").documents

    assert {"b": {"b": 0, "c": 2, "d": 3}} == value_of(merged)
    assert {"b": {"<<": 1}} == values('b: {"<<": 1}')[0]


def test_a_list_that_does_not_end_names_its_beginning() -> None:
    assert "x.yaml:2:1: a `,` or `]` is missing; the list begins in line 1, column 4" == complaint("a: [1, 2")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: {b: 1", "a `,` or `}` is missing; the mapping begins in line 1, column 4"),
        (
            'a: "\\q"',
            "this escape is none of YAML's; write \\\\ for a backslash, or put the text in single quotes",
        ),
        ('a: "\\x0"', "digits out of 0-9a-f are missing behind this escape"),
        ("a: - b", "a list entry cannot stand here; begin it in a line of its own"),
        ("a: &", "an anchor or alias has a name of letters, digits, - and _"),
        ("a: |0\n  b", "an indentation cannot be 0; write 1 to 9, or nothing"),
        ("%FOO\n---\na: b\n...\n%YAML 1.2", "a document begins with `---` after lines with `%`"),
        ("a: !x!y z", "this tag has no meaning here; remove it"),
        ("%YAML 1.2\n%YAML 1.2\n---\n", "this line with `%` stands here twice; remove one of them"),
        ("a: b\n- c", "a key is expected here; write `key: value`, indented like the lines above it"),
        ("a\nb: c", "a `:` stands where no key can be"),
        ("a: 'b' c", "a key is expected here"),
        ("- a\n b: c\n", "a `:` stands where no key can be"),
    ],
)
def test_what_is_no_yaml_is_said_in_our_words(text: str, said: str) -> None:
    assert said in complaint(text)
    assert "did not find" not in complaint(text)


@pytest.mark.parametrize("text", ["[" * 100_000, "{a: " * 100_000, "- " * 100_000, "? " * 100_000])
def test_depth_is_a_limit_and_not_a_crash(text: str) -> None:
    assert any(words in complaint(text) for words in ("levels inside each other", "a key is one word"))


def test_an_alias_bomb_ends_where_it_begins() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    bomb = "\n".join(["a0: &a0 [lol]", *levels])

    assert complaint(bomb).startswith(
        "x.yaml:7:55: with its aliases followed this file has more than 2000000 values; split the file"
    )


def test_aliases_cannot_go_deeper_than_collections() -> None:
    levels = [f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, DEPTH_MAX + 2)]
    chain = "\n".join(["a0: &a0 [x]", *levels])

    assert f"with this alias it is more than {DEPTH_MAX} levels deep" in complaint(chain)
