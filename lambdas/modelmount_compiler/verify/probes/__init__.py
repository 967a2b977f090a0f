"""Generators of test inputs, called probes, from what a fitted model learned."""
