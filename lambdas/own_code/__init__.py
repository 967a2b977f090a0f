"""Code of an uploader's own: where it lies, how it is imported, and the models that need it."""
