"""The bucket and the file system that keep models."""
