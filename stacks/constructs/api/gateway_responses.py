"""Errors that API Gateway answers itself, for requests that never reach a function."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

# Replaces messages of API Gateway that mislead, or that do not say what to do.
MESSAGES = {
    apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN: (
        "Unknown route, or a request that must be signed (SigV4) and isn't. "
        "GET /openapi.json lists the routes."
    ),
    apigateway.ResponseType.INVALID_API_KEY: "Send a valid API key in the header x-api-key.",
    apigateway.ResponseType.REQUEST_TOO_LARGE: (
        "The request is too large: at most 4.5 MB reach the function. Send fewer instances."
    ),
    apigateway.ResponseType.THROTTLED: "Too many requests: try again in a moment.",
    apigateway.ResponseType.UNSUPPORTED_MEDIA_TYPE: (
        "The body isn't what Content-Encoding says: send gzip, deflate or no coding."
    ),
    apigateway.ResponseType.INTEGRATION_TIMEOUT: (
        "No answer within 29 seconds. Send fewer instances, or try again: "
        "a large model takes longest the first time."
    ),
}


class GatewayResponses(Construct):
    """Gateway responses in the API's error format, with the CORS header that browsers need."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        rest_api: apigateway.IRestApi,
        allowed_origins: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        original = "$context.error.messageString"  # the variable includes its quotes
        messages = {
            apigateway.ResponseType.DEFAULT_4_XX: original,
            apigateway.ResponseType.DEFAULT_5_XX: original,
            **{response_type: f'"{message}"' for response_type, message in MESSAGES.items()},
        }
        # A fixed header holds one origin. Where several are allowed, every origin may read the
        # error, which holds nothing but the message below.
        origin = allowed_origins[0] if len(allowed_origins) == 1 else "*"
        for response_type, message in messages.items():
            apigateway.GatewayResponse(
                self,
                response_type.response_type.title().replace("_", ""),
                rest_api=rest_api,
                type=response_type,
                response_headers={"Access-Control-Allow-Origin": f"'{origin}'"},
                templates={
                    "application/json": '{"error": {"code": "$context.error.responseType", '
                    f'"message": {message}}}}}'
                },
            )
