"""Compiles fitted models into programs of NumPy operations, and proves the answers equal."""
