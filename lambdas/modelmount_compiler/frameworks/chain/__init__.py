"""Chains: models that were saved in pieces, such as a vectorizer and the classifier behind it.

`assembly` makes one estimator of the pieces, with scikit-learn's own pipelines. `recognition` finds
out how pieces belong together, and `loading` loads a chain that is known.
"""
