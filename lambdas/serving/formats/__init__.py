"""Model files: their formats, and the list of files of a version."""
