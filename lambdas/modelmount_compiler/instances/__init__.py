"""Instances and predictions: JSON values, tables and arrays, checked against a signature."""
