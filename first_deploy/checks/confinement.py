"""What model code could reach from where it runs, and what it can be confined by."""

from typing import Any

from first_deploy.check import check
from first_deploy.checks.mounts import INFERENCE, PREPARER
from first_deploy.documentation import (
    ENDPOINTS,
    IAM_SIMULATOR,
    LAMBDA_IMAGES,
    LAMBDA_MEMORY,
    LAMBDA_NETWORK,
    LANDLOCK,
    adr,
)
from first_deploy.result import Differs
from first_deploy.stage import Stage

NO_LAMBDA = "functions here are processes of this machine, with its network and its kernel"
LIBRARIES = ("numpy", "sklearn", "lightgbm", "xgboost", "onnxruntime")
# What the code of inference and of the preparer must not be allowed, wherever it could reach.
REFUSED_ACTIONS = (
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
    "lambda:UpdateFunctionCode",
    "lambda:GetFunction",
    "sns:Publish",
    "ssm:GetParameter",
    "secretsmanager:GetSecretValue",
    "sts:AssumeRole",
    "iam:PassRole",
    "dynamodb:Scan",
    "elasticfilesystem:ClientRootAccess",
)
WHERE = {INFERENCE: "inference", PREPARER: "preparer"}


@check(
    22,
    "Model code reaches nothing on the network",
    expected="neither addresses of the internet nor AWS's services but S3's own",
    rests_on=(LAMBDA_NETWORK, ENDPOINTS, "docs/security.md"),
    needs=(2,),
    aws_alone=NO_LAMBDA,
)
def no_way_out(stage: Stage) -> str:
    """Try to connect in the place of inference and of the preparer."""
    region = stage.access.session.region_name
    services = ("lambda", "sts", "sqs", "sns", "logs", "ssm")
    hosts = ["1.1.1.1", "example.com", *(f"{name}.{region}.amazonaws.com" for name in services)]
    told = []
    for function, name in WHERE.items():
        with stage.aws.probe(function, f"reach-{name}") as probe:
            found = probe.ask({"reach": [[host, 443] for host in hosts]})["reach"]
        open_hosts = [host for host, answer in found.items() if answer == "connected"]
        if open_hosts:
            raise Differs(f"{name} reaches {', '.join(open_hosts)}")
        told.append(f"{name}: none of {len(hosts)}")
    return "; ".join(told)


@check(
    23,
    "The roles of model code allow nothing of value",
    expected="IAM's simulator denies each action",
    rests_on=(IAM_SIMULATOR, adr(3), "docs/security.md"),
    needs=(2,),
    aws_alone="there is no IAM",
)
def no_permissions(stage: Stage) -> str:
    """Let IAM decide about both roles."""
    iam = stage.aws.client("iam")
    for function, name in WHERE.items():
        role = stage.aws.function(function)["Configuration"]["Role"]
        answer = iam.simulate_principal_policy(
            PolicySourceArn=role, ActionNames=list(REFUSED_ACTIONS)
        )
        allowed = [
            result["EvalActionName"]
            for result in answer["EvaluationResults"]
            if result["EvalDecision"] == "allowed"
        ]
        if allowed:
            raise Differs(f"{name} is allowed {', '.join(allowed)}")
    return f"none of {len(REFUSED_ACTIONS)} actions is allowed to either role"


@check(
    24,
    "The image runs on Lambda's machine",
    expected="its architecture, Python 3.13, every library imports (OpenMP among them)",
    rests_on=(LAMBDA_IMAGES, LAMBDA_MEMORY, "docs/container.md"),
    needs=(2,),
    aws_alone="the local system runs on this machine's Python and libraries",
)
def image(stage: Stage) -> str:
    """Import the libraries in the place of inference, and time a loop."""
    configuration = stage.aws.function(INFERENCE)["Configuration"]
    with stage.aws.probe(INFERENCE, "image") as probe:
        found = probe.ask({"machine": None, "libraries": list(LIBRARIES)})
    machine: dict[str, Any] = found["machine"]
    told = f"{configuration['MemorySize']} MB: {machine}; {found['libraries']}"
    architecture = {"x86_64": "x86_64", "arm64": "aarch64"}[configuration["Architectures"][0]]
    missing = [name for name, said in found["libraries"].items() if said.startswith("not ")]
    if missing or machine["architecture"] != architecture or "3.13" not in machine["python"]:
        raise Differs(told)
    return told


@check(
    25,
    "Lambda's kernel lets a child be confined",
    expected="seccomp filters and PR_SET_DUMPABLE; Landlock and user namespaces as they come",
    rests_on=(LANDLOCK, "docs/security.md"),
    needs=(2,),
    aws_alone=NO_LAMBDA,
)
def kernel(stage: Stage) -> str:
    """Try each means in a child, in the place of inference."""
    with stage.aws.probe(INFERENCE, "kernel") as probe:
        found: dict[str, str] = probe.ask({"confinement": None})["confinement"]
    told = ", ".join(f"{name}: {said}" for name, said in found.items())
    if found["seccomp_filter"] != "yes" or found["not_dumpable"] != "yes":
        raise Differs(told)
    return told
