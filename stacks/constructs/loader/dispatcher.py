"""The function that starts one preparer for each upload."""

from typing import cast

from aws_cdk import Duration
from aws_cdk import aws_iam as iam
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from stacks.constructs.functions.function_findings import FUNCTION_FINDINGS, RUNTIME_FINDINGS
from stacks.constructs.functions.function_identity import FunctionIdentity
from stacks.constructs.functions.zip_function import ZipFunction
from stacks.constructs.security.findings import accept
from stacks.settings.settings import Settings

FINDINGS = {
    **FUNCTION_FINDINGS,
    **RUNTIME_FINDINGS,
    "CKV_AWS_117": "Stands outside: the network has no way to Lambda's API.",
}


class Dispatcher(Construct):
    """Invokes the preparer once for each candidate, and `publish` for all other verdicts.

    Attributes:
        function: the function itself.
    """

    def __init__(
        self,
        scope: Construct,
        construct_id: str,
        *,
        preparer: lambda_.IFunction,
        publish: lambda_.IFunction,
        settings: Settings,
    ) -> None:
        super().__init__(scope, construct_id)
        self._identity = FunctionIdentity(self, "Identity")
        self._identity.role.add_to_policy(_invoke(preparer, publish))
        self.function = ZipFunction(
            self,
            "Function",
            handler="dispatcher.handler.handler",
            memory_mb=256,
            timeout=Duration.minutes(2),
            environment={
                "PREPARER": preparer.function_name,
                "PUBLISH": publish.function_name,
            },
            identity=self._identity,
            settings=settings,
        )
        accept(self.function, FINDINGS)

    def let_go_on(self, function: lambda_.Function) -> None:
        """Lets `function`, whose destination this is, ask for another run of itself.

        Its name comes with its answer. The statement stands in a policy of its own: a function
        waits for its role's policy, and each of the two would wait for the other.
        """
        iam.Policy(
            self,
            "GoOn",
            statements=[_invoke(function)],
            roles=[self._identity.role],
        )
        for each in (self.function, function):
            allow_recursion(each)


def allow_recursion(function: lambda_.Function) -> None:
    """Lets a function be in a loop. Lambda stops a loop after about sixteen rounds otherwise.

    https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
    """
    resource = cast(lambda_.CfnFunction, function.node.default_child)
    resource.recursive_loop = "Allow"


def _invoke(*functions: lambda_.IFunction) -> iam.PolicyStatement:
    arns = [function.function_arn for function in functions]
    return iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=arns)
