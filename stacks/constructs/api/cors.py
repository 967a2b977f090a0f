"""Cross-origin requests of browsers: the preflights of the API."""

from aws_cdk import Duration
from aws_cdk import aws_apigateway as apigateway

from stacks.settings.settings import Settings

# The wildcard doesn't cover this header, so it is named beside it.
AUTHORIZATION = "Authorization"
ANY = ("*",)


def cors_options(settings: Settings) -> apigateway.CorsOptions:
    """Returns the options of preflights, which API Gateway answers by itself."""
    headers, methods = settings.allowed_headers, settings.allowed_methods
    return apigateway.CorsOptions(
        allow_origins=list(settings.allowed_origins),
        allow_methods=apigateway.Cors.ALL_METHODS if methods == ANY else list(methods),
        allow_headers=[*ANY, AUTHORIZATION] if headers == ANY else list(headers),
        max_age=Duration.hours(1),
    )


def convert_preflights_to_text(rest_api: apigateway.RestApi) -> None:
    """Makes the mocks of preflights convert bodies, all of which are binary here, to text.

    No template applies to a binary body, and the mocks would answer 500.
    """
    for child in rest_api.node.find_all():
        if isinstance(child, apigateway.CfnMethod) and child.http_method == "OPTIONS":
            child.add_property_override("Integration.ContentHandling", "CONVERT_TO_TEXT")
