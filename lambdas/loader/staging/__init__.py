"""Uploads copied into candidates, of one file or of many."""
