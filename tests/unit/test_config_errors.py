"""Every mistake has its line: file, line, column, what is wrong, and what would be right.

The mistakes stand in config_mistakes.txt: a document, with § before what a complaint is about, and below it
what is said.
"""

from pathlib import Path

import pytest

from tests.unit.config_tree import HEAD, PEOPLE, complaints

HERE = "§"
FILES = {"config_mistakes.txt": "probes/x.yaml", "config_mistakes_in_rotations.txt": "rotations/primary.yaml"}

ROTATION = """\
rotation: primary
layers:
  - people: [ann, bo]
    start: 2026-01-05 09:00
    turn: 1 week
"""


def mistakes() -> list[tuple[str, str, list[str]]]:
    """Each as the file it belongs into, the marked text, and what is said of it."""
    found = []
    for name, file in FILES.items():
        for block in Path(__file__).with_name(name).read_text(encoding="utf-8").split("\n\n"):
            lines = block.strip("\n").split("\n")
            text = [line for line in lines if not line.startswith("! ")]
            said = [line.removeprefix("! ") for line in lines if line.startswith("! ")]
            if said:
                found.append((file, "\n".join(text), said))
    return found


def places(text: str) -> list[str]:
    """Where the marks stand in a text, as line:column without the marks."""
    parts = text.split(HERE)
    before = ["".join(parts[: count + 1]) for count in range(len(parts) - 1)]
    return [f"{each.count(chr(10)) + 1}:{len(each) - each.rfind(chr(10))}" for each in before]


@pytest.mark.parametrize(("file", "text", "said"), mistakes(), ids=[row[1] for row in mistakes()])
def test_a_mistake_is_said_in_one_line_at_its_place(
    file: str, text: str, said: list[str], tmp_path: Path
) -> None:
    expected = [f"{file}:{place}: {words}" for place, words in zip(places(text), said, strict=True)]
    parts = {"more": text} if file == "probes/x.yaml" else {"primary": text}

    assert expected == complaints(tmp_path, **{key: each.replace(HERE, "") for key, each in parts.items()})


def test_a_rotation_that_can_never_have_anybody_cannot_be_paged(tmp_path: Path) -> None:
    policy = "policies: {x: {tiers: [{page: [primary], for: 5m}]}}"

    assert [
        "probes/x.yaml:1:32: this tier pages nobody: `primary` can never have anybody; add people to it"
    ] == complaints(tmp_path, policy, primary="rotation: primary\nlayers: [{people: [nobody]}]\n")


def test_all_mistakes_in_all_files_are_said_at_once(tmp_path: Path) -> None:
    said = complaints(
        tmp_path,
        "probes: [{name: x, kind: htp, service: shop, failures: 0}]\n"
        "services: {y: {team: z, public: {effect: 1}}}",
        head=HEAD.replace("organization", "organisation"),
        people=PEOPLE.replace("5m", "5").replace("page: [ann]", "page: [dee]"),
        primary=ROTATION.replace("bo", "boo").replace("1 week", "1 weak"),
    )

    assert [
        "config/monitord.yaml:1:1",
        "config/monitord.yaml:1:1",
        "config/people.yaml:8:28",
        "config/people.yaml:8:39",
        "probes/x.yaml:1:26",
        "probes/x.yaml:1:40",
        "probes/x.yaml:1:56",
        "probes/x.yaml:2:22",
        "probes/x.yaml:2:42",
        "rotations/primary.yaml:3:19",
        "rotations/primary.yaml:5:11",
    ] == [line.partition(": ")[0] for line in said]


def test_a_file_that_cannot_be_read_hides_no_mistake_and_makes_none(tmp_path: Path) -> None:
    """What the unreadable file may define is not said to be missing."""
    said = complaints(tmp_path, "services: {x: {team: nowhere, zzz: 1}}", head="organization: {")

    assert ["config/monitord.yaml:2:1", "probes/x.yaml:1:31"] == [line.partition(": ")[0] for line in said]


def test_a_circle_through_many_probes_is_said_once(tmp_path: Path) -> None:
    probes = "".join(
        f"- {{name: p{n}, kind: tcp, host: h, port: 1, policy: urgent, depends_on: [p{(n + 1) % 2000}]}}\n"
        for n in range(2000)
    )

    (said,) = complaints(tmp_path, "probes:\n" + probes)

    assert "probes depend on each other in a circle: `p0` → `p1` → " in said
    assert len(said) < 1000


def test_two_doors_cannot_listen_at_one_address(tmp_path: Path) -> None:
    (said,) = complaints(tmp_path, head=HEAD.replace("8081", "8080"))

    assert said.startswith(
        "config/monitord.yaml:4:18: the doors `public` and `edge` listen at the same address"
    )


def test_thousands_of_unknown_names_are_said_in_time(tmp_path: Path) -> None:
    probes = "".join(f"- {{name: p{n}, kind: tcp, host: h, port: 1, service: s{n}}}\n" for n in range(2000))
    services = "services:\n" + "".join(f"  t{n}: {{policies: {{default: urgent}}}}\n" for n in range(2000))

    assert 2000 == len(complaints(tmp_path, f"probes:\n{probes}\n{services}"))
