"""The report on a compilation, for the person who asked for it."""

from dataclasses import dataclass

from modelmount_compiler.api import report_table
from modelmount_compiler.api.program import Program
from modelmount_compiler.compilation import Compilation, MethodProof


@dataclass(frozen=True, slots=True, repr=False)
class Report:
    """The outcome of compiling a model. It shows itself as a table.

    Attributes:
        model: the name of the model's class.
        compilation: the figures as the preparer records them.
        program: answers the methods that passed; None where none did.
        error: what a converter raised, if that is why there is no program.
    """

    model: str
    compilation: Compilation
    program: Program | None = None
    error: Exception | None = None

    @property
    def methods(self) -> tuple[MethodProof, ...]:
        """The figures of each method that was tried, or the reason why it isn't offered."""
        return self.compilation.methods

    @property
    def reason(self) -> str | None:
        """Why there is no program; None where there is one."""
        return self.compilation.reason

    @property
    def seconds(self) -> float:
        """Seconds that compiling and proving took."""
        return self.compilation.seconds

    @property
    def seed(self) -> int:
        """The seed of the probes' random draws."""
        return self.compilation.seed

    def __repr__(self) -> str:
        return report_table.text(self.model, self.compilation)

    def _repr_html_(self) -> str:
        return report_table.html(self.model, self.compilation)
