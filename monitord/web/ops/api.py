"""The API, version 1: the questions and the acts, as one application with its OpenAPI document."""

from fastapi import FastAPI

from monitord import __version__
from monitord.web.ops.acts import acting
from monitord.web.ops.errors import answer_errors
from monitord.web.ops.reads import reading
from monitord.web.ops.sources import Sources

ROOT = "/api/v1"
DESCRIPTION = """\
Instants are RFC 3339 in UTC, spans are seconds. An error is `{"error": {"what", "where", "remedy"}}`.
Every POST takes an `Idempotency-Key`: the same key with the same body is done once and answered alike for a
day. It is answered after it is stored. Acts are taken through the control socket; the ops door only answers
questions.
"""


def api(sources: Sources) -> FastAPI:
    """Everything below /api/v1; no page of it loads anything from elsewhere."""
    app = FastAPI(
        title="monitord",
        version=__version__,
        description=DESCRIPTION,
        openapi_url=f"{ROOT}/openapi.json",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    answer_errors(app)
    app.include_router(reading(sources), prefix=ROOT)
    app.include_router(acting(sources), prefix=ROOT)
    return app
