"""Hands bodies on to models whose own script reads them, and what it writes back to the caller."""

from modelmount_compiler.instances import outputs
from serving.api import raw_bodies
from serving.api.contract import InferenceResponse
from serving.api.protocols import media
from serving.api.protocols.media import WRITERS
from serving.api.raw_bodies import Asked, Written
from serving.api.routing import JSON, Request, Response
from serving.api.server_timing import timed
from serving.service.query import Ask, Query

TEXTS = ("text/", JSON, "application/jsonlines")


def respond(ask: Ask, request: Request, model: str) -> Response:
    """Answer a request by the model's script."""
    kind = request.header("content-type") or JSON
    accepted = request.header("accept") or ""
    answer = ask(Query(model, None, raw_bodies.packed(Asked(request.body, kind, accepted))))
    given = raw_bodies.told(answer.result)
    if not isinstance(given, Written):
        kind = media.canonical(media.media_type(accepted))
        kind = kind if kind in WRITERS else JSON
        manifest = answer.manifest
        told = InferenceResponse(manifest.model, manifest.version, outputs.rows(given))
        given = Written(WRITERS[kind](told, given), kind)
    response = timed([answer], given.body)
    response.headers["content-type"] = given.kind
    response.is_text = given.kind.startswith(TEXTS) and _is_text(given.body)
    return response


def _is_text(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True
