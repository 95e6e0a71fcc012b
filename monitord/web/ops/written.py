"""What stands twice or cannot be read in a call of the API: said with its place, before anything is done.

Of a key that stands twice nobody knows which one was meant, and an act on the wrong one pages the wrong
people.
No question here takes a list; one that ever does must say so to `refuse_twice`.
"""

from email.message import Message

from fastapi import Request

from monitord.config.problem import quoted
from monitord.net.documents import Unreadable, fields_twice, read_document
from monitord.web.refusal import No

BODY, KEY = "body", "Idempotency-Key"


def refuse_twice(request: Request) -> None:
    """Raises No for a query that says one thing several times, and for two keys of one act."""
    if len(request.headers.getlist(KEY)) > 1:
        raise No(400, f"{KEY} stands there twice", "send one for one act", f"header.{KEY}")
    for each in fields_twice(request.query_params.multi_items()):
        what = f"the query's key {quoted(each.where)} stands there {each.times} times"
        raise No(400, what, f"write it once, as {each.where:.100}=…", f"query.{each.where:.100}")


async def refuse_unreadable(request: Request) -> None:
    """Raises No for a body that says that it is JSON, and cannot be read as one value."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise No(415, f"the body is packed ({coding:.20})", "send it as it is", BODY)
    body = await request.body()
    if not body or not is_json(request.headers.get("content-type", "")):
        return
    try:
        found = read_document(body)
    except Unreadable as error:
        raise No(error.status, error.what, error.remedy, BODY) from None
    for each in found.twice:
        raise No(400, f"the key {quoted(each.where)} stands there {each.times} times", "write it once", BODY)


def is_json(content_type: str) -> bool:
    said = Message()
    said["content-type"] = content_type
    kind = said.get_content_subtype()
    return said.get_content_maintype() == "application" and (kind == "json" or kind.endswith("+json"))
