"""Builds the environments of `environments/`: virtual environments, side by side in one folder."""
