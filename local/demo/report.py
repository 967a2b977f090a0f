"""Prints the demo's results as a table."""

import json
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from local.demo.model_run import ModelRun

SHOWN_CHARACTERS = 160


def show(results: list[ModelRun], console: Console) -> None:
    """Prints requests, answers and the models' own predictions side by side."""
    table = Table(title="POST /inference against the model's own predict", show_lines=True)
    for heading in ("Model", "Request", "Answer", "model.predict", "Equal", "Compiled"):
        table.add_column(heading, overflow="fold")
    for result in results:
        table.add_row(
            f"{result.model.key}\n{result.model.title}",
            _short(result.request["instances"]),
            _short(result.answer["predictions"]),
            _short(result.model.expected),
            "[green]yes[/]" if result.is_equal else "[bold red]NO[/]",
            Text(result.compiled),
        )
    console.print(table)
    equal = sum(result.is_equal for result in results)
    console.print(f"{equal} of {len(results)} models answered as their own predict.")


def _short(value: list[Any]) -> Text:
    text = json.dumps(value, ensure_ascii=False)
    return Text(text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]} …")
