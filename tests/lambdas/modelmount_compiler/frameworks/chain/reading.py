"""Saves a shape, and recognises it as an upload's preparation does."""

from pathlib import Path
from typing import Any

from modelmount_compiler.chain import Chain, Statement
from modelmount_compiler.frameworks.chain import loading
from serving.formats import pieces
from tests.lambdas.chains.shape import save


def recognised(
    folder: Path, files: dict[str, Any], statement: dict[str, Any] | None = None
) -> tuple[Any, Chain | None]:
    """Save objects into a folder, and put them together; raises `ModelRejected`."""
    save(folder, files)
    main = pieces.together(sorted(files), lambda name: pieces.holds_model(folder / name))[0]
    upload = pieces.read(folder, main)
    stated = None if statement is None else Statement(**statement)
    return loading.recognise(folder, upload.files, stated)
