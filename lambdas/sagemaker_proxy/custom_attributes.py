"""The attributes that SageMaker hands a container with a request; it hands on no query."""

import re

from sagemaker_proxy.messages import Refusal, Request

HEADER = "x-amzn-sagemaker-custom-attributes"
OWN = ("model", "upload")  # of the query, for the proxy itself
# As a header takes them: API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_RequestSyntax
ATTRIBUTES = re.compile(r"[ -~]{1,1024}")


def custom_attributes(request: Request) -> str | None:
    """Return the caller's attributes and the query's parameters, as `method=predict_proba`.

    Raises:
        Refusal: they are too long, or not in ASCII.
    """
    query = (f"{name}={value}" for name, value in request.query.items() if name not in OWN)
    own = request.headers.get(HEADER)
    told = ";".join((*((own,) if own else ()), *query))
    if told and not ATTRIBUTES.fullmatch(told):
        text = "The parameters of the URL are handed on in 1024 ASCII characters at most."
        raise Refusal(400, "BAD_PARAMETERS", text)
    return told or None
