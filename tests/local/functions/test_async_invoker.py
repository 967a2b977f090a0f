import json

from local.functions.async_invoker import build_invocation_record
from local.functions.runtime_api import Invocation, InvocationResult

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"
INVOCATION = Invocation(b'{"a": "\xc3\xa9"}', "id-1")


def test_the_record_of_a_success() -> None:
    record = build_invocation_record(ARN, INVOCATION, "Success", 1, InvocationResult(b'"done"'))
    assert record.pop("timestamp")
    assert record == {
        "version": "1.0",
        "requestContext": {
            "requestId": "id-1",
            "functionArn": f"{ARN}:$LATEST",
            "condition": "Success",
            "approximateInvokeCount": 1,
        },
        "requestPayload": {"a": "é"},
        "responseContext": {"statusCode": 200, "executedVersion": "$LATEST"},
        "responsePayload": "done",
    }


def test_the_record_of_a_failure_tells_the_error() -> None:
    failure = InvocationResult.failed("no good", "ValueError")
    record = build_invocation_record(ARN, INVOCATION, "RetriesExhausted", 3, failure)
    assert record["responseContext"] == {
        "statusCode": 200,
        "executedVersion": "$LATEST",
        "functionError": "Unhandled",
    }
    assert record["responsePayload"] == {"errorMessage": "no good", "errorType": "ValueError"}


def test_an_event_too_old_to_be_tried_has_no_response() -> None:
    record = build_invocation_record(ARN, INVOCATION, "EventAgeExceeded", 0, None)
    assert record["responseContext"] is record["responsePayload"] is None


def test_the_record_is_json() -> None:
    record = build_invocation_record(ARN, INVOCATION, "Success", 1, InvocationResult(b"null"))
    assert json.loads(json.dumps(record)) == record
