"""Parameters of a request that stand beside its body: in its URL, or in SageMaker's attributes."""

import msgspec

from serving.api.contract import DEFAULTS, Parameters
from serving.api.routing import Request
from serving.errors import BadRequest

# SageMaker hands a container no query; clients set this header by CustomAttributes:
# https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html
ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
TARGET = ("model", "version")  # which the URL names for bodies that can't
NAMES = Parameters.__struct_fields__


def merged(body: Parameters, request: Request, *, others: tuple[str, ...] = ()) -> Parameters:
    """Return the parameters of a body and of its request, as `?method=predict_proba`.

    Args:
        others: names in the URL that aren't parameters.

    Raises:
        BadRequest: a parameter isn't known or can't be, or body and request contradict.
    """
    asked = stated(request, others=others)
    if not asked:
        return body
    try:
        given = msgspec.convert(asked, Parameters, strict=False)
    except msgspec.ValidationError as error:
        text, _, path = str(error).partition(" - at `$.")
        name = path.rstrip("`")
        raise BadRequest(f"The parameter {name} in the URL: {text}.", field=f"?{name}") from error
    for name in asked:
        own, wanted = getattr(body, name), getattr(given, name)
        if own not in (getattr(DEFAULTS, name), wanted):
            text = f"The body says {name}={own!r:.80}, and the URL {name}={wanted!r:.80}."
            raise BadRequest(f"{text} Send one of them.", field=f"?{name}")
    return msgspec.structs.replace(body, **{name: getattr(given, name) for name in asked})


def stated(request: Request, *, others: tuple[str, ...] = ()) -> dict[str, str]:
    """Return what the request says outside of its body; raises `BadRequest` for unknown names."""
    asked = {name: value for name, value in request.query.items() if name not in others}
    for name in asked:
        if name not in NAMES:
            known = ", ".join((*NAMES, *others))
            raise BadRequest(
                f"There is no parameter {name!r:.80}; the URL takes {known}.", field=f"?{name:.80}"
            )
    attributes = request.header(ATTRIBUTES)
    return _attributes(attributes) | asked if attributes else asked


def _attributes(header: str) -> dict[str, str]:
    """Read `method=predict_proba`; the header is the caller's own, so all else is passed over."""
    pairs = (part.partition("=") for part in header.replace("&", ";").replace(",", ";").split(";"))
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in NAMES}
