"""The network of the functions and the file system."""
