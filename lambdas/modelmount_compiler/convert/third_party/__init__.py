"""Converters of the libraries that extend scikit-learn, a module or a folder for each."""
