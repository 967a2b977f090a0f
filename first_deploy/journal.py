"""What a run has done, on disk: a run that was cut off goes on, and destroys what it made."""

import json
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path

from first_deploy.result import Result

PREFIX = "first-"


class JournalError(Exception):
    """The journal is of another stage, or can't be read; the text says what to do."""


@dataclass
class Journal:
    """The record of one run.

    Attributes:
        run: tags the stacks; a stage without it isn't ours.
        results: by the number of the check.
        made: what checks made beside the stacks: `lambda:NAME`, `sqs:URL`.
    """

    path: Path
    stage: str
    run: str
    results: dict[int, Result] = field(default_factory=dict)
    made: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path, stage: str | None) -> "Journal":
        """Read the journal of a run that was cut off, or begin one.

        Raises:
            JournalError: the name is no throw-away stage's, or another run isn't finished.
        """
        if stage is not None and not stage.startswith(PREFIX):
            raise JournalError(
                f"A stage of this script begins with {PREFIX!r}, so that no other is touched: "
                f"{PREFIX}{stage}"
            )
        path = folder / "journal.json"
        if not path.exists():
            run = secrets.token_hex(4)
            return cls(path, stage or f"{PREFIX}{run}", run)
        found = cls._read(path)
        if stage not in (None, found.stage):
            raise JournalError(
                f"A run with the stage {found.stage!r} wasn't finished. Go on with it by leaving "
                "--stage out, or remove it: bin/first-deploy --destroy"
            )
        return found

    @classmethod
    def _read(cls, path: Path) -> "Journal":
        try:
            found = json.loads(path.read_text("utf-8"))
            results = [Result(**entry) for entry in found["results"]]
            return cls(
                path, found["stage"], found["run"], {r.number: r for r in results}, found["made"]
            )
        except (ValueError, KeyError, TypeError) as error:
            raise JournalError(
                f"{path} can't be read ({error!r}). It names the stage to destroy by hand; "
                "delete it afterwards."
            ) from error

    def keep(self) -> None:
        """Write the journal; a crash leaves the one before."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        results = [asdict(result) for result in self.results.values()]
        found = {"stage": self.stage, "run": self.run, "results": results, "made": self.made}
        temporary = self.path.with_suffix(".new")
        temporary.write_text(json.dumps(found, indent=1), "utf-8")
        temporary.replace(self.path)

    def record(self, result: Result) -> None:
        """Add a result."""
        self.results[result.number] = result
        self.keep()

    def note(self, made: str) -> None:
        """Write down what is about to be made, so that it can be removed."""
        if made not in self.made:
            self.made.append(made)
            self.keep()

    def close(self) -> None:
        """Forget the run: nothing of it is left."""
        self.path.unlink(missing_ok=True)
