"""Whether a compiled form may serve: held against its original on thousands of probes, then timed.

Runs in the preparer alone, beside the frameworks. `probes` makes what both are asked, from the
model's own structure, `comparison` says what counts as the same, `parity` asks and counts,
`timing` chooses who answers how many rows, and `gate` is the whole.
"""
