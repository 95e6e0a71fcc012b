"""References to secrets: revealed where they are used, and nowhere else."""

from pathlib import Path

import pytest

from monitord.config.loading import load
from monitord.config.problem import ConfigurationRefused, Wrong
from monitord.config.secrets import Secrets
from monitord.config.show import show
from tests.unit.config_tree import HEAD, complaints, loaded, tree

SECRET = "Geheimniskrämer 42"


def test_references_are_replaced_wherever_they_stand(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-a-file\n")
    (tmp_path / "smtp").write_text("from-systemd")
    secrets = Secrets({"HOST": "mail", "CREDENTIALS_DIRECTORY": str(tmp_path)}, tmp_path)

    assert "mail:from-systemd/from-a-file/${x}" == secrets.reveal(
        "${env:HOST}:${credential:smtp}/${file:token}/$${x}"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("${env:NONE}", "the environment variable NONE is not set; set it, or write the value here"),
        ("${NONE}", "`${NONE}` refers to nothing; write ${env:NAME}, ${file:PATH} or ${credential:NAME}"),
        ("${env:}", "`${env:}` refers to nothing"),
        ("${env:A", "`${env:A` refers to nothing"),
        ("${file:none}", "the file none cannot be read: No such file or directory"),
        ("${file:.}", "the file . is not a regular file"),
        ("${file:/dev/zero}", "the file /dev/zero is not a regular file"),
        ("${file:a\0b}", "cannot be read: this is not a path"),
        (
            "${credential:x}",
            "there is no credential x: $CREDENTIALS_DIRECTORY is not set; add LoadCredential=x:PATH",
        ),
        ("${credential:../x}", "`../x` is not the name of a credential"),
    ],
)
def test_a_reference_to_nothing_is_refused(text: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(Wrong) as refused:
        Secrets({}, tmp_path).reveal(text)

    assert message in str(refused.value)


def test_a_file_that_is_too_long_is_refused(tmp_path: Path) -> None:
    (tmp_path / "long").write_text("x" * 100_000)

    with pytest.raises(Wrong, match="the file long is longer than 65536 bytes"):
        Secrets({}, tmp_path).reveal("${file:long}")


def test_what_is_revealed_later_is_masked_too(tmp_path: Path) -> None:
    secrets = Secrets({"A": "abc-1234", "B": "abc-1234-longer", "C": "x"}, tmp_path)
    said = []
    for reference in ("${env:A}", "${env:B}", "${env:C}"):
        secrets.reveal(reference)
        said.append(secrets.without("abc-1234-longer, abc-1234, ABC, `x` and x"))

    assert [
        "***-longer, ***, ABC, `x` and x",
        "***, ***, ABC, `x` and x",
        "***, ***, ABC, `***` and x",
    ] == said


def test_what_was_revealed_is_not_read_again(tmp_path: Path) -> None:
    assert "${env:B}" == Secrets({"A": "${env:B}", "B": "b"}, tmp_path).reveal("${env:A}")


def test_a_number_may_be_a_reference(tmp_path: Path) -> None:
    probe = "probes: [{name: db, kind: tcp, host: db1, port: '${env:PORT}', policy: urgent}]"

    assert 5432 == loaded(tmp_path, probe, {"PORT": "5432"}).configuration.probes["db"].options.port  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "where",
    [
        "organization: ${env:S}\n{HEAD}",
        "{HEAD}  ${env:S}: {}",
        "{HEAD}time_zone: ${env:S}",
        "{HEAD}last_resort: ['${env:S}', ann]",
        "{HEAD}watchdog: {url: '${env:S}', every: '${env:S}'}",
        "{HEAD}store: ${env:S}",
        "{HEAD}probes: [{name: '${env:S}', kind: '${env:S}'}]",
        "{HEAD}probes: [{name: x, kind: http, url: '${env:S}', failures: '${env:S}'}]",
        "{HEAD}probes: [{name: x, kind: http, url: http://x, depends_on: ['${env:S}']}]",
        '{HEAD}probes: [{name: x, kind: http, url: http://x, headers: {A: "${env:S}\\n"}}]',
        "{HEAD}probes: [{name: x, kind: http, url: http://x, matches: '(${env:S}', status: '${env:S}'}]",
        "{HEAD}probes: [{name: x, kind: http, url: http://x, service: '${env:S}', public: '${env:S}'}]",
        "{HEAD}services: {x: {public: {effect: '${env:S}', publish_after: '${env:S}'}}}",
        "{HEAD}services: ${env:S}",
        "{HEAD}status_pages: [{name: '${env:S}'}, {name: '${env:S}'}]",
        "{HEAD}maintenance: [{name: x, from: '${env:S}', to: '${env:S}', probes: [x]}]",
    ],
)
@pytest.mark.parametrize("secret", [SECRET, SECRET * 10, "x\ny '\"{", "http://ann:geheim@example.org/?x=1"])
def test_no_error_shows_a_secret(where: str, secret: str, tmp_path: Path) -> None:
    head = where.replace("{HEAD}", HEAD)

    said = "\n".join(complaints(tmp_path, head=head, environ={"S": secret}))

    assert said
    assert secret not in said
    assert secret[:20] not in said


def test_no_secret_is_shown_or_in_a_repr(tmp_path: Path) -> None:
    head = """
        organization: ${env:S}
        doors:
          public: {listen: "127.0.0.1:8080", url: "http://${env:S}.example.org"}
          edge: {listen: "127.0.0.1:8081"}
          ops: {listen: "127.0.0.1:8082"}
        channels:
          email:
            server: smtps://127.0.0.1:25
            from: monitord@example.org
            username: ann
            password: ${env:S}
        watchdog: {url: "https://ping.example.dev/${env:S}"}
        """
    more = """
        probes:
          - name: x
            kind: http
            url: https://example.org/?key=${env:S}
            headers: {Authorization: "Bearer ${env:S}"}
            password: literal-password
            username: ann
            policy: urgent
        """
    found = load(tree(tmp_path, more, head=head), {"S": "geheimnis"})

    text = show(found)

    assert "geheimnis" not in text + repr(found) + repr(found.settings) + "".join(map(str, found.warnings))
    assert "literal-password" not in text + repr(found)
    assert 5 <= text.count("'***'") + text.count("***")


def test_a_credential_that_is_missing_refuses_the_tree(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationRefused) as refused:
        loaded(tmp_path, head=HEAD + "watchdog: {url: '${credential:watchdog}'}\n")

    assert 1 == len(refused.value.problems)
    assert "there is no credential watchdog" in str(refused.value)
