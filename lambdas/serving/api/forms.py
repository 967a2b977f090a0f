"""The forms in which a body of JSON has its instances, and the places of values in each of them.

`dataframe_split` and `dataframe_records` are those of MLflow's scoring server:
https://mlflow.org/docs/latest/ml/deployment/deploy-model-locally/
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from modelmount_compiler.instances.batches import Batch, Table
from serving.api.tables import table
from serving.errors import BadRequest, RequestError, SignatureMismatch

# How the checks of a model's input name a row or a value, whatever the form it came in.
PLACE = r"instances\[(\d+)\](?:\[(\d+)\])?"
IDENTIFIER = r"[^\W\d]\w*"


class DataframeSplit(msgspec.Struct, forbid_unknown_fields=True):
    """A data frame as pandas writes it with `orient="split"`; `index` is passed over.

    Attributes:
        columns: names in any order; without them the values are in the order of the fit.
        data: a list of values for each row.
    """

    data: list[list[Any]]
    columns: list[str | int] | None = None
    index: list[Any] | None = None


class Form(msgspec.Struct):  # whose definition takes a fifth of a dataclass's time
    """Instances, and where they were in the body.

    Attributes:
        rows: the path of the list of rows; of the object of columns where `by_column`.
        columns: the path of the names of columns.
        is_frame: whether it is a data frame: its order counts for a model without names.
    """

    batch: Batch
    rows: str = "instances"
    columns: str = "columns"
    by_column: bool = False
    is_frame: bool = False

    def fitted(self, columns: Sequence[str] | None) -> "Form":
        """Return a data frame without its names where the model has none, as scikit-learn does."""
        if columns is None and self.is_frame and isinstance(self.batch, Table):
            return msgspec.structs.replace(self, batch=self.batch.rows)
        return self

    def without_extra(self, columns: Sequence[str] | None) -> "Form":
        """Return the instances without the columns that the model doesn't have.

        Raises:
            SignatureMismatch: the model has no names of columns.
        """
        if columns is None:
            text = "This model was fitted without column names, so no column can be told as extra."
            raise SignatureMismatch(text, field="$.parameters.ignore_extra_columns")
        known = set(columns)
        match self.batch:
            case Table() as table:
                kept = [i for i, name in enumerate(table.columns) if name in known]
                names = tuple(table.columns[i] for i in kept)
                return msgspec.structs.replace(
                    self, batch=Table(names, [[r[i] for i in kept] for r in table.rows])
                )
            case list() as rows:
                return msgspec.structs.replace(self, batch=[_known(row, known) for row in rows])
            case _:
                return self

    def relocated(self, error: RequestError, columns: Sequence[str] | None) -> RequestError:
        """Return the error with the place as it is in the body."""
        if self.rows == "instances" and not isinstance(self.batch, Table):
            return error
        text = re.sub(PLACE, lambda match: self._place(match, columns), str(error))
        field = error.field and re.sub(
            PLACE, lambda match: self._place(match, columns), error.field
        )
        if field == "$.columns":
            field = f"$.{self.columns}"
        return type(error)(text, field=field)

    def _place(self, match: re.Match[str], columns: Sequence[str] | None) -> str:
        row, position = match[1], match[2]
        if position is not None and isinstance(self.batch, Table) and columns:
            name = columns[int(position)]
            if self.by_column:
                return f"{self.rows}{member(name)}[{row}]"
            position = str(self.batch.columns.index(name))
        if self.by_column:
            return f"{self.rows}[*][{row}]"
        return f"{self.rows}[{row}]" + ("" if position is None else f"[{position}]")


def split(columns: Sequence[str | int], data: list[list[Any]], place: str = "") -> Table:
    """Return a table; raises `SignatureMismatch` with a name that is double, or a row's place."""
    names = tuple(map(str, columns))
    if len(set(names)) < len(names):
        i = next(i for i, name in enumerate(names) if name in names[:i])
        where = f"{place}columns[{i}]"
        raise SignatureMismatch(f"{where}: {names[i]!r} is there twice.", field=f"$.{where}")
    for i, row in enumerate(data):
        if len(row) != len(names):
            where = f"{place}data[{i}]"
            text = f"{where} has {len(row)} values for {len(names)} columns."
            raise SignatureMismatch(text, field=f"$.{where}")
    return Table(names, data)


def check_index(index: list[Any], rows: int, place: str = "") -> None:
    """Raise `SignatureMismatch` where there isn't one item for each row."""
    if len(index) != rows:
        text = f"{place}index has {len(index)} items for {rows} rows."
        raise SignatureMismatch(text, field=f"$.{place}index")


def from_split(frame: DataframeSplit) -> Form:
    """Return the rows of a data frame; raises `SignatureMismatch` as `split` does."""
    place = "dataframe_split"
    if frame.index is not None:
        check_index(frame.index, len(frame.data), f"{place}.")
    rows: Batch = frame.data
    if frame.columns is not None:
        rows = split(frame.columns, frame.data, f"{place}.")
    return Form(rows, f"{place}.data", f"{place}.columns", is_frame=True)


def from_records(records: list[dict[str, Any]]) -> Form:
    """Return the rows of a list of objects.

    Records that have the same names in the same order are a table; others are taken one by one.
    """
    names = tuple(records[0]) if records else ()
    place = "dataframe_records"
    if names and all(tuple(record) == names for record in records):
        table = Table(names, [list(record.values()) for record in records])
        return Form(table, place, f"{place}[0]", is_frame=True)
    return Form(records, place)


def from_columns(columns: Mapping[str, Any], place: str = "inputs") -> Form:
    """Return the rows of columns; raises with the place of one that is no list."""
    for name, values in columns.items():
        if not isinstance(values, list):
            where = f"{place}{member(name)}"
            text = f"{where} isn't a list; send a list with a value for each instance."
            raise BadRequest(text, field=f"$.{where}")
    return Form(table(columns), place, place, by_column=True)


def member(name: str) -> str:
    """Return how a JSON path names a member of an object."""
    return f".{name}" if re.fullmatch(IDENTIFIER, name) else f"[{name!r}]"


def _known(row: Any, known: set[str]) -> Any:
    if not isinstance(row, dict):
        return row
    return {name: value for name, value in row.items() if name in known}
