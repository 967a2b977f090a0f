"""CSV as RFC 4180 has it, into instances of a model: header, quotes, types of columns.

https://www.rfc-editor.org/rfc/rfc4180
"""

import csv
import io
import sys
from dataclasses import dataclass

from modelmount_compiler.instances.batches import Batch, Table
from modelmount_compiler.signature import Signature
from serving.api.protocols import csv_cells, csv_header
from serving.api.protocols.content_type import ContentType
from serving.api.protocols.csv_cells import BadCell, Reader, Value
from serving.errors import BadRequest, SignatureMismatch

csv.field_size_limit(sys.maxsize)  # the body's own size bounds a cell


@dataclass(frozen=True, slots=True)
class Record:
    """A row of cells, and the line of the body that it ends at, from 1."""

    line: int
    cells: list[str]


def read(body: bytes, content_type: ContentType, signature: Signature) -> Batch:
    """Read rows, or one text from each; a header row gives the order of the columns.

    Raises:
        BadRequest: it isn't CSV, or has no rows.
        SignatureMismatch: a row or a cell isn't what the model takes; the text says which.
    """
    records = _records(content_type.text(body))
    if not records:
        raise BadRequest("The body has no rows; send at least one.")
    stated = content_type.parameters.get("header", "").lower()
    header = csv_header.find([record.cells for record in records], stated, signature)
    rows = records if header is None else records[1:]
    if not rows:
        raise BadRequest("The body has a header and no rows; send at least one.")
    if signature.input == "text":
        return [_text(record, i) for i, record in enumerate(rows)]
    return _arranged(rows, header, signature)


def _records(text: str) -> list[Record]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [Record(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise BadRequest(f"The body isn't CSV: line {reader.line_num}: {error}.") from error


def _text(record: Record, i: int) -> str:
    if len(record.cells) != 1:
        raise SignatureMismatch(
            f"Row {i + 1} (line {record.line}) has {len(record.cells)} cells, and this model takes "
            "one text: put it in double quotes where it holds a comma.",
            field=f"$.instances[{i}]",
        )
    return record.cells[0]


def _arranged(rows: list[Record], header: list[str] | None, signature: Signature) -> Batch:
    """Return rows in the model's order; where their columns aren't the model's, a table."""
    readers, columns = csv_cells.readers(signature), signature.columns
    if header is not None and columns is None:
        readers = readers or [csv_cells.anything] * len(header)
        if len(header) != len(readers):
            text = f"The header has {len(header)} cells; rows of this model have {len(readers)}."
            raise SignatureMismatch(text, field="$.columns")
    if header is None or columns is None:
        return _values(rows, list(columns or header or ()), readers)
    by_name = dict(zip(columns, readers, strict=True))
    readers = [by_name.get(name, csv_cells.text) for name in header]
    values = _values(rows, header, readers)
    if len(header) != len(columns) or by_name.keys() != set(header):
        return Table(tuple(header), values)
    order = [header.index(name) for name in columns]
    return [[row[position] for position in order] for row in values]


def _values(rows: list[Record], names: list[str], readers: list[Reader]) -> list[list[Value]]:
    readers = readers or [csv_cells.anything] * len(rows[0].cells)
    values = []
    for i, record in enumerate(rows):
        if len(record.cells) != len(readers):
            raise _wrong_width(record, i, len(readers))
        try:
            values.append([read(cell) for read, cell in zip(readers, record.cells, strict=True)])
        except BadCell:
            raise _bad_cell(record, i, names, readers) from None
    return values


def _wrong_width(record: Record, i: int, width: int) -> SignatureMismatch:
    hint = ""
    if len(record.cells) == 1 and len(record.cells[0].split(";")) == width:
        hint = " Separate them by commas."
    elif len(record.cells) == width + 1:
        hint = " If pandas wrote its index first, write without: to_csv(index=False)."
    text = f"Row {i + 1} (line {record.line}) has {len(record.cells)} cells; it must have {width}."
    return SignatureMismatch(text + hint, field=f"$.instances[{i}]")


def _bad_cell(record: Record, i: int, names: list[str], readers: list[Reader]) -> SignatureMismatch:
    """Find the first cell that its column doesn't take."""
    faults = map(_fault, readers, record.cells)
    j, fault = next((j, fault) for j, fault in enumerate(faults) if fault)
    name = repr(names[j]) if names else str(j + 1)
    return SignatureMismatch(
        f"Row {i + 1} (line {record.line}), column {name}: the value {fault}.",
        field=f"$.instances[{i}][{j}]",
    )


def _fault(read: Reader, cell: str) -> str:
    try:
        read(cell)
    except BadCell as error:
        return str(error)
    return ""
