"""Loads an upload: one object, or a chain of several."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from modelmount_compiler.chain import Chain, Link, Statement
from modelmount_compiler.errors import ModelRejected
from modelmount_compiler.frameworks.chain import assembly, objects, recognition, stated
from modelmount_compiler.frameworks.chain.objects import Found


class Objects:
    """The objects of the files in a folder, each file read once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Any] = {}

    def find(self, link: Link) -> Any:
        """Return the object of a link; raises `ModelRejected` where it can't be loaded."""
        if link.file not in self._read:
            self._read[link.file] = objects.read(self._folder / link.file, link.format)
        return _item(self._read[link.file], link.item)


def load(folder: Path, chain: Chain) -> Any:
    """Load a chain that is known; raises `ModelRejected` as the runtimes' `load` does."""
    return assembly.assemble(chain, Objects(folder).find)


def recognise(
    folder: Path, files: Sequence[tuple[str, str]], statement: Statement | None
) -> tuple[Any, Chain | None]:
    """Load the files of an upload, and find out how they belong together.

    Args:
        files: paths below the folder and formats; the main file comes first.
        statement: what the uploader says about that.

    Returns:
        the estimator, and the chain; None where one file holds it as it is.

    Raises:
        ModelRejected: that is left open, or can't be loaded.
    """
    loaded = [(file, fmt, objects.read(folder / file, fmt)) for file, fmt in files]
    whole = [Found(file, fmt, "", objects.stem(file), value) for file, fmt, value in loaded]
    found = [item for each in whole for item in objects.items(each)]
    main, read = files[0][0], {file: value for file, _, value in loaded}

    def find(link: Link) -> Any:
        return _item(read[link.file], link.item)

    if statement is not None and statement.chain is not None:
        chain = stated.chain_of(statement, [*found, *whole], main)
    else:
        chain = _recognised(found, statement, main, find)
    if _is_plain(chain):
        return read[main], None
    return assembly.assemble(chain, find), chain


def _recognised(
    found: list[Found], statement: Statement | None, main: str, find: assembly.Find
) -> Chain:
    """Return the chain that names and widths tell, with what is stated besides."""
    if statement is None:
        return recognition.recognise(found, main)
    there = stated.Objects(found)
    encoders = stated.encoder_links(statement.encoders, there)
    columns = stated.column_names(statement.columns, there)
    behind = stated.answer_links(statement, there)
    taken = {link.name for link in [*encoders, *behind]} | {str(statement.columns)}
    taken |= {str(statement.encoders)}
    left = [each for each in found if each.name not in taken]
    if columns is not None:
        left.append(Found("", "", "", "columns", list(columns)))
    if encoders:
        by_column = {link.columns[0]: find(link) for link in encoders if link.columns}
        left.append(Found("", "", "", "encoders", by_column))
    chain = recognition.recognise(left, main)
    links = [link for link in chain.links if link.file or link.role == "toarray"]
    roles = {link.role for link in behind}
    kept = [link for link in links if link.role not in roles]
    return replace(
        chain,
        links=(*encoders, *kept, *behind),
        is_stated=True,
        unused=tuple(name for name in chain.unused if name),
    )


def _is_plain(chain: Chain) -> bool:
    """Whether a chain is one object of a file by itself, whose columns need no names."""
    first = chain.links[0]
    is_alone = len(chain.links) == 1 and not first.item and chain.columns is None
    is_alone = is_alone and not (chain.is_stated or chain.unused)
    return is_alone and first.role in ("model", "step") and first.file == chain.main


def _item(value: Any, name: str) -> Any:
    """Return an object of a container; an encoder of a dictionary has a path."""
    if not name:
        return value
    try:
        return objects.item_of(value, name)
    except KeyError:
        outer, _, inner = name.rpartition("/")
        held = objects.item_of(value, outer) if outer else value
        try:
            return held[inner]
        except (KeyError, TypeError) as error:
            raise ModelRejected("CORRUPT_FILE", f"The item {name!r:.200} is missing.") from error
