"""Converters of transformers."""
