"""Verification of a compiled model against the original, called its reference.

| module             | purpose                                                              |
|--------------------|----------------------------------------------------------------------|
| `probes`           | generates the inputs of the test from the model's own structure      |
| `independence`     | finds models whose rows influence each other, in any format          |
| `fitted_data`      | builds the data that a model would be asked about by who fitted it   |
| `as_fitted`        | holds the original as served against the original on such data       |
| `calls`            | a call of either form ends in an answer or in a refusal              |
| `predictors`       | calls either form                                                    |
| `comparison`       | compares two answers to the same batch                               |
| `parity`           | calls both forms on every batch and counts differences               |
| `timing`           | measures both forms, and decides how many rows the program may serve |
| `verifier`         | runs all of this for one program                                     |
| `compile_verified` | compiles, verifies and writes the program's file                     |

Verification needs the frameworks, so it never runs where compiled models are served.
"""
