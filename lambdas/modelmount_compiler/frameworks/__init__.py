"""Runtimes of the frameworks: they load original models, describe and call them.

A runtime is a module, such as `sklearn` or `xgboost`; `runtime.Runtime` is its interface. It is
imported when the first model needs it. `program_model` serves compiled models without a framework.
"""
