"""The topic of notices, and the alarm for failures."""

from tests.stacks.deployment import Deployment


def test_the_notifier_stands_outside_of_the_network(default: Deployment) -> None:
    function = default.function("notifier")

    assert function["Handler"] == "notifier.handler.handler"
    assert not {"VpcConfig", "FileSystemConfigs"} & function.keys()


def test_what_nobody_could_handle_raises_an_alarm(default: Deployment) -> None:
    alarm = default.storage.properties("ModelLoaderNoticesFailuresAlarm")

    assert alarm["AlarmActions"] == ["${ModelLoaderNoticesTopic}"]
    assert alarm["MetricName"] == "ApproximateNumberOfMessagesVisible"
    assert alarm["Dimensions"] == [
        {"Name": "QueueName", "Value": "${ModelLoaderFailures.QueueName}"}
    ]
    assert (alarm["Threshold"], alarm["ComparisonOperator"]) == (0, "GreaterThanThreshold")


def test_the_alarm_may_speak_to_the_topic(default: Deployment) -> None:
    """The topic's policy replaces SNS's default, which lets in every service of the account."""
    policy = default.storage.properties("ModelLoaderNoticesTopicPolicy")
    tls, *others = policy["PolicyDocument"]["Statement"]

    assert tls["Effect"] == "Deny"
    assert tls["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert others == [
        {
            "Sid": "LetFailuresAlarmPublish",
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "${ModelLoaderNoticesTopic}",
            "Condition": {
                "ArnEquals": {"aws:SourceArn": "${ModelLoaderNoticesFailuresAlarm.Arn}"},
                "StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"},
            },
        }
    ]
