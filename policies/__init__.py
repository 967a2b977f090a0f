"""Derives what a saved model may hold from the libraries that made it."""
