"""The record of a compilation, as it stands in a manifest."""

from dataclasses import dataclass

from modelmount_compiler.signature import Method

# Goes up when published models should be compiled again: a converter or a proof was mended.
COMPILER_FORMAT = 1


@dataclass(frozen=True, slots=True)
class Timing:
    """Median time to answer so many rows in one call, from JSON values to JSON values."""

    rows: int
    original_us: float
    compiled_us: float


@dataclass(frozen=True, slots=True)
class MethodProof:
    """The comparison of one method's compiled form with the original.

    Attributes:
        probes: rows that both answered.
        refused: batches that both refused.
        flips: values that must be equal and weren't: labels, counts, categories; of the batch
            that ended the comparison.
        largest_difference: of numbers: |a - b| / max(|b|, 1e-3), b the original's.
        bound: the largest difference that is allowed.
        min_rows: the fewest rows in a call for which the compiled form answers.
        max_rows: the most rows for which it does; None where there is no such bound.
        reason: why it never answers this method, for people; None where it does.
    """

    method: Method
    probes: int
    refused: int
    flips: int
    largest_difference: float
    bound: float
    timings: tuple[Timing, ...] = ()
    min_rows: int = 1
    max_rows: int | None = None
    reason: str | None = None

    def covers(self, rows: int) -> bool:
        """Whether the compiled form answers a call of so many rows."""
        most = rows if self.max_rows is None else self.max_rows
        return self.reason is None and self.min_rows <= rows <= most

    def speedup(self, rows: int) -> float | None:
        """Return how many times faster than the original it is; None if not timed with so many."""
        for timing in self.timings:
            if timing.rows == rows:
                return timing.original_us / timing.compiled_us
        return None


@dataclass(frozen=True, slots=True)
class Compilation:
    """The outcome of compiling a model.

    Attributes:
        file: name of the compiled form among the version's files; None where the original serves.
        reason: why there is none, for people.
        methods: each method that was tried.
        seed: of the probes' random draws.
        seconds: what compiling and proving took.
        seconds_allowed: what they could have taken.
        original_load_ms: with the imports that loading sets off.
        compiled_load_ms: likewise, in a fresh process.
    """

    file: str | None
    reason: str | None
    methods: tuple[MethodProof, ...] = ()
    seed: int = 0
    seconds: float = 0.0
    seconds_allowed: float = 0.0
    original_load_ms: float = 0.0
    compiled_load_ms: float = 0.0
    original_bytes: int = 0
    compiled_bytes: int = 0

    def covers(self, method: Method, rows: int) -> bool:
        """Whether the compiled form answers a call of this method with so many rows."""
        return any(proof.method == method and proof.covers(rows) for proof in self.methods)
