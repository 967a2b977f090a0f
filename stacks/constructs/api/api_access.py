"""Access to the API: the callers that are let in, and the networks they call from."""

from collections.abc import Sequence

from aws_cdk import aws_apigateway as apigateway
from aws_cdk import aws_cognito as cognito
from aws_cdk import aws_ec2 as ec2
from aws_cdk import aws_iam as iam
from constructs import Construct

from stacks.constructs.api.user_pool import UserPool
from stacks.settings.settings import Settings

# cdk-nag expects every caller to be a user of a pool, and takes no key for authorization.
NOT_A_POOL = "Callers are programs, which sign their requests; auth=cognito is for users."
NOT_AUTHORIZED = "Chosen by the setting auth, whose documentation says what it means."


class ApiAccess(Construct):
    """Applies the settings `auth`, `user_pool_arn` and `vpc_endpoint_ids`.

    Attributes:
        method_options: the authorization of each method.
        endpoint: a regional endpoint, or a private one behind interface endpoints.
        policy: refuses requests that come by no interface endpoint; None for a public API.
        findings: cdk-nag's findings on the API that follow from the settings.
        method_findings: checkov's findings on each method that follow from the settings.
        user_pool: the pool of this deployment; None where it makes none.
    """

    def __init__(self, scope: Construct, construct_id: str, *, settings: Settings) -> None:
        super().__init__(scope, construct_id)
        self.user_pool = (
            UserPool(self, "UserPool")
            if settings.auth == "cognito" and not settings.user_pool_arn
            else None
        )
        self.method_options = self._method_options(settings)
        ids = settings.vpc_endpoint_ids
        self.endpoint = self._private_endpoint(ids) if ids else _regional_endpoint()
        self.policy = _private_policy(ids, auth=settings.auth) if ids else None
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

    def _private_endpoint(self, endpoint_ids: Sequence[str]) -> apigateway.EndpointConfiguration:
        endpoints = [
            ec2.InterfaceVpcEndpoint.from_interface_vpc_endpoint_attributes(
                self, endpoint_id, vpc_endpoint_id=endpoint_id, port=443
            )
            for endpoint_id in endpoint_ids
        ]
        return apigateway.EndpointConfiguration(
            types=[apigateway.EndpointType.PRIVATE], vpc_endpoints=endpoints
        )


def _regional_endpoint() -> apigateway.EndpointConfiguration:
    return apigateway.EndpointConfiguration(types=[apigateway.EndpointType.REGIONAL])


def _private_policy(endpoint_ids: Sequence[str], *, auth: str) -> iam.PolicyDocument:
    """Denies calls that do not come through the interface endpoints, and allows what has to be.

    With IAM an allow in the caller's policy is enough, and one in this policy as well: it would
    let in whoever signs. Callers of other accounts are refused, who would need both.
    Without IAM API Gateway lets nobody in whom this policy doesn't allow.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html
    """
    elsewhere = {"StringNotEquals": {"aws:SourceVpce": list(endpoint_ids)}}
    allowed = [] if auth == "iam" else [_invoke_statement("AllowCalls", iam.Effect.ALLOW, None)]
    return iam.PolicyDocument(
        statements=[*allowed, _invoke_statement("DenyOtherWays", iam.Effect.DENY, elsewhere)]
    )


def _invoke_statement(
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
