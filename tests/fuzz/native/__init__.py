"""Mutated model files, through what the preparer and inference do with them."""
