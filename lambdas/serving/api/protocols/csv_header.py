"""Finds the header of a CSV body: stated by the Content-Type, or recognised.

Where the model has column names, a first row of exactly these names, in any order, is the header.
Where it has none and takes numbers, a first row of texts alone is one. The parameter `header` of
the Content-Type states it for all others: https://www.rfc-editor.org/rfc/rfc4180#section-3
A row that could be both is refused, so that no header is ever predicted.
"""

import re
import unicodedata
from collections.abc import Sequence

from modelmount_compiler.signature import Signature
from serving.api.protocols import csv_cells
from serving.errors import BadRequest, SignatureMismatch

PRESENT, ABSENT = "present", "absent"
STATE_IT = (
    "If it is one, send Content-Type: text/csv; header=present, and header=absent if it's data"
)
# Names that people give to a column of texts.
TEXT_NAMES = frozenset(
    (
        *("text", "texts", "sentence", "sentences", "document", "documents", "doc", "review"),
        *("comment", "message", "content", "body", "title", "description", "input", "inputs"),
        *("query", "question", "prompt", "tweet", "headline", "abstract", "sms"),
    )
)
IDENTIFIER = re.compile(r"[^\W\d][\w .-]*")
# So many columns that 0,1,2,3 is rather pandas' numbering of them than a row.
NUMBERED = 4
Rows = Sequence[Sequence[str]]


def find(rows: Rows, stated: str, signature: Signature) -> list[str] | None:
    """Return the names in the first row, in the model's spelling, or None where it is data.

    Raises:
        BadRequest: the parameter `header` is neither `present` nor `absent`.
        SignatureMismatch: it could be a header and data.
    """
    if stated not in ("", PRESENT, ABSENT):
        text = f"header={stated:.40} isn't known; state header=present or header=absent."
        raise BadRequest(text, field="Content-Type")
    if stated == ABSENT:
        return None
    columns = signature.columns or ()
    names = _spelt(rows[0], columns)
    if stated == PRESENT or (columns and set(columns) <= set(names)):
        return names
    if signature.input == "text":
        _refuse_text(rows)
        return None
    if not columns and signature.n_features not in (None, len(names)):
        return None  # its width is wrong, whatever it is
    numbers = csv_cells.number_columns(signature, len(names))
    looks_so = bool(numbers) and all(_is_name(names[j]) for j in numbers)
    if columns:
        _refuse_names(names, columns, looks_so=looks_so)
        return None
    _refuse_unnamed(rows, is_of_texts=not numbers)
    return names if looks_so else None


def _spelt(cells: Sequence[str], columns: Sequence[str]) -> list[str]:
    """Return cells as the model spells them, where they differ in spaces or in Unicode's forms."""
    own = {unicodedata.normalize("NFC", name): name for name in columns}
    normal = [unicodedata.normalize("NFC", cell) for cell in cells]
    return [own.get(n, own.get(n.strip(), c)) for n, c in zip(normal, cells, strict=True)]


def _is_name(cell: str) -> bool:
    return not csv_cells.is_missing(cell) and not csv_cells.is_number(cell)


def _refuse_names(names: list[str], columns: Sequence[str], *, looks_so: bool) -> None:
    """Refuse a first row that looks like a header of other columns."""
    known = {name.casefold() for name in columns}
    if not looks_so and not any(name.strip().casefold() in known for name in names):
        return
    lacking = ", ".join(repr(name) for name in columns if name not in names)
    unknown = ", ".join(repr(name) for name in names if name not in columns)
    raise SignatureMismatch(
        f"The first row looks like a header, and lacks {lacking:.500}"
        f"{f'; it has {unknown:.500}' if unknown else ''}. This model takes the columns "
        f"{', '.join(columns):.1000}, in any order. {STATE_IT}.",
        field="$.columns",
    )


def _refuse_text(rows: Rows) -> None:
    """Refuse a first text that is rather the name of its column."""
    if len(rows) > 1 and len(rows[0]) == 1 and rows[0][0].strip().lower() in TEXT_NAMES:
        raise SignatureMismatch(f"The first row, {rows[0][0]!r}, may be a header. {STATE_IT}.")


def _refuse_unnamed(rows: Rows, *, is_of_texts: bool) -> None:
    """Refuse a first row that may be a header, where the model has no names to tell."""
    first, *rest = rows
    numbered = [str(j) for j in range(len(first))]
    could_be = len(first) >= NUMBERED and [cell.strip() for cell in first] == numbered
    if is_of_texts and rest and len(set(first)) == len(first):
        columns = zip(first, *rest, strict=False)
        could_be = all(IDENTIFIER.fullmatch(c) and c not in below for c, *below in columns)
    if could_be:
        raise SignatureMismatch(
            f"The first row may be a header, and this model has no names of columns. {STATE_IT}."
        )
