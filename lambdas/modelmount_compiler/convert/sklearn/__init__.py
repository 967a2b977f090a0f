"""Converters of scikit-learn's estimators, grouped by kind."""
