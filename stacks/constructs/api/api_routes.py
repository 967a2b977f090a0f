"""The paths of the API, with their methods. The functions route within `{proxy+}`.

The paths of a dedicated model lie among those of the protocols, so clients need no change. API
Gateway prefers a fixed segment to the `{proxy+}` beside it. Its documentation does not promise
that it falls back to `{proxy+}` below a fixed segment without a match. Therefore each added fixed
segment brings the general routes again (`BESIDE_DEDICATED`).
"""

# HEAD goes wherever GET does. The functions themselves refuse methods below `{proxy+}`.
Routes = dict[str, list[str]]

ALL_MODELS: Routes = {
    "/endpoints/{model}/invocations": ["POST"],
    "/inference": ["POST"],
    "/models": ["GET"],
    "/models/{model}": ["GET"],
    "/models/{model}/openapi.json": ["GET"],
    "/openapi.json": ["GET"],
    "/v1/{proxy+}": ["ANY"],
    "/v2": ["GET"],
    "/v2/{proxy+}": ["ANY"],
}
BESIDE_DEDICATED: Routes = {
    f"/{protocol}/models{rest}": ["ANY"] for protocol in ("v1", "v2") for rest in ("", "/{proxy+}")
}
SAGEMAKER: Routes = {
    "/api/v1": ["POST"],
    "/api/v1/{variant}": ["POST"],
    # POST takes an endpoint's name and GET a request's id: a path has one parameter per place.
    "/async/{id}": ["GET", "POST"],
    "/async/{id}/uploads": ["POST"],
}


def dedicated_routes(model: str) -> Routes:
    """Returns the paths of one dedicated model."""
    return {
        f"/inference/{model}": ["POST"],
        f"/v1/models/{model}": ["GET"],
        f"/v1/models/{model}/{{proxy+}}": ["ANY"],
        f"/v1/models/{model}:predict": ["POST"],
        f"/v2/models/{model}": ["GET"],
        f"/v2/models/{model}/{{proxy+}}": ["ANY"],
    }
