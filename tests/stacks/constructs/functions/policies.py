"""Policy statements that tests of several functions expect."""

from typing import Any

FILE_SYSTEM = "${ModelStoreFileSystem.Arn}"
ROLES = {
    "stage": "ModelLoaderStageIdentityRole",
    "preparer": "ModelLoaderPreparerIdentityRole",
    "publish": "ModelLoaderPublishIdentityRole",
    "reconcile": "ModelLoaderReconcileIdentityRole",
    "notifier": "ModelLoaderNoticesIdentityRole",
    "dispatcher": "ModelLoaderDispatcherIdentityRole",
    "inference": "InferenceIdentityRole",
}
NETWORK_INTERFACES = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
]
READ_WRITE = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]


def access_point_arn(name: str) -> str:
    resource = f"access-point/${{ModelStoreFileSystem{name}}}"
    return (
        f"arn:${{AWS::Partition}}:elasticfilesystem:${{AWS::Region}}:${{AWS::AccountId}}:{resource}"
    )


def mount(access_point: str, *, actions: list[str] | str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": actions,
        "Resource": FILE_SYSTEM,
        "Condition": {
            "StringEquals": {"elasticfilesystem:AccessPointArn": access_point_arn(access_point)}
        },
    }


def own_log(identity: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"${{{identity}Log.Arn}}",
    }


def own_log_and_network(identity: str) -> list[dict[str, Any]]:
    """Returns the statements that Lambda needs in a network, and denies them to the code."""
    return [
        own_log(identity),
        {"Effect": "Allow", "Action": NETWORK_INTERFACES, "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": NETWORK_INTERFACES,
            "Resource": "*",
            "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
        },
    ]
