"""Asks original models in worker processes, which share nothing with this one or each other."""
