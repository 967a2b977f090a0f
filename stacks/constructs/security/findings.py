"""Findings of scanners that are accepted, each beside its resource and with its reason."""

from collections.abc import Mapping
from typing import cast

from aws_cdk import Acknowledgment, CfnResource, Stack, Validations
from constructs import IConstruct


def accept(construct: IConstruct, reasons: Mapping[str, str]) -> None:
    """Accepts findings on a construct. Those of cdk-nag are accepted on all below it, too.

    Args:
        reasons: the reason by the finding's id. Ids of cdk-nag begin with `AwsSolutions-`, and
            ids of checkov with `CKV`. checkov reads in the template which checks it must skip.
    """
    resource = _resource(construct)
    for finding, reason in reasons.items():
        if finding.startswith("AwsSolutions-"):
            Validations.of(construct).acknowledge(Acknowledgment(id=finding, reason=reason))
        else:
            given = resource.get_metadata("checkov") or {"skip": []}
            skip = [*given["skip"], {"id": finding, "comment": reason}]
            resource.add_metadata("checkov", {"skip": skip})


def withdraw(construct: IConstruct, finding: str) -> None:
    """Takes back that a finding of checkov was accepted, where there is none after all."""
    resource = _resource(construct)
    skip = [each for each in resource.get_metadata("checkov")["skip"] if each["id"] != finding]
    resource.add_metadata("checkov", {"skip": skip})


def wildcard_finding(construct: IConstruct, suffix: str) -> str:
    """Returns cdk-nag's id for a policy's resource: the ARN of `construct`, then `suffix`."""
    logical_id = Stack.of(construct).resolve(_resource(construct).logical_id)
    return f"AwsSolutions-IAM5[Resource::<{logical_id}.Arn>{suffix}]"


def _resource(construct: IConstruct) -> CfnResource:
    if isinstance(construct, CfnResource):
        return construct
    return cast(CfnResource, construct.node.default_child)
