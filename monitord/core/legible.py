"""What others wrote, as a terminal or a subject can bear it."""


def printable(text: str) -> str:
    """`text` in its lines, without anything that would steer a terminal."""
    return "\n".join(map(printable_line, text.splitlines()))


def printable_line(line: str) -> str:
    return line if line.isprintable() else "".join(char if char.isprintable() else " " for char in line)


def shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
