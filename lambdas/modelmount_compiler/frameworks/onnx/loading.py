"""Loads graphs into ONNX Runtime."""

import os
from pathlib import Path

import onnxruntime as ort

from modelmount_compiler.frameworks.onnx import bounds, external_weights, graph_facts, refusals

# Lambda gives a function one vCPU for this much memory:
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
MB_PER_CPU = 1769
MEMORY_VARIABLE = "AWS_LAMBDA_FUNCTION_MEMORY_SIZE"
FATAL_ONLY = 4  # all other faults raise an exception


def load(path: Path, fmt: str) -> ort.InferenceSession:
    """Load a graph; weights in separate files must lie in its folder, or below.

    Raises:
        ModelRejected: ONNX Runtime can't read or run it.
    """
    ort.disable_telemetry_events()
    options = ort.SessionOptions()
    options.intra_op_num_threads = threads()
    options.inter_op_num_threads = 1
    options.log_severity_level = FATAL_ONLY
    bounds.bound_memory(options)
    weights = external_weights.read(path)
    if weights:
        data = list(weights.values())  # which ONNX Runtime copies
        lengths = [len(each) for each in data]
        options.add_external_initializers_from_files_in_memory(list(weights), data, lengths)
    try:
        session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    except MemoryError:
        raise
    except Exception as error:  # one class for each status, without a common base
        raise refusals.of(error, path, fmt) from error
    graph_facts.remember(session, path)
    return session


def threads() -> int:
    """Return the number of whole processors of this function; 1 outside of Lambda."""
    return max(1, int(os.environ.get(MEMORY_VARIABLE, "0")) // MB_PER_CPU)
