"""The messages of `POST /inference`: requests, answers and errors as typed structs.

Unknown fields are refused, so that a misspelt one can't be ignored in silence. A field that may be
left out may be null. JSON has no NaN and no infinities: a request has null for a missing value, and
an answer has null in their place. Integers are written with all their digits, beyond 2^53 too. A
reader that makes doubles of them, as JavaScript does, has to read those as text.
"""

from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from modelmount_compiler.signature import Method
from serving.api import forms
from serving.api.forms import DataframeSplit, Form
from serving.errors import BadRequest

T = TypeVar("T")
API_VERSION = "1"
NO_TABLE = (None, None, None, None, None)
BOM = b"\xef\xbb\xbf"
OTHER_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")
ONE_FORM = (
    "Send instances, or columns with data, or inputs, or dataframe_split, or dataframe_records: "
    "one of these, and no more."
)


class Parameters(msgspec.Struct, forbid_unknown_fields=True):
    """How to ask, and what to answer.

    Attributes:
        method: the estimator's method.
        threshold: for `predict` of a model with two classes: the second is answered where its
            probability is at least this.
        classes: whether the answer also has the model's classes, in the order of the
            probabilities.
        probabilities: for `predict`: whether the answer also has the probabilities, and the
            classes.
        ignore_extra_columns: whether columns that the model doesn't have are passed over.
    """

    method: Method = "predict"
    threshold: Annotated[float, msgspec.Meta(ge=0, le=1)] | None = None
    classes: bool | None = None
    probabilities: bool | None = None
    ignore_extra_columns: bool | None = None

    def is_plain(self) -> bool:
        """Whether they say the method alone."""
        return (
            self.threshold is None
            and self.classes is None
            and self.probabilities is None
            and self.ignore_extra_columns is None
        )


class Instances(msgspec.Struct, kw_only=True):
    """Instances in one of several forms, and how to ask.

    Attributes:
        instances: one item for each prediction: a list of values, an object of values by column
            name, or a string, as the model's signature says.
        columns: names of the columns of `data`, in any order.
        index: names of the rows of `data`, which pandas sends; passed over.
        data: a list of values for each prediction.
        inputs: a list of values for each column, by its name; or the same as `instances`.
        dataframe_split: a data frame as MLflow sends it.
        dataframe_records: an object of values by column name for each prediction.
        params: MLflow's name for `parameters`.
    """

    instances: list[Any] | None = None
    columns: list[str] | None = None
    index: list[Any] | None = None
    data: list[list[Any]] | None = None
    inputs: dict[str, Any] | list[Any] | None = None
    dataframe_split: DataframeSplit | None = None
    dataframe_records: list[dict[str, Any]] | None = None
    parameters: Parameters | None = None
    params: Parameters | None = None

    def is_plain(self) -> bool:
        """Whether there are instances alone, and a method at most: so are most requests."""
        return (
            bool(self.instances)
            and self.columns is None
            and self.index is None
            and self.data is None
            and self.inputs is None
            and self.dataframe_split is None
            and self.dataframe_records is None
            and self.params is None
            and (self.parameters is None or self.parameters.is_plain())
        )

    def form(self) -> Form:
        """Return the instances; raises `BadRequest` where there are none, or more than one form."""
        others = (
            self.columns,
            self.data,
            self.inputs,
            self.dataframe_split,
            self.dataframe_records,
        )
        form: Form | None = None
        if self.instances is not None:
            form = Form(self.instances) if others == NO_TABLE else None
        else:
            form = _other_form(others)
        if form is None or (self.index is not None and self.data is None):
            raise BadRequest(ONE_FORM, field="$")
        if self.index is not None:
            forms.check_index(self.index, len(form.batch))
        if not len(form.batch):
            raise BadRequest(f"{form.rows} is empty; send at least one.", field=f"$.{form.rows}")
        return form

    def asked(self) -> Parameters:
        """Return the parameters, by whichever name; raises `BadRequest` where both are there."""
        if self.parameters is not None and self.params is not None:
            text = "Send parameters or params, MLflow's name for them, and not both."
            raise BadRequest(text, field="$.params")
        return self.parameters or self.params or DEFAULTS


