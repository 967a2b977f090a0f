"""Container images without Docker: a Dockerfile's stage laid out in a folder."""
