"""Converters of scikit-learn's estimators, by what the estimators do."""
