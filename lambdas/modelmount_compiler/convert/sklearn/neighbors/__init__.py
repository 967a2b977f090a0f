"""Converters of estimators that measure distances to fitted points."""
