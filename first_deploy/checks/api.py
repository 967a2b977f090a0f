"""What API Gateway lets through, and how it refuses."""

from first_deploy.access import Answer
from first_deploy.check import check
from first_deploy.documentation import API_ERRORS, API_SIZES, adr
from first_deploy.models import COMPILED
from first_deploy.result import Differs
from first_deploy.stage import Stage

MB = 1_000_000
LARGE, TOO_LARGE = int(4.4 * MB), 7 * MB


@check(
    5,
    "An unsigned request is refused",
    expected="403 with the code MISSING_AUTHENTICATION_TOKEN",
    rests_on=(API_ERRORS, "docs/api.md"),
    needs=(2,),
)
def unsigned(stage: Stage) -> str:
    """Ask without a signature."""
    return _refused(stage.access.call("GET", "/models", sign=False), "MISSING_AUTHENTICATION_TOKEN")


@check(
    6,
    "A wrongly signed request is refused",
    expected="403 with the code INVALID_SIGNATURE",
    rests_on=(API_ERRORS, "docs/api.md"),
    needs=(2,),
)
def wrongly_signed(stage: Stage) -> str:
    """Sign with another secret."""
    return _refused(stage.access.call("GET", "/models", secret="x" * 40), "INVALID_SIGNATURE")


@check(
    7,
    "A browser's preflight is answered",
    expected="2xx with Access-Control-Allow-Origin, unsigned",
    rests_on=(API_ERRORS, adr(13)),
    needs=(2,),
)
def preflight(stage: Stage) -> str:
    """Ask as a browser does before it sends JSON to another origin."""
    headers = {
        "Origin": "https://app.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type,authorization",
    }
    answer = stage.access.call("OPTIONS", "/inference", sign=False, headers=headers)
    allowed = answer.headers.get("access-control-allow-origin")
    if answer.status // 100 != 2 or allowed is None:
        raise Differs(answer.text)
    return f"{answer.status}, allowed are {allowed}"


@check(
    12,
    "A request of 4.4 MB is answered, one of 7 MB is refused",
    expected="200, and 413",
    rests_on=(API_SIZES, adr(13)),
    needs=(10,),
    here="API Gateway's own limits: the local ones follow its documentation",
)
def sizes(stage: Stage) -> str:
    """Pad a body with blanks to both sizes."""
    _, rows, _ = COMPILED.upload(1)
    body = f'{{"model": "{COMPILED.name}", "instances": {rows}}}'.encode()
    found = {
        size: stage.access.call("POST", "/inference", body.ljust(size))
        for size in (LARGE, TOO_LARGE)
    }
    told = "; ".join(f"{size / MB:g} MB: {answer.text}" for size, answer in found.items())
    if (found[LARGE].status, found[TOO_LARGE].status) != (200, 413):
        raise Differs(told)
    return told


def _refused(answer: Answer, code: str) -> str:
    try:
        found = answer.json["error"]["code"]
    except (ValueError, KeyError, TypeError):
        raise Differs(answer.text) from None
    if (answer.status, found) != (403, code):
        raise Differs(answer.text)
    return f"{answer.status} {found}"
