"""Each line of the permission table: who may do what, as whole policy documents."""

from typing import Any

import pytest

from tests.stacks.deployment import Deployment, Template

FILE_SYSTEM = "${ModelStoreFileSystem.Arn}"
ROLES = {
    "stage": "ModelLoaderStageIdentityRole",
    "preparer": "ModelLoaderPreparerIdentityRole",
    "publish": "ModelLoaderPublishIdentityRole",
    "reconcile": "ModelLoaderReconcileIdentityRole",
    "notifier": "ModelLoaderNoticesIdentityRole",
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


def _access_point(name: str) -> str:
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
            "StringEquals": {"elasticfilesystem:AccessPointArn": _access_point(access_point)}
        },
    }


def _own_log(identity: str) -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": ["logs:CreateLogStream", "logs:PutLogEvents"],
        "Resource": f"${{{identity}Log.Arn}}",
    }


def own_log_and_network(identity: str) -> list[dict[str, Any]]:
    """What the service needs for any function in a network, and its code may not use."""
    return [
        _own_log(identity),
        {"Effect": "Allow", "Action": NETWORK_INTERFACES, "Resource": "*"},
        {
            "Effect": "Deny",
            "Action": NETWORK_INTERFACES,
            "Resource": "*",
            "Condition": {"Null": {"lambda:SourceFunctionArn": "false"}},
        },
    ]


def _invoke(*functions: str) -> dict[str, Any]:
    """What a destination needs: Lambda delivers with the role of the function it delivers for."""
    arns = [f"${{ModelLoader{function}Function.Arn}}" for function in functions]
    return {
        "Effect": "Allow",
        "Action": "lambda:InvokeFunction",
        "Resource": arns if len(arns) > 1 else arns[0],
    }


def _fail_into_the_queue() -> dict[str, Any]:
    return {
        "Effect": "Allow",
        "Action": "sqs:SendMessage",
        "Resource": "${ModelLoaderFailures.Arn}",
    }


READ_WRITE = ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"]

