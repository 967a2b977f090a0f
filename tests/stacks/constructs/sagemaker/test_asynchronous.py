"""Asynchronous requests: their bucket, their permissions and their scaling."""

from tests.stacks.constructs.sagemaker.templates import NAMES, allowed, config, physical
from tests.stacks.deployment import Template


def test_asynchronous_requests_go_through_the_exchange(template: Template) -> None:
    bucket = "s3://${ExchangeBucket}"

    assert config(template, "text")["AsyncInferenceConfig"] == {
        "ClientConfig": {"MaxConcurrentInvocationsPerInstance": 2},
        "OutputConfig": {
            "S3OutputPath": f"{bucket}/outputs/{physical('text')}/",
            "S3FailurePath": f"{bucket}/failures/{physical('text')}/",
            "NotificationConfig": {
                "SuccessTopic": "${ExchangeSuccess}",
                "ErrorTopic": "${ExchangeError}",
            },
        },
    }
    assert [n for n in NAMES if "AsyncInferenceConfig" in config(template, n)] == ["text"]


def test_an_asynchronous_container_takes_large_bodies_and_long_waits(template: Template) -> None:
    container = template.properties("EndpointtextModelgptModel")["PrimaryContainer"]

    assert container["Environment"] == {
        "MODELMOUNT_MAX_PAYLOAD_BYTES": "1073741824",
        "MMS_MAX_REQUEST_SIZE": "1073741824",
        "MMS_MAX_RESPONSE_SIZE": "1073741824",
        "TS_MAX_REQUEST_SIZE": "1073741824",
        "TS_MAX_RESPONSE_SIZE": "1073741824",
        "SAGEMAKER_MODEL_SERVER_TIMEOUT": "3600",
        "MMS_DEFAULT_RESPONSE_TIMEOUT": "3600",
        "TS_DEFAULT_RESPONSE_TIMEOUT": "3600",
    }


def test_an_asynchronous_role_reads_inputs_and_writes_answers_of_its_own(
    template: Template,
) -> None:
    found = allowed(template, "EndpointtextModelgptRole")
    bucket = "${ExchangeBucket.Arn}"

    assert found["s3:GetObject"] == {
        "arn:${AWS::Partition}:s3:::models/gpt/1.tar.gz",
        f"{bucket}/inputs/{physical('text')}/*",
    }
    assert found["s3:PutObject"] == {
        f"{bucket}/outputs/{physical('text')}/*",
        f"{bucket}/failures/{physical('text')}/*",
    }
    assert found["s3:AbortMultipartUpload"] == found["s3:PutObject"]
    assert found["sns:Publish"] == {"${ExchangeSuccess}", "${ExchangeError}"}


def test_an_asynchronous_endpoint_scales_from_none_by_its_backlog(template: Template) -> None:
    targets = template.of_type("AWS::ApplicationAutoScaling::ScalableTarget")
    policies = template.of_type("AWS::ApplicationAutoScaling::ScalingPolicy")
    dimension = [{"Name": "EndpointName", "Value": physical("text")}]

    target = targets["EndpointtextScalingTargetgpt"]
    assert target == {
        "ServiceNamespace": "sagemaker",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
        "ResourceId": f"endpoint/{physical('text')}/variant/gpt",
        "MinCapacity": 0,
        "MaxCapacity": 4,
        "Tags": target["Tags"],
    }
    tracking = policies["EndpointtextScalingTrackinggpt"]
    assert tracking["PolicyType"] == "TargetTrackingScaling"
    assert tracking["TargetTrackingScalingPolicyConfiguration"] == {
        "TargetValue": 3,
        "ScaleInCooldown": 300,
        "ScaleOutCooldown": 300,
        "CustomizedMetricSpecification": {
            "MetricName": "ApproximateBacklogSizePerInstance",
            "Namespace": "AWS/SageMaker",
            "Statistic": "Average",
            "Dimensions": dimension,
        },
    }
    step = policies["EndpointtextScalingFromNonegpt"]["StepScalingPolicyConfiguration"]
    assert step["AdjustmentType"] == "ChangeInCapacity"
    assert step["StepAdjustments"] == [{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}]
    alarm = template.properties("EndpointtextScalingWaitinggpt")
    assert alarm["MetricName"] == "HasBacklogWithoutCapacity"
    assert (alarm["Dimensions"], alarm["Threshold"]) == (dimension, 1)
    assert alarm["AlarmActions"] == ["${EndpointtextScalingFromNonegpt}"]


def test_the_exchange_is_private_and_empties_itself(template: Template) -> None:
    bucket = template.properties("ExchangeBucket")
    rules = {
        rule["Prefix"]: rule["ExpirationInDays"]
        for rule in bucket["LifecycleConfiguration"]["Rules"]
        if "Prefix" in rule
    }

    assert rules == {
        **dict.fromkeys(("inputs/", "requests/", "outputs/", "failures/"), 3),
        "capture/": 30,
    }
    assert all(bucket["PublicAccessBlockConfiguration"].values())
    assert "BucketEncryption" in bucket
    policy = template.properties("ExchangeBucketPolicy")
    (statement,) = policy["PolicyDocument"]["Statement"]
    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert bucket["CorsConfiguration"]["CorsRules"][0]["AllowedOrigins"] == [
        "https://a.example",
        "https://b.example",
    ]
