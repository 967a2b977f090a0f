"""From an uploaded file to a scanned, loaded, described and compiled model, in child processes."""
