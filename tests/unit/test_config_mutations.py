"""Whatever somebody does to a tree, it is loaded or refused: never a crash, never without a line."""

from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused
from monitord.config.show import show

ROOT = Path(__file__).parents[2]
FILES = {
    str(path.relative_to(ROOT)): path.read_text(encoding="utf-8")
    for folder in ("config", "probes", "rotations")
    for path in sorted((ROOT / folder).rglob("*.yaml"))
}
WORDS = (
    *(
        "{}",
        "[]",
        "[[]]",
        "{a: b}",
        "null",
        "true",
        "no",
        "0",
        "-1",
        "1e999",
        ".nan",
        "9" * 40,
        '""',
        "''",
        "5",
        "5m",
    ),
    *(
        "ann",
        "nobody",
        "everybody",
        "primary",
        "shop",
        "x" * 5000,
        "ä",
        "\t",
        "\x00",
        "\N{PILE OF POO}",
        "*a",
        "&a",
    ),
    *(
        "2026-03-08 02:30",
        "0000-00-00 00:00",
        "9999-12-31 23:59",
        "99999999999999 weeks",
        "${env:HOME}",
        "${",
        "$${",
    ),
    *(
        "${file:/dev/zero}",
        "!!python/object:os.system",
        "? ",
        ": ",
        "- ",
        "---\n",
        "...",
        "<<",
        "%YAML 1.1",
        "http://[",
    ),
    *(
        "id: x",
        "name: ",
        "renamed_from: shop",
        "depends_on: [shop]",
        "from: ",
        "kind: tcp",
        "rotation: ann",
        "/",
        "-",
    ),
)
BYTES = (b"\xff", b"\xef\xbb\xbf", b"\x00", b"\x85", b"\xe2\x80\xa8", b"\r")


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, bytes]:
    """The example tree after one to three accidents."""
    files = {name: text.encode() for name, text in FILES.items()}
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(files)))
        files[name] = draw(st.sampled_from(ACCIDENTS))(draw, files[name])
    return files


def word_replaced(draw: st.DrawFn, content: bytes) -> bytes:
    """Some word of the file is another one."""
    words = content.split(b" ")
    words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS)).encode()
    return b" ".join(words)


def value_replaced(draw: st.DrawFn, content: bytes) -> bytes:
    """What stands after some colon is another value."""
    lines = content.split(b"\n")
    keys = [
        number for number, line in enumerate(lines) if b": " in line and not line.lstrip().startswith(b"#")
    ]
    if keys:
        number = draw(st.sampled_from(keys))
        lines[number] = lines[number].partition(b": ")[0] + b": " + draw(st.sampled_from(WORDS)).encode()
    return b"\n".join(lines)


def line_moved(draw: st.DrawFn, content: bytes) -> bytes:
    """A line is lost, doubled or indented."""
    lines = content.split(b"\n")
    number = draw(st.integers(0, len(lines) - 1))
    lines[number : number + 1] = draw(st.sampled_from(([], [lines[number]] * 2, [b"  " + lines[number]])))
    return b"\n".join(lines)


def bytes_inserted(draw: st.DrawFn, content: bytes) -> bytes:
    position = draw(st.integers(0, len(content)))
    return content[:position] + draw(st.sampled_from(BYTES)) + content[position:]


def cut_short(draw: st.DrawFn, content: bytes) -> bytes:
    return content[: draw(st.integers(0, len(content)))]


ACCIDENTS = (word_replaced, value_replaced, value_replaced, line_moved, bytes_inserted, cut_short)


@settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(mutated())
def test_a_mutated_tree_is_loaded_or_refused_with_places(tmp_path: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)

    try:
        found = load(tmp_path / "config" / "monitord.yaml", {"HOME": "/a/secret/place"})
    except ConfigurationRefused as refused:
        problems = refused.problems
        assert problems
    else:
        problems = found.warnings
        assert "/a/secret/place" not in show(found)

    for problem in problems:
        assert problem.line >= 1
        assert problem.column >= 1
        assert problem.what
        assert "\n" not in str(problem)
        assert str(problem).startswith(str(tmp_path))
