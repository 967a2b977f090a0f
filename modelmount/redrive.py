"""Events that could not be handled, sent again to the function that failed."""

import json
from collections.abc import Iterator

from modelmount.target import Target


def redrive(target: Target) -> Iterator[str]:
    """Send each event of the queue to its function again; yield a line about each.

    A message leaves the queue once Lambda has taken its event. One that is no failed event of a
    function stays, and is told.
    """
    while True:
        answer = target.queues.receive_message(
            QueueUrl=target.failures_queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=1
        )
        messages = answer.get("Messages", [])
        if not messages:
            return
        for message in messages:
            try:
                record = json.loads(message["Body"])
                function = record["requestContext"]["functionArn"].removesuffix(":$LATEST")
                payload = record["requestPayload"]
            except (ValueError, KeyError, TypeError):
                yield f"left in the queue, not an event of a function: {message['Body'][:200]}"
                continue
            target.functions.invoke(
                FunctionName=function,
                InvocationType="Event",
                Payload=json.dumps(payload).encode(),
            )
            target.queues.delete_message(
                QueueUrl=target.failures_queue_url, ReceiptHandle=message["ReceiptHandle"]
            )
            reason = (record.get("responsePayload") or {}).get("errorMessage", "no detail")
            yield f"sent again to {function.rpartition(':')[2]}; it had failed with: {reason}"
