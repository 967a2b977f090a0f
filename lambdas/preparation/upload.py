"""An uploaded model: its file, its format, and whether it needs code of its own."""

from dataclasses import dataclass, replace
from pathlib import Path

from preparation.own_code import PICKLED, OwnCode
from serving.formats.model_formats import RUNTIMES


@dataclass(frozen=True, slots=True)
class Upload:
    """What the children of the preparer are told about a model.

    Attributes:
        own: how its own code is run; None for a model without.
    """

    path: Path
    format: str
    own: OwnCode | None = None

    @property
    def runtime(self) -> str:
        """The runtime that serves it."""
        return RUNTIMES[self.format] if self.own is None else self.own.runtime

    def with_own_code(self, root: Path) -> "Upload":
        """Return the same model, loaded with the code that lies below a folder."""
        return replace(self, own=OwnCode(PICKLED, root))

    def arguments(self) -> list[str]:
        """Return what a child is told."""
        own = [] if self.own is None else self.own.arguments()
        return [*own, str(self.path), self.format]
