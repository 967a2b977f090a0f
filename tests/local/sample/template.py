"""The sample: a bucket, three functions in a chain, a queue and an API."""

from tests.local.sample.resources import (
    Template,
    event_invoke_config,
    function,
    get_att,
    permission,
    role,
)
from tests.local.sample.rest_api import rest_api


def sample_template() -> Template:
    """Returns the resources of the sample's only stack."""
    mount = {"Arn": get_att("Point"), "LocalMountPath": "/mnt/data"}
    return {
        "Files": {"Type": "AWS::EFS::FileSystem"},
        "Point": {
            "Type": "AWS::EFS::AccessPoint",
            "Properties": {
                "FileSystemId": {"Ref": "Files"},
                "PosixUser": {"Uid": "1003", "Gid": "1001"},
                "RootDirectory": {"Path": "/sink", "CreationInfo": {"Permissions": "750"}},
            },
        },
        "Bucket": {
            "Type": "AWS::S3::Bucket",
            "Properties": {"VersioningConfiguration": {"Status": "Enabled"}},
        },
        "Queue": {"Type": "AWS::SQS::Queue"},
        "StageRole": role(("s3:GetObject", "*"), ("lambda:InvokeFunction", get_att("Sink"))),
        "Role": role(("sqs:SendMessage", get_att("Queue"))),
        "Stage": function("app.stage", "StageRole", Timeout=1),
        "Sink": function(
            "app.sink",
            FileSystemConfigs=[mount],
            Environment={"Variables": {"SINK_DIR": "/mnt/data", "ABOVE": "/mnt/database"}},
        ),
        "StageEvents": event_invoke_config("Stage", 1, {"OnSuccess": "Sink", "OnFailure": "Sink"}),
        "SinkEvents": event_invoke_config("Sink", 0, {"OnFailure": "Queue"}),
        "Notifications": {
            "Type": "Custom::S3BucketNotifications",
            "Properties": {
                "ServiceToken": get_att("Notifier"),
                "BucketName": {"Ref": "Bucket"},
                "NotificationConfiguration": {
                    "LambdaFunctionConfigurations": [
                        {
                            "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                            "LambdaFunctionArn": get_att("Stage"),
                            "Filter": {
                                "Key": {"FilterRules": [{"Name": "suffix", "Value": ".bin"}]}
                            },
                        }
                    ]
                },
            },
        },
        "Notifier": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "nodejs22.x"}},
        "BucketPermission": permission("Stage", "s3.amazonaws.com", get_att("Bucket")),
        **rest_api(),
    }
