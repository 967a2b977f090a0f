"""Reads the template of the SageMaker stack."""

import hashlib
from typing import Any

from tests.stacks.configurations import SAGEMAKER
from tests.stacks.deployment import Template

NAMES = ("vision", "text", "trial", "many", "chat", "rare")


def physical(name: str) -> str:
    """Returns an endpoint's name on AWS, with a hash of its variants' names."""
    endpoints: Any = SAGEMAKER["endpoints"]
    endpoint = endpoints[name]
    variants = [
        *endpoint["variants"],
        *([endpoint["shadow"]["name"]] if "shadow" in endpoint else []),
    ]
    digest = hashlib.sha256("/".join(sorted(variants)).encode()).hexdigest()
    return f"modelmount-prod-{digest[:4]}-{name}"


def config(template: Template, name: str) -> dict[str, Any]:
    return template.properties(f"Endpoint{name}Config")


def made(template: Template, name: str) -> dict[str, Any]:
    return template.properties(f"Endpoint{name}Endpoint")


def statements(template: Template, role: str) -> list[dict[str, Any]]:
    return [
        statement
        for policy in template.of_type("AWS::IAM::Policy").values()
        if f"${{{role}}}" in policy["Roles"]
        for statement in policy["PolicyDocument"]["Statement"]
    ]


def allowed(template: Template, role: str) -> dict[str, Any]:
    """Returns resources by action, however statements were merged."""
    found: dict[str, set[str]] = {}
    for statement in statements(template, role):
        assert statement["Effect"] == "Allow"
        for action in _several(statement["Action"]):
            found.setdefault(action, set()).update(_several(statement["Resource"]))
    return found


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
