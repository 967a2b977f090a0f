"""Converters of estimators that hold other estimators."""
