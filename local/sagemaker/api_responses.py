"""The answers of SageMaker's API."""

from aiohttp import web

from local.sagemaker.container import ContainerResponse
from local.sagemaker.running_endpoint import RunningEndpoint


def endpoint_description(running: RunningEndpoint) -> dict[str, object]:
    """Returns the answer of DescribeEndpoint."""
    return {
        "EndpointName": running.endpoint.name,
        "EndpointArn": running.endpoint.arn,
        "EndpointStatus": "InService",
        "CreationTime": 0,
        "LastModifiedTime": 0,
        "ProductionVariants": [
            {
                "VariantName": name,
                "CurrentWeight": weight,
                "DesiredWeight": weight,
                "CurrentInstanceCount": 1,
            }
            for name, weight in running.weights.items()
        ],
    }


def invocation_response(variant: str, answer: ContainerResponse) -> web.Response:
    """Builds the answer of InvokeEndpoint from a container's."""
    if answer.status != 200:
        return model_error(answer)
    headers = {"Content-Type": answer.content_type, "x-Amzn-Invoked-Production-Variant": variant}
    return web.Response(body=answer.body, headers=headers)


def model_error(answer: ContainerResponse) -> web.Response:
    """Builds a ModelError, which quotes the container."""
    text = answer.body.decode("utf-8", "replace")
    side = "client" if 400 <= answer.status < 500 else "server"
    message = f'Received {side} error ({answer.status}) from primary with message "{text}".'
    more = {"OriginalStatusCode": answer.status, "OriginalMessage": text, "LogStreamArn": "local"}
    return error_response(424, "ModelError", message, **more)


def error_response(status: int, kind: str, message: str, **more: object) -> web.Response:
    """Builds an error of SageMaker's API."""
    return web.json_response(
        {"Message": message, **more}, status=status, headers={"X-Amzn-ErrorType": kind}
    )
