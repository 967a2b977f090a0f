"""What the scanners say of the stacks and is accepted: beside its resource, with its reason."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accept findings on a construct, and on all below it where they are cdk-nag's.

    Args:
        reasons: by the finding's id, why it may stay: `AwsSolutions-…` of cdk-nag, `CKV…` of
            checkov, which reads what it is to skip in the template.
    """
    resource = _resource(construct)
    for finding, reason in reasons.items():
        if finding.startswith("AwsSolutions-"):
            Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))
        else:
            given = resource.get_metadata("checkov") or {"skip": []}
            skip = [*given["skip"], {"id": finding, "comment": reason}]
            resource.add_metadata("checkov", {"skip": skip})


def wildcard(construct: IConstruct, suffix: str) -> str:
    """Return cdk-nag's id for a policy's resource that is the ARN of `construct` and `suffix`."""
    logical_id = Stack.of(construct).resolve(_resource(construct).logical_id)
    return f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>{suffix}]"


def _resource(construct: IConstruct) -> CfnResource:
    if isinstance(construct, CfnResource):
        return construct
    return cast(CfnResource, construct.node.default_child)
