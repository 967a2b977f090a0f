"""A temporary Lambda function that is like one of the stage, but runs our code."""

import contextlib
import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from botocore.exceptions import ClientError, WaiterError

from first_deploy.result import Differs

HERE = Path(__file__).parent
RUNTIME, QUESTIONS = HERE / "runtime.py", HERE / "questions.py"
PYTHON = "/var/lang/bin/python3"  # where AWS's base images have it
SECONDS = 60
COPIED = ("Role", "MemorySize", "Architectures", "FileSystemConfigs", "Environment", "Runtime")


class ProbeFunction:
    """A probe; leaving it deletes it."""

    def __init__(self, functions: Any, name: str) -> None:
        self._functions = functions
        self._name = name

    @classmethod
    def create(
        cls,
        functions: Any,
        name: str,
        like: Mapping[str, Any],
        changed: Mapping[str, Any],
    ) -> Self:
        """Make a probe from `get_function` of the function that it is like.

        Args:
            functions: a client of Lambda.
            changed: properties that differ.

        Raises:
            Differs: Lambda doesn't make it; the text says why.
        """
        _delete(functions, name)  # of a run that was cut off
        try:
            functions.create_function(FunctionName=name, **properties(like), **changed)
            functions.get_waiter("function_active_v2").wait(FunctionName=name)
        except (ClientError, WaiterError) as error:
            _delete(functions, name)
            raise Differs(f"Lambda makes no such function: {error}") from error
        return cls(functions, name)

    def ask(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Ask questions by name; raises Differs where the function fails."""
        event = {"code": QUESTIONS.read_text("utf-8"), "arguments": arguments}
        try:
            answer = self._functions.invoke(FunctionName=self._name, Payload=json.dumps(event))
        except ClientError as error:
            raise Differs(f"{error.response['Error']['Code']}: {error}") from error
        payload: dict[str, Any] = json.loads(answer["Payload"].read())
        if "FunctionError" in answer:
            raise Differs(f"{payload.get('errorType')}: {payload.get('errorMessage')}")
        return payload

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        _delete(self._functions, self._name)


def properties(like: Mapping[str, Any]) -> dict[str, Any]:
    """Return what `create_function` takes for a function like this one."""
    found = like["Configuration"]
    copied = {name: found[name] for name in COPIED if name in found}
    network = found.get("VpcConfig", {})
    if "Environment" in copied:
        copied["Environment"] = {"Variables": found["Environment"].get("Variables", {})}
    return {
        **copied,
        "Timeout": SECONDS,
        "VpcConfig": {
            "SubnetIds": network.get("SubnetIds", []),
            "SecurityGroupIds": network.get("SecurityGroupIds", []),
        },
        # The role may write into this group alone.
        "LoggingConfig": {"LogGroup": found["LoggingConfig"]["LogGroup"]},
        # Those of CloudFormation itself can't be given.
        "Tags": {k: v for k, v in like.get("Tags", {}).items() if not k.startswith("aws:")},
        **_code(like),
    }


def _code(like: Mapping[str, Any]) -> dict[str, Any]:
    runtime = RUNTIME.read_text("utf-8")
    if like["Configuration"].get("PackageType") == "Image":
        return {
            "PackageType": "Image",
            "Code": {"ImageUri": like["Code"]["ImageUri"]},
            "ImageConfig": {"EntryPoint": [PYTHON, "-c", runtime], "Command": ["probe"]},
        }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        entry = zipfile.ZipInfo("probe.py")
        entry.external_attr = 0o644 << 16  # Lambda's user has to be able to read it
        archive.writestr(entry, runtime)
    return {"Handler": "probe.handler", "Code": {"ZipFile": packed.getvalue()}}


def _delete(functions: Any, name: str) -> None:
    with contextlib.suppress(functions.exceptions.ResourceNotFoundException):
        functions.delete_function(FunctionName=name)
