"""Has a model compiled in a child, takes the result, and measures how long it takes to load."""

import dataclasses
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from environments.environment import DEFAULT, Environment
from modelmount_compiler.compilation import Compilation
from preparation import stages
from preparation.children import refuse_if_told
from preparation.sandbox import ChildFailed, read_report, run_child
from serving.errors import RecordError
from serving.records import codec
from serving.repository.candidates import Candidates
from serving.repository.handover import NoRegularFile

LOAD_SECONDS = 60.0
ELSEWHERE = "it isn't equal with the NumPy that serves it"


@dataclass(frozen=True, slots=True)
class CompiledForm:
    """The compiled form of one candidate's model.

    Attributes:
        model: the arguments of a child that name the model.
        environment: the one whose libraries load the original.
    """

    candidates: Candidates
    candidate: str
    model: list[str]
    readable: tuple[Path, ...]
    memory_bytes: int
    environment: Environment

    def make(self, seconds: float) -> tuple[Compilation, str | None]:
        """Compile the model in a child and take the result, with its SHA-256.

        If compiling fails, the original serves. If the original itself fails, it is refused.
        """
        try:
            return self._made(seconds)
        except (ChildFailed, RecordError, NoRegularFile) as error:
            if isinstance(error, ChildFailed):
                stages.refuse_if_at_fault(stages.read(error.noted), error.exit_signal, str(error))
            return self._not_made(str(error), seconds)

    @property
    def _path(self) -> Path:
        return self.candidates.compiled(self.candidate)

    @property
    def _is_proven_elsewhere(self) -> bool:
        return self.environment.name != DEFAULT

    def _not_made(self, reason: str, seconds: float) -> tuple[Compilation, None]:
        self._path.unlink(missing_ok=True)
        return Compilation(None, reason, seconds_allowed=seconds), None

    def _made(self, seconds: float) -> tuple[Compilation, str | None]:
        name = self._path.name
        with self.candidates.workplace(self.candidate) as folder:
            made = folder / name
            records = "record" if self._is_proven_elsewhere else "-"
            found = run_child(
                ["preparation.compile", str(made), str(seconds), records, *self.model],
                seconds=seconds,
                memory_bytes=self.memory_bytes,
                doing="Compiling it",
                readable=self.readable,
                writable=(folder,),
                file_bytes=self.memory_bytes,
                environment=self.environment,
            )
            report = read_report(found)
            refuse_if_told(report, "LOAD_FAILED")
            compilation = codec.decode(Compilation, report.get("compilation"))
            if compilation.file is None:
                return compilation, None
            if compilation.file != name:
                raise RecordError(f"the compiled form is called {compilation.file!r:.80}")
            sha256 = self.candidates.take_compiled(self.candidate, made, self.memory_bytes)
        loaded = self._loaded(report)
        taken = loaded.get("load_ms")
        if not isinstance(taken, float):
            raise ChildFailed("Loading the compiled form reported no time.")
        if differs := loaded.get("differs"):
            return self._not_made(f"{ELSEWHERE}: {differs}", seconds)
        size = self._path.stat().st_size
        return dataclasses.replace(compilation, compiled_load_ms=taken, compiled_bytes=size), sha256

    def _loaded(self, report: dict[str, Any]) -> dict[str, Any]:
        """Load the compiled form as inference does; raises as `run_child` does.

        That is a process of the deployment's own environment, which has nothing else. A form that
        was proven in another one is asked here once more.
        """
        with tempfile.NamedTemporaryFile() as recorded:
            if self._is_proven_elsewhere:
                recorded.write(json.dumps(report).encode())
                recorded.flush()
            more = [Path(recorded.name)] if self._is_proven_elsewhere else []
            found = run_child(
                ["preparation.load_time", str(self._path), *map(str, more)],
                seconds=LOAD_SECONDS,
                memory_bytes=self.memory_bytes,
                doing="Loading the compiled form",
                readable=(self._path, *more),
            )
        return read_report(found)
