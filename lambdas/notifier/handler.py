"""Entry point of the notifier: sends one SNS message for each outcome of `publish`.

Another is sent for each version that inference puts aside, which its log tells.

The function runs outside of the VPC, which has no route to SNS. It sees no file system.
"""

import functools
import logging
from typing import TYPE_CHECKING, Any

import boto3

from notifier.notices import notices
from notifier.settings import NotifySettings
from serving.records import codec

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient


def handler(event: dict[str, Any], context: object) -> dict[str, int]:  # noqa: ARG001 (Lambda's signature)
    """Publish the notices of a destination record, or of lines of a log; return their number."""
    topic, sns = _topic()
    sent = 0
    for notice in notices(event):
        sns.publish(
            TopicArn=topic,
            Message=codec.dumps(notice),
            MessageAttributes={
                "type": {"DataType": "String", "StringValue": notice.type},
                "model": {"DataType": "String", "StringValue": notice.model or notice.key or "-"},
            },
        )
        sent += 1
    return {"sent": sent}


@functools.cache
def _topic() -> tuple[str, "SNSClient"]:
    settings = NotifySettings.from_env()
    logging.getLogger().setLevel(settings.log_level)
    return settings.topic_arn, boto3.client("sns")
