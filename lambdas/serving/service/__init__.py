"""Answers requests with models: finds versions, loads them, switches between them."""
