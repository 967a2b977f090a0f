"""Answers a body of any media type in any other."""

from modelmount_compiler.signature import Signature
from serving.api import query_parameters
from serving.api.answering import Answering, Told
from serving.api.protocols import media
from serving.api.routing import JSON, Request, Response, accepted
from serving.api.server_timing import timed
from serving.errors import NotAcceptable
from serving.records.manifest import Manifest
from serving.service.service import Service


class MediaInference:
    """Reads instances, asks a model and writes its predictions."""

    def __init__(self, service: Service, answering: Answering) -> None:
        self._service = service
        self._answering = answering

    def respond(self, request: Request, model: str, version: str | None) -> Response:
        """Answer a request in the type that it accepts."""
        kind = accepted(request, media.WRITABLE)
        told = self._told(request, model, version)
        if told.has_more and media.canonical(kind) != JSON:
            text = f"{kind} has no place for classes and probabilities; accept {JSON}."
            raise NotAcceptable(text, field="Accept")
        write = media.WRITERS[media.canonical(kind)]
        response = timed(told.answers, write(told.response(), told.result))
        response.headers["content-type"] = kind
        response.is_text = media.canonical(kind) != media.NPY
        return response

    def _told(self, request: Request, model: str, version: str | None) -> Told:
        read_for: list[Manifest] = []

        def signature() -> Signature:
            read_for.append(self._service.manifest(model, version))
            return read_for[-1].description.signature

        told = self._answer(request, model, version, signature)
        answered = told.answers[0].manifest
        if read_for and read_for[0].version != answered.version:
            # Another version answered, whose columns may be others.
            own = answered.description.signature
            told = self._answer(request, model, answered.version, lambda: own)
        return told

    def _answer(
        self, request: Request, model: str, version: str | None, signature: media.SignatureOf
    ) -> Told:
        kind = request.header("content-type") or JSON
        form, parameters = media.read(request.body, kind, signature)
        parameters = query_parameters.merged(parameters, request, others=query_parameters.TARGET)
        return self._answering.answer(model, version, form, parameters)
