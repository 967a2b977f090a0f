"""The import rules: who stands above whom, and what none of a folder's code imports.

`python -m tests.import_rules` prints the drawings of ARCHITECTURE.md.
"""

from pathlib import Path

from tests import import_graph

# Everything under `lambdas/`, top to bottom: a room imports rooms in lines below its own.
ROOMS = (
    "inference loader dispatcher preparer notifier sagemaker_proxy container",
    "preparation",
    "own_code",
    "serving.api",
    "serving.service",
    "workers",
    "serving.cache serving.repository",
    "serving.formats",
    "serving.records",
    "serving.settings",
    "serving.errors",
    "modelmount_compiler",
    "confinement environments",
)
# The same inside the compiler.
COMPILER_ROOMS = (
    "api",
    "verify",
    "convert",
    "frameworks",
    "program instances",
    "compilation independence chain",
    "signature errors",
    "error_texts column_types tensors suggestions",
)
# The same inside the loader.
LOADER_ROOMS = (
    "handler",
    "publish operate reconcile settings",
    "answers failures",
    "staging",
    "archives",
    "transfer",
    "bucket",
)
# What none of the code in a folder imports.
WITHOUT = {
    "stacks": "lambdas local",
    "local": "lambdas stacks aws_cdk",
    "modelmount": "lambdas stacks local aws_cdk",
    "first_deploy": "lambdas stacks aws_cdk",
    "lambdas/serving": "boto3 botocore aws_lambda_powertools awslambdaric WEB",
    "lambdas/own_code": "boto3 botocore aws_lambda_powertools awslambdaric WEB",
    "lambdas/preparation": "boto3 botocore aws_lambda_powertools awslambdaric WEB",
    "lambdas/confinement": "boto3 botocore numpy msgspec awslambdaric WEB",
    "lambdas/modelmount_compiler": "boto3 botocore msgspec awslambdaric WEB",
    **{f"lambdas/{function}": "WEB" for function in ROOMS[0].split() if function != "container"},
}
WEB = "starlette uvicorn granian fastapi torch transformers"
LAMBDAS = "serving preparation own_code confinement environments modelmount_compiler " + ROOMS[0]


def room_of(module: str, rooms: tuple[str, ...]) -> tuple[str, int] | None:
    """Return the room that a module lies in and the line that it stands in, from the top."""
    for line, names in enumerate(rooms):
        for name in names.split():
            if module == name or module.startswith(f"{name}."):
                return name, line
    return None


def drawings(root: Path) -> dict[str, str]:
    """Return the Mermaid drawing of each table's rooms, by the folder that it is about."""
    lambdas = import_graph.read(root / "lambdas")
    compiler = import_graph.relative(lambdas, "modelmount_compiler")
    return {
        "lambdas": _drawing(lambdas, ROOMS),
        "lambdas/modelmount_compiler": _drawing(compiler, COMPILER_ROOMS),
    }


def _drawing(modules: dict[str, import_graph.Module], rooms: tuple[str, ...]) -> str:
    homes = {name: home[0] for name in modules if (home := room_of(name, rooms))}
    return import_graph.drawing(import_graph.arrows(modules, homes))


if __name__ == "__main__":
    print("\n\n".join(drawings(Path(__file__).parents[1]).values()))
