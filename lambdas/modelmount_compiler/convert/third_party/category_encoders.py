"""Converters of the encoders of category_encoders."""

import copy
from typing import Any

import category_encoders as encoders

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import converts
from modelmount_compiler.convert.third_party.encoders import encode
from modelmount_compiler.frameworks import third_party

ENCODERS = (
    encoders.BackwardDifferenceEncoder,
    encoders.BaseNEncoder,
    encoders.BinaryEncoder,
    encoders.CatBoostEncoder,
    encoders.CountEncoder,
    encoders.GLMMEncoder,
    encoders.GrayEncoder,
    encoders.HelmertEncoder,
    encoders.JamesSteinEncoder,
    encoders.LeaveOneOutEncoder,
    encoders.MEstimateEncoder,
    encoders.OneHotEncoder,
    encoders.OrdinalEncoder,
    encoders.PolynomialEncoder,
    encoders.QuantileEncoder,
    encoders.RankHotEncoder,
    encoders.SumEncoder,
    encoders.SummaryEncoder,
    encoders.TargetEncoder,
    encoders.WOEEncoder,
)


@converts(*ENCODERS)
def encoder(model: Any, graph: Graph, x: Value) -> Outputs:
    """Convert an encoder: it looks up each category, and hands other columns on."""
    facts = third_party.facts(model)
    if facts is None:
        raise NotCompilable(f"{type(model).__qualname__} doesn't say what it learned")
    if getattr(model, "composite_cols", None):
        raise NotCompilable(f"{type(model).__qualname__} has composite_cols")
    asked = copy.copy(model)
    asked.return_df = True
    if hasattr(asked, "_sklearn_output_config"):
        del asked._sklearn_output_config
    given = list(model.feature_names_out_)
    framed = model.return_df or _output(model) == "pandas"
    names = given if framed else range(len(given))
    return {"transform": encode(graph, x, facts, asked.transform, names)}


def _output(model: Any) -> str:
    return str(getattr(model, "_sklearn_output_config", {}).get("transform", "default"))
