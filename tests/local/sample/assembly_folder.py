"""Writes an assembly as CDK lays it out."""

import json
from pathlib import Path

from tests.local.sample.code import DOCKERFILE, HANDLERS
from tests.local.sample.resources import Template


def write_assembly(folder: Path, resources: Template, handlers: str = HANDLERS) -> Path:
    """Writes an assembly of one stack, `Sample`, and returns its folder."""
    code = folder / "asset.code"
    code.mkdir(parents=True)
    (code / "app.py").write_text(handlers)
    context = folder / "asset.image"
    (context / "code").mkdir(parents=True)
    (context / "code" / "app.py").write_text(handlers)
    (context / "Dockerfile").write_text(DOCKERFILE)
    _write_json(folder / "Sample.template.json", {"Resources": resources})
    _write_json(folder / "Sample.assets.json", _assets())
    _write_json(
        folder / "manifest.json",
        {
            "artifacts": {
                "Sample": {
                    "type": "aws:cloudformation:stack",
                    "properties": {"templateFile": "Sample.template.json"},
                },
                "Sample.assets": {
                    "type": "cdk:asset-manifest",
                    "properties": {"file": "Sample.assets.json"},
                },
            }
        },
    )
    return folder


def _assets() -> Template:
    return {
        "files": {
            "code": {
                "source": {"path": "asset.code", "packaging": "zip"},
                "destinations": {"here": {"objectKey": "code.zip"}},
            }
        },
        "dockerImages": {
            "image1": {
                "source": {"directory": "asset.image", "dockerBuildTarget": "lambda"},
                "destinations": {"here": {"imageTag": "image1"}},
            }
        },
    }


def _write_json(path: Path, content: Template) -> None:
    path.write_text(json.dumps(content))
