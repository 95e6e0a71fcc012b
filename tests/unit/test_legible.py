"""What others wrote steers no terminal, and is as short as there is room."""

from monitord.core.legible import printable, printable_line, shortened


def test_what_steers_a_terminal_becomes_a_space() -> None:
    assert "red [31m" == printable_line("red\x1b[31m")


def test_lines_stay_lines() -> None:
    assert "one\ntwo 3" == printable("one\r\ntwo\x073")


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    assert ("four", "thr…") == (shortened("four", 4), shortened("three", 4))
