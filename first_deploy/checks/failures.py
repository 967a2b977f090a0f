"""What becomes of a bad upload and of an event that can't be handled, and who hears of it."""

import json
from typing import Any

from first_deploy.check import check
from first_deploy.documentation import LAMBDA_ASYNC, LAMBDA_RECORDS, SNS_SQS, adr
from first_deploy.models import COMPILED
from first_deploy.result import Differs
from first_deploy.stage import Stage, wait
from modelmount.operations import operate

BAD = "first-text"
REFUSED_SECONDS = 120.0
HEARD_SECONDS = 60.0
# Lambda waits one minute before the first retry and two before the second.
RETRIED_SECONDS = 420.0
MARK = "first-deploy"
TRIES = 3


@check(
    8,
    "A bad upload is refused with the reason",
    expected="rejected; the reason says what to do",
    rests_on=(LAMBDA_RECORDS, "docs/operations.md"),
    needs=(2,),
    here="IAM and Lambda's own destinations",
)
def refused(stage: Stage) -> str:
    """Upload text as a model."""
    s3 = stage.access.client("s3")
    s3.put_object(Bucket=stage.access.bucket, Key=f"{BAD}/1/model.joblib", Body=b"just text")
    entry = stage.wait_for_version(BAD, 1, REFUSED_SECONDS)
    told = f"{entry['state']}: {entry.get('reason')}"
    if entry["state"] != "rejected" or "joblib.dump" not in told:
        raise Differs(told)
    return told


@check(
    11,
    "Notices reach a subscriber",
    expected="a queue that subscribes to the topic gets `pinned` and `unpinned`",
    rests_on=(SNS_SQS, adr(7)),
    needs=(10,),
    here="IAM and SNS",
)
def heard(stage: Stage) -> str:
    """Subscribe a queue, and pin and unpin a model."""
    access = stage.access
    queues, topics = access.client("sqs"), access.client("sns")
    url = queues.create_queue(QueueName=f"modelmount-{stage.deployment.stage}-heard")["QueueUrl"]
    stage.journal.note(f"sqs:{url}")
    arn = queues.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    _let_in(queues, url, arn["QueueArn"], access.topic)
    topics.subscribe(TopicArn=access.topic, Protocol="sqs", Endpoint=arn["QueueArn"])
    operate(access.target, "pin", COMPILED.name, "1")
    operate(access.target, "unpin", COMPILED.name, None)
    types: set[str] = set()

    def both() -> set[str] | None:
        messages = _received(queues, url)
        types.update(json.loads(json.loads(m["Body"])["Message"])["type"] for m in messages)
        return types if {"pinned", "unpinned"} <= types else None

    wait(both, HEARD_SECONDS, "the notices weren't heard")
    return f"heard {', '.join(sorted(types))}"


@check(
    17,
    "An event that can't be handled is tried again, and then kept",
    expected=f"in the queue Failures after {TRIES} tries, as RetriesExhausted",
    rests_on=(LAMBDA_ASYNC, LAMBDA_RECORDS, adr(3)),
    needs=(2,),
    here="Lambda's own waiting times: one minute, then two",
)
def kept(stage: Stage) -> str:
    """Send the function `Publish` what is no event of it."""
    target = stage.access.target
    payload = json.dumps({MARK: stage.journal.run})
    target.functions.invoke(
        FunctionName=target.operations_function, InvocationType="Event", Payload=payload.encode()
    )
    url = target.failures_queue_url

    def ours() -> dict[str, Any] | None:
        for message in _received(target.queues, url):
            record: dict[str, Any] = json.loads(message["Body"])
            if record.get("requestPayload", {}).get(MARK) == stage.journal.run:
                target.queues.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                return record
        return None

    context = wait(ours, RETRIED_SECONDS, "the event wasn't kept")["requestContext"]
    told = f"{context['condition']} after {context['approximateInvokeCount']} tries"
    if told != f"RetriesExhausted after {TRIES} tries":
        raise Differs(told)
    return told


def _let_in(queues: Any, url: str, arn: str, topic: str) -> None:
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"},
        "Action": "sqs:SendMessage",
        "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    queues.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})


def _received(queues: Any, url: str) -> list[dict[str, Any]]:
    answer = queues.receive_message(QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=1)
    messages: list[dict[str, Any]] = answer.get("Messages", [])
    return messages
