"""The converter of pipelines."""

from sklearn.pipeline import Pipeline

from modelmount_compiler.convert.graph import Graph, NotCompilable, Outputs, Value
from modelmount_compiler.convert.registry import convert, converts


@converts(Pipeline)
def pipeline(estimator: Pipeline, graph: Graph, x: Value) -> Outputs:
    """Convert the steps one after the other; the methods are those of the last step."""
    *transformers, (_, last) = estimator.steps
    for name, step in transformers:
        if step in (None, "passthrough"):
            continue
        outputs = convert(step, graph, x)
        if "transform" not in outputs:
            raise NotCompilable(f"the step {name!r} has no compiled transform")
        x = outputs["transform"]
    if last in (None, "passthrough"):
        return {"transform": x}
    return convert(last, graph, x)
