"""CloudFormation resources in short form."""

from typing import Any

Template = dict[str, Any]


def function(handler: str, role: str = "Role", **properties: Any) -> Template:
    """Returns a zip function of the sample's code."""
    return {
        "Type": "AWS::Lambda::Function",
        "Properties": {
            "Code": {"S3Bucket": "assets", "S3Key": "code.zip"},
            "Handler": handler,
            "Runtime": "python3.13",
            "Role": {"Fn::GetAtt": [role, "Arn"]},
            **properties,
        },
    }


def role(*statements: tuple[str, Any]) -> Template:
    """Returns a role that allows each action on its resource."""
    allowed = [{"Effect": "Allow", "Action": a, "Resource": r} for a, r in statements]
    policy = {"PolicyName": "p", "PolicyDocument": {"Statement": allowed}}
    return {"Type": "AWS::IAM::Role", "Properties": {"Policies": [policy]}}


def get_att(name: str, attribute: str = "Arn") -> Template:
    """Returns a Fn::GetAtt."""
    return {"Fn::GetAtt": [name, attribute]}


def event_invoke_config(name: str, retries: int, destinations: dict[str, str]) -> Template:
    """Returns an EventInvokeConfig."""
    return {
        "Type": "AWS::Lambda::EventInvokeConfig",
        "Properties": {
            "FunctionName": {"Ref": name},
            "MaximumRetryAttempts": retries,
            "DestinationConfig": {k: {"Destination": get_att(v)} for k, v in destinations.items()},
        },
    }


def permission(name: str, principal: str, source: Any) -> Template:
    """Returns a statement of a function's resource policy."""
    return {
        "Type": "AWS::Lambda::Permission",
        "Properties": {
            "Action": "lambda:InvokeFunction",
            "FunctionName": get_att(name),
            "Principal": principal,
            "SourceArn": source,
        },
    }
