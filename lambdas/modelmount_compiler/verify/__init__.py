"""Verification of a compiled model against the original, called its reference.

| module             | purpose                                                              |
|--------------------|----------------------------------------------------------------------|
| `probes`           | generates the inputs of the test from the model's own structure      |
| `predictors`       | calls either form; a call ends in an answer or in a refusal          |
| `comparison`       | compares two answers to the same batch                               |
| `parity`           | calls both forms on every batch and counts differences               |
| `timing`           | measures both forms, and decides how many rows the program may serve |
| `verifier`         | runs all of this for one program                                     |
| `compile_verified` | compiles, verifies and writes the program's file                     |

Verification needs the frameworks, so it never runs where compiled models are served.
"""
