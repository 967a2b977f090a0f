"""A stack that the settings no longer ask for."""

from aws_cdk import Acknowledgment, Stack, Validations
from constructs import Construct

# CDK's validation of templates: a template must have resources.
NO_RESOURCES = Acknowledgment(
    id="CloudFormation-Validate::F0001",
    reason="It is never deployed: the command line skips such a stack, or deletes it.",
)


class RemovedStack(Stack):
    """A stack without resources, which `cdk deploy --all` deletes where it was deployed before.

    A stack that is not in the app at all is left as it is: its endpoints would run on, and cost.
    """

    def __init__(self, scope: Construct, construct_id: str) -> None:
        # CDK's metadata is a resource, and with it the stack would stay.
        super().__init__(
            scope,
            construct_id,
            description="Modelmount: nothing, so that it is deleted",
            analytics_reporting=False,
        )
        Validations.of(self).acknowledge(NO_RESOURCES)
