"""Converters of estimators that compute distances to fitted points."""
