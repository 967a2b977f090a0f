"""Finds out which columns had the categories that a LightGBM model lists.

A model lists the categories of all categorical columns of its data frame, ordered ones among them,
in the order of the columns and without their names. It names the columns that it splits by sets of
codes: unordered categories, or whatever `categorical_feature` named. Ordered categories became
numbers from 0.
"""

from modelmount_compiler.frameworks.lightgbm_categories.paired import Pairing, codes, pairing

__all__ = ["Pairing", "codes", "pairing"]
