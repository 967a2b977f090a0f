"""The name of a model on a multi-model endpoint: its path below the variant's prefix in S3."""

import re

from sagemaker_proxy.messages import Refusal
from sagemaker_proxy.settings import Endpoint

ARCHIVE = ".tar.gz"
# As a header takes it: API_runtime_InvokeEndpoint.html#API_runtime_InvokeEndpoint_RequestSyntax
NAME = re.compile(r"[!-~][ -~]{0,1016}")


def target_model(endpoint: Endpoint, name: str | None) -> str | None:
    """Return SageMaker's name of the model; raises `Refusal` for an impossible one.

    Args:
        name: the requested name, with or without `.tar.gz`; None where the request has none.
    """
    if not endpoint.multi_model:
        if name is not None:
            text = f"The endpoint {endpoint.name!r} has one model: leave out ?model=."
            raise Refusal(400, "BAD_MODEL", text)
        return None
    if name is None:
        text = f"The endpoint {endpoint.name!r} has many models: say which with ?model=NAME."
        raise Refusal(400, "BAD_MODEL", text)
    if not NAME.fullmatch(name) or ".." in name.split("/"):
        text = f"{name!r:.100} names no model: it is the archive's path below the prefix, in ASCII."
        raise Refusal(400, "BAD_MODEL", text)
    return name.removesuffix(ARCHIVE) + ARCHIVE
