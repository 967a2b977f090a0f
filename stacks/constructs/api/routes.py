"""The paths of the API, with their methods; the protocols' own routes are the function's business.

A dedicated model's paths lie in the middle of the protocols', so that clients stay as they are: in
API Gateway a fixed segment goes before `{proxy+}` beside it. Nothing says that it comes back from
a fixed segment which leads nowhere; so wherever one is added, all that stood there is added too.
"""

Routes = dict[str, list[str]]

ALL_MODELS: Routes = {
    "/inference": ["POST"],
    "/models": ["GET"],
    "/models/{model}": ["GET"],
    "/models/{model}/openapi.json": ["GET"],
    "/openapi.json": ["GET"],
    "/v1/{proxy+}": ["GET", "POST"],
    "/v2": ["GET"],
    "/v2/{proxy+}": ["GET", "POST"],
}
BESIDE_DEDICATED: Routes = {
    f"/{protocol}/models{rest}": ["GET", "POST"]
    for protocol in ("v1", "v2")
    for rest in ("", "/{proxy+}")
}
SAGEMAKER: Routes = {
    "/api/v1": ["POST"],
    "/api/v1/{variant}": ["POST"],
    # An endpoint's name to POST, a request's id to GET: a path has one parameter in one place.
    "/async/{id}": ["GET", "POST"],
    "/async/{id}/uploads": ["POST"],
}


def dedicated(model: str) -> Routes:
    """Return the paths of one model."""
    return {
        f"/inference/{model}": ["POST"],
        f"/v1/models/{model}": ["GET"],
        f"/v1/models/{model}/{{proxy+}}": ["GET", "POST"],
        f"/v1/models/{model}:predict": ["POST"],
        f"/v2/models/{model}": ["GET"],
        f"/v2/models/{model}/{{proxy+}}": ["GET", "POST"],
    }
