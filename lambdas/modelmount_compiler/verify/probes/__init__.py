"""Rows and texts to ask a model, chosen where two implementations are likely to differ."""
