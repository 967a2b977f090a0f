"""Who may call the API, and from where."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.api.user_pool import UserPool
from stacks.settings.settings import Settings

# cdk-nag holds that users of a pool are the only callers, and that a key isn't one.
NOT_A_POOL = "Callers are programs, which sign their requests; auth=cognito is for users."
NOT_AUTHORIZED = "Chosen by the setting auth, whose documentation says what it means."


class Callers(Construct):
    """What the settings `auth`, `user_pool_arn` and `vpc_endpoint_ids` say.

    Attributes:
        method_options: what each method asks of a caller.
        endpoint: where the API is reached: from anywhere, or through interface endpoints alone.
        policy: lets in what comes through these endpoints; None for a public API.
        findings: of cdk-nag about the API, that follow from what was chosen.
        method_findings: of checkov about each method, likewise.
        user_pool: the pool that was made, if one was.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.user_pool = (
            UserPool(self, "UserPool")
            if settings.auth == "cognito" and not settings.user_pool_arn
            else None
        )
        self.method_options = self._method_options(settings)
        self.endpoint, self.policy = _public()
        if settings.vpc_endpoint_ids:
            self.endpoint, self.policy = self._private(settings.vpc_endpoint_ids)
        self.findings = _findings(settings.auth)
        self.method_findings = {"CKV_AWS_59": NOT_AUTHORIZED} if settings.auth == "none" else {}

    def _method_options(self, settings: Settings) -> apigateway.MethodOptions:
        authorization = apigateway.AuthorizationType
        if settings.auth == "cognito":
            return apigateway.MethodOptions(
                authorization_type=authorization.COGNITO,
                authorizer=apigateway.CognitoUserPoolsAuthorizer(
                    self, "Authorizer", cognito_user_pools=[self._pool(settings.user_pool_arn)]
                ),
            )
        return apigateway.MethodOptions(
            authorization_type=authorization.IAM if settings.auth == "iam" else authorization.NONE,
            api_key_required=settings.auth == "api_key",
        )

    def _pool(self, arn: str | None) -> cognito.IUserPool:
        if self.user_pool:
            return self.user_pool.pool
        return cognito.UserPool.from_user_pool_arn(self, "GivenUserPool", str(arn))

    def _private(
        self, endpoint_ids: Sequence[str]
    ) -> tuple[apigateway.EndpointConfiguration, iam.PolicyDocument]:
        endpoints = [
            ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
                self, endpoint_id, vpc_endpoint_id=endpoint_id, port=443
            )
            for endpoint_id in endpoint_ids
        ]
        configuration = apigateway.EndpointConfiguration(
            types=[apigateway.EndpointType.PRIVATE], vpc_endpoints=endpoints
        )
        return configuration, _through(endpoint_ids)


def _public() -> tuple[apigateway.EndpointConfiguration, iam.PolicyDocument | None]:
    return apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL]), None


def _through(endpoint_ids: Sequence[str]) -> iam.PolicyDocument:
    """Allow calls, and deny those that come any other way.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
    """
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": list(endpoint_ids)}}
    return iam.PolicyDocument(
        statements=[
            _calls("AllowCalls", iam.Effect.ALLOW, None),
            _calls("DenyOtherWays", iam.Effect.DENY, elsewhere),
        ]
    )


def _calls(
    sid: str, effect: iam.Effect, conditions: dict[str, dict[str, list[str]]] | None
) -> iam.PolicyStatement:
    return iam.PolicyStatement(
        sid=sid,
        effect=effect,
        principals=[iam.StarPrincipal()],
        actions=["execute-api:Invoke"],
        resources=["execute-api:/*"],
        conditions=conditions,
    )


def _findings(auth: str) -> dict[str, str]:
    match auth:
        case "cognito":
            return {}
        case "iam":
            return {"AwsSolutions-COG4": NOT_A_POOL}
    return {"AwsSolutions-COG4": NOT_AUTHORIZED, "AwsSolutions-APIG4": NOT_AUTHORIZED}
