"""Tensors for models that take objects with any names, or lists of words.

One tensor of BYTES, shape [n], holds the instances as texts of JSON. Several tensors are columns:
each name that isn't null in a row is in the row's object.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from modelmount_compiler.instances.batches import Batch
from modelmount_compiler.instances.json_values import to_json_values
from modelmount_compiler.signature import Signature
from serving.api import contract
from serving.api.protocols.tensors import Array
from serving.api.tables import table
from serving.errors import BadRequest, SignatureMismatch

# The name of the one tensor, by the kind of input.
NAMES = {"records": "record", "pairs": "record", "tokens": "words"}
_instance: msgspec.json.Decoder[Any] = msgspec.json.Decoder(dict[str, Any] | list[Any])


def batch(arrays: Mapping[str, Array], signature: Signature) -> Batch:
    """Return the instances.

    Raises:
        BadRequest, SignatureMismatch: a tensor isn't of this form.
    """
    name = NAMES[signature.input]
    if list(arrays) == [name]:
        return _from_texts(name, arrays[name])
    if signature.input == "tokens":
        raise SignatureMismatch(f"Send one tensor, {name!r}: BYTES of shape [n].", field="$.inputs")
    found = table({each: to_json_values(_flat(each, array)) for each, array in arrays.items()})
    if not len(found):
        raise BadRequest("The inputs have no rows; send at least one.", field="$.inputs")
    return found


def _from_texts(name: str, array: Array) -> list[Any]:
    texts = to_json_values(_flat(name, array))
    if not texts:
        raise BadRequest("The input has no rows; send at least one.", field="$.inputs")
    found = []
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            hint = f"{name!r} holds texts of JSON: send BYTES of shape [n]."
            raise SignatureMismatch(hint, field="$.inputs[0].datatype")
        try:
            found.append(contract.decode(_instance, text.encode()))
        except BadRequest as error:
            place = f"$.inputs[0].data[{i}]"
            raise BadRequest(f"Row {i} of {name!r}: {error}", field=place) from error
    return found


def _flat(name: str, array: Array) -> Array:
    if array.ndim == 1 or (array.ndim == 2 and array.shape[1] == 1):
        return array.reshape(-1)
    text = f"The shape of {name!r} is {list(array.shape)}; it must be [n] or [n, 1]."
    raise SignatureMismatch(text, field="$.inputs")
