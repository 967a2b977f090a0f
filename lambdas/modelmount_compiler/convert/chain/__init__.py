"""Converters of what stands around the model of a chain."""