DEFAULTS = Parameters()


class ModelInstances(Instances, kw_only=True, forbid_unknown_fields=True):
    """Body of a request to one model; fields as above, and no others."""


class InferenceRequest(ModelInstances, kw_only=True):
    """Body of `POST /inference`: instances in one of several forms, for a model.

    Attributes:
        model: its name.
        instances: one item for each prediction: a list of values, an object of values by column
            name, or a string, as the model's signature says.
        version: a version to ask in place of the current one.
        columns: names of the columns of `data`, in any order.
        index: names of the rows of `data`, which pandas sends; passed over.
        data: a list of values for each prediction.
        inputs: a list of values for each column, by its name; or the same as `instances`.
        dataframe_split: a data frame as MLflow sends it.
        dataframe_records: an object of values by column name for each prediction.
        params: MLflow's name for `parameters`.
    """

    model: str
    version: str | None = None


def _other_form(others: tuple[Any, ...]) -> Form | None:
    match others:
        case (list() as columns, list() as data, None, None, None):
            return Form(forms.split(columns, data), "data")
        case (None, None, dict() as columns, None, None):
            return forms.from_columns(columns)
        case (None, None, list() as rows, None, None):
            return Form(rows, "inputs")
        case (None, None, None, DataframeSplit() as frame, None):
            return forms.from_split(frame)
        case (None, None, None, None, list() as records):
            return forms.from_records(records)
        case _:
            return None


class InferenceResponse(msgspec.Struct):
    """Answer of `POST /inference`: who answered, and one prediction for each instance.

    Attributes:
        classes: where asked for, the labels in the order of the probabilities.
        probabilities: where asked for, those of each instance.
    """

    model: str
    version: str
    predictions: list[Any]
    classes: list[Any] | UnsetType = UNSET
    probabilities: list[Any] | UnsetType = UNSET


class Error(msgspec.Struct, omit_defaults=True):
    """What went wrong: a symbolic code, a text that says what to do, and the field's JSON path.

    Attributes:
        id: of an unexpected error, under which the log has the details.
    """

    code: str
    message: str
    field: str | None = None
    id: str | None = None

    def line(self) -> str:
        """Return place, text and id as one text, for protocols that have nothing else."""
        is_somewhere = self.field not in (None, "$")
        told = f"{self.field}: {self.message}" if is_somewhere else self.message
        return f"{told} {self.id}" if self.id else told


class ErrorResponse(msgspec.Struct):
    """Body of every answer that isn't a success."""

    error: Error


_request_decoder = msgspec.json.Decoder(InferenceRequest)
_encoder = msgspec.json.Encoder()


def decode_request(body: bytes) -> InferenceRequest:
    """Read the body of `POST /inference`; raises `BadRequest` as `decode` does."""
    return decode(_request_decoder, body, ' Send {"model": NAME, "instances": [...]}.')


def decode(decoder: msgspec.json.Decoder[T], body: bytes, example: str = "") -> T:
    """Read a body of JSON.

    Args:
        example: a sentence that shows a valid body, for a caller who sends none.

    Raises:
        BadRequest: with the JSON path of the faulty value.
    """
    try:
        return decoder.decode(body.removeprefix(BOM))
    except msgspec.ValidationError as error:
        from serving.api import validation  # noqa: PLC0415 (only who is refused needs it)

        raise validation.refusal(error, decoder.type) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        hint = _hint(body) if body else example
        raise BadRequest(f"The body isn't valid JSON: {error}.{hint}") from error


def _hint(body: bytes) -> str:
    if body.startswith(OTHER_BOMS):
        return " It is UTF-16 or UTF-32; send UTF-8."
    if b"NaN" in body or b"Infinity" in body:
        return " NaN and Infinity don't exist in JSON; send null for a missing value."
    return ""


def encode(answer: object) -> bytes:
    """Write an answer; NaN and infinity become null."""
    return _encoder.encode(answer)
