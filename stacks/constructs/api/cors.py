"""Cross-origin requests of browsers: the preflights of the API."""

from collections.abc import Sequence

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

REQUEST_HEADERS = [
    "Accept",
    "Authorization",
    "Content-Type",
    "Inference-Header-Content-Length",
    "X-Amz-Content-Sha256",
    "X-Amz-Date",
    "X-Amz-Security-Token",
    "X-Api-Key",
]


def cors_options(allowed_origins: Sequence[str]) -> apigateway.CorsOptions:
    """Returns the options of preflights, which API Gateway answers by itself."""
    return apigateway.CorsOptions(
        allow_origins=list(allowed_origins),
        allow_methods=["GET", "POST", "OPTIONS"],
        allow_headers=REQUEST_HEADERS,
        max_age=Duration.hours(1),
    )


def convert_preflights_to_text(rest_api: apigateway.RestApi) -> None:
    """Makes the mocks of preflights convert bodies, all of which are binary here, to text.

    No template applies to a binary body, and the mocks would answer 500.
    """
    for child in rest_api.node.find_all():
        if isinstance(child, apigateway.CfnMethod) and child.http_method == "OPTIONS":
            child.add_property_override("Integration.ContentHandling", "CONVERT_TO_TEXT")
