"""What API Gateway itself answers when a request never reaches inference."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway
from constructs import Construct

# Where API Gateway's own words mislead, or don't say what to do.
MESSAGES = {
    apigateway.ResponseType.MISSING_AUTHENTICATION_TOKEN: (
        "Unknown route, or a request that must be signed (SigV4) and isn't. "
        "GET /openapi.json lists the routes."
    ),
    apigateway.ResponseType.INVALID_API_KEY: "Send a valid API key in the header x-api-key.",
    apigateway.ResponseType.REQUEST_TOO_LARGE: (
        "The request is too large: at most 6 MB reach the function. Send fewer instances."
    ),
    apigateway.ResponseType.THROTTLED: "Too many requests: try again in a moment.",
    apigateway.ResponseType.INTEGRATION_TIMEOUT: (
        "No answer within 29 seconds. Send fewer instances, or try again: "
        "a large model takes longest the first time."
    ),
}


class GatewayErrors(Construct):
    """Gateway responses in our error shape, with the CORS header that lets a browser read them."""

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        rest_api: apigateway.IRestApi,
        allowed_origins: Sequence[str],
    ) -> None:
        super().__init__(scope, construct_id)
        own_words = "$context.error.messageString"  # comes with its quotes
        messages = {
            apigateway.ResponseType.DEFAULT_4_XX: own_words,
            apigateway.ResponseType.DEFAULT_5_XX: own_words,
            **{response_type: f'"{message}"' for response_type, message in MESSAGES.items()},
        }
        # These headers are fixed and hold one origin. With several allowed, any may read the
        # error: it holds nothing but the message below.
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
