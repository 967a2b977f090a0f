"""From a fitted model to a program that answers the same: structure here, proof in `verify`.

Runs in the preparer alone, beside the frameworks. Each module of converters is a family; a
converter takes one class of estimator and adds operations to a graph.
"""
