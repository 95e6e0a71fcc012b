"""Where people sign in, and the address of a link that signs somebody in."""

from urllib.parse import quote, urlencode

SIGN_IN = "/sign-in"


def link_at(url: str, held: str, back: str = "/") -> str:
    """The whole address of a way in; `back` is where it leads."""
    query = f"?{urlencode({'next': back})}" if back not in ("", "/") else ""
    return f"{url}{SIGN_IN}/{quote(held)}{query}"
