"""Chooses the environment whose libraries prepare an upload, by what the upload states."""
