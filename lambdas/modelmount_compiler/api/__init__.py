"""The public API: compile a model, read the report, load a program and ask it."""