EXPECTED = {
    "stage": [
        *own_log_and_network("ModelLoaderStageIdentity"),
        mount("Everything", actions=READ_WRITE),
        _invoke("Preparer", "Publish"),
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": "${ModelBucket.Arn}/*",
        },
        {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "${ModelBucket.Arn}"},
    ],
    "preparer": [
        *own_log_and_network("ModelLoaderPreparerIdentity"),
        mount("Candidates", actions=READ_WRITE),
        _invoke("Publish"),
    ],
    "publish": [
        *own_log_and_network("ModelLoaderPublishIdentity"),
        mount("Everything", actions=READ_WRITE),
        _fail_into_the_queue(),
        _invoke("Notices"),
    ],
    "reconcile": [
        *own_log_and_network("ModelLoaderReconcileIdentity"),
        mount("Everything", actions=READ_WRITE),
        _fail_into_the_queue(),
        _invoke("Preparer"),
        {
            "Effect": "Allow",
            "Action": ["s3:GetObject", "s3:GetObjectVersion"],
            "Resource": "${ModelBucket.Arn}/*",
        },
        {
            "Effect": "Allow",
            "Action": ["s3:ListBucket", "s3:ListBucketVersions"],
            "Resource": "${ModelBucket.Arn}",
        },
    ],
    "notifier": [
        _own_log("ModelLoaderNoticesIdentity"),
        {"Effect": "Allow", "Action": "sns:Publish", "Resource": "${ModelLoaderNoticesTopic}"},
        _fail_into_the_queue(),
    ],
    "inference": [
        *own_log_and_network("InferenceIdentity"),
        mount("Models", actions="elasticfilesystem:ClientMount"),
    ],
}


def _template(deployment: Deployment, name: str) -> Template:
    return deployment.inference if name == "inference" else deployment.storage


@pytest.mark.parametrize("name", ROLES)
def test_role_holds_exactly_its_statements(default: Deployment, name: str) -> None:
    template = _template(default, name)
    policies = [
        policy["PolicyDocument"]["Statement"]
        for policy in template.of_type("AWS::IAM::Policy").values()
        if f"${{{ROLES[name]}}}" in policy["Roles"]
    ]

    assert policies == [EXPECTED[name]]
    # Neither managed nor inline: nothing else is attached to the role.
    assert template.properties(ROLES[name]).keys() == {"AssumeRolePolicyDocument", "Tags"}


@pytest.mark.parametrize("name", ROLES)
def test_function_runs_under_its_own_role(default: Deployment, name: str) -> None:
    assert default.function(name)["Role"] == f"${{{ROLES[name]}.Arn}}"


@pytest.mark.parametrize("name", ROLES)
def test_only_lambda_takes_the_role(default: Deployment, name: str) -> None:
    trust = _template(default, name).properties(ROLES[name])["AssumeRolePolicyDocument"]

    assert trust["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": "lambda.amazonaws.com"},
        }
    ]


@pytest.mark.parametrize(
    ("name", "access_point"),
    [
        ("stage", "Everything"),
        ("reconcile", "Everything"),
        ("preparer", "Candidates"),
        ("publish", "Everything"),
        ("inference", "Models"),
    ],
)
def test_function_mounts_its_own_access_point(
    default: Deployment, name: str, access_point: str
) -> None:
    assert default.function(name)["FileSystemConfigs"] == [
        {"Arn": _access_point(access_point), "LocalMountPath": "/mnt/ml"}
    ]


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("Everything", "/export/lambda"),
        ("Candidates", "/export/lambda/candidates"),
        ("Models", "/export/lambda/models"),
    ],
)
def test_access_point_is_a_folder_of_one_user(default: Deployment, name: str, path: str) -> None:
    access_point = default.storage.properties(f"ModelStoreFileSystem{name}")

    assert access_point["FileSystemId"] == "${ModelStoreFileSystem}"
    assert access_point["PosixUser"] == {"Uid": "1001", "Gid": "1001"}
    assert access_point["RootDirectory"] == {
        "Path": path,
        "CreationInfo": {"OwnerUid": "1001", "OwnerGid": "1001", "Permissions": "750"},
    }


def test_there_is_no_further_access_point(default: Deployment) -> None:
    assert default.storage.of_type("AWS::EFS::AccessPoint").keys() == {
        "ModelStoreFileSystemEverything",
        "ModelStoreFileSystemCandidates",
        "ModelStoreFileSystemModels",
    }


def test_file_system_policy_only_denies(default: Deployment) -> None:
    policy = default.storage.properties("ModelStoreFileSystem")["FileSystemPolicy"]
    everybody = {"Effect": "Deny", "Principal": {"AWS": "*"}}

    assert policy["Statement"] == [
        {
            "Sid": "DenyUnencrypted",
            **everybody,
            "Action": "*",
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
        {
            "Sid": "DenyOutsideAccessPoints",
            **everybody,
            "Action": READ_WRITE,
            "Condition": {"Null": {"elasticfilesystem:AccessPointArn": "true"}},
        },
        {"Sid": "DenyRoot", **everybody, "Action": "elasticfilesystem:ClientRootAccess"},
        {
            "Sid": "DenyWriteExceptLoader",
            **everybody,
            "Action": "elasticfilesystem:ClientWrite",
            "Condition": {
                "ArnNotEquals": {
                    "aws:PrincipalArn": [
                        f"${{{ROLES[name]}.Arn}}"
                        for name in ("stage", "preparer", "publish", "reconcile")
                    ]
                }
            },
        },
    ]


def test_network_reaches_the_model_bucket_alone_and_only_reads(default: Deployment) -> None:
    (endpoint,) = default.storage.of_type("AWS::EC2::VPCEndpoint").values()

    assert endpoint["PolicyDocument"]["Statement"] == [
        {
            "Sid": "ReadModelBucket",
            "Effect": "Allow",
            "Principal": "*",
            "Action": [
                "s3:GetObject",
                "s3:GetObjectVersion",
                "s3:ListBucket",
                "s3:ListBucketVersions",
            ],
            "Resource": ["${ModelBucket.Arn}", "${ModelBucket.Arn}/*"],
        }
    ]


def test_bucket_and_queue_refuse_requests_without_tls(default: Deployment) -> None:
    bucket_policy = default.storage.properties("ModelBucketPolicy")["PolicyDocument"]
    queue_policy = default.storage.properties("ModelLoaderFailuresPolicy")["PolicyDocument"]
    without_tls = {
        "Effect": "Deny",
        "Principal": {"AWS": "*"},
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }

    assert bucket_policy["Statement"] == [
        {
            **without_tls,
            "Action": "s3:*",
            "Resource": ["${ModelBucket.Arn}", "${ModelBucket.Arn}/*"],
        }
    ]
    assert queue_policy["Statement"] == [
        {**without_tls, "Action": "sqs:*", "Resource": "${ModelLoaderFailures.Arn}"}
    ]


def test_only_the_bucket_and_the_schedule_may_invoke_the_loader(default: Deployment) -> None:
    by_bucket, by_schedule = default.storage.of_type("AWS::Lambda::Permission").values()

    assert by_bucket == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "${ModelLoaderStageFunction.Arn}",
        "Principal": "s3.amazonaws.com",
        "SourceAccount": "${AWS::AccountId}",
        "SourceArn": "${ModelBucket.Arn}",
    }
    assert by_schedule == {
        "Action": "lambda:InvokeFunction",
        "FunctionName": "${ModelLoaderReconcileFunction.Arn}",
        "Principal": "events.amazonaws.com",
        "SourceArn": "${ModelLoaderSchedule.Arn}",
    }


def test_only_routes_of_the_api_may_invoke_inference(default: Deployment) -> None:
    permissions = default.inference.of_type("AWS::Lambda::Permission").values()
    api = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${ApiRestApi}"

    assert {p["SourceArn"] for p in permissions} == {
        f"{api}/${{ApiRestApiDeploymentStagedev}}/{route}"
        for route in (
            *("POST/inference", "GET/models", "GET/models/*", "GET/models/*/openapi.json"),
            *("GET/openapi.json", "GET/v1/*", "POST/v1/*", "GET/v2", "GET/v2/*", "POST/v2/*"),
        )
    }
    assert {(p["FunctionName"], p["Principal"], p["Action"]) for p in permissions} == {
        ("${InferenceFunction.Arn}", "apigateway.amazonaws.com", "lambda:InvokeFunction")
    }


def test_there_is_no_further_role(default: Deployment) -> None:
    """CDK's own function sets the bucket's notifications; EC2 and API Gateway write their logs."""
    assert default.storage.of_type("AWS::IAM::Role").keys() == {
        *(ROLES[name] for name in ("stage", "preparer", "publish", "reconcile", "notifier")),
        "BucketNotificationsHandler050a0587b7544547bf325f094a3db834Role",
        "NetworkFlowLogRole",
    }
    assert default.inference.of_type("AWS::IAM::Role").keys() == {
        ROLES["inference"],
        "ApiRestApiCloudWatchRole",
    }
    handler = default.storage.properties("ModelBucketNotificationsHandlerPolicy")
    assert handler["PolicyDocument"]["Statement"] == [
        {
            "Effect": "Allow",
            "Action": "s3:PutBucketNotification",
            "Resource": "${ModelBucket.Arn}",
        }
    ]
