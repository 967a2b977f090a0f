"""Answers a body of any media type in any other."""

from modelmount_compiler.instances import outputs
from modelmount_compiler.signature import Signature
from serving.api import query_parameters
from serving.api.contract import InferenceResponse
from serving.api.protocols import media
from serving.api.routing import JSON, Request, Response
from serving.api.server_timing import timed
from serving.errors import BadRequest
from serving.records.manifest import Manifest
from serving.service.query import Answer, Ask, Query
from serving.service.service import Service

OTHERS = ("model", "version")


class MediaInference:
    """Reads instances, asks a model and writes its predictions."""

    def __init__(self, service: Service, ask: Ask) -> None:
        self._service = service
        self._ask = ask

    def respond(self, request: Request, model: str, version: str | None, accepted: str) -> Response:
        """Answer a request in the type `accepted`, a name of one of `media.WRITERS`."""
        answer = self._answer(request, model, version)
        manifest, rows = answer.manifest, outputs.rows(answer.result)
        told = InferenceResponse(manifest.model, manifest.version, rows)
        kind = media.canonical(accepted)
        response = timed([answer], media.WRITERS[kind](told, answer.result))
        response.headers["content-type"] = accepted
        response.is_text = kind != media.NPY
        return response

    def _answer(self, request: Request, model: str, version: str | None) -> Answer:
        read_for: list[Manifest] = []

        def signature() -> Signature:
            read_for.append(self._service.manifest(model, version))
            return read_for[-1].description.signature

        query = self._query(request, model, version, signature)
        answer = self._ask(query)
        if read_for and read_for[0].version != answer.manifest.version:
            # Another version answered, whose columns may be others.
            own = answer.manifest
            answer = self._ask(
                self._query(request, model, own.version, lambda: own.description.signature)
            )
        return answer

    def _query(
        self, request: Request, model: str, version: str | None, signature: media.SignatureOf
    ) -> Query:
        kind = request.header("content-type") or JSON
        batch, parameters = media.read(request.body, kind, signature)
        if not len(batch):
            raise BadRequest("The body has no instances; send at least one.")
        parameters = query_parameters.merged(parameters, request, others=OTHERS)
        return Query(model, version, batch, parameters.method)
