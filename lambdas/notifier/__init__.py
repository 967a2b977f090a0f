"""The function that tells subscribers what became of uploads."""
