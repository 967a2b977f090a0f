"""Keys as other tools lay them out: by the setting `key_layouts`, and by default.

A layout of the setting names the folders of a key, such as `models/{model}/{version}/`. Each folder
is a name, `*` for any, or a placeholder. By default these are read:

| object key                                                 | model   | version          |
|------------------------------------------------------------|---------|------------------|
| `ROOT/…/<32 hex digits>/artifacts/NAME/model.pkl`          | `ROOT`  | run, or run-NAME |
| `ROOT/…/models/m-<32 hex digits>/artifacts/model.pkl`      | `ROOT`  | `m-…`            |
| `PREFIX/…/JOB/output/model.tar.gz`                         | `PREFIX`| `JOB`            |

By default a key's first folder is its model, whatever follows. So whoever may write below one
folder alone can't reach the model of another.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from serving.errors import UploadRejected
from serving.records.object_keys import InvalidKey, ObjectKey, read_key

MODEL, VERSION, ANY = "{model}", "{version}", "*"
# MLflow: a run's id is a UUID in hexadecimal, a logged model's has `m-` before it. Its flavors call
# the model's file `model`; other files below `artifacts/` are no models.
_RUN = re.compile(
    r"(?P<root>[^/]+)/(?:.*/)?(?P<run>[0-9a-f]{32})/artifacts/(?P<name>.+)/(?P<file>model\.[^/]+)"
)
_LOGGED = re.compile(
    r"(?P<root>[^/]+)/(?:.*/)?models/(?P<run>m-[0-9a-f]{32})/artifacts/(?P<file>model\.[^/]+)"
)
# SageMaker: the second form is that of jobs that don't compress their output.
_JOB = re.compile(
    r"(?P<root>[^/]+)/(?:.*/)?(?P<run>[^/]+)/output/(?P<file>model\.tar\.gz|model/[^/]+)"
)
# The name that MLflow's own examples give to a run's model: it says nothing.
USUAL_NAME = "model"


@dataclass(frozen=True, slots=True)
class KeyLayout:
    """One layout of the setting: the folders of a key, from the first on."""

    folders: tuple[str, ...]

    @classmethod
    def parse(cls, text: str) -> "KeyLayout":
        """Parse a layout; a `/`, `/*` or `/…` at its end stands for the file."""
        return cls(tuple(text.removesuffix("…").rstrip("/").split("/")))

    @property
    def text(self) -> str:
        """The form of its keys, for people."""
        return "/".join((*self.folders, "FILE"))

    def read(self, text: str) -> ObjectKey | None:
        """Return the key as this layout has it, or None; raises `UploadRejected`."""
        parts = text.split("/")
        count = len(self.folders)
        given, path = parts[:count], parts[count:]
        has_version = VERSION in self.folders
        if not path or (len(path) > 1 and not has_version):
            return None
        fixed = zip(self.folders, given, strict=True)
        if any(folder not in (MODEL, VERSION, ANY, name) for folder, name in fixed):
            return None
        version = given[self.folders.index(VERSION)] if has_version else None
        return ObjectKey.of(text, given[self.folders.index(MODEL)], version, path)

    def begins(self, text: str) -> bool:
        """Whether a key has the names that stand before the first placeholder."""
        names = []
        for folder in self.folders:
            if folder in (MODEL, VERSION, ANY):
                break
            names.append(folder)
        return bool(names) and text.startswith("/".join(names) + "/")


class KeyLayouts:
    """Reads keys: by the layouts of the setting, then by those of other tools, then as they are."""

    def __init__(self, layouts: Sequence[KeyLayout] = ()) -> None:
        self._layouts = tuple(layouts)

    def read(self, text: str) -> ObjectKey | InvalidKey:
        """Read a decoded key of any form."""
        try:
            for layout in self._layouts:
                found = layout.read(text)
                if found is not None:
                    return found
            near = [layout.text for layout in self._layouts if layout.begins(text)]
            if near:
                return _no_layout(text, near)
            return _of_other_tools(text) or ObjectKey.parse(text)
        except UploadRejected as error:
            return InvalidKey(text, error.rejection_code, str(error))


BY_DEFAULT = KeyLayouts()


def without_layout(key: ObjectKey) -> ObjectKey | None:
    """Return the plain reading of a key that a layout by default read, or None."""
    plain = read_key(key.text)
    if plain == key or isinstance(plain, InvalidKey) or plain.version is None:
        return None
    return plain if _of_other_tools(key.text) == key else None


def _of_other_tools(text: str) -> ObjectKey | None:
    for pattern in (_RUN, _LOGGED, _JOB):
        found = pattern.fullmatch(text)
        if found is not None:
            version = found["run"]
            name = found.groupdict().get("name") or USUAL_NAME
            if name != USUAL_NAME:
                version = f"{version}-{name.replace('/', '-')}"
            return ObjectKey.of(text, found["root"], version, [found["file"].rpartition("/")[2]])
    return None


def _no_layout(text: str, layouts: Sequence[str]) -> InvalidKey:
    forms = " or ".join(layouts)
    reason = (
        f"The key {text!r} has {text.count('/')} folders, and isn't of the form {forms}, which "
        "keys that begin so have here (setting key_layouts)."
    )
    return InvalidKey(text, "INVALID_KEY", reason)
