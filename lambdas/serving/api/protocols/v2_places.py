"""Places in instances, told as places in the tensors of a request."""

import re
from collections.abc import Mapping

from modelmount_compiler.signature import Signature
from serving.api.protocols.tensors import Array
from serving.errors import SignatureMismatch

# $.instances[3], $.instances[3][1], $.instances[3].age or $.instances[3]["age"]
INSTANCE = re.compile(r"\$\.instances\[(\d+)\](?:\[(\d+)\]|\.(.+)|\[(['\"])(.*)\4\])?")


def placed(
    error: SignatureMismatch, arrays: Mapping[str, Array], signature: Signature
) -> SignatureMismatch:
    """Return an error about instances as one about the input and the element at fault."""
    found = INSTANCE.fullmatch(error.field or "")
    if found is None:
        field = "$.inputs" if error.field in ("$.columns", "$.instances") else error.field
        return SignatureMismatch(str(error), field=field)
    row, position = int(found[1]), found[2]
    column = found[3] or found[5]
    if position is not None and signature.columns and int(position) < len(signature.columns):
        column = signature.columns[int(position)]
    names = list(arrays)
    if column in arrays:
        place, field = f"{column!r}[{row}]", f"$.inputs[{names.index(column)}].data[{row}]"
    elif position is not None:
        place, field = f"{names[0]!r}[{row}, {position}]", f"$.inputs[0].data[{row}][{position}]"
    else:
        place, field = f"row {row} of the inputs", "$.inputs"
    told = error.field[2:] if error.field else ""
    text = str(error)
    text = text.replace(told, place) if told in text else f"{place}: {text}"
    return SignatureMismatch(text, field=field)
