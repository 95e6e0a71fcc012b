"""What the API says when the answer is no: what is wrong, where, and what would be right."""

from collections.abc import Collection, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, TypeAdapter, ValidationError
from starlette.exceptions import HTTPException

from monitord.config.suggest import Guesses, groups_of, no_person
from monitord.core.world import Configuration
from monitord.store.faults import StoreError
from monitord.web.ops.addresses import methods, nearest, takes
from monitord.web.ops.unfit import Unfit, schema_of, unfit
from monitord.web.refusal import No
from monitord.web.seams import NotTaken


class Problem(BaseModel):
    """What is wrong, which part of the request it is about ("" for all of it), and what would be right."""

    what: str
    where: str
    remedy: str


class Error(BaseModel):
    error: Problem


SAID = {
    400: "The request cannot be read",
    401: "Nobody is let in: no token, or one that opens nothing",
    403: "Whoever asks may not do this, or their token's scopes do not cover it",
    404: "There is no such thing",
    405: "This address takes another method",
    408: "The body did not come in time",
    409: "It cannot be done as things stand now",
    413: "The body is too long",
    415: "The body is packed",
    422: "Something in the request does not fit",
    429: "Too many requests; `Retry-After` says when to try again",
    500: "A bug; the daemon's log has it",
    503: "It cannot be read or stored now; ask again with the same Idempotency-Key",
}

ALSO_MAX = 4
NAMES_MAX = 10


def said(status: int, what: str, remedy: str = "", where: str = "") -> JSONResponse:
    return JSONResponse({"error": {"what": what, "where": where, "remedy": remedy}}, status)


async def no(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, No)
    return said(error.status, error.what, error.remedy, error.where or asked_for(request, error.status))


def asked_for(request: Request, status: int) -> str:
    """Where what is not there (any more) was named: in the address or query, if that names one thing."""
    places = [f"path.{name}" for name in request.path_params] or [
        f"query.{name}" for name in request.query_params
    ]
    return places[0] if status in (404, 409) and len(places) == 1 else ""


async def no_such_route(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    path = request.url.path
    if error.status_code == 404:
        return said(404, f"there is no address {path:.200}", nearest(request), path)
    if error.status_code == 405:
        allowed = methods(request)
        answer = said(405, f"{request.method} does nothing at this address", takes(allowed), path)
        answer.headers["allow"] = ", ".join(allowed)
        return answer
    return said(error.status_code, str(error.detail), where=path)


async def invalid(request: Request, error: Exception) -> JSONResponse:
    """The first thing that does not fit; the next few are said in the same sentence."""
    assert isinstance(error, RequestValidationError)
    refused = unfitting(unfit(error.errors(), lambda: schema_of(request)))
    return said(refused.status, refused.what, refused.remedy, refused.where)


def unfitting(complaints: Sequence[Unfit]) -> No:
    first, *more = complaints
    also = "; ".join(each.what for each in more[:ALSO_MAX])
    return No(422, first.what + (f" (also: {also})" if also else ""), first.remedy, first.where)


def fitting(kind: Any, value: Any, *where: str) -> Any:
    """The value as a request's part of that kind, for whoever has no request. Raises No."""
    adapter: TypeAdapter[Any] = TypeAdapter(kind)
    try:
        return adapter.validate_python(value)
    except ValidationError as error:
        errors = [{**each, "loc": (*where, *each["loc"])} for each in error.errors()]
        raise unfitting(unfit(errors, adapter.json_schema)) from error


async def not_taken(request: Request, error: Exception) -> JSONResponse:
    what = f"it is not known to be stored: {error}"
    return said(503, what, "ask again with the same Idempotency-Key: it will be done once")


async def store_unreadable(request: Request, error: Exception) -> JSONResponse:
    return said(503, f"the store cannot be read now: {error}", "look into the daemon's log")


async def broken(request: Request, error: Exception) -> JSONResponse:
    """A bug; it is raised on, and logged by whoever called."""
    return said(500, "something went wrong here, and it has been noted", "look into the daemon's log")


ANSWERS: dict[type[Exception], Any] = {
    No: no,
    HTTPException: no_such_route,
    RequestValidationError: invalid,
    NotTaken: not_taken,
    StoreError: store_unreadable,
    Exception: broken,
}


def answer_errors(app: FastAPI) -> None:
    """Whatever goes wrong is answered in our form."""
    for kind, answer in ANSWERS.items():
        app.add_exception_handler(kind, answer)


def no_such_person(name: str, here: Configuration) -> tuple[str, str]:
    """What is wrong with a name that no person has, and what would be right."""
    said = f"there is no person {name:.100}", did_you_mean(name, here.people)
    return no_person(name, **groups_of(here)) or said


def did_you_mean(word: str, known: Collection[str]) -> str:
    """The remedy for a name that nobody has."""
    near = Guesses().nearest(word, sorted(known))
    if near is not None:
        return f"did you mean `{near}`?"
    few, more = ", ".join(sorted(known)[:NAMES_MAX]), len(known) - NAMES_MAX
    return f"there are {few}" + (f" and {more} more" if more > 0 else "") if few else "there are none"
