"""Converters of feature-engine."""
