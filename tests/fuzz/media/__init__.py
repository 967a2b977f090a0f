"""Mutated bodies of each medium, to models of each kind."""
