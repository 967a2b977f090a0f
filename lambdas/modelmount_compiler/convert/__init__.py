"""Converters from fitted models to programs; `verify` proves their results.

A converter takes one class of estimator and adds operations to a graph. `registry` finds it,
`coercion` converts inputs as estimators do, and `meta_estimators` converts estimators inside
others. Converters need the frameworks, so they never run where compiled models are served.
"""
