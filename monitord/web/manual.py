"""The manual at /docs: the Markdown of `docs/`; it must work when the internet does not.

Each page is rendered once, when somebody first looks at it, beside the loop: nobody waits for the others, and
nobody for the manual while the daemon starts.
"""

import asyncio
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from posixpath import dirname, join, normpath
from typing import TYPE_CHECKING

from monitord.core.check import Instant
from monitord.web.answers import Send
from monitord.web.assets import FOR_EVER
from monitord.web.requests import Request
from monitord.web.shelf import PAGE_HEADERS, Sheet, Shelf, hand_out, page, rendered
from monitord.web.templates import render

if TYPE_CHECKING:
    from markdown_it.token import Token

ROOT = "/docs"
INDEX, PAGE = "index", "md"
NOTHING = "# There is no such page\n\nThe [manual](index.md) lists those that there are.\n"
TABLE, HEADING, WIDE_FROM = re.compile(r"<table>.*?</table>", re.DOTALL), re.compile("<th[ >]"), 4
PICTURES = {"png": b"image/png", "svg": b"image/svg+xml"}


class Manual:
    """Answers for everything at and below ROOT; `made` is when the pages say that they were changed."""

    def __init__(self, made: Instant) -> None:
        self.made = made
        self.sheets: dict[str, Sheet] = {}
        self.shelf = Shelf(self.sheets, None, 0)

    async def answer(self, request: Request, send: Send) -> None:
        path = request.path.rstrip("/")
        if path not in self.sheets and (path in sources() or self.shelf.missing is None):
            await asyncio.to_thread(self.render, path)
        await hand_out(self.shelf, request.path, request.headers, 0, send)

    def render(self, path: str) -> None:
        """What lies there; or, once, the page that says that nothing does."""
        if path in sources():
            self.sheets[path] = sheet(sources()[path], self.made)
        else:
            self.shelf.missing = Sheet(page(html("nothing", NOTHING), self.made), status=404)


def of_the_manual(path: str) -> bool:
    return path == ROOT or path.startswith(f"{ROOT}/")


@dataclass(frozen=True, slots=True)
class Source:
    """A file below `docs/`: its path there without the ending, the ending, and where it is read."""

    stem: str
    ending: str
    file: Traversable


@cache
def sources() -> Mapping[str, Source]:
    """Every page and picture of the manual by the path where it is served."""
    here: dict[str, Source] = {}
    for name, file in found(files("monitord.web").joinpath("docs")):
        stem, _, ending = name.rpartition(".")
        if ending == PAGE or ending in PICTURES:
            here[place(stem) if ending == PAGE else f"{ROOT}/{name}"] = Source(stem, ending, file)
    return here


def sheet(source: Source, made: Instant) -> Sheet:
    """One of them, as it is handed out."""
    if source.ending == PAGE:
        return Sheet(page(html(source.stem, source.file.read_text(encoding="utf-8")), made))
    headers = ((b"cache-control", FOR_EVER), *PAGE_HEADERS)
    return Sheet(rendered(source.file.read_bytes(), PICTURES[source.ending], made, headers))


def found(folder: Traversable, above: str = "") -> Iterator[tuple[str, Traversable]]:
    """The files below a folder, with their paths in it."""
    for each in sorted(folder.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from found(each, f"{above}{each.name}/")
        else:
            yield f"{above}{each.name}", each


def html(stem: str, text: str) -> str:
    """One page; the HTML in its Markdown is text."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - only for whoever reads the manual

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(text)
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.type == "heading_open" and following is not None:
            token.attrSet("id", anchor(following.content))
        for each in token.children or ():
            lead(each, stem)
    body = parser.renderer.render(tokens, parser.options, {})
    body = TABLE.sub(framed, body)
    body = body.replace("<pre>", '<pre tabindex="0">')  # who has no mouse scrolls a long line with the keys
    return render("manual.html", title=title(tokens), body=body, is_index=stem == INDEX, index=ROOT)


def framed(table: "re.Match[str]") -> str:
    """A wide table scrolls by itself, also with the keys; a phone is narrower than it, the page is not."""
    wide = len(HEADING.findall(table[0])) >= WIDE_FROM
    return f'<div class="wide-table" tabindex="0">{table[0]}</div>' if wide else table[0]


def anchor(heading: str) -> str:
    """What a link behind `#` calls a heading, as where the source is read."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def lead(token: "Token", stem: str) -> None:
    """Links and pictures of the source lead to where they are served; links elsewhere stay."""
    key = {"link_open": "href", "image": "src"}.get(token.type)
    target = str(token.attrGet(key)) if key else ""
    if key and "://" not in target and not target.startswith(("#", "/")):
        page, hash, part = target.partition("#")
        token.attrSet(key, place(normpath(join(dirname(stem), page)).removesuffix(".md")) + hash + part)


def place(stem: str) -> str:
    """Where a page is served."""
    return ROOT if stem == INDEX else f"{ROOT}/{stem}"


def title(tokens: "list[Token]") -> str:
    """The text of the first heading."""
    return next(
        (tokens[at + 1].content for at, token in enumerate(tokens) if token.type == "heading_open"), ""
    )
