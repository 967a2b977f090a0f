"""The functions between an upload and a published model."""
