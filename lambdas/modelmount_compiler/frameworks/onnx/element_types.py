"""Types of values: ONNX Runtime's names, NumPy's dtypes, and the Open Inference Protocol's names.

BF16 has no dtype in NumPy: an array of it holds its bits as `uint16`, and answers are float32.
"""

import re
from typing import Literal, NamedTuple

Form = Literal["tensor", "sequence", "map", "maps"]

DATATYPES = {
    "bool": "BOOL",
    **{f"int{bits}": f"INT{bits}" for bits in (8, 16, 32, 64)},
    **{f"uint{bits}": f"UINT{bits}" for bits in (8, 16, 32, 64)},
    "float16": "FP16",
    "bfloat16": "BF16",
    "float": "FP32",
    "double": "FP64",
    "string": "BYTES",
}
FLOATS = {"FP16": "f2", "BF16": "u2", "FP32": "f4", "FP64": "f8"}
INTEGERS = {
    "BOOL": "?",
    **{f"INT{bits}": f"i{bits // 8}" for bits in (8, 16, 32, 64)},
    **{f"UINT{bits}": f"u{bits // 8}" for bits in (8, 16, 32, 64)},
}
# Integers that a double may not hold.
LONG = ("INT64", "UINT64")
TEXT = "BYTES"

OPTIONAL = re.compile(r"optional\((.+)\)")
FORMS: dict[Form, re.Pattern[str]] = {
    "tensor": re.compile(r"tensor\((\w+)\)"),
    "sequence": re.compile(r"seq\(tensor\((\w+)\)\)"),
    "map": re.compile(r"map\((?:int64|string),tensor\((\w+)\)\)"),
    "maps": re.compile(r"seq\(map\((?:int64|string),tensor\((\w+)\)\)\)"),
}


class ValueType(NamedTuple):
    """What a name of ONNX Runtime says."""

    form: Form
    datatype: str
    is_optional: bool


def parse(name: str) -> ValueType | None:
    """Read a name such as `seq(tensor(float))`; None for types that JSON can't carry."""
    optional = OPTIONAL.fullmatch(name)
    inner = optional[1] if optional else name
    for form, pattern in FORMS.items():
        found = pattern.fullmatch(inner)
        if found and found[1] in DATATYPES:
            return ValueType(form, DATATYPES[found[1]], optional is not None)
    return None
